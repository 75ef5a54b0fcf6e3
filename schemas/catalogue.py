"""What can be named, and what can be read: rules, checks of a model and readers, described by themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field

from diagnosis import diagnose
from diagnosis.across import compare, rules_across
from diagnosis.advice.verbs import VERBS
from diagnosis.examining import model_check
from diagnosis.examining.check import check
from diagnosis.examining.model_check import Check, all_checks
from diagnosis.reader import Reader, all_readers
from diagnosis.report import Judged
from diagnosis.rule import Fires, Quiet, Rule, Severity, all_rules
from schemas.finding import CauseOut, Condition, FindingOut, cause_of, finding_of, page_of
from schemas.run import CANONICAL, FORMAT
from schemas.thresholds import ThresholdOut, thresholds_of, with_numbers
from schemas.wire import Answer

Subject = Literal["curve", "model"]
Scope = Literal[Subject, "both"]


Title = Annotated[str, Field(description="What it claims of a run, or of a model.")]
Severities = Annotated[list[Severity], Field(description="Those that it may have, the usual one first.")]


class Claim(Answer):
    """What a condition says of a curve, or of a model, and what that costs."""

    title: Title
    severity: Severities


class ConditionSummary(Answer):
    """A condition in one line; of one that has both scopes, that of the curve."""

    name: Condition
    title: Title
    scope: Scope = Field(description="Whether it is found in a curve, in a model, or in both.")
    severity: Severities
    page: str
    in_model: Claim | None = Field(description="Where `scope` is `both`: the same in a model.")

    @classmethod
    def of(cls, name: str, link: str = "") -> Self:
        """Describe a condition shortly."""
        units = _units(name)
        claim, *others = (Claim(title=unit.title, severity=list(unit.severity)) for unit in units)
        scope: Scope = "both" if others else "curve" if isinstance(units[0], Rule) else "model"
        in_model = others[0] if others else None
        return cls(name=name, scope=scope, page=page_of(name, link), in_model=in_model, **claim.model_dump())

    def claim_of(self, subject: Subject) -> Claim | None:
        """What it claims of a curve, or of a model; None where it is not found there."""
        if subject == "model" and self.in_model:
            return self.in_model
        return Claim(title=self.title, severity=self.severity) if self.scope in {subject, "both"} else None


class ConditionsOut(Answer):
    """Every condition that can be named."""

    conditions: list[ConditionSummary]

    @classmethod
    def of(cls, link: str = "") -> Self:
        """List every condition by its name."""
        return cls(conditions=[ConditionSummary.of(name, link) for name in all_conditions()])


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
    """A run, or a model, in which the condition is met, and what is then said."""

    says: str
    finding: FindingOut


class Described(Claim):
    """Everything there is to know about a condition, of a curve or of a model."""

    meaning: str
    how: str = Field(description="How it is detected.")
    when_wrong: str = Field(description="What looks like it, and is not.")
    sources: str
    thresholds: list[ThresholdOut] = Field(description="The numbers that `how` speaks of.")
    needs: list[str] = Field(description="What must be logged, or be measured of a model, for it to be judged.")
    causes: list[CauseOut]
    fixes: list[VerbOut] = Field(description="What may be advised; a finding ranks them, with its own numbers.")
    supersedes: list[Condition] = Field(description="Conditions that this one explains, and leaves out.")
    example: ExampleOut | None
    near_misses: list[str] = Field(description="What looks like it, and in which it is not named.")

    @classmethod
    def by(cls, unit: Rule | Check, link: str = "") -> Self:
        """Describe a rule or a check, with what it says of its own examples."""
        found = examples_of(unit) if isinstance(unit, Rule) else examined_by(unit)
        actions = dict.fromkeys(fix.action for judged in found.values() for fix in judged.finding.fixes)
        example = next(
            (ExampleOut(says=says, finding=finding_of(judged, link)) for says, judged in found.items()), None
        )
        explained = unit.explains(all_rules()) if isinstance(unit, Rule) else unit.supersedes
        thresholds = thresholds_of(unit)
        return cls(
            title=unit.title,
            severity=list(unit.severity),
            meaning=unit.page.get("What it means", ""),
            how=with_numbers(unit.page.get("How it is detected", ""), thresholds),
            when_wrong=_when_wrong(unit),
            sources=re.sub(r"\n +", " ", unit.page.get("Sources", "")),  # a source a line
            thresholds=thresholds,
            needs=list(unit.needs),
            causes=[cause_of(cause) for cause in unit.causes],
            fixes=[VerbOut.of(action) for action in actions],
            supersedes=list(explained),
            example=example,
            near_misses=[example.says for example in unit.examples if isinstance(example, Quiet | model_check.Quiet)],
        )


class ConditionOut(Described, ConditionSummary):
    """A condition, with everything there is to know about it."""

    in_model: Described | None = Field(description="Where `scope` is `both`: the same in a model.")


def _when_wrong(unit: Rule | Check) -> str:
    told = unit.page.get("When it is wrong", "")
    of_rewards = unit.not_of_rewards if isinstance(unit, Rule) else ""
    return f"{told}\n\nA reward is not judged by it: {of_rewards}." if of_rewards else told


def all_conditions() -> tuple[str, ...]:
    """The name of every condition, of curves and of models."""
    return tuple(sorted({*all_rules(), *all_checks()}))


def condition(name: str, link: str = "") -> ConditionOut | None:
    """Describe a condition by its name; None where there is none."""
    return _described(name, link) if _units(name) else None


@cache
def _described(name: str, link: str) -> ConditionOut:
    found = _units(name)
    first, *others = (Described.by(unit, link) for unit in found)
    parts = {field: getattr(first, field) for field in Described.model_fields}
    in_model = others[0] if others else None
    return ConditionOut(**{**ConditionSummary.of(name, link).model_dump(), **parts, "in_model": in_model})


def _units(name: str) -> tuple[Rule | Check, ...]:
    """The rule and the check of that name."""
    found: tuple[Rule | Check | None, ...] = (all_rules().get(name), all_checks().get(name))
    return tuple(unit for unit in found if unit is not None)


def examples_of(rule: Rule) -> dict[str, Judged]:
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


def examined_by(unit: Check) -> dict[str, Judged]:
    """What a check of a model finds in its own examples, likewise."""
    found = {}
    for example in unit.examples:
        if isinstance(example, model_check.Fires):
            judged = [j for j in check(example.examination).findings if j.condition == unit.name]
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
