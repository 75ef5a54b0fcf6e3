"""Delimited text → columns of numbers under the names of its header.

A table of even rows is read some whole lines at a time; anything else row by row.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from diagnosis.errors import UnreadableLog
from diagnosis.listed import listed
from diagnosis.reading.even_rows import PIECE, Cells, at_once, by_column, joined, keep
from diagnosis.reading.header import BLANKS, RULE, Header, cells_between
from diagnosis.reading.numbers import Numbers, is_number

BLOCK = 8192  # rows whose cells are kept as text at once, likewise
NAMED = 3  # lines in a note


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one length: `columns[i]` under `header.names[i]`; row `i` stood in line `lines[i]`.

    `text[i]` has the cells of column `i`, in pieces: as written where one of a piece is no number.
    """

    header: Header
    columns: tuple[Numbers, ...]
    lines: Sequence[int]
    text: Mapping[int, Sequence[Cells]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return len(self.lines)

    def cells(self, place: int) -> Sequence[str]:
        """One column as it was written, or as good as that."""
        pieces = self.text.get(place, (self.columns[place],))
        return [cell for piece in pieces for cell in (_shown(piece) if isinstance(piece, Numbers) else piece)]

    def take(self, rows: Sequence[int], without: int) -> Table:
        """Some of the rows, without one of the columns."""
        places = [place for place in range(len(self.columns)) if place != without]
        written = {now: self.cells(place) for now, place in enumerate(places) if place in self.text}
        return Table(
            Header(tuple(self.header.names[place] for place in places), self.header.delimiter, self.header.line),
            tuple(self.columns[place].take(rows) for place in places),
            [self.lines[row] for row in rows],
            {place: ([cells[row] for row in rows],) for place, cells in written.items()},
        )


def _shown(column: Numbers) -> list[str]:
    """To the last digit: a column may name runs, by a date or by the time."""
    pairs = zip(column.values.tolist(), column.missing, strict=True)
    return ["" if gone else f"{value:.17g}" if value.is_integer() else repr(value) for value, gone in pairs]


def read_table(text: str, header: Header) -> Table:
    """Read what follows the header; raises UnreadableLog with the line that is no row of this table."""
    found = at_once(text, header) or by_column(text, header)
    if found is None:
        return _row_by_row(text, header)
    columns, written = found
    first = header.line + 1
    return Table(header, columns, range(first, first + columns[0].values.size), written)


def _row_by_row(text: str, header: Header) -> Table:
    """Read quoted, padded, uneven rows; what is left out is noted."""
    notes: list[str] = []
    rows = _rows(text, header, notes)
    block = list(islice(rows, BLOCK))
    header = _with_index(header, block)
    width = len(header.names)
    even = _even(_again(block, rows), width, notes)
    lines = array("q")
    parts: list[list[Numbers]] = [[] for _ in range(width)]
    written: list[list[Cells]] = [[] for _ in range(width)]
    while block := list(islice(even, BLOCK)):
        lines.extend(line for line, _ in block)
        for place in range(width):
            keep([row[place] for _, row in block], parts[place], written[place])
    columns, odd = joined(parts, written)
    return Table(header, columns, lines, odd, tuple(notes))


def _again(
    block: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from block
    yield from rest


def _lines_of(text: str) -> Iterator[str]:
    """All lines without their ends, a piece at a time."""
    start = 0
    while start < len(text):
        end = text.rfind("\n", start, start + PIECE) + 1 or len(text)
        piece = text[start:end].replace("\r\n", "\n").replace("\r", "\n")
        yield from piece.removesuffix("\n").split("\n")
        start = end


def _rows(text: str, header: Header, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Every row under the header with its line, without comments, blank lines and repeated headers."""
    lines = islice(_lines_of(text), header.line, None)
    first, repeated = "" if header.names[0].startswith("(column ") else header.names[0], 0
    for at, row in _split(lines, header):
        if not row or row[0].startswith("#") or not (row[-1].strip(RULE) or "".join(row).strip(RULE)):
            continue
        if first in row[0] and tuple(cell.strip("'\"# \t") for cell in row) == header.names:
            repeated += 1
        else:
            yield at, row
    if repeated:
        notes.append(f"the header stands {repeated + 1} times; repetitions are left out")


def _split(lines: Iterator[str], header: Header) -> Iterator[tuple[int, list[str]]]:
    if header.delimiter in BLANKS:
        yield from ((at, cells_between(line, header.delimiter)) for at, line in enumerate(lines, header.line + 1))
        return
    reader = csv.reader(lines, delimiter=header.delimiter, skipinitialspace=True)
    try:
        for row in reader:
            yield header.line + reader.line_num, row
    except csv.Error as broken:
        at = header.line + reader.line_num
        raise UnreadableLog(line=at, expected=f"{len(header.names)} cells", found=str(broken)) from broken


def _with_index(header: Header, rows: Sequence[tuple[int, list[str]]]) -> Header:
    """Some writers name no index column: every row then has one cell more than the header, in front."""
    wide = len(header.names) + 1
    if rows and all(len(row) == wide for _, row in rows) and 2 * sum(is_number(row[-1]) for _, row in rows) > len(rows):
        return Header(("(column 0)", *header.names), header.delimiter, header.line)
    return header


def _even(rows: Iterator[tuple[int, list[str]]], width: int, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Make every row at least `width` cells wide; raises UnreadableLog where most rows are not of this table."""
    short: list[int] = []
    long: list[tuple[int, list[str]]] = []
    held: tuple[int, list[str]] | None = None  # a short row, until it is known whether it is the last
    count = 0
    for at, row in rows:
        count += 1
        if held:
            yield held
            held = None
        if len(row) < width:
            short.append(at)
            held = at, row + [""] * (width - len(row))
        elif len(row) > width and any(cell.strip() for cell in row[width:]):
            long.append((at, row))
        else:
            yield at, row
    if held and (len(short) > 1 or count == 1):
        yield held
    elif held:
        notes.append(f"line {short.pop()}, the last row, has fewer than {width} cells: cut short, it is left out")
    if 2 * len(long) > count:
        raise UnreadableLog(line=long[0][0], expected=f"{width} cells as in the header", found=" ".join(long[0][1]))
    _say_uneven(short, [at for at, _ in long], width, notes)


def _say_uneven(short: Sequence[int], long: Sequence[int], width: int, notes: list[str]) -> None:
    if short:
        notes.append(f"{_named(short)}: fewer than {width} cells; the rest of the row counts as not logged")
    if long:
        notes.append(f"{_named(long)}: more than {width} cells; left out")


def _named(lines: Sequence[int]) -> str:
    """Name some lines: `lines 7, 9, 12 and 4 more`."""
    return f"line{'s' if len(lines) > 1 else ''} {listed(lines, NAMED)}"
