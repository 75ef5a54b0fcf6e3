"""A trained run, the checkpoint that is taken from it, and what can be scored of it: the lower, the better."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.repair.corpus import Trained

LATE = 0.2  # of the run: a checkpoint at random out of these
PHASES = 12  # parts of an epoch


@dataclass(frozen=True)
class Shipped:
    """One trained run and the checkpoint taken from it, with the unit of its task."""

    trained: Trained
    start: float  # clean loss before the first step
    reference: float  # the best of any run on this task
    at: int | None = None  # index of a validation
    cost: float = 1.0
    moved: bool = False
    tempered: bool = False

    @property
    def test(self) -> np.ndarray:
        """The clean loss at every validation; what is not finite, or worse than twice no training, is capped there."""
        logged = self.trained.extras["tempered"] if self.tempered else self.trained.truth.get("test_loss", [])
        values = np.array(logged, dtype=float)
        capped: np.ndarray = np.minimum(np.nan_to_num(values, nan=math.inf), self.start + self.progress)
        return capped

    @property
    def progress(self) -> float:
        """From no training to the best there is."""
        return max(self.start - self.reference, 1e-9)

    @property
    def last(self) -> int:
        """Index of the shipped validation."""
        return len(self.test) - 1 if self.at is None else min(self.at, len(self.test) - 1)

    def curve(self, name: str) -> np.ndarray:
        """A logged curve."""
        raw = self.trained.history.get(name, [])
        return np.array(raw["values"] if isinstance(raw, dict) else raw, dtype=float)


Score = Callable[[Shipped], float]


def clean(s: Shipped) -> float:
    """Clean test loss of the shipped checkpoint, in shares of the task's progress above the best known."""
    return float(s.test[s.last] - s.reference) / s.progress


def late(s: Shipped) -> float:
    """The same for a checkpoint at random out of the last fifth: where a run swings, the last one is a lottery."""
    if s.at is not None:
        return clean(s)
    tail = s.test[-max(1, round(LATE * len(s.test))) :]
    return float(tail.mean() - s.reference) / s.progress


def chosen(s: Shipped) -> float:
    """The same for the checkpoint that validation likes best: a start that is mended may overfit by the end, which is found then."""
    seen = s.curve("val_loss")[: len(s.test)]
    if s.at is not None or not np.isfinite(seen).any():
        return clean(s)
    return float(s.test[int(np.nanargmin(seen))] - s.reference) / s.progress


def area(s: Shipped) -> float:
    """The clean loss averaged over the run: what a late start costs."""
    return float(s.test.mean() - s.reference) / s.progress


def blind(s: Shipped) -> float:
    """How far the visible validation loss is off the clean one over the second half, root mean square."""
    off = s.curve("val_loss") - s.test
    off = off[len(off) // 2 :]
    return float(np.sqrt(np.mean((off - np.median(off)) ** 2))) / s.progress


def setback(s: Shipped) -> float:
    """How far the clean loss stood above what it had been, on average over the run."""
    return float(np.mean(s.test - np.minimum.accumulate(s.test))) / s.progress


def tallest(s: Shipped) -> float:
    """The highest lone jump of the training loss, in shares of its fall."""
    loss, width = s.curve("loss"), 3
    fall = float(np.median(loss[:width]) - np.median(loss[-width:]))
    inner = range(width, len(loss) - width)
    over = [loss[i] - max(np.median(loss[i - width : i]), np.median(loss[i + 1 : i + 1 + width])) for i in inner]
    return float(max([0.0, *over])) / max(fall, 1e-9)


def swing(s: Shipped) -> float:
    """The scatter of the training loss about a straight line over its second half, in shares of the task's progress."""
    loss = s.curve("loss")
    half = np.nan_to_num(loss[len(loss) // 2 :], nan=s.start + s.progress).clip(max=s.start + s.progress)
    line = np.polyval(np.polyfit(np.arange(len(half)), half, 1), np.arange(len(half)))
    return float(np.std(half - line)) / s.progress


def periodic(s: Shipped) -> float:
    """The share of the step losses' variance that the place within the epoch explains."""
    loss, steps = s.curve("loss"), s.trained.history["loss"]["steps"]
    evaluated = s.trained.history["val_loss"]
    per_epoch = evaluated["steps"][0] if isinstance(evaluated, dict) else steps[-1] / len(evaluated)
    width = max(1, round(per_epoch / (steps[1] - steps[0])))
    bins = min(PHASES, width)
    rest = loss - np.convolve(loss, np.ones(width) / width, "same")
    inside = slice(width, len(loss) - width)
    phase = ((np.array(steps) - 1) % per_epoch * bins // per_epoch).astype(int)[inside]
    profile = np.array([rest[inside][phase == k].mean() if (phase == k).any() else 0.0 for k in range(bins)])
    return float(profile[phase].var() / rest[inside].var())


def offset(s: Shipped) -> float:
    """By how much training looks worse than validation over the second half."""
    train, val = s.curve("loss"), s.curve("val_loss")
    short = min(len(train), len(val))
    return max(float(np.mean((train[-short:] - val[-short:])[short // 2 :])), 0.0) / s.progress


def cost(s: Shipped) -> float:
    """Epochs trained."""
    return s.cost


def confused(s: Shipped) -> float:
    """One minus the mean recall of both classes on the clean test set."""
    return 1.0 - s.trained.extras["balanced_moved" if s.moved else "balanced"][s.last]


def broken(s: Shipped) -> float:
    """Whether any logged value is not a number, or the clean loss is none."""
    curves = {**s.trained.history, "test": s.trained.truth["test_loss"]}
    found = json.dumps([c["values"] if isinstance(c, dict) else c for c in curves.values()])
    masked = (s.curve("loss") == 0.0).any()
    return float("NaN" in found or "Infinity" in found or bool(masked))


def wrong(s: Shipped) -> float:
    """The share of wrong answers on the clean test set."""
    return 1.0 - float(s.trained.truth["test_right"][s.last])
