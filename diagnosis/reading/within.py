"""A history in JSON, or as Python prints it, that stands within a text: `my history: {"loss": [2.3, 1.7]} why?`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from diagnosis.names import understand
from diagnosis.reading.document import NOT_JSON, PRINTED, Document, as_json
from diagnosis.reading.pasted import FENCE, MOST
from diagnosis.reading.printed import is_list
from diagnosis.reading.prose import tells
from diagnosis.reading.repeated import refuse_repeated

HEAD = 1 << 13  # characters in which it must begin
TRIED = 8  # places at which one may begin
DEPTH = 3  # objects inside each other
LEAST = 2  # values, or records, of a history
OTHERWISE = 3  # lines around it that say a value, from which they are the log
LOOKED_AT = 20  # records in which a known name must turn up
_BEGINS = re.compile(rf"(?:\[\s{{0,20}})?\{{\s{{0,20}}\"|{PRINTED.pattern}")
_ANOTHER = re.compile(r"\{\s{0,20}[\"']")
_WORD = re.compile("[A-Za-z]")
_DIGIT = re.compile("[0-9]")


def history_within(document: Document) -> Document | None:
    """The history alone, at its place; None where the text is JSON as a whole, holds none, or says more than that."""
    if document.binary or len(document.text) > MOST or document.json is not NOT_JSON:
        return None
    text, head = document.text, document.text[:HEAD]
    if FENCE.search(head):
        return None
    for place, found in enumerate(_BEGINS.finditer(head)):
        held = _value(text, found.start()) if place < TRIED else None
        if held is not None and _is_history(held[0]):
            return _alone(document, text[: found.start()], *held)
    return None


def _alone(document: Document, above: str, value: Any, written: str, below: str) -> Document | None:  # noqa: ANN401 - a JSON value
    """The document of a value, where what stands around it is neither a log nor another value."""
    around = [*above.splitlines(), *below.splitlines()]
    broken = not above.strip() and below.partition("\n")[0].strip()  # JSON that was written on in: its error says where
    if broken or _ANOTHER.search(below) or any(map(is_list, around)) or sum(map(_says, around)) >= OTHERWISE:
        return None
    refuse_repeated(written, value)
    spoken = sum(bool(line.strip()) for line in around)
    note = f"{spoken} piece{'s' * (spoken > 1)} of text around the JSON set aside"
    body = "\n" * above.count("\n") + written
    return replace(document, body=body.encode(errors="replace"), parsed=value, notes=(*document.notes, note))


def _value(text: str, start: int) -> tuple[Any, str, str] | None:
    """The JSON value that begins there, as it is written, and what follows; None where none does."""
    if PRINTED.match(text, start):
        text, start = as_json(text[start:]), 0
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (RecursionError, ValueError):
        return None
    return value, text[start:end], text[end:]


def _is_history(value: Any, name: str = "", depth: int = 0) -> bool:  # noqa: ANN401 - a JSON value
    """Whether a loss or metric holds several numbers, in a list or in records."""
    if isinstance(value, dict):
        return depth < DEPTH and any(_is_history(item, key, depth + 1) for key, item in value.items())
    if not isinstance(value, list) or len(value) < LEAST:
        return False
    if all(isinstance(item, dict) for item in value):
        return any(map(_is_curve, {key for item in value[:LOOKED_AT] for key in item})) or any(
            _is_history(item, depth=depth) for item in value[:LOOKED_AT]
        )
    return _is_curve(name) and all(item is None or isinstance(item, float | int) for item in value)


def _is_curve(name: str) -> bool:
    return understand(name).kind in {"loss", "metric"}


def _says(line: str) -> bool:
    """Whether a line says a value, or is a row of numbers."""
    return tells([line]) or (_DIGIT.search(line) is not None and _WORD.search(line) is None)
