"""Lines that a program printed → records: a layout says which lines count, and what they are of.

A line's position is what it says itself (`epoch`, `step`), else that of the line before. Names and numbers are found as
people print them: `loss: 0.31`, `loss = 0.31`, `lr=1e-3`, `loss 0.31 (0.35)`; of a value and its running mean, the value.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import OF_C, number
from diagnosis.reading.records import Columns, put, table_of_columns
from diagnosis.reading.rows import logged

# Nothing of it is given back (`++`, `*+`, `?+`): a run of digits that is no number is gone through once, not once for each way to cut it.
NUMBER = rf"[-+]?+(?:{OF_C}|\d++\.?+\d*+(?:[eE][-+]?+\d++)?+|\.\d++(?:[eE][-+]?+\d++)?+|nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)(?![\d.eE]*+[A-DF-Za-df-z_])"
LONGEST = 4000  # characters of a line; what follows is a dump
PIECE = 1 << 16  # characters of a text that are cut into lines at once, and between two looks at the time
# `name: value`, `name = value`, with an optional unit of nothing; the name may hold blanks, slashes and @.
_PAIR = re.compile(
    rf"(?<![A-Za-z])(?P<name>[A-Za-z][\w./@-]{{0,200}}+(?:[ ][A-Za-z@][\w./@-]{{0,200}}+){{0,4}}(?:\([\w@.]{{1,100}}+\))?)[\"']?+\s*+[:=]++\s*+[\"']?+(?P<value>{NUMBER})%?"
)
# `train loss 4.17, val loss 4.18`: only between known names, and only where nothing else stands between.
_BESIDE = re.compile(
    rf"(?<![A-Za-z])(?P<name>[A-Za-z][\w./@-]{{0,200}}+(?:[ ][A-Za-z][\w./@-]{{0,200}}+){{0,2}})\s++(?P<value>{NUMBER})(?=\s*+(?:[,;|(%)\]]|$)|\s)"
)
_BACK = re.compile("(\x08+)")


@dataclass(frozen=True)
class Line:
    """A kind of line: `pattern` with groups `epoch`, `step`, `of` (steps an epoch), `pairs`, and others named as series.

    `split` goes before the names in `pairs`; `without` are names that are clocks, or repeat what another line says.
    """

    pattern: re.Pattern[str]
    split: Literal["train", "val", "test", ""] = ""
    without: frozenset[str] = frozenset()


def states_of(document: Document) -> Iterator[tuple[int, str]]:
    """Every state of every line: also what a carriage return overwrote later."""
    for at, written in enumerate(_split(document), 1):
        for state in written.split("\r"):
            if state and not state.isspace():
                yield at, state[:LONGEST]


def lines_of(document: Document) -> Iterator[tuple[int, str]]:
    """Every line as a terminal would show it in the end: what a carriage return overwrote is gone."""
    text = document.text
    plain = "\r" not in text and "\x08" not in text
    for at, written in enumerate(_split(document), 1):
        line = written if plain else _shown(written)
        if line and not line.isspace():
            yield at, line[:LONGEST]


def _split(document: Document) -> Iterator[str]:
    """The lines, a piece of the text at a time: a list of all would be as large as the text once more."""
    text, start = document.text, 0
    while start < len(text):
        document.look()
        end = text.rfind("\n", start, start + PIECE) + 1 or text.find("\n", start) + 1 or len(text)
        yield from text[start:end].removesuffix("\n").split("\n")
        start = end


def _shown(line: str) -> str:
    """What stays of a line that was overwritten: all before a return of the carriage, as much as was gone back over."""
    line = line.rstrip("\r").rpartition("\r")[2].rstrip("\x08")
    if "\x08" not in line:
        return line
    shown: list[str] = []
    at = 0
    for piece in _BACK.split(line):
        if piece[:1] == "\x08":
            at = max(at - len(piece), 0)
        else:
            shown[at : at + len(piece)] = piece
            at += len(piece)
    return "".join(shown)


def pairs(text: str) -> dict[str, float]:
    """Names with their numbers, in a piece of a line; of a name said twice, the first."""
    found: dict[str, float] = {}
    for match in _PAIR.finditer(text):
        found.setdefault(match["name"].strip(), _value(match["value"]))
    if not found:
        for match in _BESIDE.finditer(text):
            found.setdefault(match["name"].strip(), _value(match["value"]))
    return found


def _value(text: str) -> float:
    read = number(text)
    return float("nan") if read is None else read


def recognised(document: Document, layout: Sequence[Line], among: int = 400) -> bool:
    """Whether one of the first lines that the layout knows turns up in the head of a text."""
    if document.binary or (document.text[:1] in {"{", "["} and document.records is not None):
        return False
    head = "\n".join(line[:LONGEST] for line in document.text[: among * 250].split("\n"))
    return any(line.pattern.search(head) for line in layout)


def gathered(document: Document, layout: Sequence[Line]) -> tuple[Columns, Sequence[int]]:
    """A row for every line that the layout knows, at the `epoch` and `step` that it or a line before it says."""
    columns: Columns = {}
    at = array("q")
    place: dict[str, float] = {}
    first_epoch: float | None = None
    for where, text in lines_of(document):
        found = next(((line, match) for line in layout if (match := line.pattern.search(text))), None)
        if found is None:
            continue
        line, match = found
        said = {name: value for name, value in match.groupdict().items() if value is not None}
        row = {
            _named(name, line.split): value
            for name, value in pairs(said.pop("pairs", "")).items()
            if name not in line.without
        }
        of = said.pop("of", None)
        place |= {name: _value(said.pop(name)) for name in ("epoch", "step") if name in said}
        if of is not None and "epoch" in place:
            first_epoch = place["epoch"] if first_epoch is None else min(first_epoch, place["epoch"])
            place["step"] += (place["epoch"] - first_epoch) * _value(of)
        row |= {name: _value(value) for name, value in said.items()}
        if row:
            put(columns, len(at), place | row)
            at.append(where)
    return columns, at


def _named(name: str, split: str) -> str:
    """`loss` of a line of validation is `val/loss`; a name that tells its split keeps it, and a rate has none."""
    meaning = understand(name)
    return f"{split}/{name}" if split and meaning.split is None and meaning.kind != "learning_rate" else name


def on_one_axis(columns: Columns, lines: Sequence[int], format: str) -> Log:  # noqa: A002 - the name is given by Log
    """Curves at their epochs where each has one value in every epoch, all of them at their steps otherwise."""
    return logged(table_of_columns(columns, lines), format, one_axis=True)


def read_console(document: Document, layout: Sequence[Line], format: str) -> Log:  # noqa: A002 - the name is given by Log
    """The curves in the lines of a layout."""
    columns, lines = gathered(document, layout)
    return on_one_axis(columns, lines, format)
