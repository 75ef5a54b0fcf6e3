"""A condition that is met: how bad, how sure, since when, on what evidence, and what to try first."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from diagnosis.marks import Kind, Mark
from diagnosis.model_check import all_checks
from diagnosis.report import Judged
from diagnosis.rule import Severity, all_rules
from diagnosis.run import Axis, Position, number
from diagnosis.verbs import VERBS, Verb
from schemas.rounding import Rounded, rounded_within
from schemas.wire import Answer

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


class PositionOut(Answer):
    """A place in the run, in the numbers that were logged."""

    axis: Axis
    at: int | float

    @classmethod
    def of(cls, position: Position | None) -> Self | None:
        """Show a position, where there is one."""
        return cls(axis=position.axis, at=position.at) if position else None


class EvidenceOut(Answer):
    """A number against its bound."""

    name: str
    value: Rounded
    bound: Rounded = Field(description="What the value is held against; `null` where nothing is.")
    unit: str
    says: str


class CauseOut(Answer):
    """A reason why, and the cheapest experiment that tells it from the next."""

    cause: str
    test: str


class FixOut(Answer):
    """What to try: a verb of the documented list, and its numbers for this run."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_applied(*entry) for entry in VERBS.items()]})

    action: Annotated[str, WithJsonSchema({"type": "string", "enum": list(VERBS)})]
    params: Annotated[dict[str, Any], BeforeValidator(lambda params: {k: rounded_within(v) for k, v in params.items()})]
    advice: str
    because: str


class MarkOut(Answer):
    """What a finding points at on one curve: single places (each spike, where each cycle begins), or a level."""

    kind: Kind
    series: str
    axis: Axis
    at: list[int | float] = Field(description="Logged positions; empty for a level.")
    level: Rounded = Field(description="A value of the curve; `null` for places.")

    @classmethod
    def of(cls, mark: Mark) -> Self:
        """Show one mark."""
        curve = mark.measured.curve
        places = [number(step) for step in curve.steps[mark.at].tolist()]
        return cls(kind=mark.kind, series=curve.name, axis=curve.axis, at=places, level=mark.level)


class FindingOut(Answer):
    """One condition that is met in this run, or by this model."""

    condition: Condition
    severity: Severity = Field(description="What it costs you.")
    confidence: float = Field(ge=0, le=1, description="How sure it is: of findings given 0.9, nine in ten are right.")
    summary: str
    series: list[str]
    since: PositionOut | None
    until: PositionOut | None
    evidence: list[EvidenceOut]
    against: list[str] = Field(description="What speaks against it, or would overturn it.")
    causes: list[CauseOut]
    fixes: list[FixOut] = Field(description="Ranked: try the first one first.")
    page: str
    mark: MarkOut | None = Field(None, description="With `?curves=full`: what of it can be drawn beside its stretch.")

    @classmethod
    def of(cls, judged: Judged, link: str = "", *, mark: Mark | None = None) -> Self:
        """Show one finding; `link` goes before the address of its page; `mark` where it is to be drawn."""
        finding = judged.finding
        drawn = {"mark": MarkOut.of(mark)} if mark else {}
        return cls(
            condition=judged.condition,
            severity=judged.severity,
            confidence=judged.confidence,
            summary=finding.summary,
            series=list(finding.series),
            since=PositionOut.of(finding.since),
            until=PositionOut.of(finding.until),
            evidence=[
                EvidenceOut(name=e.name, value=e.value, bound=e.bound, unit=e.unit, says=e.says)
                for e in finding.evidence
            ],
            against=list(finding.against),
            causes=[CauseOut(cause=c.cause, test=c.test) for c in judged.causes],
            fixes=[
                FixOut(action=f.action, params=dict(f.params), advice=f.advice, because=f.because) for f in judged.fixes
            ],
            page=page_of(judged.condition, link),
            **drawn,
        )


def page_of(condition: str, link: str = "") -> str:
    """Where a condition is explained."""
    return f"{link}/conditions/{condition}"
