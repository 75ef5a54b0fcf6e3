"""How a run falls short: a level that is poor by what guessing scores, or one that something held it at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.floor import Floor, measure_floor
from diagnosis.features.frozen import Frozen, measure_frozen
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.schedule import ends_low
from diagnosis.features.skill import SHARES, measure_skill
from diagnosis.features.standstill import stands_from

if TYPE_CHECKING:
    from diagnosis.features import Features

SURELY = 2.0  # standard errors of that level: a score of a handful of examples may stand anywhere
SKILL = 0.60  # of the way from guessing to perfect; below, much of what can be learnt is not
GOOD = 0.95  # of the way from guessing, or of all answers: whatever an early drop of the rate has cost, it is little
STRONG, HELD_BACK = 0.6, 0.15  # dropout, and share of training progress by which training is worse for it
RESTING = 0.05  # share of progress gained in the last quarter; more is still moving
FALLING = 2  # last moves of a few validations: both down, they go on
GAP = 0.20  # share of training's progress; a larger gap is another condition
NARROW = 0.15  # of the loss that is left: against so poor a level a gap is small, however little was learnt
MODERATE, NARROWER = 0.40, 0.06  # of training's progress; where the gap is more, it must be as small against the loss
TWICE = 2.0  # times the run: what is poor then as well will not come of itself


@dataclass(frozen=True)
class Shortfall:
    """What falls short and why; `lately` and `apart` are shares of progress: of the last quarter, and of the gap.

    `asleep`: the schedule ran out long before the run did; `stands`: the validation from which on nothing moves. `falling`: a few validations got better to the last, and how far they would go nobody can say.
    """

    poor: bool
    held: bool
    frozen: Frozen | None
    floor: Floor | None
    lately: float
    apart: float
    falling: bool
    asleep: bool
    stands: int | None = None


def measure_shortfall(loss: Measured, gap: Gap, features: Features) -> Shortfall | None:
    """Judge the level, by what is known; None where nothing falls short, it still moves, or validation is far worse."""
    skill, guess, context = features.skill, features.guess, features.run.context
    poor = skill is not None and skill.share + SURELY * skill.error < SKILL
    if poor and guess is not None and gap.validation.end < (1.0 - SKILL) * guess.level:
        poor = False  # in evaluation mode it is not
    answers = measure_skill(None, (features.val_metric,), context) if poor else None
    if answers and answers.share >= SKILL:  # augmented examples, and weights that are averaged, are harder on training
        poor = False
    good = skill is not None and skill.share >= GOOD
    good = good or any(m.curve.metric in SHARES and -m.end >= GOOD * m.scale for m in features.metrics)
    held = skill is None and (context.dropout or 0.0) >= STRONG and gap.share_of_progress < -HELD_BACK and not good
    frozen = None if good else measure_frozen(loss, features.schedule)
    floor = measure_floor(((loss, features.train_metric), (features.val_loss, features.val_metric)), context)
    stands = None if good else stands_from(loss, features.val_loss, features.val_metric)
    if not (poor or held or frozen or floor or stands):
        return None
    gains, apart = _still_gains(gap.validation), max(gap.share_of_progress, 0.0)
    lately, falling = max(loss.share(-loss.tail.change), gains), gains > RESTING
    narrow = NARROW if apart <= MODERATE else NARROWER
    asleep = features.schedule.asleep_early if features.schedule else stands is not None
    if stands is not None:
        return Shortfall(poor, held, None, None, lately, apart, falling, asleep, stands)
    if apart > GAP and not (poor and gap.late <= narrow * loss.end):
        return None
    ended = ends_low(features.schedule, features.run)
    if lately > RESTING:  # it still moves: what is said must be so all the same
        floor = floor if floor and floor.all_along and ended else None
        if not (floor or (held and ended) or (poor and (falling or _stays_poor(features)))):
            return None
    return Shortfall(poor, held, frozen, floor, lately, apart, falling, asleep)


def _still_gains(validation: Measured) -> float:
    """What the last quarter brought a validation of few values that got better with each of the last ones, as a share of its progress; else 0."""
    if not validation.bends or validation.n <= FALLING or not (np.diff(validation.z[-FALLING - 1 :]) < 0.0).all():
        return 0.0
    start = validation.x[-1] - TAIL * (validation.x[-1] - validation.x[0])
    return validation.share(float(np.interp(start, validation.x, validation.z)) - float(validation.z[-1]))


def _stays_poor(features: Features) -> bool:
    """Whether the schedule has ended the run, or even twice the training would leave the level poor."""
    if ends_low(features.schedule, features.run):
        return True
    skill, guess, forecast = features.skill, features.guess, features.forecast
    if skill is None or guess is None or forecast is None:
        return False
    return skill.share + forecast.gain(TWICE)[2] / guess.level < SKILL
