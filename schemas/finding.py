"""A condition that is met: how bad, how sure, since when, on what evidence, and what to try first."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from diagnosis.advice.fix import Fix
from diagnosis.advice.verbs import VERBS, Verb
from diagnosis.examining.model_check import all_checks
from diagnosis.marks import Kind, Mark
from diagnosis.report import Judged
from diagnosis.rule import BY_CHANCE, SURE, Cause, Evidence, Severity, all_rules
from diagnosis.run import Axis, Position, number
from schemas.rounding import Rounded, rounded, rounded_within

CONDITIONS = {
    "type": "string",
    "enum": sorted({*all_rules(), *all_checks()}),
    "description": "What can be found; `GET /conditions` explains each.",
}
Condition = Annotated[str, WithJsonSchema(CONDITIONS)]


def _applied(action: str, verb: Verb) -> dict[str, Any]:
    """The schema of a fix with this verb: its parameters are what a pipeline needs to apply it."""
    params: dict[str, Any] = {
        name: {"type": param.type, "description": param.says} | ({"items": {}} if param.type == "array" else {})
        for name, param in verb.params.items()
    }
    return {
        "title": action,
        "description": verb.says,
        "properties": {
            "action": {"const": action},
            "params": {"type": "object", "properties": params, "additionalProperties": False},
        },
    }


class PositionOut(TypedDict):
    """A place in the run, in the numbers that were logged."""

    axis: Axis
    at: int | float


def position_of(position: Position | None) -> PositionOut | None:
    """Show a position, where there is one."""
    return {"axis": position.axis, "at": position.at} if position else None


class EvidenceOut(TypedDict):
    """A number against its bound."""

    name: str
    value: Annotated[Rounded, Field(description=f"Of noise levels and the like at most {SURE:g}: more is no surer.")]
    bound: Annotated[Rounded, Field(description="What the value is held against; `null` where nothing is.")]
    unit: str
    says: str


def evidence_of(e: Evidence) -> EvidenceOut:
    """Show one piece of evidence."""
    value = min(e.value, SURE) if e.unit.startswith(BY_CHANCE) else e.value
    return {"name": e.name, "value": rounded(value), "bound": rounded(e.bound), "unit": e.unit, "says": e.says}


class CauseOut(TypedDict):
    """A reason why, and the cheapest experiment that tells it from the next."""

    cause: str
    test: str


def cause_of(cause: Cause) -> CauseOut:
    """Show one cause."""
    return {"cause": cause.cause, "test": cause.test}


@with_config(ConfigDict(json_schema_extra={"oneOf": [_applied(*entry) for entry in VERBS.items()]}))
class FixOut(TypedDict):
    """What to try: a verb of the documented list, and its numbers for this run."""

    action: Annotated[str, WithJsonSchema({"type": "string", "enum": list(VERBS)})]
    params: dict[str, Any]
    advice: str
    because: str


def fix_of(fix: Fix) -> FixOut:
    """Show one fix."""
    params = {name: rounded_within(value) for name, value in fix.params.items()}
    return {"action": fix.action, "params": params, "advice": fix.advice, "because": fix.because}


class MarkOut(TypedDict):
    """What a finding points at on one curve: single places (each spike, where each cycle begins), or a level."""

    kind: Kind
    series: str
    axis: Axis
    at: Annotated[list[int | float], Field(description="Logged positions; empty for a level.")]
    level: Annotated[Rounded, Field(description="A value of the curve; `null` for places.")]


def _mark(mark: Mark) -> MarkOut:
    """Show one mark."""
    curve = mark.measured.curve
    places = [number(step) for step in curve.steps[mark.at].tolist()]
    return {"kind": mark.kind, "series": curve.name, "axis": curve.axis, "at": places, "level": rounded(mark.level)}


class FindingOut(TypedDict):
    """One condition that is met in this run, or by this model."""

    condition: Condition
    severity: Annotated[Severity, Field(description="What it costs you.")]
    confidence: Annotated[
        float, Field(ge=0, le=1, description="How sure it is: of findings given 0.9, nine in ten are right.")
    ]
    summary: str
    series: list[str]
    since: PositionOut | None
    until: PositionOut | None
    evidence: list[EvidenceOut]
    against: Annotated[list[str], Field(description="What speaks against it, or would overturn it.")]
    causes: list[CauseOut]
    fixes: Annotated[list[FixOut], Field(description="Ranked: try the first one first.")]
    page: str
    mark: NotRequired[
        Annotated[MarkOut, Field(description="With `?curves=full`: what of it can be drawn beside its stretch.")]
    ]


def finding_of(judged: Judged, link: str = "", *, mark: Mark | None = None) -> FindingOut:
    """Show one finding; `link` goes before the address of its page; `mark` where it is to be drawn."""
    finding = judged.finding
    found: FindingOut = {
        "condition": judged.condition,
        "severity": judged.severity,
        "confidence": judged.confidence,
        "summary": finding.summary,
        "series": list(finding.series),
        "since": position_of(finding.since),
        "until": position_of(finding.until),
        "evidence": [evidence_of(evidence) for evidence in finding.evidence],
        "against": list(finding.against),
        "causes": [cause_of(cause) for cause in judged.causes],
        "fixes": [fix_of(fix) for fix in judged.fixes],
        "page": page_of(judged.condition, link),
    }
    if mark:
        found["mark"] = _mark(mark)
    return found


def page_of(condition: str, link: str = "") -> str:
    """Where a condition is explained."""
    return f"{link}/conditions/{condition}"
