"""JSON objects, one a row → a table: JSON Lines, a list of objects, or what a format keeps in one of its members.

A key that a record lacks was not logged there. Objects inside a record are flattened (`{"train": {"loss": 1}}` is
`train/loss`), of a list the first number counts, and words are left to the columns that name runs and splits.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from diagnosis.listed import listed
from diagnosis.reading.header import Header
from diagnosis.reading.numbers import Numbers, from_json
from diagnosis.reading.table import Table

Record = Mapping[str, Any]
IntArray = npt.NDArray[np.int64]
Columns = dict[str, tuple["array[int]", "array[float]"]]  # the rows of each column, and its numbers in them
DEPTH = 3  # objects inside each other
COLUMNS = 4000  # keys; a log with more of them logs something else under every name
PIECE = 1 << 20  # characters of a text that are parsed at once
BLOCK = 8192  # records that are made columns at once
CELLS = 20_000_000  # rows times columns: what a sparse log may grow to
NAMED = 3  # lines in a note
# Where a value stands: `: nan,`, `[-inf, nan]`.
_BARE = re.compile(r"(?<=[:\[,\s])(-?+)(?:(nan)|inf(?:inity)?+)(?=\s*+[,\]}])", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Records:
    """Objects in the order they were written, with the line each stood in, and what was left out."""

    rows: Sequence[Record]
    lines: Sequence[int]
    notes: tuple[str, ...] = ()

    def having(self, wanted: Callable[[Record], bool]) -> Records:
        """Only some of the records."""
        kept = [place for place, row in enumerate(self.rows) if wanted(row)]
        if len(kept) == len(self.rows):
            return self
        return Records([self.rows[place] for place in kept], [self.lines[place] for place in kept], self.notes)


def of_json(value: Any) -> Records | None:  # noqa: ANN401 - a JSON value
    """A list of objects; None where it is anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return None
    return Records(value, range(1, len(value) + 1))


def of_lines(text: str) -> Records | None:
    """JSON Lines; None where the first line is no object. Lines between them that are none are left out, and said."""
    if not text.lstrip().startswith("{"):
        return None
    rows: list[Record] = []
    at = array("q")
    left: list[int] = []
    last = 0
    for lines in _pieces(text):
        if not last and not isinstance(_object(lines[0][1]), dict):
            return None
        last = lines[-1][0]
        try:  # many at once is several times faster than line by line
            some = json.loads(f"[{','.join(line for _, line in lines)}]")
        except (RecursionError, ValueError):
            some = []
        if len(some) == len(lines) and all(type(row) is dict for row in some):
            rows += some
            at.extend(number for number, _ in lines)
        else:
            _one_by_one(lines, rows, at, left)
    return Records(rows, at, _left_out(left, last))


def _pieces(text: str) -> Iterator[list[tuple[int, str]]]:
    """The lines that are not blank, with their numbers, some at a time: all of them are as large as the text once more."""
    start, number = 0, 1
    while start < len(text):
        end = text.rfind("\n", start, start + PIECE) + 1 or text.find("\n", start) + 1 or len(text)
        lines = text[start:end].split("\n")
        some = [(number + at, line) for at, line in enumerate(lines) if line and not line.isspace()]
        if some:
            yield some
        number += len(lines) - 1
        start = end


def _one_by_one(lines: Sequence[tuple[int, str]], rows: list[Record], at: array[int], left: list[int]) -> None:
    """Add every line that is an object to the rows, and the numbers of the others to what is left out."""
    for line, text in lines:
        row = _object(text)
        if isinstance(row, dict):
            rows.append(row)
            at.append(line)
        else:
            left.append(line)


def _left_out(left: Sequence[int], last: int) -> tuple[str, ...]:
    says = (
        "the last line is cut short; it is left out"
        if left == [last]
        else f"lines {listed(left, NAMED)}: no JSON objects; left out"
    )
    return (says,) if left else ()


def _object(line: str) -> Any:  # noqa: ANN401 - a JSON value
    try:
        return json.loads(line)
    except (RecursionError, ValueError):
        return with_bare_nan(line)


def with_bare_nan(text: str) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON value of a text that says `nan` and `inf` as C and Rust do; None where it is none all the same."""
    spelt = _BARE.sub(lambda found: "NaN" if found[2] else f"{found[1]}Infinity", text)
    try:
        return None if spelt == text else json.loads(spelt)
    except (RecursionError, ValueError):
        return None


def put(columns: Columns, row: int, values: Mapping[str, float]) -> None:
    """Add the values of one row to the columns."""
    for name, value in values.items():
        if name not in columns:
            columns[name] = array("q"), array("d")
        places, numbers = columns[name]
        places.append(row)
        numbers.append(value)


def table_of_columns(columns: Columns, lines: Sequence[int], without: frozenset[str] = frozenset()) -> Table:
    """The same as `table_of`, where the numbers were gathered column by column: a tenth of the memory."""
    names = [name for name in columns if name not in without][: _most(len(lines))]
    found = []
    for name in names:
        places, values = (np.array(of) for of in columns[name])
        numbers = Numbers(values, np.zeros(values.size, dtype=np.bool_))
        found.append(_spread(numbers, places, len(lines)))
    return Table(Header(tuple(names), ",", 0), tuple(found), lines)


def table_of(records: Records, without: frozenset[str] = frozenset()) -> Table:
    """One column for every key that ever held a number or a word; (rows,) each, NaN where the record lacks it."""
    count = len(records.rows)
    parts: dict[str, list[Numbers]] = {}
    words: dict[str, dict[int, list[str]]] = {}  # of a column those pieces that are more than numbers
    for start in range(0, count, BLOCK):  # what is in a column already need not be kept as objects
        block = records.rows[start : start + BLOCK]
        found, places = _found(block)
        new = [name for name in found if name not in parts and name not in without]
        parts |= {name: [_nothing(BLOCK)] * (start // BLOCK) for name in new[: _most(count) - len(parts)]}
        for name, pieces in parts.items():
            items = found.pop(name, [])
            pieces.append(_spread(from_json(items), places.get(name, ()), len(block)))
            if pieces[-1].odd:
                words.setdefault(name, {})[start // BLOCK] = _words(items, places[name], len(block))
    names = tuple(parts)
    written = {
        place: [words[name].get(at, piece) for at, piece in enumerate(parts[name])]
        for place, name in enumerate(names)
        if name in words
    }
    columns = tuple(Numbers.joined(parts.pop(name)) for name in names)
    return Table(Header(names, ",", 0), columns, records.lines, written, records.notes)


def _found(block: Sequence[Record]) -> tuple[dict[str, list[Any]], dict[str, Sequence[int]]]:
    """What stands under each key of some records, and in which of them; where none lacks it, a range."""
    places: dict[str, range | array[int]] = {}
    found: dict[str, list[Any]] = {}
    for row, record in enumerate(block):
        for key, value in record.items():
            pairs = _flat(key, value, 1) if isinstance(value, dict) else ((key, value),)
            for name, item in pairs:
                items = found.get(name)
                if items is None:
                    items, places[name] = found.setdefault(name, []), range(row, row)
                at = places[name]
                if isinstance(at, array):
                    at.append(row)
                elif at.start + len(items) != row:
                    places[name] = array("q", [*range(at.start, at.start + len(items)), row])
                items.append(item)
    whole = {name: range(at.start, at.start + len(found[name])) for name, at in places.items() if isinstance(at, range)}
    return found, {**places, **whole}


def _nothing(rows: int) -> Numbers:
    """A piece of a column that no record holds."""
    return Numbers(np.full(rows, math.nan), np.ones(rows, dtype=np.bool_))


def _most(rows: int) -> int:
    """How many names may stand in a table of so many rows."""
    return max(1, min(COLUMNS, CELLS // max(rows, 1)))


def _flat(prefix: str, value: Mapping[str, Any], depth: int) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, item in value.items():
        name = f"{prefix}/{key}"
        if isinstance(item, dict):
            pairs += _flat(name, item, depth + 1) if depth < DEPTH else []
        else:
            pairs.append((name, item))
    return pairs


def _spread(numbers: Numbers, places: Sequence[int] | IntArray, count: int) -> Numbers:
    """A column that some records lack, over all of them."""
    if len(places) == count:
        return numbers
    at = np.asarray(places, dtype=np.intp)
    values, missing = np.full(count, math.nan), np.ones(count, dtype=np.bool_)
    values[at], missing[at] = numbers.values, numbers.missing
    odd, grouped = (array("q", (int(at[index]) for index in of)) for of in (numbers.odd, numbers.grouped))
    return Numbers(values, missing, odd, numbers.wrapped, grouped)


def _words(items: Sequence[Any], places: Sequence[int], count: int) -> list[str]:
    cells = [""] * count
    for place, item in zip(places, items, strict=True):
        cells[place] = "" if item is None else str(item)
    return cells
