"""Whether a loss that stays up by less than half of what it had gained may have a harmless reason.

It only moved to another level, by other data or other weights of its terms, as when a run is resumed; or it has been as far up
for as long before, and came back; or it was much farther up, and is on its way back.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import median_filter

from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.rise import Rise
from diagnosis.features.spikes import NEAREST

FOOT, TOP = 0.25, 0.75  # of the rise
AT_ONCE = 2  # values from one to the other: bookkeeping changes between two of them, and an average blurs that
RESTLESS = 3.0  # times the noise before; what runs away is less calm than what it left
MOST = 0.50  # of what was gained; a step of more is no bookkeeping
WORSE = 0.20  # of validation's progress, given back: then the weights are worse, whatever is counted
BACK = 0.25  # of the highest since; less is left of a jump that recovers
LIKE_IT, HALF = 0.75, 0.5  # of the height and the length of the last rise: an earlier one that is like it


def harmless(loss: Measured, rise: Rise, others: Iterable[Measured]) -> bool:
    """Whether a rise may be a shift of level or one swing of many; `others` measure the model on other examples."""
    if rise.height > MOST * (loss.start - loss.best):
        return False
    return _swung(loss, rise) or (_shifted(loss, rise) and not any(o.rebound > WORSE * o.progress for o in others))


def _shifted(loss: Measured, rise: Rise) -> bool:
    """Whether it is one step, as calm after it as before."""
    z = loss.z[loss.best_index :]
    high = z >= loss.best + TOP * rise.height
    low = np.flatnonzero(z <= loss.best + FOOT * rise.height)
    foot = int(low[-1]) if low.size else 0
    if not high[foot + 1 : foot + 1 + AT_ONCE].any():
        return False
    return noise_level(z[foot + 1 + int(high[foot + 1 :].argmax()) :]) <= RESTLESS * rise.before


def _swung(loss: Measured, rise: Rise) -> bool:
    """Whether the loss came back from nearly as far above its best, where it was for half as long; or has mostly, from farther."""
    level = median_filter(loss.z[loss.begin :], size=NEAREST, mode="nearest")
    above = level - np.minimum.accumulate(level)
    up = np.concatenate(([False], above > HALF * rise.height, [False]))
    begins, ends = np.flatnonzero(up[1:] & ~up[:-1]), np.flatnonzero(up[:-1] & ~up[1:])
    lasted = ends - begins
    if rise.height < BACK * above.max():
        return True
    return any(
        above[begin:end].max() > LIKE_IT * rise.height and end - begin >= HALF * lasted[-1]
        for begin, end in zip(begins[:-1], ends[:-1], strict=True)
    )
