"""What an endpoint promises, written beside it: `scripts/openapi.py` makes openapi.yaml of it.

The summary and the description are the function's docstring; what is in the models is not said again here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., object])
Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an address; `place` is `query`, `path` or `header`."""

    name: str
    says: str
    schema: Schema = field(default_factory=lambda: TEXT)
    place: str = "query"
    more: Schema = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """One media type a request may have; every example is executed by the tests."""

    schema: Schema
    examples: Mapping[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What one endpoint takes and gives.

    `problems` are names of `service.problems`: `busy` with every status it has there, `unavailable 503` with this one.
    """

    answers: Mapping[str, type | Schema | tuple[type, ...]]
    problems: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: Mapping[str, Body] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


_PROMISED: dict[Callable[..., object], Operation] = {}


def promises(operation: Operation) -> Callable[[View], View]:
    """Write down what a view promises."""

    def note(view: View) -> View:
        _PROMISED[view] = operation
        return view

    return note


def promised(view: Callable[..., object]) -> Operation:
    """What a view promises; a view that promises nothing is a gap in the contract."""
    return _PROMISED[view]
