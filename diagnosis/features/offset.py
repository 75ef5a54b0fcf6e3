"""Targets far from 0, whose mean a regression has to learn before anything else.

R² tells by itself: answers near 0, which is where a network begins, are off by the mean of the targets, and an R² counts
that in the targets' own variance.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from diagnosis.features.measured import Measured

FAR = 3.0  # times the variance, beyond that of the mean answer: targets that are centred begin within once or twice
NEARER = 0.9  # of what it was off at first: what blew up stays where it is


@dataclass(frozen=True, eq=False)
class Offset:
    """The R² that began far below 0 and climbed, and by how many standard deviations of the targets the first answers were off."""

    r2: Measured
    deviations: float


def measure_offset(curves: Iterable[Measured]) -> Offset | None:
    """By the first R² that tells; None where none does."""
    for curve in curves:
        first = float(curve.z[0])
        if curve.curve.metric == "r2" and first > FAR and curve.best < NEARER * first:
            return Offset(curve, math.sqrt(1.0 + first))
    return None
