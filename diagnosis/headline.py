"""One sentence for a run: what a chat bot posts, and a table shows."""

from __future__ import annotations

from diagnosis.advice.fix import significant
from diagnosis.advice.usual_rates import times_usual, too_high
from diagnosis.features import Features
from diagnosis.features.unmoved import measure_unmoved, stuck_of
from diagnosis.findings.stuck_losses import said_of
from diagnosis.report import IGNORED, Judged, Outcomes, Status
from diagnosis.rule import all_rules
from diagnosis.shares import percent

LITTLE, MOST = 0.01, 0.5  # share of the rate's peak that moves next to nothing, and of the run at that


def headline(status: Status, findings: tuple[Judged, ...], became: Outcomes, features: Features) -> str:
    """Say the worst finding, or what was checked, what could not be, and where the run stands."""
    count = len(became.clear)
    if status in {"healthy", "inconclusive"} and (test := features.range_test):
        return f"No training: {test.says}."
    if status == "inconclusive":
        too_little = next((j.finding.summary for j in findings if j.condition == "insufficient_data"), None)
        return (
            too_little
            or f"Too little to judge: {count} conditions could be checked, the others could not or were left out."
        )
    if status != "healthy":
        return findings[0].finding.summary
    held_out = features.val_loss or features.val_metric  # a checkpoint is chosen by validation, whatever it logs
    watched = held_out or features.train_loss or features.train_metric
    best = though = ""
    if watched is not None:
        value, at = watched.best_value
        best = f"; {watched.name} is best at {at} ({value:.4g})"
        though = _though(features)
        if yet := _yet(became, features):
            best, though = "", though + yet
    unless = f"; whether it overfits cannot be told ({why})" if (why := _untold(became, features)) else ""
    checked = f"Nothing wrong among {count} condition{'' if count == 1 else 's'} checked"
    return f"{checked}{_worth_knowing(findings)}{though}{unless}{best}."


def _worth_knowing(findings: tuple[Judged, ...]) -> str:
    """What is only information here and may be worse elsewhere: whoever reads one sentence is to know of it."""
    graver = [j.condition.replace("_", " ") for j in findings if j.rule.severity[0] != "info"]
    return f"; worth knowing: {', '.join(graver)}" if graver else ""


def _though(features: Features) -> str:
    """A rate far beyond what is usual, or next to none for most of the run: a loss that came to rest at it looks like any that did, but may rest too high."""
    context, schedule = features.context, features.schedule
    ran_out = schedule.below_from(LITTLE) if schedule is not None else None
    if ran_out is not None and 1.0 - ran_out > MOST:
        return f", though the learning rate was below {percent(LITTLE)} of its peak for {percent(1.0 - ran_out)} of the run"
    if not context.optimizer or not too_high(context):  # some count from 1
        return ""
    return f", though the learning rate is {significant(times_usual(context) or 1.0, 2):g} times what is usual with its optimizer"


def _yet(became: Outcomes, features: Features) -> str:
    """That a run that is not over has gained nothing so far, which only its end will judge; empty where it has."""
    loss, rule = features.train_loss, "not_learning"
    if loss is None or features.run.finished or loss.before or loss.n < all_rules()[rule].points:
        return ""
    stuck = stuck_of(loss, features) if became.skipped.get(rule) not in {None, IGNORED.why} else None
    unmoved = measure_unmoved(stuck, loss, features) if stuck else None
    return f"; so far, {loss.name} {said_of(stuck, unmoved, loss)}" if stuck and unmoved else ""


def _untold(became: Outcomes, features: Features) -> str | None:
    """Why overfitting could not be judged, where validation is logged: whoever sees it there expects that it was."""
    why = became.skipped.get("overfitting") if features.validation else None
    return why if why != IGNORED.why else None
