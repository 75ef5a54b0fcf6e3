"""The answer to `POST /diagnose`: one run judged, or several and what holds across them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from diagnosis.across import Reports
from diagnosis.marks import changes_of, mark_of
from diagnosis.report import Action, Decision, Outcomes, Report, Status
from diagnosis.run import Axis, Role, Source
from schemas.curves import CurveOut, GapOut, curves_of, gaps_of
from schemas.finding import Condition, FindingOut, PositionOut
from schemas.rounding import Rounded
from schemas.wire import Answer


class DecisionOut(Answer):
    """What a pipeline should do now."""

    action: Action
    restore: PositionOut | None = Field(description="The best point, where going back to it makes sense.")
    because: list[Condition] = Field(description="The conditions that ask for it.")

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Show a decision."""
        return cls(action=decision.action, restore=PositionOut.of(decision.restore), because=list(decision.because))


class OutcomesOut(Answer):
    """Every condition that was not found is in exactly one of these."""

    clear: list[Condition]
    skipped: dict[Condition, str] = Field(description="What could not be judged, and why.")
    failed: list[Condition] = Field(description="Bugs of this service; they are logged.")

    @classmethod
    def of(cls, outcomes: Outcomes) -> Self:
        """Show what became of the conditions that were not found."""
        return cls(clear=list(outcomes.clear), skipped=dict(outcomes.skipped), failed=list(outcomes.failed))


class SourceOut(Answer):
    """What the question came as, and what was made of its names."""

    format: str
    mapping: dict[str, Role]
    ignored: list[str]
    notes: list[str]

    @classmethod
    def of(cls, source: Source, measured: tuple[str, ...]) -> Self:
        """Show a source, with what was noted when it was measured."""
        notes = list(dict.fromkeys((*source.notes, *measured)))
        return cls(format=source.format, mapping=dict(source.mapping), ignored=list(source.ignored), notes=notes)


class RateChangeOut(Answer):
    """Where the logged learning rate was changed at once, and by what factor."""

    axis: Axis
    at: int | float
    factor: Rounded


class ReportOut(Answer):
    """One run, judged."""

    name: str | None = Field(None, description="The run's name, where there are several.")
    status: Status
    headline: str
    decision: DecisionOut
    findings: list[FindingOut] = Field(
        description="Worst first; of those as severe, what the others rest on, then the surest."
    )
    outcomes: OutcomesOut
    curves: list[CurveOut]
    gaps: list[GapOut]
    source: SourceOut
    rate_changes: list[RateChangeOut] | None = Field(None, description="With `?curves=full`.")
    labels: dict[str, Any] | None = Field(None, description="`context.labels`, as they were sent.")
    id: str = Field(description="The same question to the same version has the same id.")
    version: str

    @classmethod
    def from_report(cls, report: Report, link: str = "", *, full: bool = False) -> Self:
        """Show one report; `link` goes before every address, `full` adds the curves' values."""
        run = report.features.run
        features = report.features
        where_given: dict[str, Any] = {"name": report.name, "labels": dict(run.context.labels)}
        if full:
            where_given["rate_changes"] = [
                RateChangeOut(axis=change.at.axis, at=change.at.at, factor=change.factor)
                for change in changes_of(features)
            ]
        return cls(
            status=report.status,
            headline=report.headline,
            decision=DecisionOut.of(report.decision),
            findings=[
                FindingOut.of(judged, link, mark=mark_of(judged, features) if full else None)
                for judged in report.findings
            ],
            outcomes=OutcomesOut.of(report.outcomes),
            curves=list(curves_of(features, full=full)),
            gaps=list(gaps_of(features)),
            source=SourceOut.of(run.source, features.notes),
            id=report.id,
            version=report.version,
            **{field: value for field, value in where_given.items() if value},
        )


class AcrossOut(Answer):
    """What holds across the runs, judged like one."""

    findings: list[FindingOut]
    outcomes: OutcomesOut = Field(description="Of the conditions that are judged across runs; each run has its own.")


class ReportsOut(Answer):
    """Several runs, each judged, and what holds across them."""

    status: Status = Field(description="The worst of the runs, and of what was found across them.")
    headline: str
    decision: DecisionOut
    runs: list[ReportOut]
    across: AcrossOut
    id: str
    version: str

    @classmethod
    def from_reports(cls, reports: Reports, link: str = "", *, full: bool = False) -> Self:
        """Show several reports; `link` and `full` as for one."""
        return cls(
            status=reports.status,
            headline=reports.headline,
            decision=DecisionOut.of(reports.decision),
            runs=[ReportOut.from_report(report, link, full=full) for report in reports.runs],
            across=AcrossOut(
                findings=[FindingOut.of(judged, link) for judged in reports.findings],
                outcomes=OutcomesOut.of(reports.outcomes),
            ),
            id=reports.id,
            version=reports.version,
        )


class SummaryOut(Answer):
    """With `?summary=1`: the verdict alone, of one run or of several."""

    status: Status
    headline: str
    decision: DecisionOut
    id: str
    version: str

    @classmethod
    def of(cls, report: Report | Reports) -> Self:
        """Show what stands at the head of the whole answer."""
        return cls(
            status=report.status,
            headline=report.headline,
            decision=DecisionOut.of(report.decision),
            id=report.id,
            version=report.version,
        )


def to_json(report: Report | Reports, link: str = "", *, full: bool = False, summary: bool = False) -> bytes:
    """Write an answer as strict JSON: what is unknown is `null`, what was not asked for is left out."""
    if summary:
        answer: Answer = SummaryOut.of(report)
    elif isinstance(report, Reports):
        answer = ReportsOut.from_reports(report, link, full=full)
    else:
        answer = ReportOut.from_report(report, link, full=full)
    return answer.model_dump_json(by_alias=True, exclude_unset=True).encode()
