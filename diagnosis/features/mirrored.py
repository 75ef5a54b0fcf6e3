"""Whether training's loss is validation's with the sign turned: what is minimised is minus the loss, and it has no floor."""

from __future__ import annotations

import numpy as np

from diagnosis.features.gap import Gap

FEWEST = 4  # validations: two lines cross by chance
NEAR = 1 / 3  # of validation: batches in training mode, and of an epoch's mean, are off by as much


def mirrored(gap: Gap | None) -> bool:
    """Whether training fell below 0 as far as validation rose above it, over the whole second half of the run."""
    if gap is None or gap.validation.n < FEWEST or gap.training.curve.metric != "loss":
        return False
    train, val = gap.train, gap.train + gap.difference
    late = val.size // 2
    if not (train[late:].max() < 0.0 < val[late:].min() and val[-1] > val[0] and train[-1] < train[0]):
        return False
    return bool((np.abs(train + val)[late:] <= NEAR * val[late:]).all())
