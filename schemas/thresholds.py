"""The named numbers of a rule: value, unit and source stand in one place, the file, and are read from there."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from types import ModuleType

from pydantic import Field

from diagnosis.model_check import Check
from diagnosis.rule import Rule
from schemas.wire import Answer

# `GIVEN_BACK = 0.10  # share of validation's progress; …`, two names a line at most.
CONSTANT = re.compile(r"^([A-Z][A-Z_]*(?:, [A-Z][A-Z_]*)*) = (.+?)  # (.+)$", re.MULTILINE)
IMPORTED = re.compile(r"^from (diagnosis\.(?:features|sections)\S*) import (.*[A-Z]{3}.*)$", re.MULTILINE)


class ThresholdOut(Answer):
    """A number that is held against a run, or against a model."""

    name: str
    value: float
    says: str = Field(description="Its unit, and where it comes from.")


def thresholds_of(unit: Rule | Check) -> list[ThresholdOut]:
    """The numbers of a rule's own file, then those it takes from a feature."""
    module = sys.modules[(unit.check if isinstance(unit, Rule) else unit.ask).__module__]
    own = {t.name: t for t in _in(module)}
    for path, names in IMPORTED.findall(inspect.getsource(module)):
        wanted = {name.strip() for name in names.partition("#")[0].split(",")}
        own.update({t.name: t for t in _in(sys.modules[path]) if t.name in wanted})
    return list(own.values())


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
