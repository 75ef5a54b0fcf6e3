"""Robust smoothing: single outliers are pulled back to the median of their neighbours, then Savitzky–Golay.

A. Savitzky, M. J. E. Golay, Analytical Chemistry 36 (1964); F. R. Hampel, JASA 69 (1974) for the outliers.
Chosen by test (tests/features/test_smooth.py) over a moving average, a median filter and plain Savitzky–Golay:
least error on falling, turning and flat curves with spikes. The filter's coefficients are kept per length,
because computing them costs more than using them.
"""

from functools import lru_cache

import numpy as np
from scipy.ndimage import convolve1d, median_filter
from scipy.signal import savgol_coeffs

from diagnosis.run import FloatArray

DEGREE = 2  # follows a turning point, which a straight line would cut off
MEDIAN_WINDOW = 5  # points; up to two neighbouring outliers are outvoted
OUTLIER = 4.0  # noise levels from the local median; a normal point is beyond in 1 of 16 000
SHARE = 1 / 6  # of the curve in one window
WINDOW_MIN, WINDOW_MAX = 5, 61  # points


def window_for(n: int) -> int:
    """The odd window used for `n` points; a window cannot be longer than the curve."""
    window = min(max(int(n * SHARE) | 1, WINDOW_MIN), WINDOW_MAX)
    return min(window, n if n % 2 else n - 1)


@lru_cache(maxsize=64)
def _projection(window: int) -> FloatArray:
    """The least-squares polynomial through `window` points, read off at each of them: (window, window)."""
    rows = [savgol_coeffs(window, DEGREE, pos=i, use="dot") for i in range(window)]
    projection = np.array(rows)
    projection.flags.writeable = False
    return projection


def without_outliers(values: FloatArray, noise: float) -> FloatArray:
    """Replace points far from the median of their neighbours by that median: (n,) → (n,).

    Where the curve has no noise to measure by, nothing is an outlier.
    """
    if noise <= 0.0 or values.size < MEDIAN_WINDOW:
        return values
    local = median_filter(values, size=MEDIAN_WINDOW, mode="reflect")
    return np.where(np.abs(values - local) > OUTLIER * noise, local, values)


def smooth(values: FloatArray, noise: float) -> FloatArray:
    """Smooth a finite curve: (n,) → (n,); curves of fewer than five points are returned as they are."""
    n = values.size
    if n < WINDOW_MIN:
        return values
    clean = without_outliers(values, noise)
    window = window_for(n)
    half = window // 2
    projection = _projection(window)
    smoothed = convolve1d(clean, projection[half][::-1], mode="nearest")
    smoothed[:half] = projection[:half] @ clean[:window]
    smoothed[n - half :] = projection[half + 1 :] @ clean[n - window :]
    return smoothed
