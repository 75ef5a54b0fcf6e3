"""Which files are one run: those that complement each other, by their metrics or by their steps.

There may be thousands of files: they are compared by what they share, each with each only where nothing else tells, and there
`look` is called again and again; a caller whose patience ends raises in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from diagnosis.names import understand
from diagnosis.reading.assemble import Log, Series
from schemas.question import Asked, Said
from service.question.query import Division

Named = Mapping[str, Series]
ROUNDED = 1e-3  # of a value: what a shorter number may differ by


def join(
    files: Sequence[tuple[Asked, ...]], division: Division | None, look: Callable[[], None] = lambda: None
) -> tuple[Asked, ...]:
    """The runs in several files: one where `division` says so or they complement each other, else one each."""
    if [len(runs) for runs in files] == [1]:
        return files[0]
    if division is None:
        files = [runs for runs in files if runs]
        if all(len(runs) == 1 for runs in files):
            files = [(one,) for one in longest([runs[0] for runs in files], look)]
    every = tuple(one for runs in files for one in runs)
    apart = distinct(every) if len(every) > 1 else every
    if division == "each" or (len(apart) == 1 and len(files) == 1):
        return apart
    if division == "one":
        return (_one(apart, f"{len(apart)} parts are taken as one run, as asked"),) if len(apart) > 1 else apart
    if any(len(runs) != 1 for runs in files):
        return apart
    reason = _complement([one.log for one in apart], look)
    if reason:
        return (_one(apart, f"{len(files)} files are taken as one run: {reason} (?runs=each takes them apart)"),)
    note = f"{len(files)} files are taken as one run each: they log the same series (?runs=one puts them together)"
    return tuple(_noted(one, note) for one in apart)


def longest(
    asked: Sequence[Asked], look: Callable[[], None] = lambda: None, *, copies: bool = False
) -> tuple[Asked, ...]:
    """Without the runs that are the beginning of another: checkpoints of one run hold its history so far.

    Of `copies` of a run one is left as well: the last checkpoint is one of the whole.
    """
    kept: list[Asked] = []
    alike: dict[tuple[str, ...], list[tuple[int, int, Named]]] = {}  # of those kept: by how their series begin
    beginnings: dict[int, int] = {}
    for one in sorted(asked, key=lambda each: -_points(each.log)):
        named, points = _named(one.log), _points(one.log)
        marks = _marks(one.log, named)
        look()
        candidates = alike.get(marks[-1], ()) if one.log.series else ()
        wholes = (at for at, most, series in candidates if (copies or points < most) and _begins(named, series))
        whole = next(wholes, None)
        if whole is None:
            for mark in marks:
                alike.setdefault(mark, []).append((len(kept), points, named))
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


def _marks(log: Log, named: Named) -> list[tuple[str, ...]]:
    """What a log has in common with those of which it is the beginning: its format, a series' name, and its first value."""
    firsts = [(log.format, name, str(one.values[0] + 0.0)) for name, one in named.items() if one.values.size]
    return [(log.format,), *firsts]  # + 0.0: no zero is negative


def _begins(named: Named, whole: Named) -> bool:
    """Whether every series of a log is the beginning of one of another."""
    return all(one.values.size > 0 and name in whole and _is_start(one, whole[name]) for name, one in named.items())


def _is_start(one: Series, whole: Series) -> bool:
    size = one.values.size
    if size > whole.values.size or (one.steps is None) != (whole.steps is None):
        return False
    at = one.steps is None or whole.steps is None or np.array_equal(one.steps, whole.steps[:size])
    return at and np.array_equal(one.values, whole.values[:size], equal_nan=True)


def _complement(logs: Sequence[Log], look: Callable[[], None]) -> str | None:
    """Why these logs are parts of one run; None where they are not."""
    every = [_named(log) for log in logs]
    if len({name for named in every for name in named}) == sum(map(len, every)):
        return "they log different series"
    if len({log.format for log in logs}) > 1 and all(_same(a, b, look) for a, b in combinations(every, 2)):
        return "they hold the same run in two forms"
    pieces: dict[str, list[Series]] = {}
    for log in sorted(logs, key=_first):
        for name, series in _named(log).items():
            pieces.setdefault(name, []).append(series)
    if all(map(_continue, pieces.values())):
        return "their steps continue each other's"
    return None


def _named(log: Log) -> dict[str, Series]:
    """The series by their names, without clocks: every file has those."""
    return {series.name: series for series in log.series if understand(series.name).kind != "clock"}


def _same(one: Named, other: Named, look: Callable[[], None]) -> bool:
    """Whether what both log is the same, as exactly as a shorter number tells."""
    look()
    shared = one.keys() & other.keys()
    return bool(shared) and all(
        one[name].values.size == other[name].values.size
        and np.allclose(one[name].values, other[name].values, rtol=ROUNDED, equal_nan=True)
        for name in shared
    )


def _first(log: Log) -> float:
    return min((float(s.steps.min()) for s in log.series if s.steps is not None and s.steps.size), default=np.inf)


def _continue(pieces: Sequence[Series]) -> bool:
    """Whether each piece of a series is logged with steps, and goes on where those before it ended."""
    ended = -np.inf
    for piece in pieces if len(pieces) > 1 else ():
        if piece.steps is None or piece.axis != pieces[0].axis:
            return False
        if piece.steps.size:
            if piece.steps.min() <= ended:
                return False
            ended = piece.steps.max()
    return True


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
    """Give every run that is answered as one of several a name of its own."""
    taken: set[str] = set()
    agains: dict[str, int] = {}
    named = []
    for index, one in enumerate(asked, 1):
        name = wanted = one.log.name or f"run-{index}"
        while name in taken:
            agains[wanted] = agains.get(wanted, 1) + 1
            name = f"{wanted} ({agains[wanted]})"
        taken.add(name)
        named.append(replace(one, log=replace(one.log, name=name)))
    return tuple(named)


def _noted(asked: Asked, note: str) -> Asked:
    return replace(asked, log=replace(asked.log, notes=(note, *asked.log.notes)))
