"""The median of finite numbers, without the checks that make numpy's own ten times as slow on a hundred of them."""

import numpy as np
import numpy.typing as npt


def median(values: npt.NDArray[np.float64]) -> float:
    """The middle of `values`, which are finite; NaN where there are none."""
    values = values.ravel()
    n = values.size
    if not n:
        return float("nan")
    half = n // 2
    if n % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1]
    return float(0.5 * (low + high))
