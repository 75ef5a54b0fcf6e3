"""A long curve in as many points as a picture has columns of pixels, without losing a spike."""

from __future__ import annotations

import numpy as np

from diagnosis.run import FloatArray

PER_COLUMN = 2  # the lowest and the highest value


def thinned(x: FloatArray, y: FloatArray, columns: int) -> tuple[FloatArray, FloatArray]:
    """Keep the lowest and the highest of `y` (n,) in each column, in the order they come; NaN only where all are NaN.

    `x` ascends. A curve that is short enough comes back as it is.
    """
    if x.size <= PER_COLUMN * columns:
        return x, y
    edges = np.linspace(float(x[0]), float(x[-1]), columns + 1)[1:-1]
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges))))
    starts = starts[starts < x.size]
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    ends = np.append(starts[1:], x.size) - 1
    rising = y[starts] <= y[ends]  # connects to its neighbours as the curve does
    first, second = np.where(rising, low, high), np.where(rising, high, low)
    return np.column_stack((x[starts], x[ends])).ravel(), np.column_stack((first, second)).ravel()
