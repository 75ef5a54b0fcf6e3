"""The floor that a softmax before a cross-entropy puts under the loss, which applies its own.

What goes in are probabilities instead of logits: at most 1 for the right class and 0 for the others, so that even a sure and right
answer scores ln(1 + (C − 1)/e), and a sure and wrong one 1 more. The loss then rests at the floor plus the share of
wrong answers: 1.46 for ten classes that are all told apart. How many classes there are need not be known: loss and share of right answers
add up to ln(C − 1 + e), whatever is right, while an ordinary loss falls much faster than answers become right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import Context

BELOW = 0.005  # share of ln C: what noise takes from the floor
ABOVE = 0.02  # share of ln C: what answers that are not quite sure add to the floor
UNSURE = 0.05  # the same where MOSTLY are right: an ordinary loss is then far below the floor
MOSTLY = 0.85  # share of all answers that are right: nearly all
RIGHT = 0.5  # share of the way from chance to perfect: less can cost as much for other reasons
LEAST = 3  # classes; of two, label smoothing of 0.2 has the same floor
LEAST_UNKNOWN, MOST_UNKNOWN = 4, 1000  # where that is not known: three may be an ordinary loss that rests early
VALUES = 5  # of both; fewer do not show what their sum does
BEGAN = (0.9, 1.02)  # of ln C, the highest loss: outputs that are all but equal are where an untrained network begins
BEYOND = 10.0  # what loss and accuracy add up to: of more than `MOST_UNKNOWN`
LEARNT = 0.1  # of all answers, that became right meanwhile: less tells nothing of what loss and accuracy add up to
# Of what became right: so much may the sum have moved; of an ordinary loss it is one to twenty times as much.
SAME = 0.5


@dataclass(frozen=True)
class Floor:
    """The `level` no answer gets below, of how many `classes`, the share of `right` answers, and how far `above` both the loss is (of ln C)."""

    level: float
    classes: int
    right: float
    above: float
    within: float  # how far it may be
    all_along: bool  # whether loss and share of right answers add up to the same from the beginning

    @property
    def plain(self) -> bool:
        """Whether nothing else puts a loss there: they add up so all along, and nearly all answers are right."""
        return self.all_along and self.right >= MOSTLY


def measure_floor(pairs: Iterable[tuple[Measured | None, Measured | None]], context: Context) -> Floor | None:
    """The floor of a softmax applied twice, where loss and accuracy of the same examples, training's first, are on it together; else None."""
    for place, (loss, accuracy) in enumerate(pairs):
        if loss is None or accuracy is None or loss.curve.metric != "loss" or accuracy.curve.metric != "accuracy":
            continue
        known = context.num_classes
        if known is None and (context.baseline is not None or not _adds_up(loss, accuracy)):
            continue
        right = accuracy.right(accuracy.end)
        classes = known if known is not None else round(math.exp(min(loss.end + right, BEYOND)) - math.e + 1.0)
        if (known is None and not LEAST_UNKNOWN <= classes <= MOST_UNKNOWN) or classes < LEAST:
            continue
        low, high = (share * math.log(classes) for share in BEGAN)
        if known is None and not low <= float(loss.clean.max()) <= high:
            continue
        level = math.log1p((classes - 1) / math.e)
        above = (loss.end - level - (1.0 - right)) / math.log(classes)
        enough = MOSTLY if known is None or place else RIGHT + (1.0 - RIGHT) / classes
        within = UNSURE if right >= MOSTLY else ABOVE
        if right >= enough and -BELOW <= above <= within:
            return Floor(level, classes, right, above, within, known is None or _adds_up(loss, accuracy))
    return None


def _adds_up(loss: Measured, accuracy: Measured) -> bool:
    """Whether loss and share of right answers hardly changed their sum while many became right, and no loss was above it."""
    if loss.z.size != accuracy.z.size or loss.z.size < VALUES:
        return False
    right = accuracy.way * accuracy.clean / accuracy.scale
    total, learnt = loss.clean + right, float(np.ptp(right))
    return learnt >= LEARNT and float(np.ptp(total)) <= SAME * learnt and float(loss.clean.max()) <= float(total[-1])
