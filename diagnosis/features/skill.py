"""How far from guessing to perfection: a level means something only against what guessing scores.

What guessing scores must be known: a metric with a fixed chance level (R², MCC, kappa, AUC), an accuracy or a
cross-entropy with `num_classes`, or the caller's `baseline`. Without one of them no level is good or poor.
"""

import math
from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.names import METRICS
from diagnosis.run import Context

ANCHORED = {metric.name: metric.chance for metric in METRICS.values() if metric.chance is not None}


@dataclass(frozen=True)
class Skill:
    """`share` of the way from guessing (0) to perfect (1), what it was judged by, and the series used."""

    share: float
    says: str
    series: tuple[str, ...]


def measure_skill(loss: Measured | None, metrics: tuple[Measured | None, ...], context: Context) -> Skill | None:
    """Judge the final level by the best anchor there is; None without any."""
    classes = context.num_classes if context.num_classes and context.num_classes > 1 else None
    for metric in metrics:
        if metric is None:
            continue
        chance = ANCHORED.get(metric.curve.metric)
        if metric.curve.metric == "accuracy" and classes:
            chance = 1.0 / classes
        if chance is not None:
            level = metric.sign * metric.end / metric.scale
            return Skill(
                (level - chance) / (1.0 - chance),
                f"{metric.name} {level:.3g}; guessing has {chance:.3g}",
                (metric.name,),
            )
    if loss is None or loss.curve.metric != "loss":
        return None
    guessing = context.baseline
    if guessing is None and classes and context.task in {None, "classification"}:
        guessing = math.log(classes)
    if guessing is None or guessing <= 0.0:
        return None
    return Skill(1.0 - loss.end / guessing, f"{loss.name} {loss.end:.4g}; guessing has {guessing:.4g}", (loss.name,))
