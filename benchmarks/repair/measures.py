"""Was it any use? What is compared before and after a repair, condition by condition.

Everywhere the loss on the clean test set, at the checkpoint that would be shipped, must not get worse. Where the
condition is not about the final loss, something else must get better as well: `SHOWS` says what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.repair.shipped import (
    LATE,
    Score,
    Shipped,
    area,
    blind,
    broken,
    chosen,
    clean,
    confused,
    cost,
    late,
    offset,
    periodic,
    setback,
    swing,
    tallest,
    wrong,
)
from diagnosis.features.noise import noise_level

Effect = Literal["improved", "unchanged", "worse"]
LEAST = 0.01  # share of progress: a smaller difference of the clean loss is none
NOISES = 2.0  # seed-to-seed standard deviations that a difference must exceed
SLACK = 0.02  # share of progress by which the clean loss may rise while something else is mended
SHRUNK = 0.7  # times before: what is measured in its own unit has to shrink to this
SAVED = 0.1  # of the epochs
FEWEST = 5  # checkpoints, to see their jitter


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
    "oscillation": (Shows(swing, "scatter of the training loss over the second half", SHRUNK, by=LEAST),),
    "periodic_pattern": (Shows(periodic, "variance that repeats with the epoch", SHRUNK),),
    "plateau": (Shows(cost, "epochs trained", by=SAVED),),
    "slow_start": (Shows(area, "clean test loss averaged over the run", by=SLACK),),
    "validation_better_than_training": (Shows(offset, "training loss above validation loss", SHRUNK),),
}
EITHER = {
    "loss_spike",
    "metric_loss_mismatch",
    "oscillation",
    "plateau",
    "periodic_pattern",
}  # a better level is as good
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
