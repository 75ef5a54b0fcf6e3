"""Run → Features: everything measured once, so that a rule is a comparison.

Which of several curves is *the* training loss is decided here, in one place, and said in `notes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.beginners import of_beginners
from diagnosis.features.carried import stands_in
from diagnosis.features.confusion import Confusion, measure_confusion
from diagnosis.features.cross_entropy import in_nats
from diagnosis.features.forecast import Forecast, measure_forecast
from diagnosis.features.gap import Gap, apart, measure_gap
from diagnosis.features.gradients import Vanished, measure_vanished
from diagnosis.features.guessing import Guess, guess_of
from diagnosis.features.language import of_language
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.features.memorising import Memorising
from diagnosis.features.offset import Offset, measure_offset
from diagnosis.features.period import Period, period_of
from diagnosis.features.possible import possible
from diagnosis.features.primary import primary, stand_in
from diagnosis.features.range_test import RangeTest, measure_range_test
from diagnosis.features.schedule import Schedule, ahead, informed, measure_schedule
from diagnosis.features.shortfall import SKILL
from diagnosis.features.skill import Skill, measure_skill
from diagnosis.features.stages import measure_stages
from diagnosis.features.units import in_one_unit
from diagnosis.lazy import lazy
from diagnosis.names import understand
from diagnosis.rewards import is_reward
from diagnosis.run import Context, Curve, Run

if TYPE_CHECKING:  # it is measured on the features of several runs
    from diagnosis.features.siblings import Siblings

ALIKE = 3  # values that agree to the last digit: no chance does that


@dataclass(frozen=True, eq=False)
class Features:
    """What the rules may ask for, by the names of its fields; None where it was not logged."""

    run: Run
    curves: tuple[Measured, ...]
    train_loss: Measured | None
    val_loss: Measured | None
    train_metric: Measured | None
    val_metric: Measured | None
    learning_rate: Measured | None
    grad_norm: Measured | None
    gap: Gap | None
    skill: Skill | None
    confusion: Confusion | None = None
    notes: tuple[str, ...] = ()
    siblings: Siblings | None = None  # the runs it is a repeat of, itself included
    unmasked: Mapping[str, Curve] = field(default_factory=dict)  # with NaN where a logger wrote a number in its place

    @property
    def features(self) -> Features:
        """Everything, for a rule that asks for that."""
        return self

    @lazy
    def context(self) -> Context:
        """What the caller said of the training, and of rate and optimizer what was logged where nothing is said."""
        return informed(self.run.context, self.schedule)

    @lazy
    def offset(self) -> Offset | None:
        """That the targets of a regression are far from 0, where its R² or its loss tells."""
        return None if self.reward else measure_offset(self.curves, self.train_loss, self.context)

    @property
    def answers_poorly(self) -> bool:
        """Whether training's own answers are known to be poor: nothing is to be taken from such a model."""
        return self.skill is not None and self.skill.share < SKILL

    @lazy
    def reward(self) -> Measured | None:
        """What stands in for a loss where a policy is learnt; None where anything else is."""
        return next((m for m in (self.train_loss, self.val_loss) if m and is_reward(m.curve)), None)

    @property
    def watched(self) -> Measured | None:
        """The loss that tells how good the model is: validation's, else training's."""
        return self.val_loss or self.train_loss

    @lazy
    def carried(self) -> Measured | None:
        """The loss that is carried on past the end: validation's, or training's in its place."""
        return self.train_loss if self.gap and stands_in(self.gap) else self.watched

    @property
    def validation(self) -> Measured | None:
        """What is held against overfitting: validation's loss; where only training's is logged, validation's metric."""
        return self.val_loss or (self.val_metric if self.train_loss else None)

    @lazy
    def pair(self) -> Gap | None:
        """Validation against training of the same quantity: of the loss, or of the metric where validation has no loss."""
        train, val = self.train_metric, self.val_metric
        if self.val_loss or not self.train_loss or not (train and val):
            return self.gap
        alike = train.curve.metric == val.curve.metric and train.sign == val.sign
        return measure_gap(train, val, self.run.context) if alike else None

    @lazy
    def alongside(self) -> Gap | None:
        """Training at the moments of validation, of the same quantity or of another."""
        if self.pair or not (self.train_loss and self.validation):
            return self.pair
        return measure_gap(self.train_loss, self.validation, self.run.context)

    @lazy
    def memorising(self) -> Memorising | None:
        """How far validation is off its best, and what training did since; None without validation."""
        if self.validation is None:
            return None
        return Memorising(self.validation, self.pair, self.alongside, self.train_metric, self.context)

    @property
    def metrics(self) -> tuple[Measured, ...]:
        """Training's and validation's metric, where they are logged beside a loss."""
        return tuple(m for m in (self.train_metric, self.val_metric) if m and m is not self.train_loss)

    @property
    def elsewhere(self) -> tuple[Measured, ...]:
        """What measures the model on other examples than those it is trained on: validation's loss and metric, and rewards."""
        told = (m for m in self.metrics if m.curve.role == "val_metric" or is_reward(m.curve))
        return (*((self.val_loss,) if self.val_loss else ()), *told)

    @lazy
    def guess(self) -> Guess | None:
        """What guessing scores in the training loss; None where nothing tells."""
        return guess_of(self.train_loss, self.metrics, self.run.context, self.val_loss) if self.train_loss else None

    @lazy
    def finest(self) -> Measured | None:
        """The training loss as it was logged most often: by step, where that stands beside a mean over the epoch."""
        train = self.train_loss
        if train is None or train.curve.role != "train_loss":
            return train
        meant = understand(train.name)
        beside = (m for m in self.curves if m.curve.role == "train_loss" and m.curve.axis == "step" and m.n > train.n)
        alike = (m for m in beside if (told := understand(m.name)).view == "step" and told.qualifier == meant.qualifier)
        return max(alike, key=lambda m: m.n, default=train)

    @lazy
    def cycle(self) -> Period | None:
        """What that repeats; None where it does not."""
        return self.period if self.finest is self.train_loss else period_of(self.finest, self.run)

    @lazy
    def period(self) -> Period | None:
        """What the training loss repeats; None where it does not."""
        return period_of(self.train_loss, self.run)

    @lazy
    def schedule(self) -> Schedule | None:
        """What the logged learning rate did; None where it was not logged."""
        return measure_schedule(self.learning_rate)

    @lazy
    def range_test(self) -> RangeTest | None:
        """What a range test of the learning rate tells; None of a training, which is validated."""
        return None if self.val_loss or self.val_metric else measure_range_test(self.train_loss, self.schedule)

    @lazy
    def vanished(self) -> Vanished | None:
        """Gradients that are all but gone while nothing is learnt; None where they are not, or no norm is logged."""
        if self.grad_norm is None or self.train_loss is None:
            return None
        return measure_vanished(
            self.grad_norm, self.train_loss, (self.train_metric, self.val_metric), self.skill, self.context
        )

    @lazy
    def forecast(self) -> Forecast | None:
        """Where the loss would go; None where it cannot be carried on, or there is none."""
        schedule = ahead(self.schedule, finished=self.run.finished)
        return measure_forecast(self.carried, schedule) if self.carried else None


def measure(run: Run) -> Features:
    """Measure every curve, choose the ones that are judged, and set validation against training."""
    notes: list[str] = []
    run = in_nats(of_language(in_one_unit(run, notes), notes), notes)
    judgeable = possible(run, notes)
    confusion = measure_confusion(judgeable)
    derived = confusion.derived if confusion else ()
    chosen = {
        role: primary(judgeable, role, notes) or stand_in(judgeable, role, derived)
        for role in ("train_loss", "val_loss", "train_metric", "val_metric", "learning_rate", "grad_norm")
    }
    stages = measure_stages(run.curves, notes)
    measured = {
        id(c): measure_curve(c, stages)
        for c in {id(c): c for c in (*run.curves, *derived, *(c for c in chosen.values() if c))}.values()
    }
    judged = {role: measured[id(c)] if c else None for role, c in chosen.items()}
    training, validation = judged["train_loss"], judged["val_loss"]
    stand_ins = (judged["train_metric"], judged["val_metric"])
    if training is None and validation is None and any(stand_ins):
        training, validation = stand_ins
        named = " and ".join(m.name for m in stand_ins if m)
        why = "no loss can be judged" if run.having("train_loss", "val_loss") else "no loss is logged"
        notes.append(f"{why}: {named} {'are' if all(stand_ins) else 'is'} judged in its place")
    run = of_beginners(run, (training, validation), stand_ins, notes)
    if (monitor := run.context.monitor) and not any(monitor in {c.name, c.metric} for c in (*run.curves, *derived)):
        notes.append(f"context.monitor: there is no curve {monitor[:80]!r}")
    gap = None
    if (
        training
        and validation
        and training.curve.metric == validation.curve.metric
        and training.sign == validation.sign
    ):
        gap = measure_gap(training, validation, run.context)
        if gap.assumed:
            notes.append(gap.assumed)
        if far := apart(training, validation):
            notes.append(far)
        if training.n >= ALIKE and np.array_equal(training.curve.values, validation.curve.values):
            notes.append(
                f"{validation.name} is {training.name} to the last digit: is it computed on the training data?"
            )
    explained = (m for m in measured.values() if m and m.curve.metric == "r2" and m not in stand_ins)  # beside another
    return Features(
        run=run,
        curves=tuple(m for m in measured.values() if m),
        train_loss=training,
        val_loss=validation,
        train_metric=judged["train_metric"],
        val_metric=judged["val_metric"],
        learning_rate=judged["learning_rate"],
        grad_norm=judged["grad_norm"],
        gap=gap,
        confusion=confusion,
        skill=measure_skill(training, (*stand_ins, *explained), run.context),
        notes=tuple(notes),
    )
