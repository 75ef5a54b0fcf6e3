"""The parameters of `POST /diagnose`, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from pydantic import ValidationError
from pydantic_core import from_json

from diagnosis.errors import Malformed
from diagnosis.listed import listed
from diagnosis.rule import all_rules
from schemas.context import ContextIn
from schemas.question import Said
from schemas.wire import SHOWN, shown, unknown
from service.chart.canvas import CANVAS, HEIGHTS, THEMES, WIDTHS, Canvas, Theme
from service.refusals import InvalidQuery
from service.wording.sentences import of_json, of_validation

Division = Literal["one", "each"]
KNOWN = (
    *("context", "roles", "filename", "format", "runs", "curves", "ignore", "summary", "color"),
    *("width", "height", "theme"),
)
NAME = 256  # characters of a file's name
SAID = 1 << 20  # bytes of what is said beside a log
NAMED = 5  # facts in a note
DIGITS = 6  # of a size; more is none
LIKE = {"context": '{"num_classes": 10}', "roles": '{"held_out": "val_loss"}'}  # what may stand there


@dataclass(frozen=True)
class Query:
    """What is asked beside the body."""

    context: dict[str, Any] | None = None
    roles: dict[str, Any] | None = None
    filename: str | None = None
    format: str | None = None
    runs: Division | None = None
    full: bool = False
    ignore: frozenset[str] = frozenset()
    summary: bool = False
    color: bool = False
    canvas: Canvas = CANVAS

    @property
    def shown(self) -> dict[str, Any]:
        """All that is asked, by its names; a representation takes of it what it knows."""
        return dict(vars(self))

    @classmethod
    def of_address(cls, pairs: Iterable[tuple[str, str]]) -> Query:
        """Read the parameters of an address as they stand there: what is ignored adds up, anything else is said once."""
        found: dict[str, str] = {}
        for name, value in pairs:
            if name in found and name in KNOWN and name != "ignore":
                raise InvalidQuery(f"?{name}= stands in the address several times; expected once.")
            found[name] = f"{found[name]},{value}" if name in found else value
        return cls.of(found)

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Query:
        """Read parameters by their names."""
        if not arguments:
            return cls()
        for name in arguments:
            if name not in KNOWN:
                raise InvalidQuery(f"In the address: {unknown('field', name, KNOWN)}")
        filename = arguments.get("filename")
        if filename is not None and len(filename) > NAME:
            raise InvalidQuery(f"?filename= has {len(filename)} characters; {NAME} are allowed.")
        return cls(
            parsed("?context=", arguments.get("context")),
            parsed("?roles=", arguments.get("roles")),
            filename,
            arguments.get("format"),
            cast("Division | None", _one_of("runs", arguments.get("runs"), ("one", "each"))),
            _one_of("curves", arguments.get("curves"), ("full", "summary")) == "full",
            _conditions(arguments.get("ignore")),
            _flag("summary", arguments),
            _flag("color", arguments),
            _canvas(arguments),
        )


def parsed(what: str, text: str | bytes | None) -> dict[str, Any] | None:
    """The JSON object in a parameter or a part; None where there is none."""
    if text is None or not text.strip():
        return None
    if len(text) > SAID:
        raise InvalidQuery(f"{what} has {len(text)} bytes; {SAID} are allowed. What was logged belongs into the log.")
    like = LIKE["roles" if "roles" in what else "context"]
    try:
        found = from_json(text)
    except ValueError as broken:
        raise Malformed(f"{what} is not JSON. {of_json(text, broken)} Expected an object, such as {like}.") from None
    if not isinstance(found, dict):
        raise InvalidQuery(f"{what}: expected a JSON object, such as {like}; got {shown(found)}.")
    return found


def said(query: Query, context: dict[str, Any] | None = None, roles: dict[str, Any] | None = None) -> Said:
    """What is said beside the log, in the address and in parts; a part goes before the address, key by key."""
    both = [(low or {}, high or {}) for low, high in ((query.context, context), (query.roles, roles))]
    twice = [
        f"{where}.{name[:SHOWN]}"
        for where, (low, high) in zip(("context", "roles"), both, strict=True)
        for name in sorted(low.keys() & high.keys())
        if None not in (low[name], high[name]) and low[name] != high[name]
    ]
    note = f"{listed(twice, NAMED)}: said in the address and in a part, and differently; what the part says is used"
    try:
        found = Said.of(
            *({**low, **{n: v for n, v in high.items() if v is not None or n not in low}} or None for low, high in both)
        )
        return replace(found, notes=(note,)) if twice else found
    except ValidationError as error:
        sentence, places = of_validation(error)
        where = "context" if error.title == ContextIn.__name__ else "roles"
        raise InvalidQuery(f"Beside the log, in {where}: {sentence}", f"/{where}{places[0].pointer}") from None


def _one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        *others, last = map(shown, allowed)
        raise InvalidQuery(f"?{name}={shown(value)}: expected {', '.join(others)} or {last}.")
    return value


def _canvas(arguments: Mapping[str, str]) -> Canvas:
    return Canvas(
        _pixels("width", arguments.get("width"), CANVAS.width, WIDTHS),
        _pixels("height", arguments.get("height"), CANVAS.height, HEIGHTS),
        cast("Theme", _one_of("theme", arguments.get("theme"), THEMES) or CANVAS.theme),
    )


def _pixels(name: str, text: str | None, usual: int, bounds: tuple[int, int]) -> int:
    if text is None:
        return usual
    low, high = bounds
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS and low <= int(text) <= high):
        raise InvalidQuery(f"?{name}={shown(text)}: expected a whole number of pixels from {low} to {high}.")
    return int(text)


def _flag(name: str, arguments: Mapping[str, str]) -> bool:
    return _one_of(name, arguments.get(name), ("0", "1")) == "1"


def _conditions(text: str | None) -> frozenset[str]:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    known = all_rules()
    for name in names:
        if name not in known:
            raise InvalidQuery(f"?ignore=: {unknown('condition', name, tuple(known))}")
    return frozenset(names)
