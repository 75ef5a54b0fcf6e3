"""How long a loss stood far above the best it had reached before it came back: a hill, too long for a spike.

In a run of few values every one of them is an event, and none tells by itself: there everything that measures the model must
have been thrown back with the loss, and have come back with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from diagnosis.features.decline import FEW
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.rate import jump
from diagnosis.features.rise import LATE, LATE_MIN
from diagnosis.features.shift import WORSE, above_best, cost_elsewhere, is_step, without_lone
from diagnosis.features.spikes import NEAREST, SHARE, SIGMAS
from diagnosis.run import Position

LEARNT = 0.5  # share of progress, made before the hill: what goes up sooner had little to lose
RETURNED = 0.5  # share of the height that counts as far up: a hill that is over has come down to that
AREA = LATE * SHARE / 4.0  # of the run times share of progress: what is farther up needs less time to have cost as much
FEWEST = 20  # values; in fewer, a tenth of the run is one or two of them
THROWN = 0.5  # share of each curve's progress in a short run; of 3822 healthy stretches one lost as much in all curves
USUAL = 4.0  # times the median of a curve's other moves, by which it must have been thrown back, and have learnt


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
    area: float = 0.0  # of the run times share of progress
    rises: int = 1  # times that it went up there and came back
    at_once: bool = False  # whether it went up in one step, to a level as calm as the one before
    beside: tuple[str, ...] = ()  # what went and came with it, in a run of few values


def measure_hill(loss: Measured, learning_rate: Measured | None, others: Iterable[Measured]) -> Hill | None:
    """All the time that a loss spent up there and came back from; None where it is less than what `divergence` calls lasting.

    `others` measure the model on other examples: what they do not see, and without them one calm step, is what training is fed.
    """
    z = loss.z[loss.begin :]
    bar = max(SIGMAS * loss.grid_noise, SHARE * loss.progress)
    lasting = min(LATE_MIN, LATE_MIN * z.size / loss.n + 1)
    if FEW <= z.size < FEWEST:
        return _thrown(loss, learning_rate, tuple(others))
    if z.size < FEWEST or np.count_nonzero(above_best(z) > bar) < lasting:
        return None
    level = without_lone(z)
    above = above_best(level)
    above[level[0] - (level - above) < LEARNT * loss.progress] = 0.0
    low = np.flatnonzero(above <= RETURNED * bar)
    above = above[: int(low[-1]) + 1] if low.size else above[:0]  # what is not over is no hill
    up = np.flatnonzero(above > bar)
    area = loss.share(float(above[up].sum())) / z.size
    if up.size < lasting or area < AREA:
        return None
    begin, end, peak = loss.begin + int(up[0]), loss.begin + int(up[-1]) + 1, loss.begin + int(above.argmax())
    height = float(above.max())
    cost = cost_elsewhere(others, loss, begin, end)
    before, ground = noise_level(z[: int(up[0])]), float(level[up[0]] - above[up[0]])
    step = is_step(loss.z[max(begin - NEAREST, 0) : end], ground=ground, height=height, noise=before)
    harmless = (cost <= WORSE if cost is not None else step) and not _seen(others, loss, begin, end)
    if harmless or loss.stages.explains(loss.curve, loss.position(begin).at):
        return None
    hill = _hill(loss, learning_rate, height, (begin, peak, end - 1), up.size / z.size)
    back = np.add.reduceat(above <= RETURNED * bar, up)[:-1]  # from one value up there to the next
    return replace(hill, area=area, rises=1 + int(np.count_nonzero(back)), at_once=step)


def _seen(others: Iterable[Measured], loss: Measured, begin: int, end: int) -> bool:
    """Whether what was validated in a stretch was thrown back with it, if only once: smoothing takes that for an outlier."""
    first, last = loss.x[begin], loss.x[min(end, loss.x.size - 1)]
    for other in others:
        inside = (other.x >= first) & (other.x <= last) & (other.curve.axis == loss.curve.axis)
        bar = max(THROWN * other.progress, USUAL * other.grid_noise)
        if inside.any() and median(above_best(other.z)[inside]) > bar:
            return True
    return False


def _thrown(loss: Measured, learning_rate: Measured | None, others: tuple[Measured, ...]) -> Hill | None:
    """Of a run of few values, the one time at which all that measures the model was thrown back, and from which all came back."""
    above = above_best(loss.z)
    peak = int(above.argmax())
    alike = all(m.curve.axis == loss.curve.axis and m.z.size == loss.z.size for m in others)
    if loss.begin or not others or not alike or not all(_thrown_at(peak, m) for m in (loss, *others)):
        return None
    height = float(above[peak])
    up = np.flatnonzero(above > RETURNED * height)
    begin, last = int(up[0]), int(up[-1])
    if loss.start - float(loss.z[:begin].min()) <= LEARNT * loss.progress:
        return None
    beside = tuple(dict.fromkeys(m.name for m in others))
    return replace(_hill(loss, learning_rate, height, (begin, peak, last), up.size / loss.z.size), beside=beside)


def _thrown_at(peak: int, curve: Measured) -> bool:
    """Whether a curve lost half of its progress there, or with the next value, and has it back at the end."""
    above = above_best(curve.z)
    height = float(above[peak : peak + 2].max())
    usual = USUAL * median(np.sort(np.abs(np.diff(curve.z)))[:-2])  # but for the moves up and down again
    thrown = curve.progress > usual and height > max(THROWN * curve.progress, usual)
    return thrown and float(above[-1]) < RETURNED * height and height >= float(above.max())


def _hill(
    loss: Measured, learning_rate: Measured | None, height: float, places: tuple[int, int, int], away: float
) -> Hill:
    """One whose `places` in the loss are where it begins, its top, and its last value."""
    since, top, until = (loss.position(index) for index in places)
    pushed = jump(learning_rate, loss.curve, int(np.searchsorted(loss.curve.steps, since.at)))
    over_noise = height / max(loss.grid_noise, 1e-300)
    return Hill(loss.share(height), over_noise, away, since, top, until, pushed)
