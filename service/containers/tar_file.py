"""The files of a tar archive (POSIX.1-2001, and GNU's long names), found in one pass over its bytes.

Not `tarfile`: before the patches of 2024 and 2025 it takes quadratic time over the digits of a pax header (CVE-2024-6232) and
goes round for ever where a size is negative (CVE-2025-8194), it guesses at other packings, which nobody then bounds, and
what it has to do for a header of no interest is not bounded either. Of the format little is wanted here: names and bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

BLOCK = 512
HEADERS = 10_000  # members of any kind: a log folder has hundreds
LONGEST = 64 * 1024  # bytes of a pax header, or of a long name
DIGITS = 20  # of a record's length
REGULAR, WITHOUT_DATA = (
    {b"\x00", b"0", b"7"},
    {b"1", b"2", b"3", b"4", b"5", b"6"},
)  # files; links, devices, folders and pipes
SUM_AT, SUM_END = 148, 156


class BrokenTar(Exception):
    """Cut short, inconsistent, or of a kind that nobody packs logs into."""


def files(raw: bytes, look: Callable[[], None] = lambda: None) -> Iterator[tuple[str, memoryview]]:
    """The name and the bytes of each regular file; raises BrokenTar. `look` is called at each member, and may raise."""
    view, at = memoryview(raw), 0
    said: dict[bytes, bytes] = {}  # of the member that follows
    sparse = False  # whether that one is
    for _ in range(HEADERS):
        look()
        head = raw[at : at + BLOCK]
        if not head.strip(b"\0"):
            return
        size, kind, name = _header(head)
        at += BLOCK
        if kind not in WITHOUT_DATA and b"size" in said:
            size = _whole(said[b"size"], 10)
        end = at if kind in WITHOUT_DATA else at + size
        if end > len(raw):
            raise BrokenTar("it is cut short")
        if kind in b"xgLK":
            if size > LONGEST:
                raise BrokenTar("a header is too long")
            records = _records(raw[at:end]) if kind == b"x" else {}
            said |= {key: records[key] for key in (b"path", b"size") if key in records}  # others may be millions
            sparse = sparse or any(key.startswith(b"GNU.sparse") for key in records)
            if kind == b"L":
                said[b"path"] = raw[at:end].rstrip(b"\0")
        else:
            name = said.get(b"path", name)
            if kind in REGULAR and not name.endswith(b"/") and not sparse:
                yield name.decode("utf-8", "replace"), view[at:end]
            said, sparse = {}, False
        at = end + -(end - at) % BLOCK
    raise BrokenTar(f"it has more than {HEADERS} members")


def _header(head: bytes) -> tuple[int, bytes, bytes]:
    """The size, the kind and the name of a member."""
    if len(head) < BLOCK:
        raise BrokenTar("it is cut short")
    if sum(head[:SUM_AT]) + sum(head[SUM_END:]) + 8 * ord(" ") != _number(head[SUM_AT:SUM_END]):
        raise BrokenTar("the sum of a header is wrong")
    kind, name, prefix = head[156:157], head[:100].partition(b"\0")[0], head[345:500].partition(b"\0")[0]
    if kind == b"S":
        raise BrokenTar("it holds sparse files")
    return _number(head[124:136]), kind, prefix + b"/" + name if prefix and head[257:263] == b"ustar\0" else name


def _number(field: bytes) -> int:
    """Octal digits, or GNU's bytes behind a set bit; never negative."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise BrokenTar("a size is negative")
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    return _whole(field.strip(b" \0") or b"0", 8)


def _whole(digits: bytes, base: int) -> int:
    if len(digits) > DIGITS or not digits.isdigit():
        raise BrokenTar("a number is none")
    try:
        return int(digits, base)
    except ValueError:
        raise BrokenTar("a number is none") from None


def _records(data: bytes) -> dict[bytes, bytes]:
    """The keys and values of a pax header: `LENGTH KEY=VALUE` and a new line, one after the other."""
    found, at = {}, 0
    while at < len(data):
        space = data.find(b" ", at, at + DIGITS)
        length = _whole(data[at:space], 10) if space > at else 0
        record = data[at : at + length]
        if space < 0 or length <= space - at + 1 or len(record) < length or not record.endswith(b"\n"):
            raise BrokenTar("a pax header is none")
        key, _, value = data[space + 1 : at + length - 1].partition(b"=")
        found[key] = value
        at += length
    return found
