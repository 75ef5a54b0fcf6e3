"""Whether a metric got worse for good while the loss on the same examples held what it had gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.agreement import FLOORED, MISTAKES, same_stretch
from diagnosis.features.budget import few_examples, measure_budget
from diagnosis.features.measured import Measured
from diagnosis.features.primary import HALF
from diagnosis.features.skill import ANCHORED, SHARES
from diagnosis.features.trend import trend

if TYPE_CHECKING:
    from diagnosis.features import Features

HOLDS = 0.08  # share of the loss's progress, given back at most; more is overfitting's
OF_METRIC = 0.20  # share of what the metric had gained, lost again: as where overfitting is judged by a metric
ANSWERS = 0.02  # of all answers, likewise
SIGMAS = 4.0  # standard errors of a final level: less is noise
COUNTED = {*SHARES, *FLOORED, *MISTAKES, *ANCHORED} - HALF  # a recall falls where a precision rises
LASTED = 0.30  # share of the run since its best, for which it got worse
ELSEWHERE = 0.02  # of all answers, that another metric of validation gained meanwhile: one was traded for the other


@dataclass(frozen=True)
class Fallen:
    """What a metric `lost` as a share of what it had gained, and in standard errors `sigmas`; `gave_back`: the loss's share meanwhile.

    `rests`: whether the loss has nothing left to gain either.
    """

    lost: float
    sigmas: float
    gave_back: float
    rests: bool


def fallen(loss: Measured, metric: Measured, features: Features) -> Fallen | None:
    """How far a metric is below its best, beside a loss that is not; None where that is noise, a trade, or nothing."""
    context, best = features.run.context, metric.best_index
    if metric.curve.metric not in COUNTED or not same_stretch(loss, metric):
        return None
    gained, gave_back = metric.start - metric.best, loss.share(loss.rebound)
    if gave_back > HOLDS or loss.progress <= SIGMAS * loss.end_error or gained <= SIGMAS * metric.grid_noise:
        return None
    budget = measure_budget(metric, context)
    least = max(ANSWERS * metric.scale, SIGMAS * metric.end_error, budget.believable if budget else 0.0)
    if metric.rebound <= max(least, OF_METRIC * gained) or few_examples(metric, context):
        return None
    if metric.z.size - best <= LASTED * metric.z.size or not trend(metric.x[best:], metric.clean[best:]).rising:
        return None
    others = [m for m in features.curves if m.curve.role == metric.curve.role and m is not metric]
    if _traded(metric, others):
        return None
    sigmas = metric.rebound / max(metric.end_error, 1e-300)
    return Fallen(metric.rebound / gained, sigmas, gave_back, not loss.tail.falling)


def _traded(metric: Measured, others: Sequence[Measured]) -> bool:
    """Whether another metric of validation got better since this one was best."""
    for other in others:
        since = int(np.searchsorted(other.x, metric.x[metric.best_index]))
        if other.curve.axis != metric.curve.axis or since >= other.s.size:
            continue
        gained = float(other.s[since]) - other.end
        if gained > max(ELSEWHERE * other.scale, SIGMAS * other.end_error):
            return True
    return False
