"""How straight a fall is, or whether it is still gathering pace."""

from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured

LINE = 12.0  # the square of a line's fall is so many times its variance
FIRST = 0.12  # share of the fall in the first quarter: less is a shelf
SLACK = 1.3  # times the fall of the next quarter: one that fell by more was faster
FASTEST = 1.1  # the same, of the third quarter against the last one
GATHERED = 0.45  # share of the fall in the first half: more is no gathering of pace
HALF, AS_FAR = 0.5, 0.5  # of the run; of validation's fall over it, that training may have made as well
ENOUGH = 10  # validations: fewer tell no line
TWO = 2  # validations, to see whether it got better at all
FOLLOWED = 0.2  # share of what training gained, that validation gained with it
LEFT = 0.2  # of the variance of the noise, that smoothing leaves: no bend of the curve


@dataclass(frozen=True, eq=False)
class Line:
    """A falling curve and its `bend`, the share of the smoothed variance a line leaves; its fall in noise levels and its first half."""

    curve: Measured
    bend: float
    sigmas: float
    first_half: float
    gathers: bool = False  # each quarter gains as much as the one before, and more


def line_of(curve: Measured, bent: float, even: float = 0.0) -> Line | None:
    """The fall of a curve, if no more than `bent` of its smoothed variance is off a straight line; else None.

    `even`: the least share of the fall in either half.
    """
    fall = curve.start - curve.end
    if fall <= 0.0:
        return None
    first_half = (curve.start - float(curve.s[curve.s.size // 2])) / fall
    if not even <= first_half <= 1.0 - even:
        return None
    if not curve.whole.falling:
        return None
    sigmas = fall / max(curve.grid_noise, 1e-300)
    noise = LEFT * LINE / max(sigmas, 1.0) ** 2
    bend = max(1.0 - float(np.corrcoef(curve.x, curve.s)[0, 1] ** 2) - noise, 0.0)
    return Line(curve, bend, sigmas, first_half) if bend <= bent else None


def may_follow(training: Measured, validation: Measured) -> bool:
    """Whether training may have fallen with validation over the second half of the run, for all that its noise shows.

    What has come to rest has not: then validation falls by itself, and no step of training is too small.
    """
    theirs, ours = validation.last(HALF), training.last(HALF)
    return ours.low * (ours.end - ours.start) <= AS_FAR * theirs.change


def gathering(curve: Measured) -> Line | None:
    """The fall of a curve, if it has moved from the beginning and grows steeper to its end; else None."""
    fall = curve.start - curve.end
    if fall <= 0.0:
        return None
    at = np.linspace(curve.begin, curve.s.size - 1, 5).astype(np.intp)
    quarters = -np.diff(curve.s[at]) / fall
    first_half = float(quarters[:2].sum())
    if quarters[0] < FIRST or first_half > GATHERED or (quarters[:-1] > (SLACK, SLACK, FASTEST) * quarters[1:]).any():
        return None
    if not curve.whole.falling:
        return None
    bend = 1.0 - float(np.corrcoef(curve.x, curve.s)[0, 1] ** 2)
    return Line(curve, bend, fall / max(curve.grid_noise, 1e-300), first_half, gathers=True)


def followed(training: Measured, validation: Measured | None) -> bool:
    """Whether validation gained its part of what training did, and still may: else a larger step only memorises sooner."""
    if validation is None or validation.n < TWO or validation.curve.metric != training.curve.metric:
        return True
    if validation.n < ENOUGH:  # of so few, the first may have come late in the fall
        return validation.end < validation.start
    if validation.start - validation.end <= FOLLOWED * (training.start - training.end):
        return False
    theirs, ours = validation.last(HALF), training.last(HALF)
    return -theirs.low * (theirs.end - theirs.start) > -FOLLOWED * ours.change


def jumps(curve: Measured) -> bool:
    """Whether single values stand farther off the others than all that was gained: no step is too small there."""
    return float((curve.z - curve.clean).max()) > curve.progress
