"""Whether a loss that went up has a harmless reason.

Validation does not see it: what training is fed changed (mixup, dropout, other data), not the weights. Where no validation tells: it only
moved to another level, by other data or other weights of its terms, as when a run is resumed. Or it has been as far up for as long
before, and came back; or it was much farther up, and is on its way back. Or it jumped to another task, and learns that.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import median_filter

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.rate import RISES, rate_at, restarted, says_restarts
from diagnosis.features.rise import SIGMAS, Rise, onset
from diagnosis.features.spikes import NEAREST
from diagnosis.features.trend import trend
from diagnosis.run import Context, FloatArray

FOOT, TOP = 0.25, 0.75  # of the rise
AT_ONCE = 2  # values from one to the other: bookkeeping changes between two of them, and an average blurs that
RESTLESS = 3.0  # times the noise before; what runs away is less calm than what it left
MOST = 0.50  # of what was gained; a step of more is no bookkeeping
WORSE = 0.20  # share of validation's progress, given back: then the weights are worse, whatever training is fed
HARDLY = 0.10  # likewise, where training lost more than `MOST`
GAINED = 4.0  # standard errors of its end that a validation must have gained to tell
OVERSHOT = 2.0  # times what was gained: answers that are right no more cost so much at most
REMAINS = 0.60  # of the height of such a jump; by then half of it is gone, or will be by the next value
FEWEST = 2  # validations in a stretch
RECOVERED = 0.25  # of the highest since; less is left of a jump that recovers
LIKE_IT, HALF = 0.75, 0.5  # of the height and the length of the last rise: an earlier one that is like it
LONE = 3  # values: in the middle of so many one that jumps is gone, and what is up for less is a spike
CAME_BACK = 2  # earlier rises like it; of 116 runs of benchmarks/ that diverge, none had come back from one


def harmless(loss: Measured, rise: Rise, others: Iterable[Measured]) -> bool:
    """Whether a rise is no divergence; `others` measure the model on other examples.

    By more than all that was gained, it is none only where neither validation nor its answers noticed: harder examples joined easy ones.
    """
    gained, costs = loss.start - loss.best, _costs(others, loss, loss.best_index, loss.z.size)
    if rise.height > gained:
        return len(costs) > 1 and max(costs) <= HARDLY
    little, cost = rise.height <= MOST * gained, min(costs, default=None)
    if cost is not None and cost <= (WORSE if little else HARDLY):
        return True
    return little and cost is None and (_swung(loss, rise) or _shifted(loss, rise))


def wins_back_a_jump(loss: Measured, rise: Rise, validation: Measured | None) -> bool:
    """Whether training left the ground at once, and has fallen ever since, as has validation: another task, or weights that were pruned.

    Weights that were thrown cost far more at first than guessing does, and what an unstable rate took is not won back steadily.
    """
    gained, start = loss.start - loss.best, loss.best_index
    if validation is None or validation.curve.axis != loss.curve.axis or rise.height > MOST * gained:
        return False
    top = start + int(loss.z[start:].argmax())
    before = loss.z[max(top - NEAREST, start) : max(top + 1 - AT_ONCE, start + 1)]
    height = float(loss.z[top]) - loss.best
    if height > OVERSHOT * gained or float(before.max()) - loss.best >= FOOT * height:
        return False
    at = int(np.searchsorted(validation.x, loss.x[top]))
    falls = _falls(validation, at) or _mostly_back(validation, at)
    return falls and _falls(loss, top) and _mostly_back(loss, top)


def _falls(curve: Measured, since: int) -> bool:
    """Whether a curve comes down from a place on; of a few values, each must."""
    x, z = curve.x[since:], curve.z[since:]
    return z.size > AT_ONCE and (trend(x, z).falling or float(np.diff(z).max()) < 0.0)


def _mostly_back(curve: Measured, since: int) -> bool:
    """Whether a curve has come down by much of what it stood above its best at its highest since a place."""
    above = curve.z[since:] - curve.best
    return above.size > 0 and float(above[-1]) <= REMAINS * float(above.max())


def sent_back_up(loss: Measured, rise: Rise, learning_rate: Measured | None, context: Context) -> bool:
    """Whether the schedule put the rate back up where the loss rose, to no more than where it began, and is still up there.

    A warm restart gives back much of what was gained, and what a run is worth shows when the rate is down again.
    """
    highest = float(loss.s[loss.begin : loss.best_index + 1].max())
    if loss.end > highest + SIGMAS * rise.before:
        return False
    left, rate = onset(loss, rise), rate_at(learning_rate, loss.curve)
    if rate is None:
        soon = loss.sign * loss.curve.values[left : left + 1 + AT_ONCE]
        return says_restarts(context.scheduler) and bool(soon.max() > loss.best + TOP * rise.height)
    up = rate[-1] >= RISES * rate[min(left, rate.size - 1)]
    return bool(up) and restarted(rate, min(left + AT_ONCE, rate.size - 1))


def cost_elsewhere(others: Iterable[Measured], loss: Measured, begin: int, end: int) -> float | None:
    """What a stretch of the loss's grid cost others at least, as a share of what they had gained; None where none of them can tell.

    A loss may rise because answers are less sure (label smoothing), and be right as often.
    """
    return min(_costs(others, loss, begin, end), default=None)


def _costs(others: Iterable[Measured], loss: Measured, begin: int, end: int) -> list[float]:
    """What the stretch cost each of those that can tell."""
    first, last = loss.x[begin], loss.x[min(end, loss.x.size) - 1]
    costs = (_cost(other, first, last) for other in others if other.curve.axis == loss.curve.axis)
    return [cost for cost in costs if cost is not None]


def _cost(other: Measured, begin: float, end: float) -> float | None:
    """How far a curve's middle, over the later half of a stretch, is off its best so far, as a share of its progress."""
    half, last = np.searchsorted(other.x, (0.5 * (begin + end), end))
    stretch = other.s[half : last + 1]
    if not other.lasts_to(end) or stretch.size < FEWEST or other.progress <= GAINED * other.end_error:
        return None
    best = float(other.s[other.begin : last + 1].min())
    return (median(stretch) - best) / other.progress


def is_step(z: FloatArray, *, ground: float, height: float, noise: float) -> bool:
    """Whether a stretch (m,) goes up by `height` at once from the `ground`, and is as calm up there as before."""
    high = z >= ground + TOP * height
    low = np.flatnonzero(z[: int(high.argmax()) + 1] <= ground + FOOT * height)
    foot = int(low[-1]) if low.size else 0
    if not high[foot + 1 : foot + 1 + AT_ONCE].any():
        return False
    return noise_level(z[foot + 1 + int(high[foot + 1 :].argmax()) :]) <= RESTLESS * noise


def without_lone(z: FloatArray) -> FloatArray:
    """The middle of every five values (m,): up to two that jump are a spike."""
    found: FloatArray = median_filter(z, size=NEAREST, mode="nearest")
    return found


def comes_and_goes(loss: Measured, rise: Rise) -> bool:
    """Whether the loss was as far above its best so far `CAME_BACK` times, for as long, and came back: it swings, and is up by turns."""
    above = above_best(median_filter(loss.z[loss.begin :], size=LONE, mode="nearest")) / rise.height
    from_ground = np.split(above, np.flatnonzero(above < FOOT))[1:]
    *before, last = (part.size - 1 if part.max() > LIKE_IT else 0 for part in from_ground)
    return sum(each >= max(LIKE_IT * last, LONE) for each in before) >= CAME_BACK


def above_best(level: FloatArray) -> FloatArray:
    """How far each value stands above the best so far (m,)."""
    return level - np.minimum.accumulate(level)


def _shifted(loss: Measured, rise: Rise) -> bool:
    return is_step(loss.z[loss.best_index :], ground=loss.best, height=rise.height, noise=rise.before)


def _swung(loss: Measured, rise: Rise) -> bool:
    """Whether the loss came back from nearly as far above its best, where it was for half as long; or has mostly, from farther."""
    above = above_best(without_lone(loss.z[loss.begin :]))
    up = np.concatenate(([False], above > HALF * rise.height, [False]))
    begins, ends = np.flatnonzero(up[1:] & ~up[:-1]), np.flatnonzero(up[:-1] & ~up[1:])
    stretches = list(zip(begins, ends, strict=True))
    if not stretches:
        return False
    begin, end = stretches.pop()
    if rise.height < RECOVERED * above[begin:end].max():
        return True
    return any(above[b:e].max() > LIKE_IT * rise.height and e - b >= HALF * (end - begin) for b, e in stretches)
