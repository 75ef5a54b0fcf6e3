"""Why a run that learns nothing may learn nothing, as far as its curves tell; whether it does, `stuck.py` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnosis.features.deaf import TENTHS
from diagnosis.features.evenly import evenly
from diagnosis.features.guessing import TWO, one_answer
from diagnosis.features.measured import Measured
from diagnosis.features.schedule import NO_RATE
from diagnosis.features.standstill import repeats_from
from diagnosis.features.stuck import Stuck
from diagnosis.run import Context

if TYPE_CHECKING:
    from diagnosis.features import Features

BLOWN = 1.5  # times what guessing scores: a first value above shows that the first steps were too large
DOWN = 0.95  # times the first value: a last one above has not come down
SILENT, FIRST = 0.002, 3  # of ln C, and values: an ordinary start is off by a hundredth and more

Reason = Literal["void", "faint", "off", "asleep", "held", "creeps", "silent", "mute", "blown", "moves"]


def why(stuck: Stuck, loss: Measured, features: Features) -> Reason:  # noqa: PLR0911 - one for each
    """What this run tells of the reason.

    `void`: there is no loss; `faint`: next to no gradient arrives; `off`: no rate; `asleep`: soon none; `blown`: it blew up at the start, or went up for good; `held`: the model stays as it is; `creeps`: it gets better as evenly as steps are taken; `silent`: all answers are all but the
    same from the first value on; `mute`: it is sure of something, and gives one answer to all inputs; `moves`: answers differ.
    """
    if stuck.void:
        return "void"
    schedule, context, validation = features.schedule, features.run.context, features.val_loss
    if features.vanished is not None:
        return "held" if features.vanished.fell.last == 0.0 else "faint"
    rate = schedule.peak if schedule else context.learning_rate
    if rate is not None and rate <= NO_RATE:
        return "off"
    if schedule and schedule.asleep_early:
        return "asleep"
    stands = repeats_from(loss, validation) is not None and not stuck.hump
    if stands and schedule is None:  # it ran out unseen
        return "asleep"
    thrown = stuck.hump or stuck.ruined or stuck.sank
    if thrown or (_came_down(loss, stuck.guessing) and not stands) or _left(loss, stuck.guessing):
        return "blown"
    if validation is None or stands or one_answer(validation):
        return "held"
    if evenly(validation) and loss.start > loss.end:
        return "creeps"
    metrics = [m for m in (features.val_metric, features.train_metric) if m and m.curve.metric == "accuracy"]
    if _silent(loss, context) or not (metrics or context.guessing):
        return "silent"  # or nothing tells that answers differ
    return "mute" if any(_mute(m, context) for m in metrics) else "moves"


def _came_down(loss: Measured, guessing: float | None) -> bool:
    """Whether it came down from far above guessing; what stays up there was so before any step."""
    if not guessing:
        return bool(loss.begin)
    return bool(loss.z[0] > BLOWN * guessing and loss.end < DOWN * loss.z[0])


def _left(loss: Measured, guessing: float | None) -> bool:
    """Whether it went up from where it began, and stays far above guessing: no signal that died is as wrong as that."""
    return bool(guessing) and loss.end > BLOWN * max(guessing or 0.0, loss.start)


def _silent(loss: Measured, context: Context) -> bool:
    """Whether the first values are ln C to within what any ordinary start exceeds: all classes stay equally likely."""
    if not context.guessing or loss.curve.metric != "loss":
        return False
    first = loss.z[: max(FIRST, loss.n // TENTHS)] / context.guessing - 1.0
    return bool(np.abs(first).max() < SILENT)


def _mute(metric: Measured, context: Context) -> bool:
    """Whether an accuracy takes so few values that each is one class's share: the inputs make no difference."""
    few = min(context.num_classes or TWO, metric.n // 2)
    return np.unique(metric.curve.values).size <= few
