"""Whether a metric went its own way: it held while validation's loss got worse, fell while that held, or never rose as losses fell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnosis.features.agreement import Dead, Held, all_wrong, dead, held, outranked, silenced, unmoved
from diagnosis.features.budget import few_examples
from diagnosis.features.fallen import Fallen, fallen
from diagnosis.features.measured import Measured

if TYPE_CHECKING:
    from diagnosis.features import Features

GIVEN_BACK = 0.08  # share of validation's progress, lost again; as for overfitting
SIGMAS = 4.0  # standard errors of a loss's final level: less is noise
EARLY = 0.75  # share of the training loss's progress made in the first half; at too low a rate it falls in a line
LINE = 0.45  # likewise, where the loss more than halved: that is no beginning, and half-way down a line half is gained
VALUES = 10  # values of the loss and of the metric: of fewer, nobody can say whether they held


@dataclass(frozen=True, eq=False)
class Disagreement:
    """A `metric` that `held` while `loss`, validation's, got worse, or had `fallen` while that held; or was `dead` while `loss`, training's, fell."""

    loss: Measured
    metric: Measured
    how: Held | Fallen | Dead


def measure_disagreement(train_loss: Measured, features: Features) -> Disagreement | None:
    """The metric that did not follow the loss, upwards or downwards; None where each did."""
    losses = {id(m.curve) for m in (train_loss, features.val_loss) if m}  # a metric may stand in for a loss
    chief = (features.val_metric, features.train_metric)
    others = (m for m in features.curves if m.curve.role.endswith("_metric") and m not in chief)
    stuck = (m for m in others if unmoved(m) or silenced(m) or all_wrong(m) or outranked(m, features.curves))
    metrics = [m for m in (*chief, *stuck) if m and m.n >= VALUES and id(m.curve) not in losses]
    return _holding(metrics, features) or _falling(metrics, features) or _at_bottom(train_loss, metrics, features)


def _holding(metrics: Sequence[Measured], features: Features) -> Disagreement | None:
    """A validation metric that held though its loss got worse, where that does not recover, and is not what ships."""
    loss, metric, run = features.val_loss, features.val_metric, features.run
    if loss is None or metric is None or features.gap is None or metric not in metrics:
        return None
    found = held(loss, metric, features.gap, run.context)
    if found is None or found.gave_back <= GIVEN_BACK or min(found.sigmas, found.training_sigmas) <= SIGMAS:
        return None
    if found.lost > found.allowed or run.context.monitor in {loss.name, loss.curve.metric}:
        return None
    if few_examples(metric, run.context):
        return None
    recovers = not run.finished and features.memorising is not None and features.memorising.recovers
    return None if recovers else Disagreement(loss, metric, found)


def _falling(metrics: Sequence[Measured], features: Features) -> Disagreement | None:
    """A validation metric that got worse for good though its loss held, where that is not what ships."""
    loss, metric, run = features.val_loss, features.val_metric, features.run
    if loss is None or metric is None or metric not in metrics:
        return None
    if run.context.monitor in {loss.name, loss.curve.metric}:
        return None
    found = fallen(loss, metric, features)
    return Disagreement(loss, metric, found) if found else None


def _at_bottom(train_loss: Measured, metrics: Sequence[Measured], features: Features) -> Disagreement | None:
    """A metric that never left the bottom, though losses fell; a run that is not over may have one that starts late."""
    for metric in metrics if features.run.finished else ():
        # what is measured on the same examples
        beside = features.val_loss if metric.curve.role == "val_metric" and features.val_loss else train_loss
        found = dead(train_loss, metric, beside, features.run.context, outranked(metric, features.curves))
        # It would start late, if the loss still fell.
        rests = all_wrong(metric) and beside.best_index <= beside.z.size // 2
        if (
            found
            and (found.early > due_by_half(found) or found.opposed or rests)
            and min(found.sigmas, _fell(beside)) > SIGMAS
        ):
            return Disagreement(train_loss, metric, found)
    return None


def due_by_half(found: Dead) -> float:
    """The share of its progress that a loss must have made in the first half, for a metric that starts late to be out of question."""
    return LINE if found.halved and found.early <= EARLY else EARLY


def _fell(loss: Measured) -> float:
    """How far a loss came down in all, in standard errors of its best level."""
    return (loss.start - loss.best) / max(loss.end_error, 1e-300)
