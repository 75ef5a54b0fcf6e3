"""Whether a run of few values goes up again and again on its way: too short to tell swings from noise by itself, but not with its witnesses.

A mean over an epoch hardly goes up while all is well: of 2402 beginnings and ends of healthy runs of 10 to 19 values, none went up
again by a fifth of its fall in training and in validation, its highest move left out.
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.skill import ANCHORED, SHARES

FEW = 10  # values
WENT_UP = 0.3  # of the fall from the first value to the lowest: so much it goes up again, all moves but the highest, which may be a spike
MOVED = 0.1  # of all answers, that a metric went through: else nothing tells that more than noise goes up


def wander(curve: Measured) -> float:
    """By what share of its fall a curve went up again, all moves but the highest; 0 where it never fell."""
    fell = float(curve.z[0] - curve.z.min())
    rises = np.maximum(np.diff(curve.z), 0.0)
    return float(rises.sum() - rises.max()) / fell if fell > 0.0 and rises.size else 0.0


def wanders(loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...]) -> float | None:
    """The same of training, where validation does it as well, and right answers come and go; else None."""
    if validation is None or validation.n < FEW or validation.curve.axis != loss.curve.axis:
        return None
    told = [m for m in metrics if m.curve.metric in {*SHARES, *ANCHORED} and float(np.ptp(m.z)) > MOVED * m.scale]
    share = wander(loss)
    return share if told and share > WENT_UP and wander(validation) > WENT_UP else None
