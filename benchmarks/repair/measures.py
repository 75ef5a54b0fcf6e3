"""Was it any use? What is compared before and after a repair, condition by condition.

Everywhere the loss on the clean test set, at the checkpoint that would be shipped, must not get worse. Where the
condition is not about the final loss, something else must get better as well: `SHOWS` says what.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.repair.corpus import Trained
from diagnosis.features.noise import noise_level

Effect = Literal["improved", "unchanged", "worse"]
LEAST = 0.01  # share of progress: a smaller difference of the clean loss is none
NOISES = 2.0  # seed-to-seed standard deviations that a difference must exceed
SLACK = 0.02  # share of progress by which the clean loss may rise while something else is mended
SHRUNK = 0.7  # times before: what is measured in its own unit has to shrink to this
SAVED = 0.1  # of the epochs
LATE = 0.2  # of the run: a checkpoint at random out of these
PHASES = 12  # parts of an epoch
FEWEST = 5  # checkpoints, to see their jitter


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


@dataclass(frozen=True)
class Shows:
    """What a condition shows in, beside the final level: its score, and by how much it has to change.

    `times`: to this multiple, or `by`: by this amount; both where both are given.
    """

    score: Score
    says: str
    times: float = 1.0
    by: float = 0.0

    def smaller(self, one: Shipped, other: Shipped) -> bool:
        """Whether the first run shows clearly less of it."""
        less, more = self.score(one), self.score(other)
        return less < more and less <= self.times * more and more - less >= self.by


SHOWS: Mapping[str, tuple[Shows, ...]] = {
    "class_imbalance": (Shows(confused, "mean recall of both classes on the clean test set", by=SLACK),),
    "metric_loss_mismatch": (Shows(wrong, "wrong answers on the clean test set", by=LEAST),),
    "loss_spike": (
        Shows(setback, "how far the clean loss was thrown back", SHRUNK, by=0.002),
        Shows(tallest, "the tallest jump", SHRUNK, by=0.1),
    ),
    "noisy_validation": (Shows(blind, "scatter of validation about the clean test loss", SHRUNK),),
    "non_finite": (Shows(broken, "every value finite", by=1.0),),
    "periodic_pattern": (Shows(periodic, "variance that repeats with the epoch", SHRUNK),),
    "plateau": (Shows(cost, "epochs trained", by=SAVED),),
    "slow_start": (Shows(area, "clean test loss averaged over the run", by=SLACK),),
    "validation_better_than_training": (Shows(offset, "training loss above validation loss", SHRUNK),),
}
EITHER = {"loss_spike", "metric_loss_mismatch", "plateau", "periodic_pattern"}  # a better level is as good
# weights and thresholds trade likelihood for recall: the clean loss is no level there
LEVEL: Mapping[str, Score] = {"oscillation": late, "slow_start": chosen, "class_imbalance": confused}
LEARNS = {"divergence", "exploding_gradients", "non_finite", "not_learning", "vanishing_gradients"}  # mended: it learns
SKIPPED = {"unstable_across_runs", "incomparable_averaging"}  # nothing in one run to repair


@dataclass(frozen=True)
class Judged:
    """What a repair came to; `gain` is the share of what could be won back, on the clean test loss."""

    effect: Effect
    gain: float
    numbers: Mapping[str, float]


def goes_on(before: Shipped, after: Shipped) -> bool:
    """Whether the second run is the first one, trained longer: then it is no other draw of the seeds."""
    begun = len(before.test)
    return len(after.test) > begun and bool(np.allclose(after.test[:begun], before.test, rtol=1e-6, atol=0.0))


def jitter(s: Shipped) -> float:
    """By how much the clean loss jitters from one checkpoint to the next over the last fifth, in shares of the task's progress."""
    tail = s.test[-max(FEWEST, round(LATE * len(s.test))) :]
    return noise_level(tail) / s.progress


def level(condition: str) -> Score:
    """How good a run of this condition is held to be."""
    return LEVEL.get(condition, clean)


def judge(condition: str, before: Shipped, after: Shipped, noise: float) -> Judged:
    """Compare two runs; `noise` is the deviation of the level that luck makes, 0 between two checkpoints of one run."""
    was, now = level(condition)(before), level(condition)(after)
    least = max(LEAST, NOISES * noise)
    gain = (was - now) / max(was, LEAST)
    numbers = {"was": was, "now": now}
    if condition in LEARNS and now > 1.0 - least:
        return Judged("worse" if now - was > least else "unchanged", gain, numbers)  # less bad is not mended
    if condition not in SHOWS:
        return Judged(_effect(was - now, least), gain, numbers)
    for shown in SHOWS[condition]:
        name = shown.score.__name__
        numbers |= {f"{name}_was": shown.score(before), f"{name}_now": shown.score(after)}
    if now - was > max(SLACK, NOISES * noise):
        return Judged("worse", gain, numbers)
    if condition in EITHER and was - now > least:
        return Judged("improved", gain, numbers)
    better, worse = (
        [shows.smaller(*pair) for shows in SHOWS[condition]] for pair in ((after, before), (before, after))
    )
    return Judged("improved" if any(better) else "worse" if any(worse) else "unchanged", gain, numbers)


def _effect(won: float, least: float) -> Effect:
    return "improved" if won > least else "worse" if won < -least else "unchanged"
