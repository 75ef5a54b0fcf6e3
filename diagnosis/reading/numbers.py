"""Cells and JSON values → numbers: what was logged, what was not, and what is no number at all.

`nan` and `inf`, however they are spelled, are numbers that training produced; an empty cell or `null` was not logged.
The two are never merged.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from diagnosis.lazy import lazy
from diagnosis.run import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]

NOT_LOGGED = frozenset(("", "null", "none", "na", "n/a", "#n/a", "<na>", "nil", "-", "--", "–", "?", "no log"))
# Python reads nan, inf and infinity in any case; these are words of a spreadsheet, a C library and YAML for them.
NON_FINITE = {
    "#num!": math.nan,
    "#div/0!": math.nan,
    ".nan": math.nan,
    ".inf": math.inf,
    "-.inf": -math.inf,
    "∞": math.inf,
    "-∞": -math.inf,
}
DIGITS_APART = "_"  # Python reads 1_1 as eleven; in a log it is fold 1 of repeat 1, and no number
SAMPLE = 32  # cells that tell a column of text from one of numbers
# `0,31`, and `2.975,98` with points between thousands.
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d*|\d{1,3}(?:\.\d{3})++),\d++(?:[eE][+-]?\d++)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})++\.\d++|(?:,\d{3}){2,}+)")
# `1,200` is one and a fifth, or twelve hundred: the column tells.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})++")
THOUSAND = 1000.0
APART = 10.0  # times the largest fraction that a whole number beside fractions is never
# What C libraries print of no number, and of what is beyond all: `-nan(ind)`, `nan(0x400000)`, `1.#QNAN`, `-1.#INF00`.
OF_C = r"(?i:1\.#(?:qnan|snan|ind|inf)\d*+|nan\(\w*+\))"
_OF_C = re.compile(rf"(?<![\w.]){OF_C}")
# `tensor(0.3, device='cuda:0')`, `np.float32(0.3)`, `[3e-07, 3e-07]`: the first number inside.
_WRAPPED = re.compile(r"(?:[A-Za-z_][\w.]*+)?+\s*+[(\[][(\[\s]*+([^\s,()\[\]]++)[\s\S]*[)\]]")


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers: `values` (n,) are NaN where `missing` (n,) or where a cell was no number (`odd`).

    Where a comma is that of a fraction, or stands between thousands, is `grouped`; a fraction it is in the values.
    """

    values: FloatArray
    missing: BoolArray
    odd: Sequence[int] = ()
    wrapped: bool = False
    grouped: Sequence[int] = ()

    @lazy
    def logged(self) -> BoolArray:
        """Which places (n,) hold a number, non-finite ones included."""
        absent = self.missing.copy()
        absent[np.asarray(self.odd, np.intp)] = True
        return ~absent

    @classmethod
    def joined(cls, parts: Sequence[Numbers]) -> Numbers:
        """One column of several pieces."""
        if not parts:
            return cls(np.zeros(0), np.zeros(0, dtype=np.bool_))
        starts = np.cumsum([0, *(part.values.size for part in parts)]).tolist()
        return cls(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.missing for part in parts]),
            array("q", (start + index for start, part in zip(starts, parts, strict=False) for index in part.odd)),
            any(part.wrapped for part in parts),
            array("q", (start + index for start, part in zip(starts, parts, strict=False) for index in part.grouped)),
        ).told_apart()

    def told_apart(self, *, whole: bool = False) -> Numbers:
        """The column with its commas between thousands, where they stand there, as they do in a column of `whole` numbers."""
        if not self.grouped:
            return self
        places = np.asarray(self.grouped, np.intp)
        short = places[np.abs(self.values[places]) < THOUSAND]
        plain = np.delete(np.where(np.isfinite(self.values), self.values, 0), places)
        if (plain % 1).any() or (np.abs(plain) >= THOUSAND).any():
            return self
        values = self.values.copy()
        values[short] = np.round(values[short] * THOUSAND)
        apart = np.abs(plain).max(initial=0) >= APART * np.abs(self.values[short]).max(initial=0)
        if whole or short.size < places.size or apart:
            return replace(self, values=values, grouped=())
        return self

    def take(self, rows: Sequence[int]) -> Numbers:
        """Some of the rows."""
        places = np.asarray(rows, dtype=np.intp)
        odd, grouped = (self._where(of, places) for of in (self.odd, self.grouped))
        return Numbers(self.values[places], self.missing[places], odd, self.wrapped, grouped)

    def _where(self, marked: Sequence[int], places: npt.NDArray[np.intp]) -> array[int]:
        """Where in some of the rows those stand that are marked."""
        mark = np.zeros(self.values.size, dtype=np.bool_)
        mark[np.asarray(marked, np.intp)] = True
        return array("q", np.flatnonzero(mark[places]))

    @property
    def count(self) -> int:
        """How many numbers were logged."""
        return int(self.logged.sum())


def number(cell: str) -> float | None:
    """The number in a cell, None where nothing was logged; ValueError where it is no number."""
    if DIGITS_APART in cell:
        raise ValueError(cell)
    try:
        return float(cell)
    except ValueError:
        word = as_python(cell.strip().strip("'\"*").lower())
    if word in NOT_LOGGED:
        return None
    if word in NON_FINITE:
        return NON_FINITE[word]
    if _DECIMAL_COMMA.fullmatch(word):
        return float(word.replace(".", "").replace(",", "."))
    if _THOUSANDS.fullmatch(word):
        return float(word.replace(",", ""))
    return float(word.removesuffix("%"))


def as_python(text: str) -> str:
    """The same text, with `nan` and `inf` for what C prints of them."""
    if "#" not in text and "(" not in text:
        return text
    return _OF_C.sub(lambda found: "inf" if "#inf" in found[0].lower() else "nan", text)


def is_number(cell: str) -> bool:
    """Whether a number was logged in a cell."""
    try:
        return number(cell) is not None
    except ValueError:
        return False


def _first_inside(cell: str) -> float | None:
    """The first number of a printed list or tensor; ValueError where there is none."""
    inside = _WRAPPED.fullmatch(cell.strip())
    if inside is None:
        raise ValueError(cell)
    return number(inside.group(1))


def from_cells(cells: Sequence[str]) -> Numbers:
    """Read a column of text."""
    if DIGITS_APART in "".join(cells):
        return _words(cells) or _one_by_one(cells)
    try:
        return Numbers(np.fromiter(map(float, cells), np.float64, len(cells)), np.zeros(len(cells), dtype=np.bool_))
    except ValueError:
        pass  # a cell is empty, or no number
    try:
        values = np.array([float(cell) if cell else math.nan for cell in cells], dtype=np.float64)
    except ValueError:
        return _words(cells) or _one_by_one(cells)
    return Numbers(values, np.array([not cell for cell in cells], dtype=np.bool_))


def _words(cells: Sequence[str]) -> Numbers | None:
    """A column whose first cells are all words is text: a name, a date."""
    first = [index for index, cell in enumerate(cells[:200]) if cell.strip()][:SAMPLE]
    if len(first) < SAMPLE or len(_one_by_one([cells[index] for index in first]).odd) < SAMPLE:
        return None
    missing = np.array([not cell.strip() for cell in cells], dtype=np.bool_)
    return Numbers(np.full(len(cells), math.nan), missing, array("q", np.flatnonzero(~missing)))


def from_json(items: Sequence[Any]) -> Numbers:
    """Read a list of JSON values: numbers, null, and numbers written as strings."""
    try:
        values = np.array(items, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return _one_by_one(items)
    if values.ndim != 1 or any(isinstance(item, bool | str) for item in items[:1]):
        return _one_by_one(items)
    missing = np.isnan(values)
    if missing.any():
        missing = np.array([item is None for item in items], dtype=np.bool_)
    return Numbers(values, missing)


def _one_by_one(items: Iterable[Any]) -> Numbers:
    values, missing, odd, grouped, wrapped = array("d"), array("b"), array("q"), array("q"), False
    for index, item in enumerate(items):
        value: float | None = math.nan
        try:
            value = _scalar(item)
        except (TypeError, ValueError):
            try:
                value = _scalar(item[0]) if isinstance(item, list) and item else _first_inside(item)
                wrapped = True
            except (AttributeError, TypeError, ValueError):
                odd.append(index)
        if isinstance(item, str) and "," in item and _GROUPED.fullmatch(item.strip()):
            grouped.append(index)
        missing.append(value is None)
        values.append(math.nan if value is None else value)
    return Numbers(np.array(values, dtype=np.float64), np.array(missing, dtype=np.bool_), odd, wrapped, grouped)


def _scalar(item: Any) -> float | None:  # noqa: ANN401 - a JSON value
    """One JSON value or cell as a number; TypeError or ValueError where it is none."""
    if isinstance(item, str):
        return number(item)
    if item is None:
        return None
    if isinstance(item, bool):
        raise TypeError
    try:
        return float(item)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf if item > 0 else -math.inf


def positions(cells: Sequence[str]) -> Numbers:
    """Read a column of positions: `7`, `7/300`, `Epoch 7`."""
    found = [re.match(r"[^\d+-]*(\d+(?:\.\d*)?)", cell) for cell in cells]
    return from_cells([match.group(1) if match else "" for match in found])
