"""Files as they were handed over, and gzip unpacked within limits: what a request and the command line share."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.refusals import BrokenEncoding, TooLarge

MEMBERS = 10_000  # of one gzip: concatenated logs have a few, block gzip one for each 64 KiB
PIECE = 1 << 14  # bytes given to a member at once, so that what is left of a piece is soon copied
GZIP = 31  # zlib's window bits for a gzip wrapper
MIB = 1024 * 1024
# To compress it would not help: the limit is of what it unpacks to.
CURE = "Log less often, or ask in several requests."


@dataclass(frozen=True)
class Part:
    """One part of a multipart body, or the whole of another: its field, its file's name where it says one, its bytes."""

    field: str
    body: bytes
    filename: str | None = None


@contextmanager
def reading(file: Part, at: int, *, several: bool) -> Iterator[None]:
    """Note on an error which of several files it speaks of: by its name, or its place among them."""
    try:
        yield
    except Exception as error:
        if several:
            error.add_note(file.filename or f"file {at}")
        raise


def unpacked(raw: bytes, limit: int, cure: str = CURE, look: Callable[[], None] = lambda: None) -> bytes:
    """Unpack gzip, of one member or several, to at most `limit` bytes; a bomb is refused at the limit, or when `look` raises."""
    found: list[bytes] = []
    left, size, begun = memoryview(raw), 0, 0
    while left:
        member, begun = zlib.decompressobj(GZIP), begun + 1
        if begun > MEMBERS:
            raise TooLarge(f"The gzip has more than {MEMBERS} members. Compress the whole at once.")
        while left and not member.eof:
            look()
            piece = left[:PIECE]
            try:
                found.append(member.decompress(piece, limit - size + 1))
            except zlib.error:
                raise BrokenEncoding("The body says it is gzip, and does not unpack. Check what was sent.") from None
            size += len(found[-1])
            if size > limit:
                raise TooLarge(
                    f"The body unpacks to more than {limit // MIB} MiB, and one request may have that. {cure}"
                )
            left = left[len(piece) - len(member.unused_data) - len(member.unconsumed_tail) :]
        if not member.eof:
            raise BrokenEncoding("The gzip of the body ends too early: it was cut on its way. Send it again.")
    return b"".join(found)
