"""Other tools' rules on the same runs: re-implemented from what is published of them, or the packages themselves.

A peer answers with alarms. An alarm names one of our conditions, or several in one string (`"overfitting|plateau"`) where
the peer's word covers them all: it then counts as whichever of them is due, as none where one is tolerated, and only
else as wrong, of the first. Every documented default is kept. The first of each alarm is what a peer claims to name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from diagnosis.run import Run

FloatArray = npt.NDArray[np.float64]
NOTHING: FloatArray = np.empty(0)


@dataclass(frozen=True)
class History:
    """A run as a peer is fed: losses and accuracies lower-is-better and 0–1 as they were logged, empty where absent."""

    loss: FloatArray  # (n,) training, every point that was logged
    val_loss: FloatArray  # (m,)
    paired: FloatArray  # (m,) training loss, its mean since the last validation
    accuracy: FloatArray
    val_accuracy: FloatArray
    grad_norm: FloatArray
    learning_rate: FloatArray
    iterations: float = 1.0  # optimiser steps from one point of `loss` to the next

    @property
    def finite(self) -> bool:
        """Whether every loss is a number."""
        return bool(np.isfinite(self.loss).all() and np.isfinite(self.val_loss).all())


Context = Mapping[str, Any]
Judge = Callable[[History, Context], set[str]]


@dataclass(frozen=True)
class Peer:
    """One tool, or one rule that is used on its own."""

    name: str
    source: str
    claims: frozenset[str]
    judge: Judge
    says: str  # what was left out, or which default was taken; no full stop
    package: str = ""  # the distribution that answers; empty where re-implemented


def all_peers() -> tuple[Peer, ...]:
    """Every peer of the modules here, by module; a package that is not installed offers none."""
    found: list[Peer] = []
    for entry in pkgutil.iter_modules(__path__):
        if not entry.name.startswith("__"):
            found += importlib.import_module(f"{__name__}.{entry.name}").PEERS
    return tuple(found)


def history_of(run: Run) -> History:
    """What a peer needs of a run; of several metrics, accuracy."""

    def values(role: str, metric: str = "") -> FloatArray:
        return next((c.values for c in run.curves if c.role == role and metric in {"", c.metric}), NOTHING)

    train, val = run.having("train_loss"), run.having("val_loss")
    paired, iterations = NOTHING, 1.0
    if train:
        per_epoch = run.context.steps_per_epoch or 1.0
        gap = float(np.median(np.diff(train[0].steps))) if len(train[0]) > 1 else 1.0
        iterations = gap * (per_epoch if train[0].axis == "epoch" else 1.0)
    if train and val:
        same = np.array_equal(train[0].steps, val[0].steps)
        paired = train[0].values if same else _averaged(train[0].steps, train[0].values, val[0].steps)
    return History(
        loss=values("train_loss"),
        val_loss=values("val_loss"),
        paired=paired,
        accuracy=values("train_metric", "accuracy"),
        val_accuracy=values("val_metric", "accuracy"),
        grad_norm=values("grad_norm"),
        learning_rate=values("learning_rate"),
        iterations=iterations,
    )


def _averaged(steps: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """The mean of what was logged since the validation before; the latest value where nothing was."""
    ends = np.searchsorted(steps, at, side="right")
    starts = np.concatenate([[0], ends[:-1]])
    means = [
        values[low:high].mean() if high > low else values[min(max(high - 1, 0), values.size - 1)]
        for low, high in zip(starts, ends, strict=True)
    ]
    return np.array(means, dtype=np.float64)
