"""Which files are one run: those that complement each other, by their metrics or by their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from diagnosis.assemble import Log, Series
from schemas.question import Asked, Said
from service.query import Division


def join(files: Sequence[tuple[Asked, ...]], division: Division | None) -> tuple[Asked, ...]:
    """The runs in several files: one where `division` says so or they complement each other, else one each."""
    apart = _called([one for runs in files for one in runs])
    if division == "each" or (len(apart) == 1 and len(files) == 1):
        return apart
    if division == "one":
        return (_one(apart, f"{len(apart)} parts are taken as one run, as asked"),) if len(apart) > 1 else apart
    if any(len(runs) != 1 for runs in files):
        return apart
    reason = _complement([one.log for one in apart])
    if reason:
        return (_one(apart, f"{len(files)} files are taken as one run: {reason} (?runs=each takes them apart)"),)
    note = f"{len(files)} files are taken as one run each: they log the same series (?runs=one puts them together)"
    return tuple(_noted(one, note) for one in apart)


def _complement(logs: Sequence[Log]) -> str | None:
    """Why these logs are parts of one run; None where they are not."""
    shared = [set(_named(a)) & set(_named(b)) for a, b in combinations(logs, 2)]
    if not any(shared):
        return "they log different series"
    ordered = sorted(logs, key=_first)
    if all(_continues(a, b) for a, b in combinations(ordered, 2)):
        return "their steps continue each other's"
    return None


def _named(log: Log) -> dict[str, Series]:
    return {series.name: series for series in log.series}


def _first(log: Log) -> float:
    return min((float(s.steps.min()) for s in log.series if s.steps is not None and s.steps.size), default=np.inf)


def _continues(earlier: Log, later: Log) -> bool:
    """Whether every series of both is logged with steps, and goes on where it ended."""
    before, after = _named(earlier), _named(later)
    return all(_goes_on(before[name].steps, after[name].steps) for name in before.keys() & after.keys())


def _goes_on(before: np.ndarray | None, after: np.ndarray | None) -> bool:
    if before is None or after is None:
        return False
    return not before.size or not after.size or bool(after.min() > before.max())


def _one(parts: Sequence[Asked], note: str) -> Asked:
    """Put parts together, earlier steps first; what an earlier part says of the run goes before a later one."""
    ordered = sorted(parts, key=lambda part: _first(part.log))
    gathered: dict[str, list[Series]] = {}
    for part in ordered:
        for series in part.log.series:
            gathered.setdefault(series.name, []).append(series)
    said = Said()
    for part in reversed(parts):
        said = part.said.over(said)
    formats = tuple(dict.fromkeys(part.log.format for part in parts))
    log = Log(
        tuple(_chained(pieces) for pieces in gathered.values()),
        "+".join(formats),
        tuple(dict.fromkeys(name for part in parts for name in part.log.ignored)),
        (note, *dict.fromkeys(n for part in parts for n in part.log.notes)),
        told={name: value for part in ordered for name, value in part.log.told.items()},
    )
    return Asked(log, said)


def _chained(pieces: Sequence[Series]) -> Series:
    """One series of several pieces: their steps as logged, or counted on where none are."""
    if len(pieces) == 1:
        return pieces[0]
    steps = None
    if all(piece.steps is not None for piece in pieces):
        steps = np.concatenate([piece.steps for piece in pieces if piece.steps is not None])
    missing = None
    if any(piece.missing is not None for piece in pieces):
        none = [np.zeros(p.values.size, np.bool_) if p.missing is None else p.missing for p in pieces]
        missing = np.concatenate(none)
    return replace(pieces[0], values=np.concatenate([p.values for p in pieces]), steps=steps, missing=missing)


def distinct(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Runs of several folders, each with a name of its own."""
    return _called(asked)


def _called(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Give every run among several a name of its own."""
    if len(asked) == 1:
        return tuple(asked)
    taken: set[str] = set()
    named = []
    for index, one in enumerate(asked, 1):
        name = wanted = one.log.name or f"run-{index}"
        again = 1
        while name in taken:
            again += 1
            name = f"{wanted} ({again})"
        taken.add(name)
        named.append(replace(one, log=replace(one.log, name=name)))
    return tuple(named)


def _noted(asked: Asked, note: str) -> Asked:
    return replace(asked, log=replace(asked.log, notes=(note, *asked.log.notes)))
