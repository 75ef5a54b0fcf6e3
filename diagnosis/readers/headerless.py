"""A table of numbers without a header: a counter, a loss, and perhaps more.

    0,2.302,0.11
    100,2.121,0.25
    200,1.874,0.38
    300,1.690,0.44
    400,1.551,0.49

Asked last, when no other format claims the document. Recognised by five rows or more of as many numbers, of which the first
counts and another does not. Nothing names the columns, so the second is taken for the training loss, and the others
are set aside; `roles` with the names `column 2`, `column 3`, … says otherwise.
A single column is read where the file's name says what it is: `?filename=val_loss.txt`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from diagnosis.names import Meaning, understand
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.header import Header
from diagnosis.reading.numbers import from_cells
from diagnosis.reading.rows import logged
from diagnosis.reading.table import Table, read_table

LAST_RESORT = True
_NUMBER = re.compile(r"\s*[-+]?(?:\d[\d.]{0,40}(?:[eE][-+]?\d{1,4})?|nan|inf|NaN|Inf)\s*")
ROWS = 5  # fewer are no curve without a name
COUNTER = "step"
DELIMITERS = ",;\t|"  # where none of them stands, blanks are between
# Nothing is given back: with three blanks between them, columns could be cut in three ways each.
_NUMBERS = re.compile(
    r"\s*+[-+]?+[\d.][\d.eE+-]*+(?:(?:[^\S\t]*+[,;\t|]\s*+|\s++)[-+]?+(?:[\d.][\d.eE+-]*+|nan|inf|NaN|Inf))++\s*+"
)


def recognises(document: Document) -> bool:
    """Whether the first lines are nothing but numbers, of which the first counts."""
    lines = [line for _, line in document.head]
    if _alone(document):
        return True
    if document.binary or len(lines) < ROWS or not all(_NUMBERS.fullmatch(line) for line in lines):
        return False
    table = _table(document, "\n".join(lines))
    if table is None:
        return False
    count = table.columns[0].values
    others = [column.values[np.isfinite(column.values)] for column in table.columns[1:]]
    broken = any((values != np.round(values)).any() for values in others)
    return bool((count == np.round(count)).all() and (np.diff(count) > 0).mean() > 0.5) and broken  # noqa: PLR2004 - most rows


def read(document: Document) -> Log:
    """The second column at the first."""
    if _alone(document):
        return _column(document)
    table = _table(document, document.text)
    assert table is not None  # noqa: S101 - recognised
    log = logged(table, "headerless")
    named = document.roles & {s.name for s in log.series}
    if named:
        return log
    first = log.series[0].name
    others = [s.name for s in log.series[1:]]
    note = f"no header names the columns: {first} is taken for the training loss (say otherwise with roles)"
    series = tuple(_understood(s, first) for s in log.series)
    aside = (f"{', '.join(others)}: not known, set aside",) if others else ()
    return replace(log, series=series, notes=(*log.notes, note, *aside))


def _alone(document: Document) -> bool:
    """Whether every line is one number, and the file's name says of what: `val_loss.txt`."""
    lines = [line for _, line in document.head]
    named = understand(PurePosixPath(document.filename or "").stem).kind in {"loss", "metric"}
    return named and not document.binary and len(lines) >= ROWS and all(_NUMBER.fullmatch(line) for line in lines)


def _column(document: Document) -> Log:
    """The numbers under the file's name, in the order they stand."""
    name = PurePosixPath(document.filename or "").stem
    column = from_cells([line.strip() for line in document.lines if line.strip()])
    note = f"the file's name, {name}, is taken for what its numbers are"
    return Log((Series(name, column.values, missing=~column.logged),), "headerless", notes=(note,))


def _understood(series: Series, first: str) -> Series:
    meaning = Meaning("loss", "train", "loss") if series.name == first else Meaning("other", None, series.name)
    return replace(series, meaning=meaning)


def _table(document: Document, text: str) -> Table | None:
    """The numbers under names that count the columns."""
    first = document.head[0][1]
    if not _NUMBERS.fullmatch(first):
        return None
    delimiter = next((mark for mark in first.strip() if mark in DELIMITERS), " ")
    width = len(first.split()) if delimiter == " " else first.count(delimiter) + 1
    names = (COUNTER, *(f"column {place}" for place in range(2, width + 1)))
    return read_table("\n" + text, Header(names, delimiter, 1))
