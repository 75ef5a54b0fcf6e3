"""A key that stands twice in one object of JSON: of its two values a parser keeps the last, and says nothing.

A string takes two quotes, so that more of them in the text than in the value tell that one was lost, or holds one itself.
Of records the first is looked at: a program writes all alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from diagnosis.errors import InvalidRun

MOST = 1 << 20  # characters of a text that is parsed once more where it may lose a value; programs write longer ones
STRINGS = 500  # in a value; a tenth of a millisecond to count
LETTERS = 100  # of a key, in a refusal
_START = 1 << 16  # characters in which the first record ends


def refuse_repeated(text: str | bytes, value: Any) -> None:  # noqa: ANN401 - a JSON value
    """Raise InvalidRun where a key of an object says two things."""
    if value is None or len(text) > MOST:
        return
    text = text if isinstance(text, str) else text.decode(errors="replace")
    start = text.find("{")
    if isinstance(value, list):
        text, start = text[start : start + _START], 0
    try:
        if isinstance(value, list) or _more_quotes(text, _strings(value, 0)):
            json.JSONDecoder(object_pairs_hook=_once).raw_decode(text, start)
    except (RecursionError, ValueError):
        return  # what is to be said of that is said elsewhere


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and isinstance(value, list | dict | float | int) and repr(found[key]) != repr(value):
            detail = f"The key {key[:LETTERS]!r} stands twice in one object of the JSON, with different values, of which only one could be read."
            raise InvalidRun(f"{detail} Rename one of them, or send two runs.")
        found[key] = value
    return found


def _more_quotes(text: str, strings: int) -> bool:
    """Whether a text has more quotes than so many strings; False where those are too many to count."""
    if strings > STRINGS:
        return False
    at = -1
    for _ in range(2 * strings + 1):
        at = text.find('"', at + 1)
        if at < 0:
            return False
    return True


def _strings(value: Any, so_far: int) -> int:  # noqa: ANN401 - a JSON value
    """How many strings are in a value, keys included, or more than `STRINGS`; a list that begins with a number has none."""
    if isinstance(value, str):
        return so_far + 1
    if isinstance(value, dict):
        so_far += len(value)
        items: Iterable[Any] = value.values()
    elif isinstance(value, list) and value and not isinstance(value[0], float | int | None):
        items = value
    else:
        return so_far
    for item in items:
        if so_far > STRINGS:
            break
        so_far = _strings(item, so_far)
    return so_far
