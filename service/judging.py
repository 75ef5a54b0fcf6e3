"""From the events of a check to its judgement: facts are judged, anything else is an error that says what happened."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from diagnosis.errors import InvalidExamination
from diagnosis.examining.check import CheckReport, check
from diagnosis.examining.examination import Examination
from service import metrics, problems
from service.refusals import CannotExamine, ModelFailed, Refusal, ShapesRefused
from service.sandbox.archive import NotTorchScript
from service.sandbox.outcomes import Declined, Facts, Failure

log = logging.getLogger("service")


@dataclass(frozen=True)
class Judgement:
    """A judged model, and how long it had waited for its turn."""

    report: CheckReport
    queued_ms: float


def judged(event: Facts | Declined | Failure, *, device: str) -> Judgement:
    """Judge what a check ended with; `device` is the one asked for."""
    counted = metrics.of_app()
    if isinstance(event, Failure):
        counted.checks.labels(event.reason).inc()
        raise ModelFailed(event.reason, event.detail)
    if isinstance(event, Declined):
        counted.checks.labels(event.kind).inc()
        raise _refusal(event, device)
    try:
        report = check(Examination.of(event.values))
    except InvalidExamination as error:
        log.warning("an examination told what none does, at %s", error.pointer)
        counted.checks.labels("crash").inc()
        raise ModelFailed("crash", "The model crashed its process: it answered what no examination answers.") from None
    counted.checked(report)
    for condition, bug in report.bugs.items():
        problems.bug(f"the check {condition} failed", bug)
    return Judgement(report, event.queued_ms)


def _refusal(event: Declined, device: str) -> Refusal | NotTorchScript:
    if event.kind == "shapes_refused":
        return ShapesRefused(event.detail)
    if event.kind == "not_torchscript":
        return NotTorchScript(f"passes for an archive, and {event.detail}")
    place = "/config/device" if device == "cuda" and "cuda" in event.detail else None
    return CannotExamine(event.detail, place)
