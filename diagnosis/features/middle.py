"""The median of finite numbers, without the checks that make numpy's own ten times as slow on a hundred of them."""

import numpy as np
import numpy.typing as npt

FEW = 200  # numbers that are sorted faster than parted


def median(values: npt.NDArray[np.float64]) -> float:
    """The middle of `values`, which are finite; NaN where there are none."""
    ranked = values.flatten()
    n = ranked.size
    if not n:
        return float("nan")
    low, high = (n - 1) // 2, n // 2
    if n <= FEW:
        ranked.sort()
    else:
        ranked.partition((low, high))  # of a pair at once: faster than of one, and the other's maximum
    return 0.5 * (float(ranked[low]) + float(ranked[high]))
