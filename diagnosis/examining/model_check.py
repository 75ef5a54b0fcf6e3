"""A check of a model: one condition, one file in `diagnosis/checks/`, in the style of the rules for curves.

The file's name is the condition, its docstring the page, its parameters what it asks of an Examination.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, get_type_hints

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.rule import FACT, Cause, Evidence, Finding, Severity, Skipped, Verdict
from diagnosis.units import may_be_none, modules_of, page_of

Ask = Callable[..., "Finding | Skipped | None"]
AnyAsk = TypeVar("AnyAsk", bound=Ask)


@dataclass(frozen=True)
class Fires:
    """An examination in which the condition is met."""

    says: str
    examination: Examination


@dataclass(frozen=True)
class Quiet:
    """A near miss: it looks like the condition, and is not."""

    says: str
    examination: Examination


@dataclass(frozen=True)
class Check:
    """One condition of a model and how it is judged."""

    name: str
    ask: Ask
    severity: tuple[Severity, ...]
    needs: tuple[str, ...]
    causes: tuple[Cause, ...]
    examples: tuple[Fires | Quiet, ...]
    supersedes: tuple[str, ...]
    explains: tuple[str, ...]
    optional: frozenset[str]
    title: str
    page: Mapping[str, str]
    decides: Verdict | None = None  # a curve's rules decide what a pipeline does; a check of a model has its verdict

    def judge(self, examination: Examination) -> Finding | Skipped | None:
        """Check one model, or say what could not be asked of it."""
        given = {name: examination if name == "examination" else getattr(examination, name) for name in self.needs}
        lacking = [name for name, value in given.items() if value is None and name not in self.optional]
        if lacking:
            return Skipped(SPOKEN.get(lacking[0], f"lacks {lacking[0]}"))
        return self.ask(**given)


SPOKEN = {
    "gradients": "there was no loss to go back from", "best": "nothing could be trained", "given": "nothing could be trained",
    "after": "nothing could be trained, or there was no time to ask", "dependence": "one forward pass takes too long to ask for more",
    "graph": "the graph cannot be inlined", "operand": "no layer is given floating point inputs",
}  # fmt: skip


def found(
    summary: str, *evidence: Evidence, fixes: tuple[Fix, ...], severity: Severity | None = None, against: tuple[str, ...] = (),
    causes: tuple[Cause, ...] = (), points: int = FACT,
) -> Finding:  # fmt: skip
    """A finding about a model: read off, not estimated, unless `points` says otherwise."""
    return Finding(summary, evidence, (), None, fixes, against, severity=severity, points=points, causes=causes)


def model_check(
    *, severity: Severity | tuple[Severity, ...], causes: tuple[Cause, ...], examples: tuple[Fires | Quiet, ...], supersedes: tuple[str, ...] = (),
    explains: tuple[str, ...] = (),
) -> Callable[[AnyAsk], AnyAsk]:  # fmt: skip
    """Make a function a check. `severity`: the usual one first.

    `supersedes`: conditions this one stands for. `explains`: conditions that stand beside it, and whose advice comes
    after its.
    """

    def declare(ask: AnyAsk) -> AnyAsk:
        module = inspect.getmodule(ask)
        assert module is not None  # noqa: S101 - a decorated function has a module
        title, page = page_of(module.__doc__ or "")
        hints = get_type_hints(ask)
        needs = tuple(inspect.signature(ask).parameters)
        ask.__check__ = Check(  # type: ignore[attr-defined]
            name=module.__name__.rpartition(".")[2],
            ask=ask,
            severity=(severity,) if isinstance(severity, str) else severity,
            needs=needs,
            causes=causes,
            examples=examples,
            supersedes=supersedes,
            explains=explains,
            optional=frozenset(name for name in needs if may_be_none(hints[name])),
            title=title,
            page=page,
        )
        return ask

    return declare


@cache
def all_checks() -> Mapping[str, Check]:
    """Every check of a model, by name: the modules of `diagnosis.checks`, each with its `check`."""
    return {name: module.check.__check__ for name, module in modules_of("diagnosis.checks").items()}
