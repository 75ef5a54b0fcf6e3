"""A curve cut into cycles and laid over one another: how much of one the others predict, and how far that is from chance.

The curve less its mean over exactly one period is free of trend, and keeps whatever repeats. What a bend of the trend
leaves changes smoothly from cycle to cycle, and is taken away as well; what is small beside the fall from one cycle to
the next is no shape. Cycles are brought to one size, so that a pattern may grow or fade.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from diagnosis.features.middle import median
from diagnosis.run import FloatArray

LEAST = 3  # values in one period; fewer have no shape
CYCLES = 3  # whole cycles; two that agree are a coincidence
PHASES = 24  # cells of one cycle at most
WHOLE = 0.75  # of the phases of a cycle were logged: else it is left out
FAINT = 0.15  # of the ordinary height of a cycle, below which a cycle is as good as flat
TALL = 6.0  # times the median cell, four standard deviations: a few spikes at like distances are no shape
GHOST = 0.02  # of the fall from one cycle to the next, below which a cycle is what a smooth bend leaves


class Fold(NamedTuple):
    """How far the cycles agree: `share` of one the others predict, `sigmas` above chance, `mean` cycle (phases,), and their `table`."""

    share: float
    sigmas: float
    cycles: int
    mean: FloatArray
    table: FloatArray

    @property
    def height(self) -> float:
        """From bottom to top of the middle cycle."""
        return float(np.ptp(np.median(self.table, axis=0)))


def folded(values: FloatArray, points: float) -> Fold | None:
    """Fold a curve by a period; None where too few cycles were seen, or the others predict nothing of one."""
    n = values.size
    cycles = int((n + 0.5) / points)
    if cycles < CYCLES:
        return None
    table = cut(values, points)
    if table is None:
        return None
    tall = TALL * median(np.abs(table))
    bounded = np.minimum(np.maximum(table, -tall), tall)
    k, phases = table.shape
    sizes = np.sqrt((bounded * bounded).sum(axis=1) / phases)
    usual = median(sizes)
    if usual <= 0.0:
        return None
    shapes = bounded / np.maximum(sizes, FAINT * usual)[:, None]
    total, own = shapes.sum(axis=0), float((shapes * shapes).sum())
    mean = total / k
    off = (shapes - mean) * k / (k - 1)
    share = 1.0 - float((off * off).sum()) / own
    if share <= 0.0:
        return None
    agree = 0.5 * (float(total @ total) - own)
    power = np.abs(np.fft.fft(shapes, axis=1)) ** 2
    chance = 0.5 * float((power.sum(axis=0) ** 2 - (power**2).sum(axis=0)).sum()) / phases**2
    return Fold(share, agree / max(chance, 1e-300) ** 0.5, cycles, mean, table)


def last_whole(n: int, points: float) -> int:
    """The index before which the last cycle with half a period on either side ends."""
    return int(np.floor(n - points / 2))


def cut(values: FloatArray, points: float) -> FloatArray | None:
    """The curve less its mean over one period around each point, in rows of one cycle: (cycles, phases)."""
    n = values.size
    half = points / 2
    first, last = int(np.ceil(half)), last_whole(n, points)
    centre = np.arange(first, last) + 0.5
    total, edges = np.zeros(n + 1), np.arange(n + 1.0)
    values.cumsum(out=total[1:])
    around = (np.interp(centre + half, edges, total) - np.interp(centre - half, edges, total)) / points
    off = values[first:last] - around
    place = (centre - last) / points  # cycles are counted from the end, which matters more
    begun = np.floor(place)
    rows = begun.astype(np.intp)
    rows -= rows[0]
    phases = min(max(round(points), LEAST), PHASES)
    cells = np.minimum(((place - begun) * phases).astype(np.intp), phases - 1)
    count = int(rows[-1]) + 1
    flat = rows * phases + cells
    held = np.bincount(flat, minlength=count * phases).reshape(count, phases)
    table = np.bincount(flat, off, minlength=count * phases).reshape(count, phases) / np.maximum(held, 1)
    # A bend of the trend leaves a mean that changes smoothly from cycle to cycle; what repeats leaves none.
    sizes = np.bincount(rows)
    table -= _between(np.bincount(rows, off) / sizes, phases)
    if count > 1:
        level = np.bincount(rows, around) / sizes
        fall = np.concatenate((level[1:2] - level[:1], 0.5 * (level[2:] - level[:-2]), level[-1:] - level[-2:-1]))
        table[np.sqrt((table * table).sum(axis=1) / phases) < GHOST * np.abs(fall)] = 0.0
    table = table[(held > 0).sum(axis=1) >= WHOLE * phases]
    if table.shape[0] < CYCLES - 1:
        return None
    centred: FloatArray = table - (table.sum(axis=1) / phases)[:, None]
    return centred


def _between(means: FloatArray, phases: int) -> FloatArray:
    """Straight lines from the middle of each cycle to the next, and on beyond the first and the last: (cycles, phases)."""
    count = means.size
    if count < CYCLES - 1:
        return np.zeros((count, phases))
    ends = np.empty(count + 2)
    ends[0], ends[1:-1], ends[-1] = 2 * means[0] - means[1], means, 2 * means[-1] - means[-2]
    place = (np.arange(count * phases) + 0.5) / phases
    return np.interp(place, np.arange(count + 2) - 0.5, ends).reshape(count, phases)
