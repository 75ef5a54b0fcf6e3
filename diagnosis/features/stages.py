"""Settings that are logged beside the curves and change in steps: a curriculum's length, a stage, a size.

What a loss does where one of them changes is the setting's doing, as at a restart of the learning rate. A name has to say that
it is a setting: a counter of skipped steps or a loss scale changes in steps as well, where something broke.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diagnosis.features.middle import median
from diagnosis.names import words
from diagnosis.run import Axis, Curve, FloatArray, number, spoken

SIZES = frozenset({"seq", "sequence", "len", "length", "context", "ctx", "horizon", "resolution", "crop", "size"})
NO_TASK = frozenset(
    {"world", "log", "cache", "replay", "buffer", "queue", "epoch", "heap", "file", "vocab"}
)  # sizes of something else
KINDS = frozenset({"stage", "phase", "curriculum", "difficulty", "level", "mixture", "mix", "dataset", "source"})
HELD = 10.0  # values from one change to the next, on average at least: what changes more often is no setting
SOON = 4.0  # values of the loss, after a change, within which it answers
LISTED = 8  # changes that are named
ALIKE = 0.1  # of the time from one change to the next, by which a period may be off it


@dataclass(frozen=True, eq=False)
class Stages:
    """The setting `name` changed `at` these positions (k,)."""

    name: str
    axis: Axis
    at: FloatArray

    def explains(self, loss: Curve, step: float) -> bool:
        """Whether what a loss does at a position it was logged at comes just after a change."""
        if self.axis != loss.axis or len(loss) <= SOON:
            return False
        since = (step - self.at) / median(np.diff(loss.steps))
        return bool(((since > -1.0) & (since <= SOON)).any())  # a change may be logged with the next value

    def comes_every(self, length: float) -> bool:
        """Whether the changes come round like a period."""
        if self.at.size <= 1:
            return False
        times = length / median(np.diff(self.at))
        return abs(times - max(round(times), 1)) < ALIKE * times


NONE = Stages("", "step", np.empty(0))


def measure_stages(curves: Iterable[Curve], notes: list[str]) -> Stages:
    """The logged settings that change in steps, by the axis of the first, which are noted."""
    found = NONE
    for each in curves:
        named = set(words(each.name))
        if each.role != "other" or not (SIZES | KINDS) & named or NO_TASK & named:
            continue
        curve = each.finite
        changes = np.flatnonzero(np.diff(curve.values)) + 1
        if changes.size and len(curve) >= HELD * (changes.size + 1):
            at = curve.steps[changes]
            places = ", ".join(spoken(number(each)) for each in at[:LISTED]) + " …" * (at.size > LISTED)
            notes.append(f"{curve.name} changes at {curve.axis} {places}: a jump of a loss there is its doing")
            if found is NONE or found.axis == curve.axis:
                found = Stages(found.name or curve.name, curve.axis, np.union1d(found.at, at))
    return found
