"""Which files are one run: those that complement each other, by their metrics or by their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from diagnosis.assemble import Log, Series
from diagnosis.names import understand
from schemas.question import Asked, Said
from service.query import Division

ROUNDED = 1e-3  # of a value: what a shorter number may differ by


def join(files: Sequence[tuple[Asked, ...]], division: Division | None) -> tuple[Asked, ...]:
    """The runs in several files: one where `division` says so or they complement each other, else one each."""
    if [len(runs) for runs in files] == [1]:
        return files[0]
    if division is None:
        files = [runs for runs in files if runs]
        if all(len(runs) == 1 for runs in files):
            files = [(one,) for one in longest([runs[0] for runs in files])]
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


def longest(asked: Sequence[Asked], *, copies: bool = False) -> tuple[Asked, ...]:
    """Without the runs that are the beginning of another: checkpoints of one run hold its history so far.

    Of `copies` of a run one is left as well: the last checkpoint is one of the whole.
    """
    kept: list[Asked] = []
    beginnings: dict[int, int] = {}
    for one in sorted(asked, key=lambda each: -_points(each.log)):
        whole = next((at for at, other in enumerate(kept) if _begins(one.log, other.log, copies=copies)), None)
        if whole is None:
            kept.append(one)
        else:
            beginnings[whole] = beginnings.get(whole, 0) + 1
    for at, count in beginnings.items():
        files = "another file holds" if count == 1 else f"{count} other files hold"
        kept[at] = _noted(
            kept[at], f"{files} the beginning of this run; the longest counts (?runs=each takes them apart)"
        )
    order = {id(one.log.series): place for place, one in enumerate(asked)}
    return tuple(sorted(kept, key=lambda one: order[id(one.log.series)]))


def _points(log: Log) -> int:
    return sum(series.values.size for series in log.series)


def _begins(log: Log, whole: Log, *, copies: bool) -> bool:
    """Whether every series of a log is the beginning of one of another, in the same format."""
    series = _named(whole)
    if not copies and _points(log) == _points(whole):
        return False
    return (
        log.format == whole.format
        and bool(log.series)
        and all(
            one.values.size > 0 and one.name in series and _is_start(one, series[one.name])
            for one in _named(log).values()
        )
    )


def _is_start(one: Series, whole: Series) -> bool:
    size = one.values.size
    if size > whole.values.size or (one.steps is None) != (whole.steps is None):
        return False
    at = one.steps is None or whole.steps is None or np.array_equal(one.steps, whole.steps[:size])
    return at and np.array_equal(one.values, whole.values[:size], equal_nan=True)


def _complement(logs: Sequence[Log]) -> str | None:
    """Why these logs are parts of one run; None where they are not."""
    shared = [set(_named(a)) & set(_named(b)) for a, b in combinations(logs, 2)]
    if not any(shared):
        return "they log different series"
    if len({log.format for log in logs}) > 1 and all(_same(a, b) for a, b in combinations(logs, 2)):
        return "they hold the same run in two forms"
    ordered = sorted(logs, key=_first)
    if all(_continues(a, b) for a, b in combinations(ordered, 2)):
        return "their steps continue each other's"
    return None


def _named(log: Log) -> dict[str, Series]:
    """The series by their names, without clocks: every file has those."""
    return {series.name: series for series in log.series if understand(series.name).kind != "clock"}


def _same(one: Log, other: Log) -> bool:
    """Whether what both log is the same, as exactly as a shorter number tells."""
    a, b = _named(one), _named(other)
    shared = a.keys() & b.keys()
    return bool(shared) and all(
        a[name].values.size == b[name].values.size
        and np.allclose(a[name].values, b[name].values, rtol=ROUNDED, equal_nan=True)
        for name in shared
    )


def _first(log: Log) -> float:
    return min((float(s.steps.min()) for s in log.series if s.steps is not None and s.steps.size), default=np.inf)


def _continues(earlier: Log, later: Log) -> bool:
    """Whether every series of both is logged with steps, and goes on where it ended."""
    before, after = _named(earlier), _named(later)
    shared = before.keys() & after.keys()
    return all(
        before[name].axis == after[name].axis and _goes_on(before[name].steps, after[name].steps) for name in shared
    )


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
            pieces = gathered.setdefault(series.name, [])
            if not (pieces and pieces[0].axis != series.axis):  # the same in another form
                pieces.append(series)
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
