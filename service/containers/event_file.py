"""TensorBoard event files → the scalars in them, by tag: framed records, each a message.

A record is its length (8 bytes), a check of that (4), the message, and a check of it (4). Images, graphs and histograms
are passed over; scalars stand as `simple_value` or as a tensor of one number.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from schemas.limits import Limits
from service.containers.messages import Event

FRAME = struct.Struct("<QI")  # length, check of the length
CHECK = 4  # bytes after the message
VERSION = b"brain.Event:"  # what the first record says
LARGE = 1 << 22  # bytes; a record this large is an image or a graph
PIECE = 1 << 20  # bytes between two looks at the clock
TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 14: None, 19: "<f2"}  # of TensorFlow; 14 is bfloat16


def is_event_file(body: bytes) -> bool:
    """Whether the first record is that of an event file."""
    return len(body) > FRAME.size and VERSION in body[FRAME.size : 64] and FRAME.unpack_from(body)[0] < len(body)


def scalars(body: bytes, limits: Limits, look: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The scalars of an event file as the reader `tensorboard_events` expects them: tag → steps and values; raises TooMany."""
    steps: dict[str, array[int]] = {}
    values: dict[str, array[float]] = {}
    notes: list[str] = []
    for count, (step, tag, value) in enumerate(_values(body, notes, look), 1):
        limits.check_records(count)
        if tag not in values:
            steps[tag], values[tag] = array("q"), array("d")
        steps[tag].append(step)
        values[tag].append(value)
    tags = {tag: {"steps": steps[tag].tolist(), "values": values[tag].tolist()} for tag in values}
    return {"tensorboard_events": tags, "notes": notes}


def _values(body: bytes, notes: list[str], look: Callable[[], None]) -> Iterator[tuple[int, str, float]]:
    at, next_look, view = 0, 0, memoryview(body)
    while at + FRAME.size <= len(body):
        if at >= next_look:
            look()
            next_look = at + PIECE
        (length, _), start = FRAME.unpack_from(body, at), at + FRAME.size
        at = start + length + CHECK
        if start + length > len(body):
            notes.append("the last record is cut short; it is left out")
            return
        if length > LARGE:
            continue
        try:
            # Anew each time: one that is used again never gives its memory back.
            event = Event.FromString(view[start : start + length])
        except DecodeError:
            notes.append("a record in the middle is broken; what follows is left out")
            return
        if event.HasField("summary"):
            for value in event.summary.value:
                number = _number(value)
                if number is not None:
                    yield event.step, value.tag.decode(errors="replace"), number


def _number(value: Any) -> float | None:  # noqa: ANN401 - a message
    """A scalar, None for anything else."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor") or value.metadata.plugin_data.plugin_name not in {b"", b"scalars"}:
        return None
    tensor = value.tensor
    for field in (tensor.float_val, tensor.double_val, tensor.int_val, tensor.int64_val):
        if len(field):
            return float(field[0]) if len(field) == 1 else None
    kind = TYPES.get(tensor.dtype)
    if kind is None or len(tensor.tensor_content) != np.dtype(kind).itemsize:
        return None
    return float(np.frombuffer(tensor.tensor_content, kind)[0])
