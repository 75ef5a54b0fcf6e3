"""How a run falls short: a level that is poor by what guessing scores, or one that something held it at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.cut_short import CutShort, measure_cut_short
from diagnosis.features.evenly import slackens
from diagnosis.features.floor import Floor, measure_floor
from diagnosis.features.frozen import Frozen, measure_frozen
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.schedule import ANNEALED, ends_low
from diagnosis.features.skill import SHARES, Skill, measure_skill
from diagnosis.features.standstill import repeats_from, stands_from

if TYPE_CHECKING:
    from diagnosis.features import Features

SURELY = 2.0  # standard errors of the level: a score of a handful of examples may stand anywhere
NO_BETTER = 0.03  # share of the way from the caller's baseline to perfect: below, a simple model does as well
SKILL = 0.60  # share of the way from guessing to perfect: below, much of what can be learnt is not learnt
SKILLED = 0.95  # share of the way from guessing, or of all answers: what an early drop of the rate has cost is little
STRONG = 0.6  # dropout, as a share of the units: enough to hold training back
HELD_BACK = 0.15  # share of what training learnt, by which it is worse than validation for so much dropout
RESTING = 0.05  # share of progress, gained in the last quarter of the run: more is still moving
FALLING = 2  # last moves of a few validations: both down, they go on
GAP = 0.20  # share of what training learnt: a larger gap is another condition
NARROW = 0.15  # share of the loss that is left: beside so poor a level a gap is small, however little was learnt
MODERATE = 0.40  # share of what training learnt: from a larger gap on, NARROWER holds
NARROWER = 0.09  # share of the loss that is left: beside so poor a level even a large gap is small
MIDDLE, FAST = (0.4, 0.8), 0.15  # of the run, while a smooth schedule comes down, and of all that was learnt
TWICE = 2.0  # times the run: what is poor then as well will not come of itself
VERY_POOR = 0.40  # share of the way from guessing to perfect: from there to SKILL, noise in the task is as likely
BY_LOSS = 0.25  # the same, where only the loss tells: that of text comes nowhere near 0
RIGHT = {*SHARES, "mcc", "kappa"}  # of right answers, or of those less what guessing gets right
BINARY = 2  # classes: among more, labels are hardly ever so noisy


@dataclass(frozen=True)
class Shortfall:
    """What falls short and why; `lately` and `apart` are shares of progress: of the last quarter, and of the gap.

    `skill`: how far from guessing to perfect, where that is known, and `poor` where it is not far. `held`: by dropout.
    `frozen`: the rate dropped too early. `floor`: that of a softmax applied twice. `stands`: the validation from which
    on nothing moves. `falling`: a few validations got better to the last, and how far they would go nobody can say.
    `asleep`: the schedule ran out long before the run did. `classes`: how many there are, where that was said.
    `distant`: it is still on its way to the mean answer. `cooled`: it learnt until a smooth schedule took the steps away.
    """

    skill: Skill | None
    poor: bool
    held: bool
    frozen: Frozen | None
    floor: Floor | None
    stands: int | None
    lately: float
    apart: float
    falling: bool
    asleep: bool
    classes: int | None
    distant: bool = False
    cooled: bool = False

    @property
    def of_many(self) -> bool:
        """Whether there are known to be more than two classes."""
        return (self.classes or 0) > BINARY

    @property
    def bounded(self) -> bool:
        """Whether nothing but a floor shows it, and other outputs that are bounded have one like it."""
        return self.floor is not None and self.classes is None and not self.poor

    @property
    def very_poor(self) -> bool:
        """Whether hardly anything of what could be learnt is learnt."""
        skill = self.skill
        return skill is not None and skill.share < (BY_LOSS if skill.metric == "loss" else VERY_POOR)

    @property
    def sure(self) -> bool:
        """Whether noise in the task is no likely reason: so few answers are right, it guesses better, or what holds it there is plain to see."""
        if self.stands is not None or (self.floor is not None and self.of_many):
            return True
        skill = self.skill
        if skill is None or not self.very_poor:
            return False
        answers = skill.metric in RIGHT or (skill.metric == "loss" and self.classes is not None)
        return (answers and not skill.reference) or skill.share + SURELY * skill.error < 0.0

    @property
    def warns(self) -> bool:
        """Whether it is more than worth knowing: sure, of many classes by their answers, or held up by more than noise."""
        skill = self.skill
        told = skill is not None and skill.metric == "accuracy" and self.of_many and not skill.reference
        held_up = not self.poor if self.floor is None else self.classes is not None
        no_better = skill is not None and skill.reference and skill.share + SURELY * skill.error < NO_BETTER
        return self.sure or told or no_better or self.frozen is not None or held_up


def measure_shortfall(loss: Measured, gap: Gap, features: Features) -> Shortfall | None:
    """Judge the level, by what is known; None where nothing falls short, it still moves, or validation is far worse."""
    found = _found(loss, gap, features)
    if found is None or found.stands is not None:
        return found
    floor, poor = found.floor, found.poor
    known = floor is not None and floor.plain and found.classes is not None  # whatever else is so of the run
    narrow = NARROW if found.apart <= MODERATE else NARROWER
    if found.apart > GAP and not (known or (poor and gap.late <= narrow * loss.end)):
        return None
    ended = ends_low(features.schedule, features.run)
    distant = found.skill is not None and _on_its_way(found.skill, loss, features)
    falling = found.falling or distant
    if found.lately > RESTING and not distant:  # it still moves: what is said must be so all the same
        floor = floor if known or (floor and floor.all_along and ended) else None
        if not (floor or (found.held and ended) or (poor and (falling or _stays_poor(features)))):
            return None
    cooled = poor and not (found.asleep or found.frozen or floor) and _cooled(gap.validation, features)
    return replace(found, floor=floor, falling=falling, distant=distant, cooled=cooled)


def _found(loss: Measured, gap: Gap, features: Features) -> Shortfall | None:
    """What falls short, or holds the level, whether or not it will come of itself; None where nothing does."""
    skill, context = features.skill, features.run.context
    poor = _is_poor(gap, features)
    good = skill is not None and skill.share >= SKILLED
    good = good or any(m.curve.metric in SHARES and -m.end >= SKILLED * m.scale for m in features.metrics)
    held = skill is None and (context.dropout or 0.0) >= STRONG and gap.share_of_progress < -HELD_BACK and not good
    frozen = None if good else measure_frozen(loss, features.schedule)
    floor = measure_floor(((loss, features.train_metric), (features.val_loss, features.val_metric)), context)
    stands = None if good else _stands(loss, features)
    if not (poor or held or frozen or floor or stands):
        return None
    if stands is not None:  # then neither is the reason
        frozen = floor = None
    gains, apart = _still_gains(gap.validation), max(gap.share_of_progress, 0.0)
    lately, falling = max(loss.share(-loss.tail.change), gains), gains > RESTING
    asleep = features.schedule.asleep_early if features.schedule else repeats_from(loss, features.val_loss) is not None
    return Shortfall(skill, poor, held, frozen, floor, stands, lately, apart, falling, asleep, context.num_classes)


def _is_poor(gap: Gap, features: Features) -> bool:
    """Whether the level is surely far from perfect; in evaluation mode it may not be."""
    skill, guess = features.skill, features.guess
    if skill is None or skill.share + SURELY * skill.error >= SKILL:
        return False
    reference = skill.reference  # then what is monitored counts, and nothing in its place
    if guess is not None and not reference and gap.validation.end < (1.0 - SKILL) * guess.level:
        return False
    answers = measure_skill(None, (features.val_metric,), features.run.context)
    # Augmented examples, and weights that are averaged, are harder on training.
    return answers is None or answers.share < SKILL


def _stands(loss: Measured, features: Features) -> int | None:
    """From which validation on nothing moves, though the rate has not come down to where nothing need move."""
    schedule, validation = features.schedule, features.val_loss
    stands = stands_from(loss, validation, features.val_metric)
    if stands is None or schedule is None or validation is None or schedule.asleep_early:
        return stands
    return stands if schedule.level((stands + 1) / validation.n) > ANNEALED else None


def _still_gains(validation: Measured) -> float:
    """What the last quarter brought a validation of few values that got better with each of the last ones, as a share of its progress; else 0."""
    if not validation.bends or validation.n <= FALLING or not (np.diff(validation.z[-FALLING - 1 :]) < 0.0).all():
        return 0.0
    start = validation.x[-1] - TAIL * (validation.x[-1] - validation.x[0])
    return validation.share(float(np.interp(start, validation.x, validation.z)) - float(validation.z[-1]))


def _on_its_way(skill: Skill, loss: Measured, features: Features) -> bool:
    """Whether a run is surely worse than guessing, or than the mean answer, and still sheds a part of its loss: there is that to learn.

    Where the targets are far from 0, or the first weights far too large, all that is gained until then says nothing of
    what is left.
    """
    below = skill.metric in {"r2", "loss"} and skill.share + SURELY * skill.error < 0.0
    if not (below and loss.tail.falling and -loss.tail.change > RESTING * loss.end):
        return False
    return not isinstance(measure_cut_short(features.val_loss or loss, features), CutShort)  # else that says it


def _cooled(validation: Measured, features: Features) -> bool:
    """Whether validation was still learning fast while the rate came down smoothly, and was best at its end.

    What it learnt counts from guessing, where that is known: a new head is sure of what is wrong at first.
    """
    schedule, guess = features.schedule, features.guess
    if schedule is None:  # who says what it is need not be told by the shape
        unsaid = features.run.context.scheduler is None
        return (
            unsaid and validation.rebound == 0.0 and features.train_loss is not None and slackens(features.train_loss)
        )
    if not schedule.annealed or schedule.drops or schedule.restarts:
        return False
    began = min(validation.start, guess.level) if guess and validation.curve.metric == "loss" else validation.start
    learnt = began - min(validation.best, validation.end)
    middle = (validation.x[-1] - validation.x[0]) * np.array(MIDDLE) + validation.x[0]
    early, late = np.interp(middle, validation.x, validation.s)
    return bool(validation.rebound == 0.0 and min(early, began) - late > FAST * learnt)


def _stays_poor(features: Features) -> bool:
    """Whether the schedule has ended the run, or even twice the training would leave the level poor."""
    if ends_low(features.schedule, features.run):
        return True
    skill, guess, forecast = features.skill, features.guess, features.forecast
    if skill is None or guess is None or forecast is None:
        return False
    return skill.share + forecast.gain(TWICE)[2] / guess.level < SKILL
