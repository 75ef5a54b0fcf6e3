"""Whether a run of few values goes up again and again on its way: too short to tell swings from noise by itself, but not with its witnesses.

A mean over an epoch hardly goes up while a run learns: of 3822 beginnings and ends of healthy runs of 10 to 19 values, none went up
again by a fifth of its fall in training and in validation, its highest move left out. What rests goes up and down by noise, which
training and validation do not share, and by which right answers come and go no more than chance moves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.budget import measure_budget
from diagnosis.features.decline import FEW
from diagnosis.features.measured import Measured
from diagnosis.features.skill import ANCHORED, ANSWERS, SHARES
from diagnosis.features.swings import FOURFOLD, OFTEN, alternates, doubles, doubles_alone, turns_of
from diagnosis.features.unmoved import gained_nothing
from diagnosis.run import Context, FloatArray

if TYPE_CHECKING:
    from diagnosis.features import Features

WENT_UP = 0.3  # of the fall from the first value to the lowest: so much it goes up again, all moves but the highest, which may be a spike
DOWN = 0.5  # of all that it goes up, what goes up and down comes down again
MOVED = 0.1  # of all answers, that a metric went through: else nothing tells that more than noise goes up
BY_CHANCE = 3.0  # times the smallest difference worth believing on so many examples: the range of a dozen draws is less
SHARED = 0.5  # correlation of the moves of training with those of validation, at the same value or the one before
UNTOLD = 0.3  # of all answers: of a validation whose size nobody knows, a range by chance is less
ALTERNATELY = 12  # values: one series of noise in 462 has every other one above all those between


def up_and_down(loss: Measured, features: Features) -> bool:
    """Whether a run of few values goes up and down at every one, by turns above and below, or leaps."""
    return loss.n >= ALTERNATELY and (alternates(loss.z) or leaps(loss, features))


def leaps(loss: Measured, features: Features) -> bool:
    """Whether means over epochs go to twice as high again and again, oftener than noise and back up to where they began; or to four times, where nothing was gained at all."""
    if not doubles_alone(loss, features):
        return False
    back = bool(loss.z[0] <= loss.z[loss.z.size // 2 :].max())
    return (back and turns_of(loss.z) > OFTEN) or (doubles(loss, FOURFOLD) and gained_nothing(loss, features))


def wander(curve: Measured) -> float:
    """By what share of its fall a curve went up again, all moves but the highest; 0 where it never fell, or does not swing but rises."""
    fell, moves = float(curve.z[0] - curve.z.min()), np.diff(curve.z)
    rises, falls = np.maximum(moves, 0.0), np.maximum(-moves, 0.0)
    if fell <= 0.0 or falls.sum() < DOWN * rises.sum():
        return 0.0
    return float(rises.sum() - rises.max()) / fell


def wanders(
    loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], context: Context
) -> float | None:
    """The same of training, where validation does it as well and with it, and right answers come and go; else None."""
    if validation is None or validation.n < FEW or validation.z.size != loss.z.size:
        return None
    told = [m for m in metrics if m is not validation and m.curve.metric in {*SHARES, *ANCHORED}]
    share = wander(loss)
    if share <= WENT_UP or wander(validation) <= WENT_UP or not any(_moves(m, context) for m in told):
        return None
    trained, validated = np.diff(loss.z), np.diff(validation.z)
    together = max(_alike(trained, validated), _alike(trained[1:], validated[:-1]))
    return share if together > SHARED else None


def _moves(metric: Measured, context: Context) -> bool:
    """Whether right answers come and go by more than chance moves them, where that is known."""
    least = MOVED * metric.scale
    if metric.curve.role == "val_metric" and metric.curve.metric in ANSWERS:
        budget = measure_budget(metric, context)
        least = max(least, BY_CHANCE * budget.believable if budget else UNTOLD * metric.scale)
    return float(np.ptp(metric.z)) > least


def _alike(one: FloatArray, other: FloatArray) -> float:
    """The correlation of two stretches (n,); 0 where either stands still."""
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) > 0.0 and np.ptp(other) > 0.0 else 0.0
