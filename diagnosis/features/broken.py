"""Where a curve stopped being numbers, or a logger wrote numbers all the same, and what went before.

What a logger hides, `masked.py` finds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.climb import LEAPS, leap
from diagnosis.features.masked import BEFORE, FEW, TRAILING, Mask, left_out, masked
from diagnosis.features.noise import noise_level
from diagnosis.names import understand
from diagnosis.rewards import is_reward
from diagnosis.run import ROLES, Curve, FloatArray, Run

SIGMAS = 6.0  # noise levels; jitter alone is no growth
RISEN = 3  # moves: fewer go up by chance
OF_POSITIVES = {"precision", "f1", "mcc"}  # no numbers where a model calls nothing positive, and its recall is 0
LEFT = 10.0  # times all that few values went through, by which the last one left it


@dataclass(frozen=True, eq=False)
class Broken:
    """A curve, which of its values are no numbers (n,), and how that shows where the logger wrote numbers all the same."""

    curve: Curve
    bad: Mask
    masked: str | None = None
    jump: float | None = None  # share of the range before, where only the jump tells

    @property
    def first(self) -> int:
        """Index of the first bad value; of what was a number again in between, as norms are, of those at the end."""
        if self.of_loss or self.masked or self.bad.all():
            return int(self.bad.argmax())
        return int(self.bad.size - (~self.bad[::-1]).argmax())

    @property
    def when(self) -> float:
        """How far into the curve's steps that is."""
        steps = self.curve.steps
        return float((steps[self.first] - min(steps[0], 0.0)) / max(steps[-1] - min(steps[0], 0.0), 1e-300))

    @property
    def of_loss(self) -> bool:
        """Whether it is a loss, which tells more than a metric."""
        return self.curve.role in {"train_loss", "val_loss"}

    @property
    def only_rose(self) -> bool:
        """Whether a curve went up from value to value until it broke, and fastest in the end."""
        moves = self._moves
        return bool(moves.size >= RISEN and moves.min() > 0.0 and moves.argmax() == moves.size - 1)

    @property
    def leapt(self) -> bool:
        """Whether it did so by leaps, as at steps too large; ascent gathers speed slowly."""
        return leap(self._moves) > 0.0

    @property
    def _moves(self) -> FloatArray:
        values = self.curve.values[: self.first]
        moves: FloatArray = np.diff(values if self.curve.direction == "min" else -values)
        return moves

    def all_read(self, per_epoch: float) -> bool:
        """Whether a whole epoch of training, of so many steps where that is known, was finite before: then every example is."""
        if self.curve.role != "train_loss" or not self.first:
            return False
        last = float(self.curve.steps[self.first - 1])
        if self.curve.axis == "epoch":
            return self.curve.whole_steps or last >= 1.0
        return 0.0 < per_epoch <= last


def of_validation_alone(hit: tuple[Broken, ...], run: Run) -> bool:
    """Whether training went on soundly past where validation broke: it is the validation that is ill, not the weights."""
    training = next(iter(run.having("train_loss")), None)
    if training is None or not all(b.curve.role.startswith("val_") and b.curve.axis == training.axis for b in hit):
        return False
    later = training.sound[training.steps > min(b.curve.steps[b.first] for b in hit)]
    return bool(later.size and later.all())


def breaks(run: Run) -> tuple[Broken, ...]:
    """Every curve that is broken, masked ones included."""
    beside = _beside_a_reward(run)
    found = [
        Broken(curve, ~curve.sound)
        for curve in run.having(*ROLES)
        if _counts(curve, beside=curve in beside) and not _undefined(curve, run)
    ]
    norms = next(iter(run.having("grad_norm")), None)
    for loss in run.having("train_loss"):
        if norms is not None and not _counts(norms) and left_out(loss, norms):
            found.append(Broken(norms, ~norms.sound, f"no number where {loss.name} was left out"))
        if loss.finite is loss and (hidden := masked(loss, norms, run)):
            found.append(Broken(loss, hidden.bad, hidden.shown, hidden.jump))
    return tuple(found)


def _beside_a_reward(run: Run) -> list[Curve]:
    """The losses of a policy and its critic, which tell no progress: that they are no numbers, they tell."""
    if not any(is_reward(curve) for curve in run.curves):
        return []
    return [curve for curve in run.having("other") if understand(curve.name).kind == "loss"]


def _counts(curve: Curve, *, beside: bool = False) -> bool:
    if curve.finite is curve:
        return False
    bad = ~curve.sound
    if curve.role in {"train_loss", "val_loss"}:
        return bool(bad.any())
    if not beside and curve.role not in {"train_metric", "val_metric", "grad_norm"}:
        return False
    return bool(bad.size >= TRAILING and bad[-TRAILING:].all())


def _undefined(curve: Curve, run: Run) -> bool:
    """Whether it is 0/0: a share of a variance that is none, beside a sound reward, or of positive answers where none was given."""
    bad = ~curve.sound
    if np.isinf(curve.values).any():
        return False
    if curve.metric in OF_POSITIVES:
        recalls = (c for c in run.having(curve.role) if c.metric == "recall")
        return any(np.isin(curve.steps[bad], c.steps[c.values == 0.0]).all() for c in recalls)
    rewards = [c for c in run.having("train_metric", "val_metric") if is_reward(c)]
    return curve.metric == "r2" and bool(rewards) and all(c.finite is c for c in rewards)


def rise(curve: Curve, first: int) -> float:
    """How far the values just before the first bad one had come up, as a share of all that was logged till then."""
    before = curve.values[:first]
    before = before[curve.sound[:first]]
    before = before if curve.direction == "min" else -before
    if before.size < FEW:
        return 0.0
    if FEW < before.size < BEFORE and float(before[-1] - before[:-1].max()) > LEFT * float(np.ptp(before[:-1])):
        return 1.0  # of so few values the noise is that very step
    moves = np.diff(before)
    if RISEN <= moves.size <= BEFORE and moves[0] > 0.0 and (moves[1:] > LEAPS * moves[:-1]).all():
        return 1.0  # likewise
    reach, up = float(before.max() - before.min()), float(before[-1] - before[-BEFORE:].min())
    return up / reach if up > SIGMAS * noise_level(before) and reach > 0.0 else 0.0
