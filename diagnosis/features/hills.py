"""How long a loss stood far above the best it had reached before it came back: a hill, too long for a spike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.rate import jump
from diagnosis.features.rise import LATE, LATE_MIN
from diagnosis.features.shift import WORSE, above_best, cost_elsewhere, is_step, without_lone
from diagnosis.features.spikes import NEAREST, SHARE, SIGMAS
from diagnosis.run import Position

LEARNT = 0.5  # of the progress, made before: what goes up sooner had little to lose
BACK = 0.5  # of what is far up; a hill that is over has come down to that
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


def measure_hill(loss: Measured, learning_rate: Measured | None, others: Iterable[Measured]) -> Hill | None:
    """All the time that a loss spent up there and came back from; None where it is less than what `divergence` calls lasting.

    `others` measure the model on other examples: what they do not see, and without them one calm step, is what training is fed.
    """
    z = loss.z[loss.begin :]
    bar = max(SIGMAS * loss.grid_noise, SHARE * loss.progress)
    lasting = max(LATE_MIN, LATE * z.size)
    if z.size < FEWEST or np.count_nonzero(above_best(z) > bar) < lasting:
        return None
    level = without_lone(z)
    above = above_best(level)
    above[level[0] - (level - above) < LEARNT * loss.progress] = 0.0
    low = np.flatnonzero(above <= BACK * bar)
    above = above[: int(low[-1]) + 1] if low.size else above[:0]  # what is not over is no hill
    up = np.flatnonzero(above > bar)
    if up.size < lasting:
        return None
    begin, end, peak = loss.begin + int(up[0]), loss.begin + int(up[-1]) + 1, loss.begin + int(above.argmax())
    height = float(above.max())
    cost = cost_elsewhere(others, loss, begin, end)
    before, ground = noise_level(z[: int(up[0])]), float(level[up[0]] - above[up[0]])
    step = is_step(loss.z[max(begin - NEAREST, 0) : end], ground=ground, height=height, noise=before)
    if cost <= WORSE if cost is not None else step:
        return None
    since, top, until = (loss.position(index) for index in (begin, peak, end - 1))
    return Hill(
        height=loss.share(height),
        over_noise=height / max(loss.grid_noise, 1e-300),
        away=up.size / z.size,
        since=since,
        top=top,
        until=until,
        pushed=jump(learning_rate, loss.curve, int(np.searchsorted(loss.curve.steps, since.at))),
    )
