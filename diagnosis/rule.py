"""A rule: one condition, one file, one word; and what becomes of it: found, clear, skipped or failed.

The file's name is the condition, its docstring the page, its parameters what it needs. `@rule` finds out the rest.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar, get_args, get_type_hints

from diagnosis.advice.fix import Fix
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.lacking import lacking
from diagnosis.run import Position, Run
from diagnosis.shares import percent as percent  # noqa: PLC0414 - what a rule says has shares in it
from diagnosis.shares import share_of as share_of  # noqa: PLC0414
from diagnosis.shares import stretch as stretch  # noqa: PLC0414 - likewise
from diagnosis.units import may_be_none, modules_of, page_of

Severity = Literal["error", "warning", "info"]
Verdict = Literal["intervene", "stop", "continue"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Subject = Literal["values", "learning", "stability", "validation", "progress", "measurement", "rest", "logging"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)  # in the order of judgement: the later rest on the earlier ones
# Units of evidence: nothing is measured in the units of a loss.
PROGRESS, NOISE, ERRORS = "share of progress", "noise levels", "standard errors"
# How units begin of which next to no noise makes any number; more of them than so many is no surer.
BY_CHANCE, SURE = ("standard errors", "noise levels", "standard deviations"), 1000.0
EVERYTHING = ("*",)  # supersedes whatever else there is
CLEAR = 3.0  # doublings past a bound, where no ratio can be formed (a bound of zero, an infinite value)
FACT = 10**6  # points of a finding that is read off, not estimated: no sample is too small for it


@dataclass(frozen=True)
class Evidence:
    """A number against its bound, in shares of progress or multiples of noise; `exceeds` tells which side is past it."""

    name: str
    value: float
    bound: float | None
    unit: str
    says: str
    exceeds: bool = True

    @property
    def margin(self) -> float | None:
        """How far past its bound, in doublings; None where nothing was compared."""
        if self.bound is None:
            return None
        value, bound = (self.value, self.bound) if self.exceeds else (self.bound, self.value)
        if bound <= 0.0 or value <= 0.0:
            return CLEAR if value > bound else 0.0
        return math.log2(value / bound) if math.isfinite(value) else CLEAR


@dataclass(frozen=True)
class Cause:
    """A reason why, and the cheapest experiment that tells it from the next."""

    cause: str
    test: str


@dataclass(frozen=True)
class Finding:
    """A condition that is met in this run."""

    summary: str
    evidence: tuple[Evidence, ...]
    series: tuple[str, ...]
    since: Position | None
    fixes: tuple[Fix, ...]
    against: tuple[str, ...] = ()
    until: Position | None = None
    severity: Severity | None = None
    points: int = 0
    ceiling: float = 0.99
    restore: Position | None = None  # the checkpoint a pipeline should go back to
    asks: bool = True  # whether it asks of a pipeline what its rule `decides`
    causes: tuple[Cause, ...] = ()  # likeliest first, where this run tells; else those of the rule
    about: Subject | None = None  # where this run makes it rest on other findings than those of its rule do


@dataclass(frozen=True)
class Skipped:
    """A condition that could not be judged, and why."""

    why: str


@dataclass(frozen=True)
class Fires:
    """An example in which the condition is met."""

    says: str
    run: Run
    others: Sequence[Run] = ()  # repeats of it, where runs are judged together


@dataclass(frozen=True)
class Quiet:
    """A near miss: it looks like the condition, and is not."""

    says: str
    run: Run
    others: Sequence[Run] = ()  # repeats of it, where runs are judged together


Check = Callable[..., "Finding | Skipped | None"]
AnyCheck = TypeVar("AnyCheck", bound=Check)


@dataclass(frozen=True)
class Rule:
    """One condition and how it is judged."""

    name: str
    check: Check
    severity: tuple[Severity, ...]
    about: Subject
    needs: tuple[str, ...]
    wants: tuple[str, ...]
    points: int
    causes: tuple[Cause, ...]
    examples: tuple[Fires | Quiet, ...]
    supersedes: tuple[str, ...]
    decides: Verdict | None
    lowers: tuple[str, ...]
    not_of_rewards: str
    exempt: Mapping[str, str]
    title: str
    page: Mapping[str, str]

    def explains(self, names: Iterable[str]) -> tuple[str, ...]:
        """Which of these conditions this one supersedes."""
        return tuple(n for n in names if n != self.name and (self.supersedes == EVERYTHING or n in self.supersedes))

    def short(self, features: Features) -> Measured | None:
        """The first of the needed curves that has too few values, where none is lacking."""
        needed = [getattr(features, name) for name in self.needs]
        return None if None in needed else self._shortest(needed)

    def _shortest(self, needed: Iterable[object]) -> Measured | None:
        for found in needed:
            if isinstance(found, Measured) and found.n < self.points:
                return found
        return None

    def judge(self, features: Features) -> Finding | Skipped | None:
        """Check one run, or say what is missing for it."""
        if self.not_of_rewards and features.reward:
            return Skipped(f"{features.reward.name} is a reward: {self.not_of_rewards}")
        given = {name: getattr(features, name) for name in self.needs}
        if None in given.values():
            missing = [words for name, found in given.items() if found is None for words in lacking(name, features)]
            return Skipped(f"lacks {' and '.join(dict.fromkeys(missing))}")
        if short := self._shortest(given.values()):
            return Skipped(
                f"too short: {short.name} has {short.n} point{'s' * (short.n != 1)}, {self.points} are needed"
            )
        for name in self.wants:
            given[name] = getattr(features, name)
        return self.check(**given)


def rule(
    *,
    severity: Severity | tuple[Severity, ...],
    about: Subject,
    causes: tuple[Cause, ...],
    examples: tuple[Fires | Quiet, ...],
    points: int = 5,
    supersedes: tuple[str, ...] = (),
    decides: Verdict | None = None,
    lowers: tuple[str, ...] = (),
    not_of_rewards: str = "",
    exempt: Mapping[str, str] | None = None,
) -> Callable[[AnyCheck], AnyCheck]:
    """Make a function a rule.

    `severity`: the usual one first, then others it may take. `about`: its place among findings as severe. `points`:
    finite values each needed curve must have. `supersedes`: conditions this one explains. `lowers`: conditions made less
    sure by this one. `decides`: what it asks of a pipeline. `not_of_rewards`: why a reward that stands in for a loss is not
    judged; empty where it is. `exempt`: promises of tests/rules/test_rules.py that cannot
    hold here, each with its reason.
    """

    def declare(check: AnyCheck) -> AnyCheck:
        module = inspect.getmodule(check)
        assert module is not None  # noqa: S101 - a decorated function has a module
        hints = get_type_hints(check)
        parameters = list(inspect.signature(check).parameters)
        wants = tuple(p for p in parameters if may_be_none(hints[p]) or p in {"context", "features", "run"})
        title, page = page_of(module.__doc__ or "")
        check.__rule__ = Rule(  # type: ignore[attr-defined]
            name=module.__name__.rpartition(".")[2],
            check=check,
            severity=(severity,) if isinstance(severity, str) else severity,
            about=about,
            needs=tuple(p for p in parameters if p not in wants),
            wants=wants,
            points=points,
            causes=causes,
            examples=examples,
            supersedes=supersedes,
            decides=decides,
            lowers=lowers,
            not_of_rewards=not_of_rewards,
            exempt=exempt or {},
            title=title,
            page=page,
        )
        return check

    return declare


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule, by name: the modules of `diagnosis.rules`, each with its `check`."""
    return {name: module.check.__rule__ for name, module in modules_of("diagnosis.rules").items()}
