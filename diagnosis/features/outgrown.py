"""Which checkpoint ships where the loss was best before the answers were."""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import Position

MUCH, SIGMAS = 0.10, 4.0  # of a metric's progress, and noise levels, gained after the loss was best: then it ships


def outgrown(restore: Position | None, metric: Measured | None, much: float = MUCH) -> Position | None:
    """The checkpoint of the loss, or the metric's where that had `much` to gain since: it did not turn with the loss."""
    if restore is None or metric is None or metric.curve.axis != restore.axis:
        return restore
    place = int(np.searchsorted(metric.x, restore.at).clip(0, metric.x.size - 1))
    gained = float(metric.s[place]) - metric.best
    since = metric.best_index > place and gained > max(much * metric.progress, SIGMAS * metric.grid_noise)
    return metric.best_position if since else restore


def at_rest(loss: Measured, metric: Measured | None) -> tuple[Position, str]:
    """The checkpoint of a loss that rests, or of a metric that got better since by more than its noise; and why."""
    at = loss.best_position
    if metric is not None and (best := outgrown(at, metric, 0.0)) and best != at:
        return best, f"{metric.name} is best there, while {loss.name} rests."
    return at, "It is as good as the last checkpoint, or better."
