"""Where a curve that got worse again began to.

The best single value names a checkpoint. Where a flat bottom follows it, noise decides which of many alike was the best,
and the rise begins only at the bottom's end: that is read off a line through the rise.
"""

from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.trend import trend
from diagnosis.run import Position

LOW, HIGH = 0.25, 0.75  # of the rise: a line through the curve there meets the bottom where the rise began
FLAT = 0.10  # of the run between the best value and the rise: below, the best value is where it turned
PLAIN = 4.0  # standard errors of a level above the best one
# Of the rise, in one step, and of that step, for good: there it sets in at once, and smoothing would date it earlier.
LEAP, KEPT = 0.4, 0.5
SINCE = 5  # values: of fewer nobody knows whether it goes on
GATHERS = 0.3  # of that step, another before it: then the rise gathers speed, and leapt nowhere


@dataclass(frozen=True)
class Turn:
    """`since`: where the rise begins; `plain`: from where on it cannot be noise. `leapt`: where all of it came in one step, after which it rises no more."""

    since: Position
    plain: Position
    leapt: Position | None = None


def turn_of(curve: Measured) -> Turn:
    """Find the turn of a curve that ends worse than its best."""
    s, rise = curve.s, curve.rebound
    low, high = (_last_below(curve, curve.best + share * rise) for share in (LOW, HIGH))
    plain = min(_last_below(curve, curve.best + PLAIN * curve.end_error) + 1, s.size - 1)
    # A rise that gathers speed is plain before the line through it says so.
    begins = min(round(low - (high - low) * LOW / (HIGH - LOW)), plain)
    bottom = s.size - 1 - int(curve.z[::-1].argmin())  # the last of several that are as low
    if (np.diff(curve.z[bottom:]) > 0.0).all():  # from there on it only got worse: no flat stretch is left
        begins = bottom
    best = min(int(np.searchsorted(curve.x, curve.best_position.at)), s.size - 1)
    flat = begins - best > FLAT * s.size
    leap = _leapt(curve)
    leapt = curve.position(leap) if leap is not None and leap > best and _rests(curve, leap) else None
    if leap is not None and leap > best + 1:
        return Turn(curve.position(leap), curve.position(leap), leapt)
    return Turn(curve.position(begins) if flat else curve.best_position, curve.position(max(plain, best)), leapt)


def _leapt(curve: Measured) -> int | None:
    """The grid index at which it rose at once, for good: another task, other data, or weights that were lost."""
    moves = np.diff(curve.z)
    top = int(moves.argmax())
    stays = float(curve.z[top + 1 :].min()) - float(curve.z[top]) >= KEPT * moves[top]
    rise = max(curve.rebound, float(curve.z[-1] - curve.z.min()))
    before = moves[int(curve.z[: top + 1].argmin()) : top]  # of the rise: from the lowest value on
    gathers = before.max(initial=0.0) > GATHERS * moves[top]
    return top + 1 if stays and not gathers and moves[top] >= max(LEAP * rise, PLAIN * curve.grid_noise) else None


def _rests(curve: Measured, leap: int) -> bool:
    """Whether there are values enough since, and none of what was lost was lost after that step."""
    later = curve.z[leap:]
    return later.size >= SINCE and curve.end <= float(later[0]) and not trend(curve.x[leap:], later).rising


def _last_below(curve: Measured, level: float) -> int:
    """The last grid index at which the smoothed curve is no higher than a level."""
    return int((curve.s <= level).nonzero()[0][-1])


def wins_back(curve: Measured, best: int, low: float, share: float) -> bool:
    """Whether it still falls, and has won back more than a share of what it lost since its `best`, at `low`: from the top of its rise."""
    top = float(curve.s[best:].max())
    return curve.tail.falling and top - curve.end > share * (top - low)
