"""Files as they were handed over, and gzip unpacked within limits: what a request and the command line share."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from service.refusals import BrokenEncoding, TooLarge

GZIP = 31  # zlib's window bits for a gzip wrapper
MIB = 1024 * 1024
CURE = "Log less often, compress it with gzip, or ask in several requests."


@dataclass(frozen=True)
class Part:
    """One part of a multipart body, or the whole of another: its field, its file's name where it says one, its bytes."""

    field: str
    body: bytes
    filename: str | None = None


def unpacked(raw: bytes, limit: int, cure: str = CURE) -> bytes:
    """Unpack gzip, of one member or several, to at most `limit` bytes; a bomb is refused at the limit."""
    found: list[bytes] = []
    size = 0
    while raw:
        member = zlib.decompressobj(GZIP)
        try:
            found.append(member.decompress(raw, limit - size + 1))
        except zlib.error:
            raise BrokenEncoding("The body says it is gzip, and does not unpack. Check what was sent.") from None
        size += len(found[-1])
        if size > limit:
            raise TooLarge(f"The body unpacks to more than {limit // MIB} MiB, and one request may have that. {cure}")
        if not member.eof:
            raise BrokenEncoding("The gzip of the body ends too early: it was cut on its way. Send it again.")
        raw = member.unused_data
    return b"".join(found)
