"""What can be named, and what can be read: the rules and the readers, described by themselves."""

from __future__ import annotations

from functools import cache
from typing import Literal, Self

from pydantic import Field

from diagnosis import diagnose
from diagnosis.across import compare, rules_across
from diagnosis.reader import Reader, all_readers
from diagnosis.report import Judged
from diagnosis.rule import Fires, Quiet, Rule, Severity, all_rules
from diagnosis.verbs import VERBS
from schemas.finding import CauseOut, Condition, FindingOut, page_of
from schemas.run import CANONICAL, FORMAT
from schemas.thresholds import ThresholdOut, thresholds_of
from schemas.wire import Answer

Scope = Literal["curve", "model", "both"]


class ConditionSummary(Answer):
    """A condition in one line."""

    name: Condition
    title: str = Field(description="What it claims of a run.")
    scope: Scope = Field(description="Whether it is found in a curve, in a model, or in both.")
    severity: list[Severity] = Field(description="The usual one first.")
    page: str

    @classmethod
    def of(cls, rule: Rule, link: str = "") -> Self:
        """Describe a rule shortly."""
        return cls(
            name=rule.name, title=rule.title, scope="curve", severity=list(rule.severity), page=page_of(rule.name, link)
        )


class ConditionsOut(Answer):
    """Every condition that can be named."""

    conditions: list[ConditionSummary]

    @classmethod
    def of(cls, link: str = "") -> Self:
        """List every rule by its name."""
        return cls(conditions=[ConditionSummary.of(rule, link) for _, rule in sorted(all_rules().items())])


class ParamOut(Answer):
    """One number or word that a fix carries."""

    type: str
    says: str


class VerbOut(Answer):
    """A fix that this condition may advise, with its parameters."""

    action: str
    says: str
    params: dict[str, ParamOut]

    @classmethod
    def of(cls, action: str) -> Self:
        """Describe a verb."""
        verb = VERBS[action]
        params = {name: ParamOut(type=param.type, says=param.says) for name, param in verb.params.items()}
        return cls(action=action, says=verb.says, params=params)


class ExampleOut(Answer):
    """A run in which the condition is met, and what is then said."""

    says: str
    finding: FindingOut


class ConditionOut(ConditionSummary):
    """A condition, with everything there is to know about it."""

    meaning: str
    how: str = Field(description="How it is detected.")
    when_wrong: str = Field(description="What looks like it, and is not.")
    sources: str
    thresholds: list[ThresholdOut] = Field(description="The numbers that `how` speaks of.")
    needs: list[str] = Field(description="What must be logged for it to be judged.")
    causes: list[CauseOut]
    fixes: list[VerbOut] = Field(description="What may be advised; a finding ranks them, with numbers of its run.")
    supersedes: list[Condition] = Field(description="Conditions that this one explains, and leaves out.")
    example: ExampleOut | None
    near_misses: list[str] = Field(description="Runs that look like it, and in which it is not named.")

    @classmethod
    def of(cls, rule: Rule, link: str = "") -> Self:
        """Describe a rule, with what it says of its own examples."""
        found = _examples(rule)
        actions = dict.fromkeys(fix.action for judged in found.values() for fix in judged.finding.fixes)
        example = next(
            (ExampleOut(says=says, finding=FindingOut.of(judged, link)) for says, judged in found.items()), None
        )
        return cls(
            **ConditionSummary.of(rule, link).model_dump(),
            meaning=rule.page.get("What it means", ""),
            how=rule.page.get("How it is detected", ""),
            when_wrong=rule.page.get("When it is wrong", ""),
            sources=rule.page.get("Sources", ""),
            thresholds=thresholds_of(rule),
            needs=list(rule.needs),
            causes=[CauseOut(cause=cause.cause, test=cause.test) for cause in rule.causes],
            fixes=[VerbOut.of(action) for action in actions],
            supersedes=list(rule.explains(all_rules())),
            example=example,
            near_misses=[example.says for example in rule.examples if isinstance(example, Quiet)],
        )


@cache
def condition(name: str, link: str = "") -> ConditionOut | None:
    """Describe a condition by its name; None where there is none."""
    rule = all_rules().get(name)
    return ConditionOut.of(rule, link) if rule else None


def _examples(rule: Rule) -> dict[str, Judged]:
    """What the rule finds in its own examples, by what each example says."""
    found = {}
    for example in rule.examples:
        if isinstance(example, Fires):
            report = diagnose(example.run)
            findings = (
                compare([report, *map(diagnose, example.others)]).findings
                if rule.name in rules_across()
                else report.findings
            )
            judged = [j for j in findings if j.condition == rule.name]
            if judged:
                found[example.says] = judged[0]
    return found


class FormatOut(Answer):
    """A log format that is read as it is."""

    name: str = Field(description="As `?format=` takes it, and `source.format` gives it.")
    title: str
    sample: str
    page: str = Field(description="Where it bites.")

    @classmethod
    def of(cls, reader: Reader) -> Self:
        """Describe a reader."""
        return cls(name=reader.name, title=reader.title, sample=reader.sample, page=reader.page)


class FormatsOut(Answer):
    """Every format that is read, this service's own JSON first."""

    formats: list[FormatOut]

    @classmethod
    def of(cls) -> Self:
        """List every reader by its name."""
        own = FormatOut(name=FORMAT, **CANONICAL)
        return cls(formats=[own, *(FormatOut.of(reader) for _, reader in sorted(all_readers().items()))])
