"""Whether a loss that stays up only moved to another level: other data or other weights of its terms, as when a run is resumed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.rise import Rise

FOOT, TOP = 0.25, 0.75  # of the rise
AT_ONCE = 2  # values from one to the other: bookkeeping changes between two of them, and an average blurs that
RESTLESS = 3.0  # times the noise before; what runs away is less calm than what it left
MOST = 0.50  # of what was gained; a step of more is no bookkeeping
WORSE = 0.20  # of validation's progress, given back: then the weights are worse, whatever is counted


def shifted(loss: Measured, rise: Rise, others: Iterable[Measured]) -> bool:
    """Whether the rise is one step, as calm after it as before, and nothing that measures the model elsewhere got worse."""
    if rise.height > MOST * (loss.start - loss.best):
        return False
    z = loss.z[loss.best_index :]
    foot = int(np.flatnonzero(z <= loss.best + FOOT * rise.height)[-1])
    top = foot + 1 + int((z[foot + 1 :] >= loss.best + TOP * rise.height).argmax())
    if top - foot > AT_ONCE or noise_level(z[top:]) > RESTLESS * rise.before:
        return False
    return not any(other.rebound > WORSE * other.progress for other in others)
