"""Rows of one width under a header, some whole lines at a time: plain numbers by numpy in one go, others by columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np

from diagnosis.reading.header import BLANKS, Header
from diagnosis.reading.numbers import Numbers, from_cells
from diagnosis.run import FloatArray

PIECE = 1_000_000  # characters that are read at once, to bound the memory
LONG_PIECE = 4_000_000  # likewise by column: even of thousands, each is to have enough cells to pay for looking at it
NUMERIC = b'0123456789+-.eEnNaAiIfFtTyY"\r\n'
SAMPLE = 1 << 16  # characters that show most tables that hold more than numbers


@dataclass(frozen=True, eq=False)
class Words:
    """Cells as they were written, in one string that each ends somewhere in: a tenth of the memory of a string for each."""

    text: str
    ends: array[int]

    @classmethod
    def of(cls, cells: Sequence[str]) -> Words:
        """Put cells together."""
        return cls("".join(cells), array("q", accumulate(map(len, cells))))

    def __iter__(self) -> Iterator[str]:
        """Take them apart again."""
        return (self.text[start:end] for start, end in pairwise((0, *self.ends)))


# A piece of a column: as it was written, where one of it is no number.
Cells: TypeAlias = Words | Sequence[str] | Numbers
Read: TypeAlias = tuple[tuple[Numbers, ...], Mapping[int, Sequence[Cells]]]


def at_once(text: str, header: Header) -> Read | None:
    """Read plain numbers and empty cells, some whole lines at a time; None where a row or a cell is anything else."""
    start = _below(text, header)
    if header.delimiter in BLANKS or start is None or not _is_plain(text[start : start + SAMPLE], header):
        return None
    end = len(text.rstrip("\r\n")) if text.endswith(("\n", "\r")) else len(text)
    width, rows = len(header.names), text.count("\n", start, end) + 1
    if start >= end or text.count(header.delimiter, start, end) != rows * (width - 1):
        return None
    values, missing, row = np.empty((width, rows)), np.empty((width, rows), np.bool_), 0  # a column after the other
    while start < end:
        cut = min(text.rfind("\n", start, start + PIECE) + 1 or len(text), end)
        lines = text[start:cut].replace("\r\n", "\n").replace('"', "")  # quoted commas show in the cells' number
        if not _is_plain(lines, header) or "\n\n" in lines:
            return None
        piece = _piece(lines.removesuffix("\n").encode() + b"\n", header)
        if piece is None:
            return None
        here = slice(row, row := row + len(piece[0]))
        values[:, here], missing[:, here] = piece[0].T, piece[1].T
        start = cut
    return tuple(Numbers(values[at, :row], missing[at, :row]) for at in range(width)), {}


def _below(text: str, header: Header) -> int | None:
    """Where the first row begins; None where there is none, or lines end otherwise."""
    start = 0
    for _ in range(header.line):
        start = text.find("\n", start) + 1
        if not start:
            return None
    return None if "\r" in text[:start].replace("\r\n", "\n") else start


def _is_plain(text: str, header: Header) -> bool:
    """Whether there is nothing but numbers, quotes and what separates them."""
    return text.isascii() and not text.encode().translate(None, NUMERIC + header.delimiter.encode())


def _piece(body: bytes, header: Header) -> tuple[FloatArray, np.ndarray] | None:
    """Values and missing (rows, columns) of some whole lines."""
    raw, width, delimiter = np.frombuffer(body, np.uint8), len(header.names), header.delimiter.encode()
    cuts = np.flatnonzero((raw == ord(delimiter)) | (raw == ord("\n")))
    if (
        cuts.size % width
        or (raw[cuts[width - 1 :: width]] != ord("\n")).any()
        or cuts.size // width != body.count(b"\n")
    ):
        return None
    missing = np.diff(cuts, prepend=-1) == 1
    if missing.any():
        body = _filled(b"\n" + body, delimiter)[1:]
    try:
        flat = np.fromstring(body.replace(b"\n", delimiter), sep=header.delimiter)
    except (ValueError, DeprecationWarning):
        return None
    if flat.size != cuts.size:
        return None
    return flat.reshape(-1, width), missing.reshape(-1, width)


def _filled(body: bytes, delimiter: bytes) -> bytes:
    """`nan` in every empty cell; of a row of them one time finds every other."""
    for left, right in ((delimiter, delimiter), (delimiter, delimiter), (b"\n", delimiter), (delimiter, b"\n")):
        body = body.replace(left + right, left + b"nan" + right)
    return body


def by_column(text: str, header: Header) -> Read | None:
    """Read even rows without quotes, some whole lines at a time; None where a row is anything else."""
    width, by = len(header.names), header.delimiter
    start = _below(text, header)
    if by in {"|", *BLANKS} or start is None:
        return None
    above = text[:start].rstrip("\r\n").rpartition("\n")[2]
    unusual = ('"', "\r", "\n#", "\n\n", f"{by} ", f"\n{by * (width - 1)}\n", f"\n{above}\n")
    end = len(text.rstrip("\r\n"))
    parts: list[list[Numbers]] = [[] for _ in range(width)]
    written: list[list[Cells]] = [[] for _ in range(width)]
    while start < end:
        cut = min(text.rfind("\n", start, start + LONG_PIECE) + 1 or len(text), end)
        piece = "\n" + text[start:cut].replace("\r\n", "\n").removesuffix("\n") + "\n"
        lines = piece[1:-1].split("\n")
        if any(mark in piece for mark in unusual) or {line.count(by) for line in lines} != {width - 1}:
            return None
        cells = by.join(lines).split(by)
        for place in range(width):
            keep(cells[place::width], parts[place], written[place])
        start = cut
    return joined(parts, written) if parts[0] else None


def keep(cells: list[str], parts: list[Numbers], written: list[Cells]) -> None:
    """Add a piece of a column as numbers, and as it was written where that says more."""
    part = from_cells(cells)
    parts.append(part)
    written.append(Words.of(cells) if part.odd else part)


def joined(parts: Sequence[Sequence[Numbers]], written: Sequence[Sequence[Cells]]) -> Read:
    """The columns of their pieces, and as they were written where one of their cells is no number."""
    columns = tuple(Numbers.joined(of) for of in parts)
    return columns, {place: written[place] for place in range(len(columns)) if columns[place].odd}
