"""A log that is still written: looked at when it has changed, without a last line that is only half there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic_core import from_json

from diagnosis.across import Reports
from diagnosis.report import Report
from service.asking import REFUSED, sentence
from service.question.files import part_of
from service.question.parts import Part

Found = Report | Reports
LIKE_JSON = (b"{", b"[")
BINARY = b"\0"


@dataclass(frozen=True)
class Look:
    """The last verdict there is, and why there is no newer one: the log is not there, or cannot be read just now."""

    found: Found | None
    trouble: str = ""


def looks(name: str, judge: Callable[[Part], Found], limit: int) -> Iterator[Look | None]:
    """Look, whenever asked to; None where nothing has changed.

    A file that was cut or replaced is read anew. What follows the last line's end is left out at first, and read where the
    file is the same at the next look: then it is no half line, but a log that does not end with one.
    """
    found: Found | None = None
    seen, complete = None, False
    while True:
        now = _signature(name)
        if now == seen and complete:
            yield None
            continue
        trouble, again = "", now == seen
        try:
            part = part_of(name, limit)
            whole = part.body if again else settled(part.body)
            complete = again or len(whole) == len(part.body)
            found = judge(replace(part, body=whole))
        except REFUSED as refused:
            trouble, complete = sentence(refused), complete or again
        seen = now
        yield Look(found, trouble)


def settled(body: bytes) -> bytes:
    """The lines that have ended; all of it where it is one JSON value, or no text."""
    if body.endswith((b"\n", b"\r")) or BINARY in body:
        return body
    if body.lstrip().startswith(LIKE_JSON):
        try:
            from_json(body)
        except ValueError:
            pass
        else:
            return body
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1] or body


def _signature(name: str) -> tuple[int, ...]:
    """What changes when a file does; nothing where there is none."""
    try:
        found = Path(name).stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
