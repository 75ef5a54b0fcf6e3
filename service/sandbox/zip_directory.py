"""The directory of a zip archive, read without unpacking anything, in bounded memory.

Python's own reader makes an object of every entry before it can be asked how many there are; a directory of a
million entries fits into a small upload. Here the directory is measured before it is walked.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

ENTRIES = 20_000
DIRECTORY = 8 * 1024 * 1024  # bytes
LARGE = 0xFFFFFFFF  # "see the 64-bit field"
STORED, DEFLATED = 0, 8
ENCRYPTED = 1
END, END_64, LOCATOR_64, HEADER, LOCAL = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2", b"PK\3\4"


class BrokenArchive(ValueError):
    """Not a whole zip archive, or one that nobody makes by saving a model."""


@dataclass(frozen=True)
class Entry:
    """One file in an archive, by what the directory says of it."""

    name: str
    flags: int
    method: int
    packed: int
    unpacked: int
    offset: int


def entries(data: bytes) -> list[Entry]:
    """List what is in the archive, or raise `BrokenArchive`."""
    count, size, offset = _end(data)
    if count > ENTRIES or size > DIRECTORY:
        raise BrokenArchive(f"it lists {count} files, and {ENTRIES} are the most a model may have")
    if offset + size > len(data):
        raise BrokenArchive("its directory is not where it should be: the file is cut off or damaged")
    found = list(_walk(data[offset : offset + size]))
    if len(found) != count:
        raise BrokenArchive("its directory contradicts itself: the file is damaged")
    return found


def content(data: bytes, entry: Entry, most: int) -> bytes:
    """Unpack at most `most` bytes of one file."""
    head = data[entry.offset : entry.offset + 30]
    if len(head) < 30 or head[:4] != LOCAL:  # noqa: PLR2004 - bytes of a local header
        raise BrokenArchive("a file in it is not where the directory says: it is damaged")
    start = entry.offset + 30 + sum(struct.unpack_from("<HH", head, 26))
    packed = data[start : start + entry.packed]
    if len(packed) < entry.packed:
        raise BrokenArchive("a file in it ends too early: it is cut off")
    if entry.method == STORED:
        return packed[:most]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
    except zlib.error as error:
        raise BrokenArchive("a file in it does not unpack: it is damaged") from error


def _end(data: bytes) -> tuple[int, int, int]:
    """How many entries, and where their list is."""
    at = data.rfind(END, max(0, len(data) - 22 - 0xFFFF))
    if at < 0 or at + 22 > len(data):
        raise BrokenArchive("its end is missing: the upload was cut off")
    count, size, offset = struct.unpack_from("<HII", data, at + 10)
    if at >= 20 and data[at - 20 : at - 16] == LOCATOR_64:  # noqa: PLR2004 - bytes of a locator
        (place,) = struct.unpack_from("<Q", data, at - 12)
        if data[place : place + 4] != END_64 or place + 56 > len(data):
            raise BrokenArchive("its end is damaged")
        count, size, offset = struct.unpack_from("<QQQ", data, place + 32)
    return count, size, offset


def _walk(directory: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(directory):
        if directory[at : at + 4] != HEADER or at + 46 > len(directory):
            raise BrokenArchive("its directory is damaged")
        flags, method = struct.unpack_from("<HH", directory, at + 8)
        packed, unpacked, name, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        (offset,) = struct.unpack_from("<I", directory, at + 42)
        fields = directory[at + 46 + name : at + 46 + name + extra]
        unpacked, packed, offset = _wide(fields, unpacked, packed, offset)
        text = directory[at + 46 : at + 46 + name].decode("utf-8", "replace")
        yield Entry(text, flags, method, packed, unpacked, offset)
        at += 46 + name + extra + comment


def _wide(fields: bytes, *values: int) -> tuple[int, ...]:
    """Replace what did not fit into 32 bits by its 64-bit field, in the order that the format gives."""
    at, wide = 0, b""
    while at + 4 <= len(fields):
        kind, size = struct.unpack_from("<HH", fields, at)
        if kind == 1:
            wide = fields[at + 4 : at + 4 + size]
        at += 4 + size
    found = []
    for value in values:
        if value == LARGE and len(wide) >= 8:  # noqa: PLR2004 - bytes of a 64-bit field
            found.append(int.from_bytes(wide[:8], "little"))
            wide = wide[8:]
        else:
            found.append(value)
    return tuple(found)
