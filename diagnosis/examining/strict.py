"""Plain values → frozen dataclasses, field by field: whatever is missing, unknown or of another type is refused."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from diagnosis.errors import InvalidExamination

LONGEST, MOST = 400, 2001  # characters of a string, entries of a list
WIDEST = 1 << 62  # whole numbers
Section = TypeVar("Section")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def read_strictly(kind: type[Section], value: object, where: str) -> Section:
    """A dataclass from a mapping: no field missing but those with defaults, none unknown, each of its type."""
    if not isinstance(value, dict):
        raise InvalidExamination("expected an object", where or "/")
    assert is_dataclass(kind)  # noqa: S101 - every section is one
    known = {field.name for field in fields(kind)}
    hints = _hints(kind)
    given = {name: _value(hints[name], inner, f"{where}/{name}") for name, inner in value.items() if name in known}
    if len(given) != len(value):
        raise InvalidExamination("unknown field", where or "/")
    try:
        return kind(**given)
    except TypeError:
        raise InvalidExamination("a field is missing", where or "/") from None


def _value(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - whatever the hint says
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _one_of(inner, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple) or len(value) > MOST:
            raise InvalidExamination(f"expected a list of at most {MOST}", where)
        return tuple(_value(inner[0], entry, f"{where}/{i}") for i, entry in enumerate(value))
    if origin is not None:  # a mapping of numbers
        if not isinstance(value, dict) or len(value) > MOST:
            raise InvalidExamination("expected an object", where)
        return {
            _value(str, name, where): _value(float, number, where)
            for name, number in value.items()
            if number is not None
        }
    if is_dataclass(hint):
        return read_strictly(hint, value, where)  # type: ignore[arg-type]
    return _plain(hint, value, where)


def _one_of(kinds: tuple[Any, ...], value: object, where: str) -> Any:  # noqa: ANN401
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _value(kind, value, where)
        except InvalidExamination:
            continue
    raise InvalidExamination("is of no type that is allowed here", where)


def _plain(hint: type, value: object, where: str) -> Any:  # noqa: ANN401
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if hint is str and isinstance(value, str) and len(value) <= LONGEST:
        return value
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < WIDEST:
        return value
    raise InvalidExamination(f"expected {hint.__name__}", where)
