"""Where a curve stopped being numbers, and where a logger hid it.

Some trainers write 0.0, the last value or a running mean where the loss was NaN (Hugging Face: `logging_nan_inf_filter`),
others leave the step out. The loss then looks perfect or calm; what betrays it is a value that is repeated to the
last digit, a gradient norm that is no number, and that it was reached in one jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diagnosis.features.climb import leap
from diagnosis.features.noise import noise_level
from diagnosis.names import understand
from diagnosis.rewards import is_reward
from diagnosis.run import ROLES, Curve, FloatArray, Run

TRAILING = 3  # values in a row at the end; a broken run does not come back
BEFORE = 5  # values looked at before the first bad one; fewer show no jump
SIGMAS = 6.0  # noise levels; jitter alone is no growth
RISEN = 3  # moves: fewer go up by chance
FEW = 2  # values needed before the first bad one to see growth
LEFT = 10.0  # times all that few values went through, by which the last one left it
REPEATS = 8  # times in a row the same value to its last digit, where no gradient norm that is no number confirms it
LEVEL = 0.5  # of the highest of the last values before: none of these may be lower, where 0 was not come down to
NEAR = 0.1  # likewise, of the middle of all before
JUMP = 0.25  # share of the range of all values before, in one step, down to the repeated value
ROUNDED = 0.8  # share of the values before that differ: where fewer do, they are rounded, and repeat by themselves

REPLACED = 0.25  # of the values where the norm is no number, one and the same: else they agree by chance

Mask = npt.NDArray[np.bool_]


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
        if norms is not None and not _counts(norms) and _left_out(loss, norms):
            found.append(Broken(norms, ~norms.sound, f"no number where {loss.name} was left out"))
        if loss.finite is loss and (hidden := _masked(loss, norms, run)):
            found.append(hidden)
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
    """Whether it is a share of a variance that is none, where a reward is sound: returns that do not vary have none to explain."""
    rewards = [c for c in run.having("train_metric", "val_metric") if is_reward(c)]
    nothing = curve.metric == "r2" and not np.isinf(curve.values).any()
    return nothing and bool(rewards) and all(c.finite is c for c in rewards)


def _died(loss: Curve, start: int) -> str:
    """What shows that a loss did not come down to what is repeated from there on; empty where nothing does.

    It is worse than the best before, where no optimiser rests; or exactly 0, and no value before was anywhere near. A hinge loss,
    which may end there, comes down to it.
    """
    before, last = loss.values[:start], loss.values[-1]
    if before.size < BEFORE:
        return ""
    if last > before.min() if loss.direction == "min" else last < before.max():
        return "above its best"
    sizes = np.abs(before)
    near = float(sizes[-BEFORE:].min()) <= max(LEVEL * float(sizes[-BEFORE:].max()), NEAR * float(np.median(sizes)))
    return "" if last or near else f"after {before[-1]:.4g}"


def _masked(loss: Curve, norms: Curve | None, run: Run) -> Broken | None:  # noqa: PLR0911 - a return for each sign
    """A loss that is numbers all through, and yet was none: by its norm, by repeats, by steps left out."""
    values = loss.values
    # Where each norm is a number and no loss is 0.0, nothing stands in the place of one that was none.
    if norms is not None and norms.axis == loss.axis and not (norms.finite is norms and values.all()):
        absent = ~np.isin(loss.steps, norms.steps)
        at = np.isin(loss.steps, norms.steps[~norms.sound]) | (
            absent & (values == 0.0) & _far_from_zero(values, absent)
        )
        seen, counts = np.unique(values[at], return_counts=True)
        same = at & (values == seen[counts.argmax()]) if seen.size else at
        # A loss that really is 0.0 has gradients that are numbers; two others may agree by chance, and so may more among many.
        if same.sum() >= (TRAILING if values[same].any() else FEW) and same.sum() >= REPLACED * at.sum():
            return Broken(
                loss, same, f"exactly {values[same][0]:.6g}, while {norms.name} is no number, or none is logged"
            )
    (other,) = (values != values[-1]).nonzero()
    start = int(other[-1]) + 1 if other.size else 0
    if values.size - start < TRAILING:
        return None
    stretch = np.arange(values.size) >= start
    shown = f"exactly {values[-1]:.6g}, {values.size - start} times in a row"
    if norms is not None and norms.axis == loss.axis:
        inside = norms.steps >= loss.steps[start]
        if inside.sum() >= FEW and not norms.sound[inside].any():
            return Broken(loss, stretch, f"{shown}, while {norms.name} is no number")
        if inside.any() and norms.values[inside].any():
            return None  # gradients are numbers, and not nothing: the loss is what it says
        if inside.sum() >= REPEATS and norms.values[~inside].any() and (why := _died(loss, start)):
            return Broken(loss, stretch, f"{shown}, {why}, while {norms.name} is exactly 0")
    jump = _jump(values if loss.direction == "min" else -values, start)
    if values.size - start < REPEATS or jump <= JUMP or _alive(loss, start, run):
        return None
    said = f", while {norms.name} is 0 or missing" if norms is not None and norms.axis == loss.axis else ""
    return Broken(loss, stretch, shown + said, jump)


def _far_from_zero(values: npt.NDArray[np.float64], absent: Mask) -> bool:
    """Whether a loss never comes near 0.0 but where it is that exactly, and no norm is logged there."""
    others = np.abs(values[values != 0.0])
    known = not ((values == 0.0) & ~absent).any() and others.size >= BEFORE
    return bool(known and (~absent).sum() > absent.sum() and others.min() > JUMP * float(np.median(others)))


def _jump(values: npt.NDArray[np.float64], start: int) -> float:
    """How far below all before it the repeated value was reached in one step; 0 where values are rounded."""
    before = values[:start]
    if before.size < BEFORE or np.unique(before).size < ROUNDED * before.size:
        return 0.0
    reach = float(before.max() - values[-1])
    return float(before[-BEFORE:].min() - values[-1]) / reach if reach > 0.0 and values[-1] < before.min() else 0.0


def _alive(loss: Curve, start: int, run: Run) -> bool:
    """Whether anything else that is measured on the model still moves: weights that are NaN answer always the same."""
    for curve in run.having("val_loss", "train_metric", "val_metric"):
        if curve.axis == loss.axis:
            after = curve.finite.values[curve.finite.steps >= loss.steps[start]]
            if after.size >= FEW and np.unique(after).size > 1:
                return True
    return False


def rise(curve: Curve, first: int) -> float:
    """How far the values just before the first bad one had come up, as a share of all that was logged till then."""
    before = curve.values[:first]
    before = before[curve.sound[:first]]
    before = before if curve.direction == "min" else -before
    if before.size < FEW:
        return 0.0
    if FEW < before.size < BEFORE and float(before[-1] - before[:-1].max()) > LEFT * float(np.ptp(before[:-1])):
        return 1.0  # of so few values the noise is that very step
    reach, up = float(before.max() - before.min()), float(before[-1] - before[-BEFORE:].min())
    return up / reach if up > SIGMAS * noise_level(before) and reach > 0.0 else 0.0


def _left_out(loss: Curve, norms: Curve) -> bool:
    """Whether the loss was logged wherever the norm is a number, and left out where it is none, several times."""
    if norms.axis != loss.axis or norms.finite is norms:
        return False
    bad = ~norms.sound
    if min(bad.sum(), (~bad).sum()) < TRAILING:
        return False
    there = np.isin(norms.steps, loss.steps)
    return bool(there[~bad].all() and not there[bad].any())
