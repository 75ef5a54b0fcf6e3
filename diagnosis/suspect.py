"""Where validation was never as good as training began, and its answers got no better: its own path is looked at before anything is blamed on the model."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.check_fixes import compare_treatment
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import FAR_OFF, Memorising
from diagnosis.report import Judged

BLAMED = (
    "overfitting",
    "generalization_gap",
    "noisy_validation",
    "metric_loss_mismatch",
)  # what a broken path looks like
AT_ONCE = 1  # index of a best checkpoint that hardly learnt
BETTER = 0.95  # times what guessing scores
SIGMAS = 4.0  # standard errors of the metric's end: a gain beyond is one


def suspected(findings: tuple[Judged, ...], features: Features) -> tuple[Judged, ...]:
    """The findings; the first that such a path explains asks, before all else, whether both splits are treated alike."""
    at = next((i for i, judged in enumerate(findings) if judged.condition in BLAMED), None)
    memorising = features.memorising
    if at is None or memorising is None or memorising.pair is None:
        return findings
    # Training's first value is no beginning where the first round, or epoch, learnt most: who does better than guess has sound labels.
    if features.guess is not None and memorising.low < BETTER * features.guess.level:
        return findings
    metric = features.val_metric if features.val_metric is not features.validation else None
    training, validation = memorising.pair.training.name, memorising.validation.name
    because = ""  # that of the check itself
    if not (memorising.treated_apart(metric) or _far_off(memorising)):
        if metric is None or not _gets_worse(memorising, metric):
            return findings
        because = f"{validation} got no further than where {training} began, and {metric.name} gained nothing: labels or inputs may differ there."
    check = compare_treatment(training, validation, features.context, because)
    found = findings[at]
    rest = tuple(fix for fix in found.fixes if fix.action != check.action)
    return (*findings[:at], replace(found, fixes=(check, *rest)), *findings[at + 1 :])


def _far_off(memorising: Memorising) -> bool:
    """Whether validation, but for its first value, was far worse all along than training began."""
    pair = memorising.pair
    began, later = (pair.training.start, memorising.validation.z[1:]) if pair else (0.0, ())
    return began > 0.0 and len(later) > 0 and float(min(later)) > FAR_OFF * began


def _gets_worse(memorising: Memorising, metric: Measured) -> bool:
    """Whether validation is best where next to nothing is learnt, ends above where training began, and its metric gained nothing."""
    if memorising.pair is None or not memorising.nothing_carries_over:
        return False
    gained = float(metric.z[0]) - metric.end
    ends_above = memorising.validation.end > memorising.pair.training.start
    return ends_above and memorising.validation.best_checkpoint <= AT_ONCE and gained <= SIGMAS * metric.end_error
