"""The floor that a softmax before a cross-entropy puts under the loss, which applies its own.

What goes in are probabilities instead of logits: at most 1 for the right class and 0 for the others, so that even a sure and right
answer scores ln(1 + (C − 1)/e), and a sure and wrong one 1 more. The loss then rests at the floor plus the share of
wrong answers: 1.46 for ten classes that are all told apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.run import Context

BELOW, ABOVE = 0.005, 0.02  # of ln C: what noise takes from the floor, and answers that are not quite sure add to it
UNSURE, MOSTLY = 0.05, 0.85  # likewise where nearly all answers are right: an ordinary loss is then far below the floor
RIGHT = 0.5  # of the way from chance to perfect: less can cost as much for other reasons
LEAST = 3  # classes; of two, label smoothing of 0.2 has the same floor


@dataclass(frozen=True)
class Floor:
    """The `level` no answer gets below, the share of `right` answers, and how far `above` both the loss is (of ln C)."""

    level: float
    right: float
    above: float
    accuracy: Measured


def measure_floor(loss: Measured, accuracy: Measured | None, context: Context) -> Floor | None:
    """The floor of a softmax applied twice, where loss and accuracy rest on it together; else None."""
    guessing, classes = context.guessing, context.num_classes
    if guessing is None or classes is None or classes < LEAST or accuracy is None:
        return None
    if loss.curve.metric != "loss" or accuracy.curve.metric != "accuracy":
        return None
    right, level = accuracy.sign * accuracy.end / accuracy.scale, math.log1p((classes - 1) / math.e)
    above = (loss.end - level - (1.0 - right)) / guessing
    most = UNSURE if right >= MOSTLY else ABOVE
    if right < RIGHT + (1.0 - RIGHT) / classes or not -BELOW <= above <= most:
        return None
    return Floor(level, right, above, accuracy)
