"""What the loss can be on this batch: at best, at a guess, and at the start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.examination.config import CLASSES
from service.examination.losses import IGNORED

Floats = npt.NDArray[np.float64]
NATS = 0.02  # above the floor counts as learnt: 2 % of certainty is missing on average
SHARE = {"mse": 0.01, "huber": 0.02, "l1": 0.05}  # of a guess; 0.01 of the squared error is an R² of 0.99
OF_A_GUESS = 0.01  # of ln C, where that is more than NATS
MOST_KEYS = 2_000_000  # places that are looked up for repeated inputs


@dataclass(frozen=True)
class Levels:
    """Losses to compare with: `floor` cannot be beaten, `reference` is the best constant answer's."""

    floor: float
    reference: float
    expected: float
    target: float
    contradicting: int  # examples whose input occurs again with another target
    repeated: int  # examples whose input occurs again


def levels(
    loss: str, inputs: list[npt.NDArray[Any]], targets: npt.NDArray[Any], classes: int | None, *, causal: bool
) -> Levels:
    """Reckon all of them from the batch; `causal` outputs see only what comes before their place."""
    keys = _keys(inputs, targets.shape[0]) if targets.ndim else np.zeros(1, int)
    rows = _rows(loss, targets, classes)
    spread, contradicting, repeated = _within(loss, rows, keys)
    if causal and targets.ndim == 2 and inputs[0].ndim >= 2 and inputs[0].shape[:2] == targets.shape:  # noqa: PLR2004 - (N, T)
        spread = max(spread, _causal(loss, inputs[0], targets, classes))
    guess, _, _ = _within(loss, rows, np.zeros(rows.shape[0], int))
    expected = _expected(loss, targets, classes)
    reference = guess if guess > 0.0 else expected
    if loss in SHARE:
        target = spread + SHARE[loss] * (reference - spread)
    else:
        target = spread + max(NATS, OF_A_GUESS * reference)
    return Levels(spread, reference, expected, target, contradicting, repeated)


def _keys(inputs: list[npt.NDArray[Any]], rows: int) -> npt.NDArray[np.int64]:
    """A number for each example, the same for the same inputs; what is not finite is like nothing else."""
    seen: dict[bytes, int] = {}
    fitting = [x for x in inputs if x.ndim and x.shape[0] == rows]
    if not fitting:
        return np.arange(rows)
    keys = np.array([seen.setdefault(b"".join(x[i].tobytes() for x in fitting), len(seen)) for i in range(rows)])
    broken = np.zeros(rows, bool)
    for x in fitting:
        broken |= ~np.isfinite(x).all(axis=tuple(range(1, x.ndim)))
    return np.where(broken, rows + np.arange(rows), keys)


def _rows(loss: str, targets: npt.NDArray[Any], classes: int | None) -> Floats:
    """Targets as (examples, places), complex numbers as two places; labels stay labels."""
    flat = targets.reshape(targets.shape[0] if targets.ndim else 1, -1)
    if np.iscomplexobj(flat):
        flat = np.concatenate([flat.real, flat.imag], axis=1)
    if loss in CLASSES and classes and targets.ndim > 1 and targets.dtype.kind == "f":
        return np.moveaxis(targets.reshape(targets.shape[0], classes, -1), 1, -1).astype(
            np.float64
        )  # soft (N, places, C)
    return flat.astype(np.float64)


def _within(loss: str, rows: Floats, keys: npt.NDArray[np.int64]) -> tuple[float, int, int]:
    """The loss of the best answer that is the same for the same key; how many examples contradict, and repeat."""
    if rows.shape[0] == 1 or np.unique(keys).size == rows.shape[0]:
        return (_soft_floor(rows) if rows.ndim == 3 else _own(loss, rows)), 0, 0  # noqa: PLR2004 - soft targets
    total, weight, contradicting, repeated = 0.0, 0, 0, 0
    order = np.argsort(keys, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
        rows_here = rows[group]
        total += _best_constant(loss, rows_here) * rows_here.shape[0]
        weight += rows_here.shape[0]
        repeated += rows_here.shape[0] * (rows_here.shape[0] > 1)
        contradicting += rows_here.shape[0] * bool((rows_here != rows_here[:1]).any())
    return total / max(weight, 1), contradicting, repeated


def _own(loss: str, rows: Floats) -> float:
    """What is left where every example may have its own answer: the entropy of soft binary targets."""
    return _binary(np.clip(rows, 0.0, 1.0)) if loss == "bce_with_logits" else 0.0


def _binary(share: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nan_to_num(share * np.log(share)) - np.nan_to_num((1 - share) * np.log1p(-share))
    return float(entropy.mean())


def _soft_floor(rows: Floats) -> float:
    """The entropy of soft targets (examples, places, C)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = rows.sum(-1, keepdims=True)
        entropy = -np.nan_to_num(rows * np.log(rows / mass))
    return float(entropy.sum(-1).mean())


def _best_constant(loss: str, rows: Floats) -> float:
    """The loss of the best single answer to all these rows, place by place."""
    if rows.ndim == 3:  # noqa: PLR2004 - soft targets
        return _soft_floor(rows.mean(0, keepdims=True))
    if loss in CLASSES:
        return _entropy(rows)
    if loss == "bce_with_logits":
        return _binary(np.clip(rows.mean(0), 0.0, 1.0))
    away = rows - (rows.mean(0) if loss == "mse" else np.median(rows, axis=0))
    return _loss_of(loss, away)


def _loss_of(loss: str, away: Floats) -> float:
    size = np.abs(away)
    if loss == "mse":
        return float((size**2).mean())
    return float(size.mean()) if loss == "l1" else float(np.where(size < 1.0, 0.5 * size**2, size - 0.5).mean())


def _entropy(rows: Floats) -> float:
    """The mean entropy of labels (examples, places), ignored ones left out; over all places where there is one example a place."""
    labels = rows[:, 0] if rows.shape[1] == 1 else None
    if labels is None:
        parts = [(_entropy(rows[:, [i]]), int((rows[:, i] != IGNORED).sum())) for i in range(rows.shape[1])]
        weight = sum(n for _, n in parts)
        return sum(h * n for h, n in parts) / max(weight, 1)
    _, counts = np.unique(labels[labels != IGNORED], return_counts=True)
    share = counts / max(counts.sum(), 1)
    return float(-(share * np.log(share)).sum())


def _causal(loss: str, inputs: npt.NDArray[Any], targets: npt.NDArray[Any], classes: int | None) -> float:
    """The floor of outputs that see only the inputs up to their own place."""
    if targets.size > MOST_KEYS or loss not in CLASSES or classes is None:
        return 0.0
    total, weight = 0.0, 0
    keys = np.zeros(targets.shape[0], int)
    for place in range(targets.shape[1]):
        now = _keys([inputs[:, place]], targets.shape[0])
        _, keys = np.unique(np.stack([keys, now]), axis=1, return_inverse=True)
        labels = targets[:, [place]].astype(np.float64)
        kept = int((labels != IGNORED).sum())
        if np.unique(keys).size < targets.shape[0]:
            total += _within(loss, labels, keys)[0] * kept
        weight += kept
    return total / max(weight, 1)


def _expected(loss: str, targets: npt.NDArray[Any], classes: int | None) -> float:
    """The loss of a model that knows nothing yet: even odds, or an answer of zero."""
    if loss in CLASSES:
        return math.log(max(classes or 1, 1))
    if loss == "bce_with_logits":
        return math.log(2.0)
    return _loss_of(loss, np.abs(targets).astype(np.float64))
