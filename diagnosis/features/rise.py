"""How far above its best a loss stays at the end, whether it is on its way back, and what the learning rate did meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from diagnosis.features.climb import CLIMB
from diagnosis.features.guessing import Guess
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import NEIGHBOURHOOD, noise_level
from diagnosis.features.period import Period
from diagnosis.features.rate import RISES, rate_at
from diagnosis.features.skill import GOOD, LUCK, SHARES
from diagnosis.run import FloatArray, Position

LATE, LATE_MIN, SHORT = 0.10, 8, 0.20  # of the run, and values, or of a short run: what recovers sooner is a spike
LATE_LEAST = 2  # values of a run however short
FAR = 5.0  # times the range of all values before: a loss that far above them left for good
HIGH = 0.20  # share of the run that the loss spent above its own start
AWAY = 3  # last values: their middle and the last one are high, as one alone may be a spike
SIGMAS = 4.0  # noise levels of one point: the noise of batches alone never stays that far up
RECOVERING = 0.25  # share of the rise that a significant fall takes back: it was bookkeeping, or a restart
UNSURE = 1.0  # over the root of the values it is told from: by so much a noise may be larger than it seems
LEAST = 0.5  # of the noise of the whole run, jump included, that a loss past its own start must be above
LASTING = 5  # moves up in a row, to the end: one in 720 series of noise ends like that
FAST = 0.50  # share of what was gained, lost by such a climb: a slower one shows over the last tenth
PAST = 0.2  # share of what was gained: the first value may be low by chance
# Of a cycle's height, and standard errors of its mean: less is no learning from one to the next.
SINKS, SURELY = 0.02, 2.0
ABOVE = 0.75  # of the values up to the best one, that the end must be above
SINCE = 2  # values since training was best: one may be lucky
AT_BEST = 2.0  # standard errors of the final level above the best one
WAY_UP = 0.5  # of its rise after the best, by when the rate must have gone up to be its cause


@dataclass(frozen=True)
class Rise:
    """From the best level to the lowest of the end, in the loss's unit.

    `before`: the noise up to the best level, which a loss that left the ground does not have afterwards. `over`: the
    stretch that stayed up, in words. `recovering`: it comes down again. `rate`: the highest learning rate up
    to the best level, how many times that was left behind, and where; None where it was not, or none is logged. `best`: validation's best, where that itself shows it.
    """

    height: float
    floor: float
    noise: float
    before: float
    over: str
    recovering: bool
    rate: tuple[float, float, Position] | None
    for_good: bool = False
    best: Position | None = None


def measure_rise(loss: Measured, learning_rate: Measured | None) -> Rise | None:
    """The rise at the end of a loss; None where it is within the noise, or the best level is at the end."""
    left = _left(loss.z[loss.begin :])
    ends = list(_ends(loss, left))
    if not ends:
        return None
    calm = loss.z[loss.begin : loss.best_index + 1]
    before = noise_level(calm) if calm.size >= CLIMB else loss.grid_noise
    if calm.size >= CLIMB and loss.end > np.quantile(calm, ABOVE):  # no early low that was luck
        before = min(before, noise_level(loss.z[loss.begin :]))
    if left is not None:
        before = min(before, noise_level(loss.z[loss.begin : loss.begin + left]))
    sure = 1.0 if left is not None else _sure(loss, calm.size, before)
    found = (each for each in ends if each.height > SIGMAS * max(sure * before, each.jitter))
    highest = max(found, key=lambda each: each.height, default=None)
    if highest is None or (left is None and _is_noise(loss, highest.height)):
        return None
    taken_back = -loss.tail.change if loss.tail.falling else 0.0
    coming = taken_back > RECOVERING * highest.height and loss.end < loss.start and highest.lasts
    floor = loss.best + highest.height
    noise = max(sure * before, highest.jitter, 1e-300)
    return Rise(
        highest.height,
        floor,
        noise,
        before,
        highest.over,
        coming,
        measure_rate(loss, learning_rate, floor),
        left is not None,
    )


def _sure(loss: Measured, calm: int, before: float) -> float:
    """How many times as large the noise may be as it seems in so many values, or in all of the run where that tells it and no lone value was low."""
    few, all_of_it = (1.0 + UNSURE / math.sqrt(max(n - NEIGHBOURHOOD + 1, 1)) for n in (calm, loss.z.size))
    low = median(loss.z[loss.best_index : loss.best_index + CLIMB])
    return all_of_it if calm < CLIMB and loss.end - low > SIGMAS * all_of_it * before else few


def _is_noise(loss: Measured, height: float) -> bool:
    """Whether all of a run lies within its noise, what it gained and lost included, and does not rise: what few values seemed calmer is chance."""
    strays = max(loss.start - loss.best, height, float(np.ptp(loss.z[loss.begin :])) / 2.0)
    return strays <= SIGMAS * loss.grid_noise and not loss.whole.rising


class _End(NamedTuple):
    """A level that a loss ended at: its `height` above the best, its error, in words, and whether it is the lowest of a lasting rise."""

    height: float
    jitter: float
    over: str
    lasts: bool = False


def _left(z: FloatArray) -> int | None:
    """The index from which a curve stays far above all that was before; None where it never left like that."""
    if z[-1] <= z[0]:  # nothing stays above its first value
        return None
    lasting = max(min(LATE_MIN, int(SHORT * z.size)), LATE_LEAST)
    highest, lowest = np.maximum.accumulate(z), np.minimum.accumulate(z)
    above = np.minimum.accumulate(z[::-1])[::-1][1:] - highest[:-1]
    (far,) = (above > FAR * (highest - lowest)[:-1]).nonzero()
    far = far[(far >= LATE_LEAST) & (far < z.size - lasting)]
    return int(far[above[far].argmax()]) + 1 if far.size else None


def _ends(loss: Measured, left: int | None) -> Iterator[_End]:
    """The levels by which a loss may have ended above its best, each where its best is not among them."""
    m = loss.z.size
    if left is not None:
        yield _End(float(loss.z[loss.begin + left :].min()) - loss.best, 0.0, "last values")
    late = m - max(int(LATE * m), min(LATE_MIN, int(SHORT * m)), LATE_LEAST)
    gained = max(loss.start - loss.best, 0.0)
    if loss.best_index < late:
        lowest = max(float(loss.s[late:].min()), float(loss.z[late:].min()))  # smoothing blunts a corner
        yield _End(lowest - loss.best, _error(loss, late), "last values", lasts=True)
    epochs = loss.curve.axis == "epoch"  # within one, a spike may take as long to rise
    climbs_on = epochs and loss.best_index < m - LASTING and np.diff(loss.z[-LASTING - 1 :]).min() > 0.0
    if climbs_on and float(loss.z[-2]) - loss.best > FAST * gained:
        yield _End(float(loss.z[-2]) - loss.best, 0.0, "last two values")
    last = median(loss.z[-AWAY:])
    if min(last, float(loss.z[-1])) - loss.start > PAST * gained and loss.best_index < m - AWAY:
        yield _End(last - loss.best, LEAST * loss.grid_noise, "last three values")
    if loss.best_index < late and _above_start(loss) > HIGH:
        yield _End(
            loss.end - loss.best,
            _error(loss, -2 * loss.tail_count),
            "last values (a fifth of the run is above its start)",
        )


def _above_start(loss: Measured) -> float:
    """For what share of the run, after its best level, the loss stood above its start."""
    return float((loss.s[loss.best_index :] > loss.start).sum()) / loss.z.size


def _error(loss: Measured, start: int) -> float:
    """The standard error of the level at the end, by the noise from a place on, or that of the whole run where it is less."""
    noise = min(noise_level(loss.z[start:]), loss.grid_noise) if loss.grid_noise else 0.0
    return noise * float(np.sqrt(0.5 * np.pi / loss.tail_count))


def onset(loss: Measured, rise: Rise) -> int:
    """Index of the last logged value that was still on the ground, from which the loss left for good."""
    ground = loss.best + SIGMAS * rise.before
    values = loss.sign * loss.curve.values
    middle = np.sort(np.stack((values[:-2], values[1:-1], values[2:])), axis=0)[1]
    calm = np.flatnonzero(middle <= ground)
    best = int(np.searchsorted(loss.curve.steps, loss.x[loss.best_index]))
    until = int(calm[-1]) + AWAY if calm.size else best + 1
    low = np.flatnonzero(values[:until] <= ground)
    return int(low[-1]) if low.size else min(best, values.size - 1)


def only_guesses(loss: Measured, guess: Guess | None, metric: Measured | None) -> bool:
    """Whether a loss only went from guessing to guessing: `not_learning` has the word for that.

    Where what guessing costs is not known, a share of right answers tells that was never good, hardly got better, and did
    not sink with a loss that ends above its start: who guesses has nothing to lose.
    """
    shared = metric is not None and metric.curve is not loss.curve and metric.curve.metric in SHARES
    began, right, sank = 0.0, 0.0, False
    if metric is not None and shared:
        began, right = -metric.start / metric.scale, -metric.best / metric.scale
        sank = loss.end > loss.start and metric.rebound > max(LUCK * -metric.start, SIGMAS * metric.end_error)
    if right >= GOOD:
        return False
    if guess is not None:  # a few examples that are luckily right are no learning beside such a loss
        near = guess.within * guess.level
        return abs(loss.end - guess.level) < near and loss.best > guess.level - near
    return shared and not sank and right - began < LUCK * began and loss.end - loss.start <= loss.start - loss.best


def overturned(loss: Measured, period: Period | None, others: Iterable[Measured], lost: float) -> bool:
    """Whether a loss that repeats has not risen from cycle to cycle by a share `lost`, or something else tells of better weights.

    `others`: what measures the same model on other examples.
    """
    if period is not None and not _risen_over(loss, period, lost):
        return True
    return any(_gets_better(other, loss) for other in others)


def _gets_better(other: Measured, loss: Measured) -> bool:
    """Whether a curve gained since training was best, and ends at its own: what weights that got worse do shows there as well."""
    since = int(np.searchsorted(other.x, loss.x[loss.best_index]))
    if other.curve.axis != loss.curve.axis or other.s.size - since < SINCE or not other.whole.falling:
        return False
    surely = float(other.s[since]) - other.end > SIGMAS * other.end_error
    return surely and other.lasts_to(loss.x[-1]) and other.rebound <= AT_BEST * other.end_error


def _risen_over(loss: Measured, period: Period, lost: float) -> bool:
    """Whether the mean of the last cycle stands above that of the best by what is lost, and by more than a cycle goes up and down."""
    means = _cycles(loss, period)
    height = float(means[-1] - means.min())
    return height > max(lost * float(means[0] - means.min()), period.height)


def sinks(loss: Measured, period: Period) -> bool:
    """Whether the mean of a cycle comes down by a part of what it goes up and down, once the first is over."""
    means = _cycles(loss, period)
    error = loss.noise / math.sqrt(period.points)
    return float(means[1:].max() - means[-1]) > max(SINKS * period.height, SURELY * error)


def _cycles(loss: Measured, period: Period) -> FloatArray:
    """The mean of each cycle, the last one whole: (cycles,)."""
    values, points = loss.sign * loss.curve.values, max(round(period.points), 1)
    means: FloatArray = values[values.size % points :].reshape(-1, points).mean(axis=1)
    return means


def measure_rate(loss: Measured, learning_rate: Measured | None, floor: float) -> tuple[float, float, Position] | None:
    """Where the rate was put above all it had been up to the best level, before the loss had risen half-way."""
    rate = rate_at(learning_rate, loss.curve)
    if rate is None:
        return None
    z = loss.sign * loss.curve.values
    best = min(int(np.searchsorted(loss.curve.steps, loss.x[loss.best_index])), z.size - 1)
    high = np.flatnonzero(z[best:] > loss.best + WAY_UP * (floor - loss.best))
    until = best + int(high[0]) + 1 if high.size else z.size
    before = float(rate[: best + 1].max())
    times = float(rate[best:until].max()) / before
    if times < RISES:
        return None
    return before, times, loss.curve.position(best + int(rate[best:until].argmax()))
