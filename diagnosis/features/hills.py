"""How long a loss stood far above the best it had reached before it came back: a hill, too long for a spike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from diagnosis.features.measured import Measured
from diagnosis.features.rate import jump
from diagnosis.features.rise import LATE, LATE_MIN
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.run import FloatArray, Position

LEARNT = 0.5  # of the progress, made before: what goes up sooner had little to lose
SINGLE = 5  # values in the median: up to two that jump are a spike
FEWEST = 20  # values; in fewer a tenth of them is a jump


@dataclass(frozen=True)
class Hill:
    """`height` above the best before it as a share of progress and `over_noise`; `away`: the share of the run spent that far up.

    `pushed`: the rate before, how many times that it was raised where the hill begins, and where; None where it was not.
    """

    height: float
    over_noise: float
    away: float
    since: Position
    top: Position
    until: Position
    pushed: tuple[float, float, Position] | None


def measure_hill(loss: Measured, learning_rate: Measured | None) -> Hill | None:
    """All the time that a loss spent up there and came back from; None where it is less than what `divergence` calls lasting."""
    z = loss.z[loss.begin :]
    bar = max(SIGMAS * loss.grid_noise, SHARE * loss.progress)
    lasting = max(LATE_MIN, LATE * z.size)
    if z.size < FEWEST or np.count_nonzero(_above(z) > bar) < lasting:
        return None
    level = median_filter(z, size=SINGLE, mode="nearest")
    above = _above(level)
    above[level[0] - (level - above) < LEARNT * loss.progress] = 0.0
    up = np.flatnonzero(above > bar)
    if up.size < lasting or up[-1] == z.size - 1:
        return None
    since, top, until = (loss.position(loss.begin + int(index)) for index in (up[0], above.argmax(), up[-1]))
    height = float(above.max())
    return Hill(
        height=loss.share(height),
        over_noise=height / max(loss.grid_noise, 1e-300),
        away=up.size / z.size,
        since=since,
        top=top,
        until=until,
        pushed=jump(learning_rate, loss.curve, int(np.searchsorted(loss.curve.steps, since.at))),
    )


def _above(level: FloatArray) -> FloatArray:
    """How far each value stands above the best so far (n,)."""
    return level - np.minimum.accumulate(level)
