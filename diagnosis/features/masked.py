"""Where a logger wrote a number in the place of a loss that was none.

Some trainers write 0.0, the last value or a running mean there (Hugging Face: `logging_nan_inf_filter`), others leave the
step out. What betrays it is a value that is repeated to the last digit, a gradient norm that is no number, or exactly 0
from one step to the next, and that the value was reached in one jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diagnosis.features.measured import NOT_PERCENT, PERCENT
from diagnosis.features.skill import PERFECT
from diagnosis.run import Curve, FloatArray, Run

TRAILING = 3  # values in a row at the end; a broken run does not come back
BEFORE = 5  # values looked at before the first bad one; fewer show no jump
FEW = 2  # values needed on either side to see anything change
REPEATS = 8  # times in a row the same value to its last digit, where the gradient norm does not confirm it
LEVEL = 0.5  # of the highest of the last values before: none of these may be lower, where 0 was not come down to
NEAR = 0.1  # likewise, of the highest of all before; and norms, of the middle of all before them
JUMP = 0.25  # share of the range of all values before, in one step, down to the repeated value
ROUNDED = 0.8  # share of the values before that differ: where fewer do, they are rounded, and repeat by themselves
UNITS = 4.0  # of the last digit of norms, that none of the last of them may be below: less is soon rounded to 0
REPLACED = 0.25  # of the values where the norm is no number, one and the same: else they agree by chance

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Hidden:
    """Which values of a curve (n,) hide one that was no number, and what shows it; `jump` where only that does."""

    bad: Mask
    shown: str
    jump: float | None = None  # share of the range before


def masked(loss: Curve, norms: Curve | None, run: Run) -> Hidden | None:  # noqa: PLR0911 - a return for each sign
    """What is hidden in a loss that is numbers all through: shown by its norm, by repeats, by steps left out."""
    norms = norms if norms is not None and norms.axis == loss.axis else None
    # Where each norm is a number and no loss is 0.0, nothing stands in the place of one that was none.
    if norms is not None and not (norms.finite is norms and loss.values.all()) and (found := _in_place(loss, norms)):
        return found
    (other,) = (loss.values != loss.values[-1]).nonzero()
    start = int(other[-1]) + 1 if other.size else 0
    if len(loss) - start < TRAILING:
        return None
    if norms is not None:
        inside = norms.steps >= loss.steps[start]
        if inside.sum() >= FEW and not norms.sound[inside].any():
            return _repeated(loss, start, f", while {norms.name} is no number")
        if (died := _died(loss, norms, start, run)) is not None:
            return _repeated(loss, *died)
        if inside.any() and norms.values[inside].any():
            return None  # gradients are numbers, and not nothing: the loss is what it says
    jump = _jump(loss.values if loss.direction == "min" else -loss.values, start)
    if len(loss) - start < REPEATS or jump <= JUMP or _alive(loss, start, run):
        return None
    return _repeated(loss, start, f", while {norms.name} is 0 or missing" if norms is not None else "", jump)


def _in_place(loss: Curve, norms: Curve) -> Hidden | None:
    """One and the same number wherever the norm is none, or is left out and the loss 0."""
    values, absent = loss.values, ~np.isin(loss.steps, norms.steps)
    at = np.isin(loss.steps, norms.steps[~norms.sound]) | (absent & (values == 0.0) & _far_from_zero(values, absent))
    seen, counts = np.unique(values[at], return_counts=True)
    same = at & (values == seen[counts.argmax()]) if seen.size else at
    # A loss that really is 0.0 has gradients that are numbers; two others may agree by chance, and so may more among many.
    if same.sum() < (TRAILING if values[same].any() else FEW) or same.sum() < REPLACED * at.sum():
        return None
    unlogged, logged = bool((same & absent).any()), bool((same & ~absent).any())
    why = f"{norms.name} is {'no number' if logged else ''}{' or ' if unlogged and logged else ''}{'not logged' if unlogged else ''}"
    return Hidden(same, f"exactly {values[same][0]:.6g}, while {why}")


def _repeated(loss: Curve, start: int, says: str, jump: float | None = None) -> Hidden:
    shown = f"exactly {loss.values[-1]:.6g}, {len(loss) - start} times in a row{says}"
    return Hidden(np.arange(len(loss)) >= start, shown, jump)


def _died(loss: Curve, norms: Curve, start: int, run: Run) -> tuple[int, str] | None:
    """From where on the norm is exactly 0 and the loss one value that it did not come down to, and what shows that; else None.

    That is 0 where no value before was anywhere near: a hinge loss, which may end there, comes down to it. Or it is worse than
    the best before, where no optimiser rests; or any value, where the norm was an ordinary one just before.
    """
    (alive,) = norms.values.nonzero()
    since = int(alive[-1]) + 1 if alive.size else 0
    dead = norms.steps[since:]
    if not since or not dead.size:
        return None
    at = max(start, int(np.searchsorted(loss.steps, dead[0])))
    count, before, last = int((dead >= loss.steps[min(at, len(loss) - 1)]).sum()), loss.values[:at], loss.values[-1]
    sudden = _sudden(norms.values[:since])
    if count < (TRAILING if sudden else REPEATS) or before.size < BEFORE:
        return None
    worse = bool(last > before.min() if loss.direction == "min" else last < before.max())
    exact = sudden and (count >= REPEATS or not _rounded(before))
    if not (worse or exact if last else not _near(before)) or _alive(loss, at, run) or _perfect(loss, at, run):
        return None
    why = f", after {before[-1]:.4g}" if not last else ", above its best" if worse else ""
    return at, f"{why}, while {norms.name} is exactly 0"


def _near(before: FloatArray) -> bool:
    """Whether a loss was coming down to 0."""
    sizes = np.abs(before)
    near = max(LEVEL * float(sizes[-BEFORE:].max()), NEAR * float(sizes.max()))
    return float(sizes[-BEFORE:].min()) <= near


def _sudden(norms: FloatArray) -> bool:
    """Whether the last of these norms, before they are 0, are ordinary ones, and none that rounding could make 0."""
    if norms.size < BEFORE:
        return False
    digits = np.diff(np.unique(norms))
    digit = float(digits.min()) if digits.size else 0.0
    return float(norms[-BEFORE:].min()) > max(NEAR * float(np.median(norms)), UNITS * digit)


def _far_from_zero(values: FloatArray, absent: Mask) -> bool:
    """Whether a loss never comes near 0.0 but where it is that exactly, and no norm is logged there."""
    zero = values == 0.0
    others = np.abs(values[~zero])
    usual = (~absent).sum() > absent.sum() or bool((zero == absent).all())
    known = usual and not (zero & ~absent).any() and others.size >= BEFORE
    return bool(known and others.min() > JUMP * float(np.median(others)))


def _jump(values: FloatArray, start: int) -> float:
    """How far below all before it the repeated value was reached in one step; 0 where values are rounded."""
    before = values[:start]
    if before.size < BEFORE or _rounded(before):
        return 0.0
    reach = float(before.max() - values[-1])
    return float(before[-BEFORE:].min() - values[-1]) / reach if reach > 0.0 and values[-1] < before.min() else 0.0


def _rounded(before: FloatArray) -> bool:
    return np.unique(before).size < ROUNDED * before.size


def _alive(loss: Curve, start: int, run: Run) -> bool:
    """Whether anything else that is measured on the model still moves: weights that are NaN answer always the same."""
    for curve in run.having("val_loss", "train_metric", "val_metric"):
        if curve.axis == loss.axis:
            after = curve.finite.values[curve.finite.steps >= loss.steps[start]]
            if after.size >= FEW and np.unique(after).size > 1:
                return True
    return False


def _perfect(loss: Curve, start: int, run: Run) -> bool:
    """Whether a metric is as good as it can be since: then nothing is left to learn."""
    for curve in run.having("train_metric", "val_metric"):
        best, sizes = PERFECT.get(curve.metric), np.abs(curve.finite.values)
        if best and sizes.size and curve.axis == loss.axis:
            whole = best * (PERCENT if sizes.max() > NOT_PERCENT else 1.0)
            since = curve.finite.steps >= loss.steps[start]
            if since.any() and (sizes[since] >= whole).all():
                return True
    return False


def left_out(loss: Curve, norms: Curve) -> bool:
    """Whether the loss was logged wherever the norm is a number, and left out where it is none, several times."""
    if norms.axis != loss.axis or norms.finite is norms:
        return False
    bad = ~norms.sound
    if min(bad.sum(), (~bad).sum()) < TRAILING:
        return False
    there = np.isin(norms.steps, loss.steps)
    return bool(there[~bad].all() and not there[bad].any())
