"""The named numbers of a rule: value, unit and source stand in one place, the file, and are read from there."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

from pydantic import Field

from diagnosis.examining.model_check import Check
from diagnosis.rule import Rule
from schemas.wire import Answer

# `GIVEN_BACK = 0.10  # share of validation's progress; …`, two names a line at most.
CONSTANT = re.compile(r"^([A-Z][A-Z_]*(?:, [A-Z][A-Z_]*)*) = (.+?)  # (.+)$", re.MULTILINE)
MEASURED = re.compile(r"^from (diagnosis\.(?:features|examining\.sections)\S*) import (\([^)]*\)|.*)$", re.MULTILINE)
WHOLE = "diagnosis.features"
NAMED = re.compile(r"`([A-Z][A-Z_]*)`")


class ThresholdOut(Answer):
    """A number that is held against a run, or against a model."""

    name: str
    value: float
    says: str = Field(description="Its unit, and where it comes from.")


def thresholds_of(unit: Rule | Check) -> list[ThresholdOut]:
    """The numbers of a rule's own file, then those it imports from features, then others that its page names.

    These are looked for in the features that it imports from, and then in all that those lean on. ValueError: two of the
    former, or two of the latter, define a number of the name that the page says.
    """
    module = sys.modules[(unit.check if isinstance(unit, Rule) else unit.ask).__module__]
    found = {t.name: t for t in _in(module)}
    near: list[str] = []
    for path, names in MEASURED.findall(inspect.getsource(module)):
        near.append(path)
        wanted = set(re.findall(r"\w+", re.sub(r"#.*", "", names)))
        found.update({t.name: t for t in _in(sys.modules[path]) if t.name in wanted})
    named = set(NAMED.findall(module.__doc__ or ""))
    found |= _defined(named - found.keys(), dict.fromkeys(near), module.__name__)
    if missing := named - found.keys():
        found |= _defined(missing, _leant_on(near), module.__name__)
    return list(found.values())


def _defined(names: set[str], paths: Iterable[str], asking: str) -> dict[str, ThresholdOut]:
    """The numbers of these names in these modules; ValueError where one of them has two."""
    found: dict[str, ThresholdOut] = {}
    for path in paths:
        for threshold in _in(sys.modules[path]):
            if threshold.name in found:
                raise ValueError(
                    f"{asking} says `{threshold.name}`, and {path} defines another: import the one that is meant, or name one anew"
                )
            if threshold.name in names:
                found[threshold.name] = threshold
    return found


def _leant_on(near: list[str]) -> Iterator[str]:
    """The features that these import from, and so on; not by way of the one that brings all of them together."""
    seen, ahead = {*near, WHOLE}, [path for path in near if path != WHOLE]
    while ahead:
        imports = MEASURED.findall(inspect.getsource(sys.modules[ahead.pop(0)]))
        further = [path for path in dict.fromkeys(path for path, _ in imports) if path not in seen]
        yield from further
        seen.update(further)
        ahead += further


def with_numbers(text: str, thresholds: Iterable[ThresholdOut]) -> str:
    """A page's text in which each number has its value beside its name, where it is named first."""
    for one in thresholds:
        text = text.replace(f"`{one.name}`", f"`{one.name}` ({one.value:g})", 1)
    return text


def _in(module: ModuleType) -> Iterator[ThresholdOut]:
    for names, _, says in CONSTANT.findall(inspect.getsource(module)):
        for name in names.split(", "):
            value = getattr(module, name)
            if isinstance(value, int | float):
                yield ThresholdOut(name=name, value=value, says=says)
            elif isinstance(value, dict):  # one for each word, such as each loss
                for word, number in value.items():
                    if isinstance(number, int | float):
                        yield ThresholdOut(name=f"{name}.{word}", value=number, says=says)
