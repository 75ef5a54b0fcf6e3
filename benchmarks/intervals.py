"""How far a figure can be trusted: exact intervals of shares, resampled intervals of scores, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.95
REPLICATES = 2000
SEED = 20
BINS = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])  # of confidence: nothing is found with less than one half


def clopper_pearson(k: int, n: int) -> tuple[float, float]:
    """The exact interval of a share, k of n."""
    if n == 0:
        return 0.0, 1.0
    tail = (1.0 - LEVEL) / 2.0
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(1.0 - tail, k + 1, n - k)) if k < n else 1.0
    return low, high


def share(k: int, n: int) -> str:
    """A share for people, with its interval: `1.4 % (3 of 213; 0.3 to 4.1 %)`."""
    if n == 0:
        return "none to count"
    low, high = clopper_pearson(k, n)
    return f"{100 * k / n:.1f} % ({k} of {n}; {100 * low:.1f} to {100 * high:.1f} %)"


@cache
def weights(clusters: tuple[str, ...]) -> FloatArray:
    """How often each run is drawn in each replicate (replicates, runs); what belongs together is drawn together."""
    names, belongs = np.unique(np.array(clusters), return_inverse=True)
    drawn = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1.0 / len(names)), REPLICATES)
    return drawn[:, belongs].astype(np.float64)


def between(values: FloatArray) -> tuple[float, float]:
    """The middle `LEVEL` of the replicates in which the figure exists."""
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan"), float("nan")
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(known, [tail, 100.0 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class Bin:
    """The findings given about the same confidence, and how many of them were right."""

    low: float
    count: int
    claimed: float
    right: float


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Claimed against found, by bins of confidence; empty bins are left out."""
    claimed, true = np.array(confidence, dtype=np.float64), np.array(right, dtype=np.float64)
    place = np.clip(np.digitize(claimed, BINS) - 1, 0, len(BINS) - 2)
    return [
        Bin(float(BINS[k]), int((place == k).sum()), float(claimed[place == k].mean()), float(true[place == k].mean()))
        for k in range(len(BINS) - 1)
        if (place == k).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: mean distance of claimed from found, weighted by the findings of a bin."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.claimed - each.right) for each in bins) / total if total else 0.0
