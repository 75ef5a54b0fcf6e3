"""Whether a training loss ran away: how it is seen, how much of its gain is lost, since when, and what excuses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.climb import CLIMB
from diagnosis.features.decline import (
    FEW,
    FEWEST,
    measure_collapse,
    measure_decline,
    measure_departure,
    measure_fall_back,
)
from diagnosis.features.measured import Measured
from diagnosis.features.rise import FAR, SIGMAS, Rise, measure_rise, only_guesses, onset, overturned
from diagnosis.features.shift import FOOT, comes_and_goes, harmless, sent_back_up, wins_back_a_jump
from diagnosis.features.spikes import NEAREST
from diagnosis.run import Position

if TYPE_CHECKING:
    from diagnosis.features import Features

LOST = 0.20  # share of progress: language models that run away fall back by a quarter to a half
GIVEN_BACK = 0.10  # share of validation's progress, by which training's best checkpoint may be worse than its own
OF_REWARD = 0.50  # share of progress of a reward, once the run is over: policies wander by less
MEANWHILE = 0.80  # share of progress of a reward while a policy is trained: of 44 that learnt, few came back from that
SOON = 3  # values from the top of a jump to the end
BACK = 0.51  # share of its height that is left of it there: half, but for rounding
HALF = 0.5  # of the run
LEFT = 0.25  # of its rise, that is left in that: of a straight line it is half


@dataclass(frozen=True)
class Runaway:
    """`rise`: from the best level to the end. `gained`: before it, in the loss's unit; `bound`: on the share that is lost.

    `from_start`: nothing was gained. `since`: where it left. `best`: the checkpoint to go back to, where there is one.
    """

    rise: Rise
    gained: float
    bound: float
    from_start: bool
    since: Position
    best: Position | None

    @property
    def lost(self) -> float:
        """The share of what was gained that is lost again."""
        return self.rise.height / self.gained


def measure_runaway(loss: Measured, learning_rate: Measured | None, features: Features) -> Runaway | None:
    """A rise that lost enough and has no excuse; None where there is none."""
    rise = _rise(loss, learning_rate, features)
    if rise is None or rise.recovering or _begins(loss, features) or (not features.run.finished and _falls_back(loss)):
        return None
    if only_guesses(loss, features.guess, features.train_metric):
        return None
    gained, bound = loss.start - loss.best, _bound(features)
    from_start = gained <= SIGMAS * rise.before
    if not (_left(loss, rise, gained, features) if from_start else rise.height > bound * gained):
        return None
    if _excused(loss, rise, learning_rate, features, from_start=from_start, bound=bound):
        return None
    left = onset(loss, rise)
    best = None if from_start else _checkpoint(loss, min(loss.best_checkpoint, left), features.val_loss)
    since = (rise.best or loss.position(loss.best_index)) if from_start else loss.curve.position(left)
    if rise.best is not None and rise.best.axis == since.axis and rise.best.at > since.at:
        since = rise.best
    shown = None if from_start and _at_once(rise.best, features.val_loss) else rise.best
    return Runaway(rise, gained, bound, from_start, since, shown or best)


def _at_once(best: Position | None, validation: Measured | None) -> bool:
    """Whether validation was best at its first value: where training gained nothing either, there is nothing to go back to."""
    return best is not None and validation is not None and best == validation.curve.position(0)


def _checkpoint(loss: Measured, best: int, validation: Measured | None) -> Position:
    """Where training was best; validation's best up to there, where that had given back much of its progress by then."""
    at = loss.curve.position(best)
    if validation is None or validation.curve.axis != at.axis:
        return at
    # The next validation from there on tells, else the last one before.
    until = int(np.searchsorted(validation.curve.steps, at.at)) + 1
    z = validation.sign * validation.curve.values[:until]
    if float(z[-1] - z.min()) <= GIVEN_BACK * validation.progress:
        return at
    return validation.curve.position(int(z.argmin()))


def _rise(loss: Measured, learning_rate: Measured | None, features: Features) -> Rise | None:
    """The first that shows: by validation's second half, by training alone, by both; of few values, by all curves."""
    val, metrics = features.val_loss, features.metrics
    return (
        measure_fall_back(features.gap, learning_rate)
        or measure_rise(loss, learning_rate)
        or measure_decline(loss, val, learning_rate)
        or (measure_collapse(loss, val, metrics, learning_rate) if features.run.finished else None)
        or measure_departure(loss, val, metrics, learning_rate)
    )


def _begins(loss: Measured, features: Features) -> bool:
    """Whether a policy has only begun: these are episodes, and no policy yet."""
    return features.reward is not None and not features.run.finished and loss.n < FEW


def _falls_back(loss: Measured) -> bool:
    """Whether it jumped off the ground a value or two ago, and half of that is gone already: of a run that goes on, the next value tells."""
    z = loss.z[loss.begin :]
    top = int(z.argmax())
    before = z[max(top - NEAREST, 0) : max(top - 1, 0)]
    if loss.z.size < loss.n or z.size - top > SOON or not before.size:
        return False
    ground, height = float(z[:top].min()), float(z[top] - z[:top].min())
    return float(before.max()) - ground < FOOT * height and float(z[-1]) - ground <= BACK * height


def _bound(features: Features) -> float:
    if features.reward is None:
        return LOST
    return OF_REWARD if features.run.finished else MEANWHILE


def _left(loss: Measured, rise: Rise, gained: float, features: Features) -> bool:
    """Whether a loss that gained nothing rose above its start; one that did not last may have been low by chance."""
    if rise.floor <= loss.start or _settles(loss):
        return False
    if rise.for_good or loss.best_index - loss.begin >= CLIMB or loss.whole.rising:
        return True
    return features.run.finished and rise.height > FAR * max(gained, rise.before)


def _settles(loss: Measured) -> bool:
    """Whether it was never far from its start, ends within its noise of that, and rises no more: at what guessing scores, say, with weights that decayed to nothing."""
    within = SIGMAS * loss.grid_noise
    if loss.z.size < FEWEST:  # nobody knows the noise of so few
        return False
    strays = max(loss.end - loss.start, float(np.abs(loss.z - loss.start).max()) / 2.0)
    if strays > within:
        return False
    left = loss.last(HALF)
    return not left.rising or left.change < LEFT * (loss.end - loss.start)


def _all_thrown(loss: Measured, rise: Rise, features: Features) -> bool:
    """Whether validation began to be logged only after the blow-up: it gains, and ends above where training began."""
    val = features.val_loss
    return (
        rise.for_good and features.gap is not None and val is not None and val.end > loss.start + SIGMAS * rise.before
    )


def _excused(
    loss: Measured, rise: Rise, learning_rate: Measured | None, features: Features, *, from_start: bool, bound: float
) -> bool:
    """Whether the schedule explains the rise, or what else measures the model does not see it."""
    left = loss.curve.steps[min(onset(loss, rise) + 1, loss.n - 1)]
    # Another setting makes the task harder, not harder than it was before anything was learnt.
    staged = loss.stages.explains(loss.curve, left) and max(loss.end, rise.floor) <= loss.start
    if staged or comes_and_goes(loss, rise) or sent_back_up(loss, rise, learning_rate, features.context):
        return True
    if wins_back_a_jump(loss, rise, features.val_loss):
        return True
    if rise.best is not None:  # validation itself has shown it
        return False
    if overturned(loss, features.period, features.elsewhere, bound) and not _all_thrown(loss, rise, features):
        return True
    return not from_start and harmless(loss, rise, features.elsewhere)
