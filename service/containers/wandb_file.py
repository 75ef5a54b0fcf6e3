"""W&B `run-….wandb` → the records of its history: a LevelDB log of messages.

After a header of 7 bytes, blocks of 32 KiB hold chunks: a check (4 bytes), a length (2), a type (1: whole, 2, 3 and 4: first,
middle and last part of a record).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import DecodeError

from schemas.limits import Limits
from service.containers.messages import Record

MAGIC = b":W&B"
HEADER, BLOCK = 7, 1 << 15
CHUNK = struct.Struct("<IHB")
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4
RECORD_MOST = 1 << 24  # bytes of one record; larger ones hold files
ITEMS = 1 << 10  # between two looks at the clock


def is_wandb_file(body: bytes) -> bool:
    """Whether it begins as W&B's files do."""
    return body.startswith(MAGIC)


def history(body: bytes, limits: Limits, look: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
    """One record a call of `log`, as `run.scan_history()` gives them; raises TooMany."""
    limits.check_json(body)  # for its values are that
    found: list[dict[str, Any]] = []
    row: dict[str, Any]
    for raw in _records(body, look):
        try:
            record = Record.FromString(raw)
        except DecodeError:
            continue
        if record.HasField("history"):
            row = {}
            for count, item in enumerate(record.history.item, 1):
                row[_key(item)] = _value(item.value_json)
                if not count % ITEMS:
                    look()
            row.setdefault("_step", record.history.step.num)
            row.setdefault("_timestamp", None)
            found.append(row)
            limits.check_records(len(found))
    return found


def _records(body: bytes, look: Callable[[], None]) -> Iterator[bytes]:
    """Whole records, put together from their chunks; what is cut short, and what is too large to be metrics, is left out."""
    at, gathered, whole = HEADER, bytearray(), False
    while at + CHUNK.size <= len(body):
        look()
        left = BLOCK - at % BLOCK
        if left < CHUNK.size:  # too little room for another chunk: the block is filled up
            at += left
            continue
        _, length, kind = CHUNK.unpack_from(body, at)
        part = body[at + CHUNK.size : at + CHUNK.size + length]
        at += CHUNK.size + length
        if kind == WHOLE:
            yield part
        elif kind in {FIRST, MIDDLE, LAST}:
            if kind == FIRST:
                gathered, whole = bytearray(), True
            whole = whole and len(gathered) + len(part) <= RECORD_MOST
            if whole:
                gathered += part  # one byte may come at a time: what is gathered must not be copied for each
            if whole and kind == LAST:
                yield bytes(gathered)
        else:  # zeros that fill up a block
            at += BLOCK - at % BLOCK


def _key(item: Any) -> str:  # noqa: ANN401 - a message
    nested = [part.decode(errors="replace") for part in item.nested_key]
    return "/".join(nested) if nested else item.key.decode(errors="replace")


def _value(text: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON value; NaN and infinity are written as words. None where it is none, or nested without end."""
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return None
