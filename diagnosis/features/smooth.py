"""Robust smoothing: single outliers are pulled back to the median of their neighbours, then Savitzky–Golay.

A training curve falls fastest at its beginning, where a wide window would cut it off, and is noisiest to the eye at
its end. So the window grows with the distance from the start: no window reaches back further than the curve is old.
A. Savitzky, M. J. E. Golay, Analytical Chemistry 36 (1964); F. R. Hampel, JASA 69 (1974) for the outliers.
Chosen by test (tests/features/test_smooth.py) over a moving average, a median filter and plain Savitzky–Golay: least
error in all on falling, turning and flat curves of sixty points and more, with and without spikes. The filter's coefficients
are kept per length, because computing them costs more than using them; scipy.signal has them too, and takes two thirds of
the service's start.
"""

from functools import lru_cache

import numpy as np

from diagnosis.run import FloatArray

DEGREE = 2  # follows a turning point, which a straight line would cut off
NEIGHBOURS = 5  # points around each, itself in the middle; up to two neighbouring outliers are outvoted
BENDS = 10  # values; of fewer the noise is not known, and a bend looks like an outlier
OUTLIER = 4.0  # noise levels from the local median; a normal point is beyond in 1 of 16 000
SHARE = 1 / 6  # of the curve in one window
WINDOW_MIN, WINDOW_MAX = 5, 61  # points
LINE_SD, LAST_SD = 6**0.5, 2**0.5  # standard deviations of a − 2b + c and of a − b, for noise of one


def window_for(n: int) -> int:
    """The odd window used for `n` points; a window cannot be longer than the curve."""
    window = min(max(int(n * SHARE) | 1, WINDOW_MIN), WINDOW_MAX)
    return min(window, n if n % 2 else n - 1)


@lru_cache(maxsize=64)
def _projection(window: int) -> FloatArray:
    """The least-squares polynomial through `window` points, read off at each of them: (window, window)."""
    powers = np.vander(np.linspace(-1.0, 1.0, window), DEGREE + 1)
    projection: FloatArray = powers @ np.linalg.pinv(powers)
    projection.flags.writeable = False
    return projection


@lru_cache(maxsize=64)
def _windows(n: int) -> tuple[tuple[int, int], ...]:
    """The windows for `n` points, growing with the distance from the start, and each with the place up to which it is used."""
    widest = window_for(n)
    windows = [WINDOW_MIN]
    while windows[-1] < widest:
        windows.append(min(2 * windows[-1] + 1, widest))
    return tuple(zip(windows, [*windows[1:], n - widest // 2], strict=True))


def _neighbours(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The lower and the higher of any two neighbours, two of them beyond either end, where that stands again: both (n + 3,)."""
    padded = np.empty(values.size + 4)
    padded[:2], padded[2:-2], padded[-2:] = values[0], values, values[-1]
    return np.minimum(padded[:-1], padded[1:]), np.maximum(padded[:-1], padded[1:])


def _middle(values: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """The median of five, place by place: of the middle one of two pairs' inner values, and the fifth."""
    low, high = np.maximum(low[:-3], low[3:]), np.minimum(high[:-3], high[3:])
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), values))


def without_outliers(values: FloatArray, noise: float) -> FloatArray:
    """Replace points far from the median of their neighbours by that median: (n,) → (n,).

    Where the curve has no noise to measure by, or too few values to, nothing is an outlier. The first is kept: a run begins somewhere. The last
    is one where it is off the line through the two before it, and off the one before.
    """
    if noise <= 0.0 or values.size < BENDS:
        return values
    local = _middle(values, *_neighbours(values))
    clean = np.where(np.abs(values - local) > OUTLIER * noise, local, values)
    off_line, off_last = values[-1] - 2 * clean[-2] + clean[-3], values[-1] - clean[-2]
    if min(abs(off_line) / LINE_SD, abs(off_last) / LAST_SD) > OUTLIER * noise:
        clean[-1] = clean[-2]
    return clean


def smooth(clean: FloatArray) -> FloatArray:
    """Smooth a curve without outliers: (n,) → (n,); one of fewer than five points is returned as it is."""
    n = clean.size
    if n < WINDOW_MIN:
        return clean
    low, high = _neighbours(clean)
    smoothed = clean.copy()  # the median of three follows a steep start, and cannot undershoot its knee
    smoothed[1:-1] = np.maximum(low[2:-3], np.minimum(high[2:-3], clean[2:]))
    if n >= 2 * WINDOW_MIN:
        for window, until in _windows(n):
            half = window // 2
            coefficients = _projection(window)[half]
            smoothed[window:until] = np.correlate(clean[window - half : until + half], coefficients, "valid")
        smoothed[until:] = _projection(window)[half + 1 :] @ clean[n - window :]
    # A parabola overshoots where the curve has a corner: it may not leave what was logged around it.
    lowest = np.minimum(np.minimum(low[:-3], low[3:]), clean)
    highest = np.maximum(np.maximum(high[:-3], high[3:]), clean)
    bounded: FloatArray = np.minimum(np.maximum(smoothed, lowest), highest)
    return bounded
