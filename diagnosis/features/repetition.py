"""What a loss that repeats looks like, where no schedule of the learning rate explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from diagnosis.features.cycle import Cycle, measure_cycle
from diagnosis.features.folding import CYCLES
from diagnosis.features.measured import Measured
from diagnosis.features.period import Period, measure_period
from diagnosis.features.rate import cycles, rate_at, says_restarts, stepped
from diagnosis.run import Context

HIGH = 0.02  # share of progress from bottom to top of the middle cycle; nobody would notice less

Shape = Literal["sawtooth", "mean", "stair", "profile"]


@dataclass(frozen=True, eq=False)
class Repetition:
    """A `period` whose cycles have a `height`, a share of progress.

    `shape`: a jump up and a way down; a mean that starts anew; a step down and little in between; a profile of its own.
    `rated`: whether a learning rate is logged, which then does not repeat.
    """

    period: Period
    cycle: Cycle
    height: float
    shape: Shape
    rated: bool


def measure_repetition(
    loss: Measured, period: Period | None, learning_rate: Measured | None, context: Context
) -> Repetition | None:
    """The cycles of a loss; None where nobody would notice them, or where the learning rate goes through them too."""
    height = loss.share(period.height) if period else 0.0
    if period is None or height <= HIGH:
        return None
    if loss.stages.comes_every(period.length) or (context.shuffle and _only_spikes(loss, period)):
        return None
    rate = rate_at(learning_rate, loss.curve)
    if rate is None and says_restarts(context.scheduler) and not period.epoch:
        return None
    if rate is not None and cycles(rate, period.points):
        return None
    cycle = measure_cycle(loss.sign * loss.curve.values, period)
    if rate is not None and cycle.is_stair and stepped(rate, period.points):
        return None
    unexplained = rate is None and not (period.epoch or period.validated)
    return Repetition(period, cycle, height, _shape(cycle, unexplained=unexplained), rate is not None)


def _only_spikes(loss: Measured, period: Period) -> bool:
    """Whether nothing repeats between spikes of one value: they come at like distances, and are no shape."""
    lone = [spike.index for spike in loss.spikes if spike.recovery == 1]
    if len(lone) < CYCLES or period.epoch:  # once an epoch, something is done there
        return False
    steps, rest = loss.curve.steps, np.ones(loss.n, bool)
    rest[lone] = False
    calm = np.interp(steps, steps[rest], loss.sign * loss.curve.values[rest])
    return measure_period(steps, calm) is None


def _shape(cycle: Cycle, *, unexplained: bool) -> Shape:
    """`unexplained`: neither a logged rate, an epoch nor validation has this period, so that a restart of the rate may have it."""
    if cycle.is_sawtooth and unexplained:
        return "sawtooth"
    if cycle.is_running_mean:
        return "mean"
    return "stair" if cycle.is_stair else "profile"
