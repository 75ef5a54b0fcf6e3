"""What every model of the wire is: frozen, strict, and clear about a field it does not know."""

from __future__ import annotations

import math
from collections.abc import Collection
from difflib import get_close_matches
from itertools import islice
from typing import ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

LARGE = 128  # bits; longer integers are not written out
REFUSED = 20  # unknown fields that are told
SHOWN = 60  # characters of a client's text that an error gives back


def shown(value: object) -> str:
    """A client's value as an error may give it back: as JSON writes it, and short."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and value.bit_length() > LARGE:
        return "a very large integer"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def refused(*errors: tuple[tuple[str | int, ...], str]) -> ValidationError:
    """A validation error of (place, sentence) pairs, to raise from inside a validator: places are relative to it."""
    lines = [
        InitErrorDetails(
            type=PydanticCustomError("refused", "{sentence}", {"sentence": sentence}), loc=place, input=None
        )
        for place, sentence in errors
    ]
    return ValidationError.from_exception_data("question", lines)


def either(what: str) -> WrapValidator:
    """Of a field that may be one of several things: one sentence for all, where pydantic has one for each, at places that nobody sent."""

    def read(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise refused(((), f"Expected {what}; got {shown(value)}.")) from None

    return WrapValidator(read)


def unknown(what: str, name: object, known: Collection[str]) -> str:
    """Say that there is no such field, or whatever it is, and which may have been meant."""
    near = get_close_matches(str(name), list(known), 1)
    hint = f" Did you mean {shown(near[0])}?" if near else ""
    return f"There is no {what} {shown(name)} here.{hint} Known are: {', '.join(known)}."


class Wire(BaseModel):
    """A part of a question."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    expected: ClassVar[str] = "an object"

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, data: object) -> object:
        if not isinstance(data, dict):
            raise refused(((), f"Expected {cls.expected}; got {shown(data)}."))
        known = list(cls.model_fields)
        if cls.model_config.get("extra") == "forbid" and not data.keys() <= set(known):
            others = islice((name for name in data if name not in known), REFUSED)
            raise refused(*(((name,), unknown("field", name, known)) for name in others))
        return data


class Answer(BaseModel):
    """A part of an answer: numbers that are not finite are written `null`."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")
