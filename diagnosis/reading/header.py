"""The first line of a table: which names it has, and what separates them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from diagnosis.names import words
from diagnosis.reading.numbers import from_cells, is_number

# " " stands for any white space, "  " for two blanks or more: then names and cells may hold single ones.
BLANKS = (" ", "  ")
PROSE = re.compile(r"[()=:{}]|[.!?]\s*$")  # in a line that heads no table
DELIMITERS = (",", ";", "\t", "|", *BLANKS)
LONGEST_NAME = 200  # characters
WIDEST = 10_000  # columns
LOOKED_AT = 10  # rows
LEAST = 3  # columns of a table that begins further down
COUNTING = {"epoch", "epochs", "step", "steps", "iter", "iteration", "iterations", "global step", "round"}
RULE = "-:=+| \t─━═┄┈╌┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬┡┩╇╞╡╪╭╮╰╯┠┨┯┷┿╟╢╤╧╫"  # what is drawn around a header and its rows
# `loss: 0.3`, `loss 0.31`, `loss: nan` is a value with its name, and eight words or a full stop make a sentence: neither names a column.
_PAIR = re.compile(r"(?i)[^:=]*[:=]\s*[-+]?(?:\.?\d|(?:nan|inf|infinity)\b)|.*\s[-+]?\d*\.\d+$")
# `epoch 4` and `4:` are positions, `loss=0.3` a value, `"loss":` a piece of JSON, and `|` a line that is drawn.
_NO_NAME = re.compile(r"(?i)^\W*epoch\W*\d+\b|^\d+[:,;]$|\w=[-+]?(?:\d*\.\d+|nan|inf|infinity)$|[{}]|\":|^[^\w%#]+$")
_GAP = re.compile(r" {2,}|\t")
_PROGRESS = re.compile(r"\d+%\s*\||\d\s*(it/s|s/it)")  # a progress bar
_DIGITS = re.compile(r"\d++(?:[.,:]\d++)*+(?:[eE][-+]?+\d++)?+")
_COMPOSED = re.compile(r"[\d\s:.,;\[\]()eE+-]*+")  # a time, a list of rates: what may stand in a table besides numbers
_SENTENCE = re.compile(r"(?:\S+\s+){8,}|(?:.*\s)?\w{4,}[.?!:]$")


@dataclass(frozen=True)
class Header:
    """The first line of a table: `names` as written, `line` counted from 1."""

    names: tuple[str, ...]
    delimiter: str
    line: int

    @property
    def phrases(self) -> tuple[str, ...]:
        """The names in plain words, as the lists of known names are written."""
        return tuple(" ".join(words(name)) for name in self.names)


def header_of(head: Sequence[tuple[int, str]], known: Callable[[str], bool]) -> Header | None:
    """The header among the first lines (number, text), None where they are no table with a known name."""
    rows = [(at, line) for at, line in head if not line.lower().startswith("sep=") and line.strip(RULE)]
    every = rows
    while len(rows) > 1 and rows[0][1].lstrip().startswith("#") and not _commented_header(rows):
        rows = rows[1:]
    if not rows:
        return None
    at, first = rows[0][0], rows[0][1].lstrip("# \t") if rows[0][1].lstrip().startswith("#") else rows[0][1]
    second = rows[1][1] if len(rows) > 1 else None
    best: tuple[tuple[bool, int], Header] | None = None
    for delimiter in () if _comes_again(first, rows[1:]) else DELIMITERS:
        names = _names(first, delimiter)
        if not names or not any(known(name) for name in names):
            continue
        fits = (
            second is None or _fits(len(names), _split(second, delimiter), delimiter) or _indexed(first, names, second)
        )
        score = (fits and len(names) > 1, len(names))  # any line without the separator is one cell
        if (best is None or score > best[0]) and not _says(rows[1 : LOOKED_AT + 1], delimiter, fits=fits):
            best = score, Header(names, delimiter, at)
    if best is not None and best[0][1] == 1 and second and is_number(second):
        return best[1]
    if best is not None and best[0][0]:
        return best[1]
    below = _below_a_preamble(every, known)
    return below or (best[1] if best is not None and best[0][1] > 1 else None)


def _comes_again(first: str, rows: Sequence[tuple[int, str]]) -> bool:
    """Whether a line comes again with other numbers: it is one of a log, and heads no table."""
    if not rows or _DIGITS.search(first) is None:
        return False
    shape = _shape(first)
    return any(line != first and _shape(line) == shape for _, line in rows)


def _shape(line: str) -> str:
    return " ".join(_DIGITS.sub("#", line.replace("#", "")).split())


def _says(rows: Sequence[tuple[int, str]], delimiter: str, *, fits: bool) -> bool:
    """Whether most rows say their numbers, as `loss: 0.3`, and hold none in a cell of its own; or few, where they do not fit."""
    told = 0
    for _, line in rows:
        cells = [cell for cell in _split(line, delimiter) if cell.strip()]
        if fits or delimiter not in BLANKS:
            few = not any(map(_holds_number, cells))
        else:
            few = 2 * sum(map(_holds_number, cells)) <= len(cells)
        told += few and _DIGITS.search(line) is not None
    return bool(rows) and 2 * told >= len(rows)


def _holds_number(cell: str) -> bool:
    """Whether a cell is a number, or a tensor or list of one."""
    return is_number(cell) or not from_cells([cell.strip()]).odd


def unknown_names(head: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The names of a table of which none is known; none where the lines are none: prose has commas where it likes."""
    first, *rows = [line for _, line in head] or [""]
    for delimiter in DELIMITERS:
        names = _names(first, delimiter)
        whole = [_split(row, delimiter) for row in rows[:-1] or rows]  # the last may be cut
        for cells in whole:
            while len(cells) > len(names) and not cells[-1].strip():
                cells.pop()
        if not names[1:] or any(len(cells) != len(names) for cells in whole) or PROSE.search(first):
            continue
        told = [is_number(cell) for cell in chain.from_iterable(whole)]
        if (told and all(told)) if delimiter in BLANKS else (any(told) or f"{delimiter} " not in first):
            return names
    return ()


def _below_a_preamble(rows: Sequence[tuple[int, str]], known: Callable[[str], bool]) -> Header | None:
    """A header further down, after settings or a title: only where rows of as many numbers follow, and one counts."""
    for (at, line), (_, second) in pairwise(rows):
        for delimiter in DELIMITERS:
            names = _names(line, delimiter)
            cells = _split(second, delimiter) if delimiter != " " else []  # a sentence has as many words as a row
            while len(cells) > len(names) and not cells[-1].strip():
                cells.pop()
            if len(names) < LEAST or len(cells) != len(names) or not any(known(name) for name in names):
                continue
            counts = any(" ".join(words(name)) in COUNTING for name in names)
            if counts and all(is_number(cell) or _COMPOSED.fullmatch(cell) for cell in cells):
                return Header(names, delimiter, at)
    return None


def _fits(width: int, cells: list[str], delimiter: str) -> bool:
    """Whether a row goes with a header; between blanks, a missing cell cannot be told from a gap."""
    return len(cells) == width or (delimiter not in BLANKS and width > 1 and abs(len(cells) - width) == 1)


def _indexed(first: str, names: Sequence[str], second: str) -> bool:
    """Whether a data frame was printed: its header is set in above the index, which has no name."""
    cells = second.split()
    return first[:1] == " " and len(cells) == len(names) + 1 and cells[0].isdecimal()


def _commented_header(rows: Sequence[tuple[int, str]]) -> bool:
    """Whether `# epoch,loss` is the header of the numbers in the next line."""
    following = re.split(r"[,;\t| ]+", rows[1][1].strip())
    return not rows[1][1].lstrip().startswith("#") and all(is_number(cell) for cell in following)


def cells_between(line: str, blanks: str) -> list[str]:
    """The cells of a line that blanks separate."""
    if blanks == " ":
        return line.split()
    return [cell for cell in _GAP.split(line.strip()) if cell]


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter in BLANKS:
        return cells_between(line, delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    """The names in a header line; none where a cell is a number or too long to be a name."""
    cells = [cell.strip().strip("'\"").strip() for cell in _split(line, delimiter)]
    while cells and not cells[-1]:
        cells.pop()
    # First of all the lengths: every other look takes its time on a long piece of text.
    if len(cells) > WIDEST or any(len(cell) > LONGEST_NAME for cell in cells) or _PROGRESS.search(line):
        return ()
    if any(cell and (is_number(cell) or _NO_NAME.search(cell)) for cell in cells):
        return ()
    if delimiter in BLANKS and any(cell.endswith((",", ";")) for cell in cells):  # the commas of a sentence
        return ()
    if 2 * sum(bool(_PAIR.match(cell)) for cell in cells) >= max(len(cells), 1) or any(map(_SENTENCE.match, cells)):
        return ()
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells):
        name = cell or f"(column {place + 1})"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name] - 1}")
    return tuple(names)
