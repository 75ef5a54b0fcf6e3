"""Where validation was never as good as training began, and its answers got no better: its own path is looked at before anything is blamed on the model."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.advice.check_fixes import compare_treatment
from diagnosis.boosting import boosted
from diagnosis.features import Features
from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import FAR_OFF, OFF, Memorising
from diagnosis.reconcile import RESTORE
from diagnosis.report import Judged

BLAMED = (
    "overfitting",
    "generalization_gap",
    "noisy_validation",
    "metric_loss_mismatch",
)  # what a broken path looks like
AT_ONCE = 1  # index of a best checkpoint that hardly learnt
BETTER, HALF = 0.95, 0.5  # times what guessing scores
SIGMAS = 4.0  # standard errors of the metric's end: a gain beyond is one


def suspected(findings: tuple[Judged, ...], features: Features) -> tuple[Judged, ...]:
    """The findings; the first that such a path explains asks, before all else, whether both splits are treated alike.

    An overfitting that lost at once all that was gained asks it too, after going back.
    """
    at = next((i for i, judged in enumerate(findings) if judged.condition in BLAMED), None)
    memorising = features.memorising
    if at is None or memorising is None or memorising.pair is None:
        return findings
    found, soon = findings[at], memorising.validation.best_checkpoint <= AT_ONCE
    training, validation = memorising.pair.training.name, memorising.validation.name
    because = _because(memorising, memorising.pair, features)
    if because is None:
        first = f"{validation} was best at {memorising.validation.best_position}, and got ever worse: inputs prepared otherwise look like that too."
        check = compare_treatment(training, validation, features.context, first)
        asked = any(fix.action == check.action for fix in found.fixes)
        if asked or not (soon and found.condition == "overfitting" and found.severity == "error"):
            return findings
        fixes = (*found.fixes[:1], check, *found.fixes[1:])
    else:
        check = compare_treatment(training, validation, features.context, because)
        # Where it was best before anything was learnt, there is nothing to go back to.
        soon = soon and found.finding.restore == memorising.validation.best_position
        nothing = soon and not _learnt(memorising, features)
        fixes = (check, *(fix for fix in found.fixes if fix.action not in {check.action, nothing and RESTORE}))
    return (*findings[:at], replace(found, fixes=fixes), *findings[at + 1 :])


def _because(memorising: Memorising, pair: Gap, features: Features) -> str | None:
    """Why the path is asked about before all else, where that is not what the check itself says; None where nothing speaks for it."""
    metric = features.val_metric if features.val_metric is not features.validation else None
    learnt = _learnt(memorising, features)
    if not learnt and (memorising.treated_apart(metric) or _far_off(memorising)):
        return ""
    if metric is None or not _gets_worse(memorising, metric) or (learnt and not _apart(memorising, metric, features)):
        return None
    further = f"{memorising.validation.name} got no further than where {pair.training.name} began"
    return f"{further}, and {metric.name} gained nothing: labels or inputs may differ there."


def _learnt(memorising: Memorising, features: Features) -> bool:
    """Whether validation did better than guess: its labels are sound. Where the first round, or epoch, learnt most, training's first value is no beginning."""
    return features.guess is not None and memorising.low < BETTER * features.guess.level


def _apart(memorising: Memorising, metric: Measured, features: Features) -> bool:
    """Whether a validation that did better than guess did hardly, at a multiple of what a first epoch cost, and its answers got worse from there on."""
    guess, began = features.guess, memorising.pair.training.start if memorising.pair else 0.0
    far = guess is not None and memorising.low > max(OFF * began, HALF * guess.level) > 0.0
    return far and metric.end - metric.start > SIGMAS * metric.end_error and not boosted(features.context)


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
