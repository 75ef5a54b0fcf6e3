"""Where a curve stops moving.

Flat means three things at once: every smoothed point from there on stays within a band around the final level, the
band is a small share of the run's progress (or of its noise, where that is larger), and the remaining slope would not
carry the curve across the band in as long again. A long power-law tail that still pays is not a plateau.
"""

import numpy as np

from diagnosis.features.trend import Trend, trend
from diagnosis.run import FloatArray

BAND = 0.02  # share of the run's progress; a change nobody would wait for
NOISE_BAND = 1.0  # noise levels of one point: a smoothed curve stays well inside when nothing happens
LENGTH_SHARE = 0.20  # of the run; shorter rests are between two steps of a staircase
LENGTH_MIN = 8  # points, to tell a rest from a pause


def flat_from(x: FloatArray, smoothed: FloatArray, noise: float, progress: float) -> tuple[int, Trend] | None:
    """Index from which the curve (m,) is flat to its end, with the slope that is left; None where it still moves."""
    m = smoothed.size
    length = max(LENGTH_MIN, int(np.ceil(m * LENGTH_SHARE)))
    if m < length:
        return None
    band = max(BAND * progress, NOISE_BAND * noise)
    level = float(np.median(smoothed[-length:]))
    outside = np.flatnonzero(np.abs(smoothed - level) > band)
    start = int(outside[-1]) + 1 if outside.size else 0
    if m - start < length:
        return None
    left = trend(x[start:], smoothed[start:])
    if abs(left.change) > band:
        return None
    return start, left
