"""Where a curve stops moving.

Flat means three things at once: every smoothed point from there on stays within a band around the final level, the
band is a small share of the run's progress (or of its noise, where that is larger), and the remaining slope would not
carry the curve across the band in as long again. A long power-law tail that still pays is not a plateau. Nor is a
loss that halves again and again: flat against the whole fall, it still moves where its size is what counts (residuals of
an equation, say). This alone looks at the size of a loss, and so is undone by adding a constant to it.
"""

import math

import numpy as np

from diagnosis.features.middle import median
from diagnosis.features.noise import ROUNDING
from diagnosis.features.trend import Trend, trend
from diagnosis.run import FloatArray

BAND = 0.02  # share of the run's progress: a change nobody would wait for
NOISE_BAND = 1.0  # noise levels of one point: a smoothed curve stays well inside when nothing happens
LENGTH_SHARE = 0.20  # of the run; shorter rests are between two steps of a staircase
HALVED = 2.0  # times the final level: where the second half of a loss that falls by factors begins
LATELY = 1.1  # times the final level: where its last stretch begins
LENGTH_MIN = 8  # points, to tell a rest from a pause


def flat_from(x: FloatArray, smoothed: FloatArray, noise: float, progress: float) -> tuple[int, Trend] | None:
    """Index from which the curve (m,) is flat to its end, with the slope that is left; None where it still moves."""
    m = smoothed.size
    length = max(LENGTH_MIN, int(np.ceil(m * LENGTH_SHARE)))
    if m < length:
        return None
    level = median(smoothed[-length:])
    # What lies on the edge of the band is inside of it, in any unit.
    band = max(BAND * progress, NOISE_BAND * noise) + ROUNDING * math.ulp(float(np.abs(smoothed).max()))
    (outside,) = (np.abs(smoothed - level) > band).nonzero()
    start = int(outside[-1]) + 1 if outside.size else 0
    if m - start < length:
        return None
    left = trend(x[start:], smoothed[start:])
    if abs(left.change) > band or _falls_by_factors(x, smoothed, length):
        return None
    return start, left


def _falls_by_factors(x: FloatArray, smoothed: FloatArray, length: int) -> bool:
    """Whether a positive curve goes on falling on a logarithmic scale, over the second half and the last stretch."""
    late = smoothed[min(smoothed.size // 2, smoothed.size - length) :]
    end = median(smoothed[-LENGTH_MIN:])
    if late.min() <= 0.0 or late[0] < HALVED * end or smoothed[-length] < LATELY * end:
        return False
    return trend(x[-length:], np.log(smoothed[-length:])).falling
