"""How much a curve jitters from one point to the next, whatever its trend.

Pseudo-residuals of three neighbours vanish on any straight line, so a steep fall is not taken for noise.
T. Gasser, L. Sroka, C. Jennen-Steinmetz, "Residual variance and residual pattern in nonlinear regression",
Biometrika 73 (1986). Their median absolute value, instead of their mean square, ignores spikes.
"""

import math

import numpy as np

from diagnosis.run import FloatArray

# A normal's standard deviation over its median absolute deviation: 1 / Φ⁻¹(3/4).
MAD_TO_SD = 1.482602218505602
# Nine in ten of a normal's absolute values are below this many standard deviations.
NINE_IN_TEN = 1.6448536269514722
# Var(½a − b + ½c) = 1.5 σ² for independent a, b, c.
PSEUDO_RESIDUAL_SD = 1.5**0.5
# Enough residuals to know a standard deviation within 1 %.
SAMPLE = 20_000
NEIGHBOURHOOD = 3  # points in one residual
# A quarter of a normal's absolute values are below this many standard deviations; of so few points the two levels differ by
# less than `APART` times by chance, and lone peaks, each of which stands in three residuals, are looked for where they do not.
QUARTER, APART, FEW = 0.31863936396437514, 4.0, 200
# Below this many units in the last place of an ordinary value, jitter is rounding: adding a constant makes it.
ROUNDING = 8.0


def pseudo_residuals(values: FloatArray) -> FloatArray:
    """Each inner point less the mean of its neighbours: (n,) → (n − 2,)."""
    return values[1:-1] - 0.5 * (values[:-2] + values[2:])


def noise_level(values: FloatArray, *, peaks: bool = False) -> float:
    """Estimate the standard deviation of the noise of one point, that of lone `peaks` only where asked for; 0.0 below three points."""
    n = values.size
    if n < NEIGHBOURHOOD:
        return 0.0
    if n > SAMPLE:
        start = np.linspace(0, n - NEIGHBOURHOOD, SAMPLE).astype(np.intp)
        residuals = values[start + 1] - 0.5 * (values[start] + values[start + 2])
    else:
        residuals = pseudo_residuals(values)
    sizes = np.abs(residuals)
    floor = ROUNDING * math.ulp(_quantile(np.abs(values[:: n // SAMPLE + 1]), 0.5))
    level = MAD_TO_SD * (_quantile(sizes, 0.5) / PSEUDO_RESIDUAL_SD)
    if level > floor:
        low = _quantile(sizes, 0.25) if n <= FEW and not peaks else 0.0
        peaked = low > floor and level * QUARTER > APART * low / PSEUDO_RESIDUAL_SD  # rounded values repeat: no peaks
        return max(_without_peaks(values, level), floor) if peaked else level
    # More than half of the points repeat their neighbours (a quantised metric): look at the rarer jumps.
    if n <= FEW and not peaks and (rest := _without_towers(values)).size < n:
        return noise_level(rest)
    return max(_quantile(sizes, 0.9) / PSEUDO_RESIDUAL_SD / NINE_IN_TEN, floor)


def _without_peaks(values: FloatArray, level: float) -> float:
    """The noise of a short curve of which every sixth point or so is a lone peak: most residuals hold one, and say its height."""
    inner, around = values[1:-1], np.maximum(values[:-2], values[2:])
    kept = np.concatenate(([True], inner - around < level, [True]))
    rest = values[kept]
    if rest.size == values.size or rest.size < NEIGHBOURHOOD:
        return level
    return min(level, MAD_TO_SD * (_quantile(np.abs(pseudo_residuals(rest)), 0.5) / PSEUDO_RESIDUAL_SD))


def _without_towers(values: FloatArray) -> FloatArray:
    """A short curve at rest without its lone peaks, if each stands higher than all else spans: that is no step of rounding."""
    above = values[1:-1] - np.maximum(values[:-2], values[2:])
    lone = np.concatenate(([False], above > 0.0, [False]))
    rest = values[~lone]
    spans = float(np.ptp(rest)) if rest.size >= NEIGHBOURHOOD else 0.0
    tall = above > spans
    return values[~np.concatenate(([False], tall, [False]))] if spans > 0.0 else values


def _quantile(sizes: FloatArray, share: float) -> float:
    """The value below which this share of `sizes` lies, which are put in another order."""
    rank = int(sizes.size * share)
    sizes.partition(rank)
    return float(sizes[rank])
