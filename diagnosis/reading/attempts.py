"""Positions that come again: a run that began anew, of which the last attempt counts, or a count of something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diagnosis.reading.assemble import Series
from diagnosis.reading.table import Table
from diagnosis.run import FloatArray, number

FEW = 3  # times a run is begun anew, as people do by hand
STUCK = 2  # positions at most, of a counter that does not count
LEAST = 6  # values, from which two positions are too few for them
CLEAR = 3.0  # steps from one value to the next, as most are: less is no way
GONE_ON = 0.5  # of the way of all values: what later attempts begin with has come as far, and so they are none


def last_attempt(values: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values (n,) in the order of their steps (n,); of a step logged several times, the last; none at no step."""
    placed = np.isfinite(at)
    if not placed.all():
        values, at = values[placed], at[placed]
    if (np.diff(at) > 0).all():
        return values, at
    order = np.argsort(at, kind="stable")
    values, at = values[order], at[order]
    last = np.diff(at, append=np.inf) > 0
    return values[last], at[last]


def misplaced(values: FloatArray, at: FloatArray) -> bool:
    """Whether more than half of the values (n,) stand at a position (n,) that another had, and not in a run begun anew.

    What stays where it is counts no steps; nor does what goes through the same positions many times while the values go
    on: the batches of an epoch. Values that stay in order, several at a step, are of several processes.
    """
    places = np.unique(at).size
    if values.size < LEAST or 2 * places >= values.size:
        return False
    back = np.flatnonzero(np.diff(at) < 0)
    if back.size <= FEW:
        return bool(places <= STUCK and 2 * np.count_nonzero(np.diff(at) == 0) > values.size)
    starts, ends = np.append(0, back + 1), np.append(back, -1)
    # The first may begin in the middle, and the last end there.
    if (at[starts[1:]] != at[starts[1]]).any() or (at[ends[:-1]] != at[ends[0]]).any():
        return False
    later = slice(starts.size // 2, None)
    first, last = values[starts], values[ends]
    with np.errstate(invalid="ignore"):  # the way of what is not finite is none
        way, begun = np.median(last[later]) - first[0], np.median(first[later]) - first[0]
        noise = np.median(np.abs(np.diff(values)))
    return bool(abs(way) > CLEAR * noise and begun / way > GONE_ON)


def say_attempts(table: Table, name: str, at: FloatArray, series: Sequence[Series], notes: list[str]) -> None:
    """Rows that go back are restarts; say where, and what is left of the earlier attempts."""
    back = np.flatnonzero(np.diff(at) < 0)
    if not back.size:
        logged = {s.name: int(table.columns[table.header.names.index(s.name)].logged.sum()) for s in series}
        repeated = max((logged[s.name] - s.values.size for s in series), default=0)
        if repeated:
            notes.append(f"{name}: {repeated} positions are logged again; of each the last value counts")
        return
    if back.size > at.size // 3:
        notes.append(f"{name} goes back in {back.size} rows; the rows are put in its order")
        return
    first, times = int(back[0]), "once" if back.size == 1 else f"{back.size} times"
    fall = f"{number(at[first])} → {number(at[first + 1])}"
    notes.append(
        f"{name} goes back {times}, first in line {table.lines[first + 1]} ({fall}): "
        "restarts of one run; the last attempt counts where they overlap"
    )
    earlier, last = at[: back[-1] + 1].max(), at[back[-1] + 1 :].max()
    if earlier > last:
        notes.append(f"the last attempt ends at {name} {number(last)}; what follows is of an earlier one")
