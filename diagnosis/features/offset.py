"""Targets far from 0, whose mean a regression has to learn before anything else.

R² tells by itself: answers near 0, which is where a network begins, are off by the mean of the targets, and an R² counts
that in the targets' own variance.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.run import Context

FAR = 3.0  # times the variance, beyond that of the mean answer: targets that are centred begin within once or twice
NEARER = 0.9  # of what it was off at first: what blew up stays where it is


@dataclass(frozen=True, eq=False)
class Offset:
    """The R² that began far below 0 and climbed, and by how many standard deviations of the targets the first answers were off."""

    r2: Measured
    deviations: float


def measure_offset(curves: Iterable[Measured], context: Context) -> Offset | None:
    """By the first R² of them; None where any of them began within reach, or comes no nearer, or classes are learnt."""
    if context.task == "classification" or context.guessing is not None:
        return None
    told = [curve for curve in curves if curve.curve.metric == "r2"]
    if not told or any(curve.start <= FAR or curve.best >= NEARER * curve.start for curve in told):
        return None
    return Offset(told[0], math.sqrt(1.0 + told[0].start))
