"""A multipart body taken apart in memory, in one pass: nothing of a client's is ever written to disk."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from schemas.limits import TooMany
from service.question.parts import Part
from service.refusals import BrokenRequest

TYPE = "multipart/form-data"
PIECE = 64 * 1024  # bytes that the decoder is given at once
LINE = 256  # bytes of a line with a boundary, beside that: blanks may follow it
NAME = 1024  # characters of a file's name, with its folders
HEAD = 64 * 1024  # bytes of what is no part's body; a head of 61 MiB took 9 s and 1.5 GB before it was refused


def parts(body: bytes, request: Request, most: int) -> tuple[Part, ...]:
    """Its parts, in their order; at most so many."""
    found: list[tuple[Field | File, list[bytes]]] = []
    try:
        boundary = request.mimetype_params.get("boundary", "").encode("ascii")
        for event in _events(body, boundary):
            if isinstance(event, (Field, File)):
                found.append((event, []))
            elif isinstance(event, Data):
                found[-1][1].append(event.data)
            if len(found) > most:
                raise TooMany(
                    f"More than {most} parts were sent; one request may have {most}. Ask in several requests."
                )
    except RequestEntityTooLarge:
        raise BrokenRequest(
            f"What stands before, between or after the parts has more than {HEAD // 1024} KiB: it is no multipart body."
        ) from None
    except UnicodeDecodeError:
        raise BrokenRequest(
            "The name of a part, or of its file, is not UTF-8. Write it in UTF-8, or with other letters."
        ) from None
    except ValueError:
        raise BrokenRequest(
            "The body says it is multipart, and is not: expected parts between boundaries. "
            "Let the client name the boundary (curl -F file=@metrics.csv, without a Content-Type of your own), and send all of it."
        ) from None
    longest = max((len(head.filename or "") for head, _ in found if isinstance(head, File)), default=0)
    if longest > NAME:
        raise TooMany(f"A file has a name of {longest} characters; {NAME} are allowed.")
    if any(head.name is None for head, _ in found):
        raise BrokenRequest(
            'A part has no name: expected Content-Disposition: form-data; name="file", or another name.'
        )
    return tuple(Part(head.name, b"".join(pieces), getattr(head, "filename", None) or None) for head, pieces in found)


def _events(body: bytes, boundary: bytes) -> Iterator[Event]:
    if not boundary:
        raise ValueError("no boundary")
    decoder = MultipartDecoder(boundary, HEAD + PIECE)  # of what cannot be given out yet: bodies of parts can
    start = 0
    while start < len(body):
        end = _between_boundaries(body, start + PIECE, boundary)
        decoder.receive_data(body[start:end])
        start = end
        while not isinstance(event := decoder.next_event(), NeedData):
            yield event
    decoder.receive_data(None)
    while not isinstance(event := decoder.next_event(), Epilogue):
        yield event


def _between_boundaries(body: bytes, end: int, boundary: bytes) -> int:
    """Where to cut near `end`: not through a line with a boundary, of which the decoder would give a part the first half."""
    line = len(boundary) + LINE
    found = body.rfind(b"--" + boundary, max(end - line, 0), end + line)
    if found < 0:
        return end
    after = body.find(b"\n", found, found + len(boundary) + PIECE)
    return after + 1 if after >= 0 else len(body)
