"""What a jailed child writes into its pipe, and how a web worker reads it.

Lines of JSON, each an object with one key: `progress`, then at last `facts`, `declined` or `raised`. Whoever writes may
have been taken over by a stranger, so the reader bounds the bytes and the lines, refuses what is not finite, deeply
nested or not expected, and takes control characters out of every text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, get_args

from service.sandbox.outcomes import DeclinedKind

TOTAL = 8 * 1024 * 1024  # bytes that one check may write
PROGRESS = 20_000  # lines of progress; a child leaves out what is more
LINE = 4096  # bytes of a line of progress: so many are written whole or not at all
DEPTH, TEXT, KEYS = 12, 2000, 8  # levels of facts; characters of a text; keys of one progress
KINDS = ("progress", "facts", "declined", "raised")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class BrokenAnswer(ValueError):
    """A child wrote what it would not write by itself."""


@dataclass
class Reader:
    """Takes bytes as they come; gives whole messages."""

    rest: bytearray = field(default_factory=bytearray)
    total: int = 0
    count: int = 0

    def feed(self, data: bytes) -> list[tuple[str, dict[str, Any]]]:
        """Read what is complete, as pairs of key and content."""
        self.total += len(data)
        if self.total > TOTAL:
            raise BrokenAnswer("more bytes than an answer has")
        start = len(self.rest)
        self.rest += data
        if b"\n" not in memoryview(self.rest)[start:].tobytes():
            return []
        *lines, rest = bytes(self.rest).split(b"\n")
        self.rest = bytearray(rest)
        self.count += len(lines)
        if self.count > PROGRESS + 1:
            raise BrokenAnswer("more lines than an answer has")
        return [parsed(line) for line in lines]


def written(kind: str, content: Mapping[str, Any]) -> bytes:
    """Write one message; numbers that are not finite become null."""
    return json.dumps({kind: _plain(content)}, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def parsed(line: bytes) -> tuple[str, dict[str, Any]]:
    """Read one message."""
    try:
        found = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswer("a line is not JSON") from error
    if not isinstance(found, dict) or len(found) != 1:
        raise BrokenAnswer("a line is not a message")
    kind, content = next(iter(found.items()))
    if kind not in KINDS or not isinstance(content, dict):
        raise BrokenAnswer("a message is of no known kind")
    if kind == "progress":
        return kind, _progress(content)
    content = _clean(content, DEPTH)
    if kind == "declined" and not (content.get("kind") in get_args(DeclinedKind) and _is_text(content.get("detail"))):
        raise BrokenAnswer("a refusal is not one")
    return kind, content


def plain_text(text: str, most: int = TEXT) -> str:
    """Take out what is no text, and cut what is too long."""
    return CONTROL.sub(" ", text[: most + 1])[:most].strip()


def _progress(content: dict[str, Any]) -> dict[str, Any]:
    numbers = all(value is None or _is_number(value) for value in content.values())
    if len(content) > KEYS or not numbers or not all(key.isidentifier() for key in content):
        raise BrokenAnswer("progress is not numbers")
    return content


def _clean(value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON
    if depth < 0:
        raise BrokenAnswer("an answer is nested too deeply")
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, list):
        return [_clean(inner, depth - 1) for inner in value]
    if isinstance(value, dict):
        return {plain_text(key): _clean(inner, depth - 1) for key, inner in value.items()}
    if value is None or isinstance(value, bool) or _is_number(value):
        return value
    raise BrokenAnswer("a number is out of range")


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63)


def _is_text(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, str) and value != ""


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BrokenAnswer("a number is not finite")
    return number


def _refuse(text: str) -> NoReturn:
    raise BrokenAnswer(f"{text[:9]} is not a number")
