"""Targets far from 0, whose mean a regression has to learn before anything else.

R² tells by itself: answers near 0, which is where a network begins, are off by the mean of the targets, and an R² counts
that in the targets' own variance. Without one, a loss of what is said to be a regression tells it, where all that the run
gained is next to nothing of that loss, and more and more: so far away is what it is on the way to. This alone looks at the
size of a loss, and so is undone by adding a constant to it; no verdict hangs on it, but what is advised first.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.run import Context

FAR = 3.0  # times the variance, beyond that of the mean answer: targets that are centred begin within once or twice
NEARER = 0.9  # of what it was off at first: what blew up stays where it is
ORDINARY = 30.0  # times the variance: five deviations off, which is no explosion; any sure climb counts
LITTLE = 0.005  # of a regression's loss, which is all that it gained: a sound one halves it
EVENLY = 0.63  # of that gain in the first half, at most: what has learnt all there is gains nothing any more
OF_TARGETS = {"loss", "mse", "rmse", "mae"}  # measured in the unit of the targets, or in its square


@dataclass(frozen=True, eq=False)
class Offset:
    """The R² that began far below 0 and climbed, and by how many standard deviations of the targets the first answers were off.

    Or, without `deviations`, the loss of which `gained` is all that the run took off, as a share of it.
    """

    curve: Measured
    deviations: float | None
    gained: float = 0.0


def measure_offset(curves: Iterable[Measured], loss: Measured | None, context: Context) -> Offset | None:
    """By the first R² of them; None where any of them began within reach, or comes no nearer, or classes are learnt.

    Without any, by the training loss.
    """
    if context.task == "classification" or context.guessing is not None:
        return None
    told = [curve for curve in curves if curve.curve.metric == "r2"]
    if not told:
        return _by_loss(loss) if loss is not None and context.task == "regression" else None
    if any(curve.start <= FAR or not _climbs(curve) for curve in told):
        return None
    return Offset(told[0], math.sqrt(1.0 + told[0].start))


def _climbs(r2: Measured) -> bool:
    """Whether it comes nearer to 0: of one that is off by more than targets mostly are, by a good part of that."""
    return r2.best < NEARER * r2.start or (r2.start <= ORDINARY and r2.whole.falling)


def _by_loss(loss: Measured) -> Offset | None:
    fall = loss.start - loss.end
    if loss.curve.metric not in OF_TARGETS or loss.z.min() <= 0.0 or not 0.0 < fall < LITTLE * loss.start:
        return None
    evenly = loss.start - float(loss.s[loss.s.size // 2]) <= EVENLY * fall
    return Offset(loss, None, fall / loss.start) if evenly and loss.whole.falling else None
