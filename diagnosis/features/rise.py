"""How far above its best a loss stays at the end, whether it is on its way back, and what the learning rate did meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.guessing import Guess
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.rate import RISES, rate_at
from diagnosis.run import Position

LATE = 0.20  # of the run; what recovers sooner is a spike
AWAY = 3  # last values, most of which are high where the run ends above its own start: one may be a spike
SIGMAS = 4.0  # noise levels of one point; batch noise alone never stays that far up
RECOVERING = 0.25  # of the rise, taken back over the last quarter by a sure fall: bookkeeping, or a restart
LEAST = 0.3  # of the noise of the whole run, jump included, that a loss past its own start must be above
CLIMB, EVERY = 4, 0.9  # moves of a climb at least, and how many of them go up
LEAPS = 2.0  # times the move before: beyond, the loss runs away
PAST = 0.2  # of what was gained, above the start, which is where it began by chance
WAY_UP = 0.5  # of its rise after the best, by when the rate must have gone up to be its cause


@dataclass(frozen=True)
class Rise:
    """From the best level to the lowest of the end, in the loss's unit.

    `before`: the noise up to the best level, which a loss that left the ground does not have afterwards. `over`: the
    stretch that stayed up, in words. `recovering`: it comes down again. `rate`: the highest learning rate up
    to the best level, how many times that was left behind, and where; None where it was not, or none is logged.
    """

    height: float
    floor: float
    noise: float
    before: float
    over: str
    recovering: bool
    rate: tuple[float, float, Position] | None


def measure_rise(loss: Measured, learning_rate: Measured | None) -> Rise | None:
    """The rise at the end of a loss; None where it is within the noise, or the best level is at the end."""
    late = loss.index_after(1.0 - LATE)
    floor, over = float(loss.s[late:].min()), "last fifth"
    noise = max(loss.grid_noise, 1e-300)
    last = median(loss.z[-AWAY:])
    past = min(last, float(loss.z[-1])) - loss.start > PAST * max(loss.start - loss.best, 0.0)
    if past and loss.best_index < loss.z.size - AWAY:
        late = loss.z.size - AWAY  # past its own start, it need not last as long
        if last > floor:
            floor, over = last, "last three values"
    height = floor - loss.best
    calm = loss.z[loss.begin : loss.best_index + 1]
    before = min(noise_level(calm), noise) if calm.size >= CLIMB else noise
    if height <= SIGMAS * (max(before, LEAST * noise) if past else noise) or loss.best_index >= late:
        return None
    taken_back = -loss.tail.change if loss.tail.falling else 0.0
    coming = taken_back > RECOVERING * height and loss.end < loss.start
    return Rise(height, floor, noise, before, over, coming, _rate(loss, learning_rate, floor))


def only_guesses(loss: Measured, guess: Guess | None) -> bool:
    """Whether a loss only went from guessing to guessing: `not_learning` has the word for that."""
    if guess is None:
        return False
    near = guess.within * guess.level
    return abs(loss.end - guess.level) < near and loss.best > guess.level - near


def climbs(loss: Measured) -> bool:
    """Whether a loss goes up at every value and gathers speed slowly, as ascent does; steps too large leap at once."""
    moves = np.diff(loss.z[: int(loss.z.argmax()) + 1])
    if moves.size < CLIMB or float((moves > 0.0).mean()) < EVERY:
        return False
    early = moves[: max(moves.size // 2, CLIMB)]
    return bool(median(early[1:] - LEAPS * early[:-1]) < 0.0)  # most of them are no leaps


def _rate(loss: Measured, learning_rate: Measured | None, floor: float) -> tuple[float, float, Position] | None:
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
