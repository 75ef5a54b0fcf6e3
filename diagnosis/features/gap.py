"""Validation against training, at the same moments.

Training is read off at the moments validation was logged. Where one counts steps and the other epochs, the caller's
`steps_per_epoch` converts; without it, both logs are taken to cover the same training, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.trend import Trend, trend
from diagnosis.run import Context, FloatArray

LATE = 0.20  # of the run: over which the final gap is taken
WIDENING = 0.10  # share of the training progress by which a gap must grow in the second half to count as widening


@dataclass(frozen=True, eq=False)
class Gap:
    """`train` (m,) smoothed training values at the moments of the validation grid `x` (m,), lower is better.

    `learnt`: all that training has learnt, from its very first value, or from guessing where `num_classes` tells what
    that scores: a fine-tuned model begins its log far below. What a gap is small or large against.
    """

    training: Measured
    validation: Measured
    x: FloatArray
    train: FloatArray
    learnt: float
    assumed: str | None = None

    @cached_property
    def difference(self) -> FloatArray:
        """Validation less training, smoothed: positive where validation is worse (m,)."""
        return self.validation.s - self.train

    @cached_property
    def late(self) -> float:
        """The median gap over the last fifth of the run."""
        return float(np.median(self.difference[self.validation.index_after(1.0 - LATE) :]))

    @cached_property
    def noise(self) -> float:
        """Noise of one point of the difference."""
        return float(np.hypot(self.training.grid_noise, self.validation.grid_noise))

    @cached_property
    def trend(self) -> Trend:
        """How the gap moves over the second half of the run."""
        half = self.validation.index_after(0.5)
        return trend(self.x[half:], self.difference[half:])

    @cached_property
    def share_of_progress(self) -> float:
        """The late gap as a share of `learnt`; negative where validation is better."""
        return self.late / self.learnt if self.learnt > 0.0 else 0.0

    @cached_property
    def widening(self) -> bool:
        """Whether the gap really grows in the second half, by an amount that matters."""
        return self.trend.rising and self.trend.change > WIDENING * self.learnt


def measure_gap(training: Measured, validation: Measured, context: Context) -> Gap:
    """Bring training to validation's positions; outside of what was logged its nearest value stands."""
    x, assumed = validation.x, None
    axes = (training.curve.axis, validation.curve.axis)
    if axes[0] != axes[1]:
        x, assumed = _converted(training, validation, context, epochs_to_steps=axes[0] == "step")
    first = float(training.z[0])
    if context.guessing is not None and training.curve.metric == "loss":
        first = max(first, context.guessing)
    learnt = max(first, training.start) - min(training.best, training.end)
    return Gap(training, validation, validation.x, np.interp(x, training.x, training.s), learnt, assumed)


def _converted(
    training: Measured, validation: Measured, context: Context, *, epochs_to_steps: bool
) -> tuple[FloatArray, str | None]:
    """Validation's positions on the axis of training."""
    steps, epochs = (training, validation) if epochs_to_steps else (validation, training)
    per_epoch, assumed = context.steps_per_epoch, None
    if not per_epoch:
        per_epoch = (float(steps.curve.steps[-1]) + 1.0) / (float(epochs.curve.steps[-1]) + 1.0)
        assumed = (
            f"{steps.name} counts steps and {epochs.name} epochs: both are taken to cover the same training, "
            f"about {per_epoch:.4g} steps an epoch (context.steps_per_epoch settles it)"
        )
    if epochs_to_steps:
        return (validation.x + 1.0) * per_epoch - 1.0, assumed
    return (validation.x + 1.0) / per_epoch - 1.0, assumed
