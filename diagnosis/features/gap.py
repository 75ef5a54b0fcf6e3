"""Validation against training, at the same moments.

A training value stands for the stretch before it. Where training is logged by step and validation more rarely, its
values are averaged over the stretch before each validation: single steps are no match for a whole validation set.
Elsewhere training is read off at the moments of validation. Where one counts steps and the other epochs, the caller's
`steps_per_epoch` converts; without it, both logs are taken to cover the same training, and that is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from diagnosis.features.cliff import highest_start
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.smooth import smooth, without_outliers
from diagnosis.features.trend import Trend, edges, trend
from diagnosis.lazy import lazy
from diagnosis.run import Context, FloatArray

LATE = 0.20  # share of the run, its end, over which the final gap is taken
NARROWED = 0.80  # share of the gap at the start: one that has shrunk below is closing
CLOSING = 0.25  # share of the late gap: one that lost as much over the second half is closing
WIDENING = 0.10  # share of what training learnt, by which a gap that widens grows over the second half
FINER = 2.0  # training values per validation, as a median: from there on they are averaged
NEXT = 3  # validations at most, that at a moment and those after it: what training was there
APART = 64.0  # times, from beginning to end: between a mean over examples and one over batches or tokens there is less
SECOND, FOURTH = 1, 4  # values
KNOWS = 0.8  # of what guessing scores: who comes below has learnt, and began by guessing
NEARLY = 0.9  # share of an epoch between two training values: each is an epoch's average already


class Averaged(NamedTuple):
    """`values` (m,) averages, NaN where there was nothing to average, `in_each` values in the middle one, `per_validation` for each validation."""

    values: FloatArray
    in_each: float
    per_validation: float
    scatter: float  # standard deviation of the noise of a single value, of which an average has less


@dataclass(frozen=True, eq=False)
class Gap:
    """Training at the moments of the validation grid, of which there are m; lower is better.

    `at` (m,): those moments on the axis of training; `until` (m,): the last validation in each point of the grid.
    `learnt`: all that training has learnt, from its very first value, or from guessing where `num_classes` tells what
    that scores: a fine-tuned model begins its log far below, and one that is sure of what is wrong far above. What a gap
    is small or large against.
    """

    training: Measured
    validation: Measured
    at: FloatArray
    until: FloatArray
    learnt: float
    steps_per_epoch: float | None = None
    assumed: str | None = None

    @lazy
    def averaged(self) -> Averaged | None:
        """Training averaged over the stretch before each validation; None where it is not logged more finely."""
        steps = self.training.curve.steps
        if steps.size < FINER * self.validation.n or self.until.size < 2 or self._by_epoch:  # noqa: PLR2004 - a stretch has two ends
            return None
        usual = median(np.diff(self.until))
        ends = np.searchsorted(steps, self.until, side="right")
        starts = np.append(np.searchsorted(steps, self.until[0] - usual, side="right"), ends[:-1])
        counts = ends - starts
        count = median(counts)
        # Of a long log, several validations stand in each point of the grid.
        per_validation = count * self.until.size / self.validation.n
        if per_validation < FINER:
            return None
        z = self.training.sign * self.training.curve.values
        sums = np.append(0.0, np.cumsum(z))
        means = (sums[ends] - sums[starts]) / np.where(counts > 0, counts, np.nan)
        return Averaged(means, count, per_validation, self.training.noise)

    @property
    def _by_epoch(self) -> bool:
        """Whether each training value stands for an epoch already."""
        curve = self.training.curve
        if curve.axis == "epoch":
            return curve.whole_steps
        apart = median(np.diff(curve.steps))
        return self.steps_per_epoch is not None and apart >= NEARLY * self.steps_per_epoch

    @lazy
    def level(self) -> FloatArray:
        """Training at each validation, averaged where it is logged more finely, not smoothed any further (m,)."""
        if self.averaged is None:
            return np.interp(self.at, self.training.x, self.training.clean)
        means = self.averaged.values
        known = np.isfinite(means)
        means = np.interp(self.at, self.at[known], means[known])
        return without_outliers(means, noise_level(means))

    @lazy
    def train(self) -> FloatArray:
        """Training at each validation, smoothed (m,)."""
        if self.averaged is None:
            return np.interp(self.at, self.training.x, self.training.s)
        return smooth(self.level)

    @lazy
    def lag(self) -> float:
        """Half of the stretch a training value stands for, on its own axis: so far is it behind the checkpoint."""
        x = self.until if self.averaged else self.training.curve.steps
        return 0.5 * median(x[1:] - x[:-1]) if x.size > 1 else 0.0

    @lazy
    def caught_up(self) -> FloatArray:
        """`train` half a stretch later, where the model is the one that was validated; at the end carried on (m,)."""
        x, y = (self.at, self.train) if self.averaged else (self.training.x, self.training.s)
        if x.size > 1 and x[-1] > x[-2]:
            beyond = y[-1] + (y[-1] - y[-2]) * self.lag / (x[-1] - x[-2])
            x, y = np.concatenate((x, [x[-1] + self.lag])), np.concatenate((y, [beyond]))
        return np.interp(self.at + self.lag, x, y)

    def gained_after(self, moment: int) -> float:
        """What training gained after a validation; the average up to there still has what was before, so what comes next counts as well."""
        few = min(NEXT, self.validation.tail_count)
        there = min(float(self.caught_up[moment]), median(self.level[moment : moment + few]))
        return there - float(self.train[-1])

    @lazy
    def difference(self) -> FloatArray:
        """Validation less training, smoothed: positive where validation is worse (m,)."""
        return self.validation.s - self.train

    @lazy
    def late(self) -> float:
        """The median gap over the last fifth of the run."""
        return median(self.difference[self.validation.index_after(1.0 - LATE) :])

    @lazy
    def early(self) -> float:
        """The median gap over the first tenth of the run."""
        return median(self.difference[: max(3, self.difference.size // 10)])

    @lazy
    def closing(self) -> bool:
        """Whether the gap is clearly smaller than at the start, or shrinks over the second half."""
        narrowed = self.early - self.late > max((1.0 - NARROWED) * self.early, self.noise)
        return narrowed or (self.trend.falling and -self.trend.change > CLOSING * self.late)

    @lazy
    def train_noise(self) -> float:
        """Noise of one training value as it is compared."""
        return noise_level(self.level) if self.averaged else self.training.grid_noise

    @lazy
    def train_jumps(self) -> float:
        """The same, lone peaks and all."""
        return max(self.train_noise, noise_level(self.level if self.averaged else self.training.z, peaks=True))

    @lazy
    def train_error(self) -> float:
        """Standard error of a training level over as many values as validation's end, a median, is taken from.

        An average of many steps is as sure as they are: what it jumps by from one to the next may be the stairs of the epochs.
        """
        noise = self.train_noise
        if self.averaged:
            noise = min(noise, self.averaged.scatter / math.sqrt(self.averaged.in_each))
        return noise * math.sqrt(0.5 * math.pi / self.validation.tail_count)

    @lazy
    def noise(self) -> float:
        """Noise of one point of the difference."""
        return float(np.hypot(self.train_noise, self.validation.grid_noise))

    @lazy
    def trend(self) -> Trend:
        """How the gap moves over the second half of the run."""
        half = self.validation.index_after(0.5)
        return trend(self.validation.x[half:], self.difference[half:])

    def at_once(self, share: float) -> bool:
        """Whether such a share of the late gap stood from the second value on, and is more than training has learnt since: that cannot have made it.

        The first value of training is often a mean over the epoch in which it learnt most; validation must have learnt with it.
        """
        soon, learnt = float(self.difference[SECOND:FOURTH].min()), float(self.train[SECOND] - self.train[-1])
        return soon > share * self.late and learnt < self.late and self.validation.end < self.training.start

    @lazy
    def share_of_progress(self) -> float:
        """The late gap as a share of `learnt`; negative where validation is better."""
        return self.late / self.learnt if self.learnt > 0.0 else 0.0

    @lazy
    def widening(self) -> bool:
        """Whether the gap really grows in the second half, by an amount that matters."""
        return self.trend.rising and self.trend.change > WIDENING * self.learnt


def measure_gap(training: Measured, validation: Measured, context: Context) -> Gap:
    """Bring training to validation's positions; outside of what was logged its nearest value stands."""
    m = validation.x.size
    at, until, assumed = validation.x, validation.curve.steps[edges(validation.n, m)[0][1:] - 1], None
    if training.curve.axis != validation.curve.axis:
        at, until, assumed = _converted(training, validation, context, (at, until))
    began, low = highest_start(training), min(training.best, training.end)
    if context.guessing is not None and training.curve.metric == "loss":
        # What is above guessing was no knowledge, and to lose it is to learn nothing.
        began = context.guessing if low < KNOWS * context.guessing else max(began, context.guessing)
    return Gap(training, validation, at, until, began - low, context.steps_per_epoch, assumed)


def apart(training: Measured, validation: Measured) -> str | None:
    """What to note where one loss is many times the other all along: they may be a sum and a mean."""
    if min(training.z.min(), validation.z.min()) <= 0.0:
        return None
    times = (validation.start / training.start, validation.end / training.end)
    if max(times) >= 1.0 / APART and min(times) <= APART:
        return None
    return (
        f"{validation.name} begins at {times[0]:.3g} times {training.name}, and ends at {times[1]:.3g} times: if one is a sum "
        "and the other a mean, what lies between them means nothing"
    )


def _converted(
    training: Measured, validation: Measured, context: Context, positions: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray, str | None]:
    """Validation's positions on the axis of training, and what was assumed for it.

    Epochs counted in whole numbers from 0 are over one later; those from 1, and fractions, say how far training came.
    """
    to_steps = training.curve.axis == "step"
    steps, epochs = (training.curve, validation.curve) if to_steps else (validation.curve, training.curve)
    over = 0.0 if epochs.steps[0] == 1 or not epochs.whole_steps else 1.0
    per_epoch, assumed = context.steps_per_epoch, None
    if not per_epoch:
        per_epoch = (float(steps.steps[-1]) + 1.0) / max(float(epochs.steps[-1]) + over, 1e-300)
        assumed = (
            f"{steps.name} counts steps and {epochs.name} epochs: both are taken to cover the same training, "
            f"about {per_epoch:.4g} steps an epoch (context.steps_per_epoch settles it)"
        )
    at, until = positions
    if to_steps:
        return (at + over) * per_epoch - 1.0, (until + over) * per_epoch - 1.0, assumed
    return (at + 1.0) / per_epoch - over, (until + 1.0) / per_epoch - over, assumed
