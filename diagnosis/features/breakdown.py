"""How a curve stopped being numbers: which one tells it best, what went before, and whether it came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.broken import Broken, breaks, of_validation_alone, rise
from diagnosis.features.masked import TRAILING
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.rate import jump
from diagnosis.run import Position

if TYPE_CHECKING:
    from diagnosis.features import Features

GREW = 0.25  # share of the range of all values before, within the last few before the first bad one
STILL = 0.02  # share of progress, that a loss may have come down since: it stands
SIGMAS = 2.0  # noise levels, that it may be worse by
PACE = 0.25  # of its fall over as long before, that it falls by at least: learning slows down
CONFIDENT = 0.05  # times the first value of a loss: there most answers are all but certain
HIGH = 10.0  # times the usual learning rate: that is to blame, however suddenly the loss broke


@dataclass(frozen=True, eq=False)
class Breakdown:
    """All curves that broke, and the one of them that is told: a loss before anything else, and the earliest.

    `grown`: how far the loss or the gradient norm had come up just before. `pushed`: the rate before, how many times
    that it was raised there, and where; None where it was not. `alone`: only validation broke, training went on soundly.
    `calm`: until where nothing grew yet. `skipping`: norms alone are no numbers, and the losses stand still since: no weights
    that took such a step would give a loss that is a number.
    """

    hit: tuple[Broken, ...]
    worst: Broken
    grown: float
    pushed: tuple[float, float, Position] | None
    alone: bool
    calm: Position
    skipping: bool

    @property
    def grew(self) -> bool:
        """Whether it was growing, as in an explosion."""
        return self.grown > GREW

    @property
    def at(self) -> Position:
        """Where the first bad value is."""
        return self.worst.curve.position(self.worst.first)

    @property
    def before(self) -> Position | None:
        """Where the last sound value is; None where there is none."""
        return self.worst.curve.position(self.worst.first - 1) if self.worst.first else None

    @property
    def stepped(self) -> bool:
        """Whether steps were taken before a first value that is bad already: it is the mean of a stretch, or ends one."""
        curve = self.worst.curve
        return not self.worst.first and (curve.axis == "epoch" or float(curve.steps[0]) > 1.0)

    @property
    def overflowed(self) -> bool:
        """Whether it is infinite from such a value on: what is no number in the data makes NaN, and weights that grow pass infinity."""
        bad = self.worst.curve.values[self.worst.bad]
        return self.stepped and self.worst.of_loss and not self.worst.masked and bool(np.isinf(bad[0]))

    @property
    def confident(self) -> bool:
        """Whether a loss was next to 0 when it broke at once: the logarithm of an answer that is all but certain is that of 0."""
        before = self.worst.curve.values[: self.worst.first]
        told = self.worst.of_loss and not self.grew and bool(before.size) and float(before.min()) > 0.0
        return told and float(before[-1]) < CONFIDENT * float(before[0])

    @property
    def stays(self) -> bool:
        """Whether no value is sound any more."""
        return bool(self.worst.bad[self.worst.first :].all())

    @property
    def sound(self) -> Position | None:
        """Until where norms are ordinary; None where all are, as it came back."""
        return self.calm if self.stays else None

    @property
    def until(self) -> Position | None:
        """Where the last bad value is; None where it stays so."""
        curve = self.worst.curve
        return None if self.stays else curve.position(len(curve) - 1 - int(np.argmax(self.worst.bad[::-1])))


def measure_breakdown(features: Features) -> Breakdown | None:
    """What is known of the first value that is not finite; None where all are."""
    hit = tuple(broken for broken in breaks(features.run) if not _averaged_over(broken, features))
    if not hit:
        return None
    worst = min(hit, key=lambda broken: (not broken.of_loss, broken.when))
    curve, first, norms = worst.curve, worst.first, features.grad_norm
    grown = max(rise(broken.curve, broken.first) for broken in hit)
    if norms is not None:
        grown = max(grown, rise(norms.curve, int(np.searchsorted(norms.curve.steps, curve.steps[first]))))
    pushed = jump(features.learning_rate, curve, first)
    calm = curve.position(first)
    if grown > GREW and features.train_loss is not None:
        calm = features.train_loss.curve.best_before(calm) or curve.position(0)
    return Breakdown(hit, worst, grown, pushed, of_validation_alone(hit, features.run), calm, _skips(worst, features))


def _averaged_over(broken: Broken, features: Features) -> bool:
    """Whether these are infinite means of norms over epochs of which nearly all steps were sound, as the loss goes on by them as before."""
    norms, loss = broken.curve, _beside(broken, features)
    if (
        loss is None
        or norms.axis != "epoch"
        or not norms.whole_steps
        or not np.isposinf(norms.values[broken.bad]).all()
    ):
        return False
    return _goes_on(loss, float(norms.steps[broken.first]))


def _beside(broken: Broken, features: Features) -> Measured | None:
    """The training loss beside norms that plainly were numbers once and are none any more; None for anything else."""
    norms, loss = broken.curve, features.train_loss
    told = norms.role == "grad_norm" and not broken.masked and broken.first > 0
    return loss if told and loss is not None and loss.curve.axis == norms.axis else None


def _goes_on(loss: Measured, since: float) -> bool:
    """Whether a loss was logged on from there, is no worse for it, and falls as it did over as long before."""
    at = int(np.searchsorted(loss.x, since))
    length = loss.z.size - at
    if min(at, length) < TRAILING or loss.x[-1] < since:
        return False
    first, then, last = (
        median(loss.z[max(i - TRAILING, 0) : i]) for i in (max(at - length, TRAILING), at, loss.z.size)
    )
    noise = SIGMAS * loss.grid_noise
    return last <= then + noise and then - last >= PACE * (first - then) - noise


def _skips(worst: Broken, features: Features) -> bool:
    """Whether the loss beside such norms has hardly come down since."""
    loss = _beside(worst, features)
    if loss is None:
        return False
    at = min(int(np.searchsorted(loss.x, worst.curve.steps[worst.first])), loss.s.size - 1)
    return loss.share(float(loss.s[at]) - loss.end) <= STILL
