"""Whether training's loss is validation's with the sign turned: what is minimised is minus the loss, and it has no floor."""

from __future__ import annotations

import numpy as np

from diagnosis.features.gap import Gap

FEWEST = 4  # validations: two lines cross by chance
RISES = 1.5  # times its first value, that validation ends at: ascent goes on
NEAR = 1 / 3  # of validation: batches in training mode, and of an epoch's mean, are off by as much


def mirrored(gap: Gap) -> bool:
    """Whether training is below 0 throughout, and over the second half as far as validation has risen above it."""
    if gap.validation.n < FEWEST or gap.training.curve.metric != "loss":
        return False
    train = gap.train
    if train.max() >= 0.0:  # as nearly all are: the rest costs nothing
        return False
    val, late = gap.validation.s, train.size // 2
    if not (val.min() > 0.0 and val[-1] > RISES * val[0] and gap.validation.whole.rising):
        return False
    return bool((np.abs(train + val)[late:] <= NEAR * val[late:]).all())
