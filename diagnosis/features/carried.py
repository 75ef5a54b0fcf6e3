"""Which loss is carried on past the end of a run where validation has too few values for that, and how training speaks for it."""

import numpy as np

from diagnosis.features.gap import Gap
from diagnosis.features.trend import trend

CARRIED = 8  # values: fewer cannot be carried on
FEWEST = 3  # values that fall one after the other: no chance does that
LAST = 0.25  # share of the mean fall from value to value, by which the last one fell as well
WITH_IT = 0.5  # share of training's fall over the same stretch, by which they fell in all
BEHIND = 0.10  # share of what training learnt: a validation so far behind, and ever farther, may soon fall no more


def stands_in(gap: Gap) -> bool:
    """Whether training stands in for a validation of few values, which fell at each of them, and with it."""
    train, val = gap.training, gap.validation
    if val.n >= CARRIED or not FEWEST <= val.n < train.n:
        return False
    fell = -np.diff(val.z)
    steady = fell.min() > 0.0 and fell[-1] > LAST * float(fell.mean())
    return bool(steady and float(fell.sum()) > WITH_IT * float(gap.train[0] - gap.train[-1]))


def falls_with(gap: Gap, share: float) -> bool:
    """Whether training surely falls over this last share of a run, and validation with it, whose own fall noise hides."""
    start = gap.validation.index_after(1.0 - share)
    trained = trend(gap.validation.x[start:], gap.level[start:])
    return trained.falling and gap.validation.last(share).change < WITH_IT * trained.change


def falls_behind(gap: Gap | None) -> bool:
    """Whether training is well ahead of validation, and draws away."""
    return gap is not None and gap.share_of_progress > BEHIND and gap.trend.rising
