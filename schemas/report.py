"""The answer to `POST /diagnose`: one run judged, or several and what holds across them.

Its parts are dictionaries whose types say what is in them: `openapi.yaml` is made of the types, mypy holds the functions
to them, and nothing is validated at run time that this service made itself.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from pydantic_core import to_json as written
from typing_extensions import TypedDict

from diagnosis.across import Reports
from diagnosis.features.schedule import Change
from diagnosis.marks import changes_of, mark_of
from diagnosis.report import Action, Decision, Outcomes, Report, Status
from diagnosis.run import Axis, Role, Source
from schemas.curves import CurveOut, GapOut, curves_of, gaps_of
from schemas.finding import Condition, FindingOut, PositionOut, finding_of, position_of
from schemas.rounding import Rounded, rounded


class DecisionOut(TypedDict):
    """What a pipeline should do now."""

    action: Action
    restore: Annotated[PositionOut | None, Field(description="The best point, where going back to it makes sense.")]
    because: Annotated[list[Condition], Field(description="The conditions that ask for it.")]


def decision_of(decision: Decision) -> DecisionOut:
    """Show a decision."""
    return {
        "action": decision.action,
        "restore": position_of(decision.restore),
        "because": list(decision.because),
    }


class OutcomesOut(TypedDict):
    """Every condition that was not found is in exactly one of these."""

    clear: list[Condition]
    skipped: Annotated[dict[Condition, str], Field(description="What could not be judged, and why.")]
    failed: Annotated[list[Condition], Field(description="Bugs of this service; they are logged.")]


def outcomes_of(outcomes: Outcomes) -> OutcomesOut:
    """Show what became of the conditions that were not found."""
    return {"clear": list(outcomes.clear), "skipped": dict(outcomes.skipped), "failed": list(outcomes.failed)}


class SourceOut(TypedDict):
    """What the question came as, and what was made of its names."""

    format: str
    mapping: dict[str, Role]
    ignored: list[str]
    notes: list[str]


def source_of(source: Source, measured: tuple[str, ...]) -> SourceOut:
    """Show a source, with what was noted when it was measured."""
    return {
        "format": source.format,
        "mapping": dict(source.mapping),
        "ignored": list(source.ignored),
        "notes": list(dict.fromkeys((*source.notes, *measured))),
    }


class RateChangeOut(TypedDict):
    """Where the logged learning rate was changed at once, and by what factor."""

    axis: Axis
    at: int | float
    factor: Rounded


def rate_change_of(change: Change) -> RateChangeOut:
    """Show one change."""
    return {"axis": change.at.axis, "at": change.at.at, "factor": rounded(change.factor)}


class ReportOut(TypedDict):
    """One run, judged."""

    name: NotRequired[Annotated[str, Field(description="The run's name, where there are several.")]]
    status: Status
    headline: str
    decision: DecisionOut
    findings: Annotated[
        list[FindingOut],
        Field(description="Worst first; of those as severe, what the others rest on, then the surest."),
    ]
    outcomes: OutcomesOut
    curves: list[CurveOut]
    gaps: list[GapOut]
    source: SourceOut
    rate_changes: NotRequired[Annotated[list[RateChangeOut], Field(description="With `?curves=full`.")]]
    labels: NotRequired[Annotated[dict[str, Any], Field(description="`context.labels`, as they were sent.")]]
    id: Annotated[str, Field(description="The same question to the same version has the same id.")]
    version: str


def report_of(report: Report, link: str = "", *, full: bool = False) -> ReportOut:
    """Show one report; `link` goes before every address, `full` adds the curves' values."""
    features = report.features
    changes = changes_of(features) if full else ()
    found: ReportOut = {
        "name": report.name or "",
        "status": report.status,
        "headline": report.headline,
        "decision": decision_of(report.decision),
        "findings": [
            finding_of(judged, link, mark=mark_of(judged, features) if full else None) for judged in report.findings
        ],
        "outcomes": outcomes_of(report.outcomes),
        "curves": curves_of(features, full=full),
        "gaps": gaps_of(features),
        "source": source_of(features.run.source, features.notes),
        "rate_changes": [rate_change_of(change) for change in changes],
        "labels": dict(features.run.context.labels),
        "id": report.id,
        "version": report.version,
    }
    # in their places, where there are any
    if not found["name"]:
        del found["name"]
    if not found["rate_changes"]:
        del found["rate_changes"]
    if not found["labels"]:
        del found["labels"]
    return found


class AcrossOut(TypedDict):
    """What holds across the runs, judged like one."""

    findings: list[FindingOut]
    outcomes: Annotated[
        OutcomesOut, Field(description="Of the conditions that are judged across runs; each run has its own.")
    ]


class ReportsOut(TypedDict):
    """Several runs, each judged, and what holds across them."""

    status: Annotated[Status, Field(description="The worst of the runs, and of what was found across them.")]
    headline: str
    decision: DecisionOut
    runs: list[ReportOut]
    across: AcrossOut
    id: str
    version: str


def reports_of(reports: Reports, link: str = "", *, full: bool = False) -> ReportsOut:
    """Show several reports; `link` and `full` as for one."""
    return {
        "status": reports.status,
        "headline": reports.headline,
        "decision": decision_of(reports.decision),
        "runs": [report_of(report, link, full=full) for report in reports.runs],
        "across": {
            "findings": [finding_of(judged, link) for judged in reports.findings],
            "outcomes": outcomes_of(reports.outcomes),
        },
        "id": reports.id,
        "version": reports.version,
    }


class SummaryOut(TypedDict):
    """With `?summary=1`: the verdict alone, of one run or of several."""

    status: Status
    headline: str
    decision: DecisionOut
    id: str
    version: str


def summary_of(report: Report | Reports) -> SummaryOut:
    """Show what stands at the head of the whole answer."""
    return {
        "status": report.status,
        "headline": report.headline,
        "decision": decision_of(report.decision),
        "id": report.id,
        "version": report.version,
    }


def to_json(report: Report | Reports, link: str = "", *, full: bool = False, summary: bool = False) -> bytes:
    """Write an answer as strict JSON: what is unknown is `null`, what was not asked for is left out."""
    if summary:
        return written(summary_of(report), inf_nan_mode="null")
    if isinstance(report, Reports):
        return written(reports_of(report, link, full=full), inf_nan_mode="null")
    return written(report_of(report, link, full=full), inf_nan_mode="null")
