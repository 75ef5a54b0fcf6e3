"""Which way a stretch of a curve goes, and whether that is real.

The slope is the median of the slopes of all pairs (H. Theil 1950; P. K. Sen, JASA 63, 1968), its interval comes from
the spread of Kendall's S, widened for serial correlation as K. H. Hamed and A. R. Rao, J. Hydrology 204 (1998) do for the
Mann–Kendall test: neighbouring epochs are alike, so fifty of them are fewer than fifty opinions.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from diagnosis.features.noise import ROUNDING
from diagnosis.run import FloatArray

POINTS = 40  # longer stretches are averaged into as many bins: 780 pairs are plenty
PAIR, ENOUGH = 2, 4  # points for a slope, and for an interval around it
Z = 1.96  # a 95 % interval
INFLATION_MAX = 10.0  # the estimate of serial correlation is itself noisy on 40 points


@dataclass(frozen=True)
class Trend:
    """Slope per unit of `x` with its 95 % interval, between positions `start` and `end` (indices into the stretch's x)."""

    slope: float
    low: float
    high: float
    start: float
    end: float

    @property
    def falling(self) -> bool:
        """Whether the whole interval is below zero."""
        return self.high < 0.0

    @property
    def rising(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low > 0.0

    @property
    def change(self) -> float:
        """What the slope adds up to from `start` to `end`."""
        return self.slope * (self.end - self.start)


@lru_cache(maxsize=64)
def _pairs(n: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return np.triu_indices(n, 1)


@lru_cache(maxsize=64)
def edges(n: int, count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where `count` neighbouring groups of `n` values begin and end (count + 1,), and how many each has (count,)."""
    found = np.linspace(0, n, count + 1).astype(np.intp)
    return found, np.diff(found)


def bins(values: FloatArray, count: int) -> FloatArray:
    """Average `values` (n,) in `count` neighbouring groups: (n,) → (count,), or as it is where n ≤ count."""
    if values.size <= count:
        return values
    found, sizes = edges(values.size, count)
    return np.add.reduceat(values, found[:-1]) / sizes


def _inflation(residuals: FloatArray, rounding: float) -> float:
    """How much serial correlation at lag one widens the variance of the slope (an AR(1) reading of Hamed and Rao)."""
    centred = residuals - residuals.sum() / residuals.size
    power = float(centred @ centred)
    if power <= rounding * rounding * centred.size:
        return 1.0
    rho = float(centred[1:] @ centred[:-1]) / power
    rho = min(max(rho, 0.0), 0.95)
    return min((1.0 + rho) / (1.0 - rho), INFLATION_MAX)


def trend(x: FloatArray, y: FloatArray) -> Trend:
    """Fit a slope to `y` (n,) over ascending `x` (n,); with fewer than three points nothing is sure."""
    start, end = float(x[0]), float(x[-1])
    x, y = bins(x, POINTS), bins(y, POINTS)
    n = x.size
    if n < PAIR or end <= start:
        return Trend(0.0, -np.inf, np.inf, start, end)
    first, second = _pairs(n)
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    slopes.sort()
    count = slopes.size
    slope = 0.5 * float(slopes[(count - 1) // 2] + slopes[count // 2])
    if n < ENOUGH:
        return Trend(slope, -np.inf, np.inf, start, end)
    residuals = y - slope * x
    rounding = ROUNDING * math.ulp(float(np.abs(y).max()))
    variance = n * (n - 1) * (2 * n + 5) / 18.0 * _inflation(residuals, rounding)
    reach = Z * variance**0.5
    # Where the interval wants more than there is, it takes all of it: the most and the least of the slopes.
    low_rank, high_rank = max(int((count - reach) / 2), 0), min(int((count + reach) / 2), count - 1)
    return Trend(slope, float(slopes[low_rank]), float(slopes[high_rank]), start, end)
