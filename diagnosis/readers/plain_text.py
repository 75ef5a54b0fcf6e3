"""Any text that says its numbers: what a program prints of its training, line by line, with names and values.

    Epoch 1/10, train loss: 0.85, val loss: 0.91, acc=0.71
    Epoch 2/10, train loss: 0.61, val loss: 0.72, acc=0.78

Asked last, when no other format claims the document. Recognised by lines in which an epoch or step stands beside a known
name with a number, or by a known name that comes again and again. Keras' and tqdm's progress bars count in their last
state. A line that begins with `Validation` or `[Eval]` is validation's. Configurations between the lines are passed over.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from diagnosis.names import understand
from diagnosis.reading.announcements import Section, section_of
from diagnosis.reading.assemble import Log
from diagnosis.reading.console import lines_of, on_one_axis, states_of
from diagnosis.reading.document import Document
from diagnosis.reading.phrases import phrase_of, unstamped
from diagnosis.reading.printed import by_lines, is_list, lists
from diagnosis.reading.records import Columns, put

LAST_RESORT = True
LOOKED_AT = 5000  # lines
HEAD = 1 << 17  # characters in which a second process is heard
START = 80  # characters of a line in which its process is named
ANNOUNCEMENT = 80  # characters at most of a line that announces a split, with the date and time before them
FEW = (
    3  # rows; with fewer, or with more at a position, it is looked at what a progress bar showed before its last state
)
# Hugging Face's last line, with means over the whole run; what fairseq says of a file, and PaddleOCR of its best epoch.
WHOLE_RUN, SAVED, BEST = "train_runtime", "Saved checkpoint", "best metric,"
CURRENT = "cur metric,"  # how PaddleOCR begins what an evaluation found
# `[rank3]`, `[default3]:`, `[1,3]<stdout>:`, `GPU 3:`: one process of several, as they and their launchers mark their lines.
_RANK = re.compile(
    r"(?i)(?:^|\[)(?:rank|default|gpu)[ :_=]?(\d{1,5})(?=[\]:,|\s])\]?:?|^\[1,(\d{1,5})\]<std(?:out|err)>:",
    re.MULTILINE,
)
# What flair says of one class after another: `2          tp: 3 - fp: 1 - fn: 89 - `.
_CLASS = re.compile(r"\s*\S+\s+tp: \d+ - fp: \d+ - fn: \d+ - ")
_BAR = re.compile(r"\b(\d+)/\d+ \[")
AGAIN = 3  # times a known name comes, from which it is no configuration
CURVES = {"loss", "metric", "grad_norm"}
Row = tuple[int, dict[str, float], dict[str, float]]


def recognises(document: Document) -> bool:
    """Whether known names stand beside positions, or come again and again."""
    start = document.text[:LOOKED_AT].lstrip()
    structured = (start[:1] in {"{", "<"} and not start.startswith("{'")) or document.records is not None
    if document.binary or document.header is not None or structured:
        return False
    seen: Counter[str] = Counter()
    for _, place, values in _rows(islice(states_of(document), LOOKED_AT), Section()):
        curves = [name for name in values if understand(name).kind in CURVES or name in document.roles]
        seen.update(curves)
        if (place and curves) or (seen and seen.most_common(1)[0][1] >= AGAIN):
            return by_lines(document) or not lists(document.text[:HEAD])
    return False


def read(document: Document) -> Log:
    """Every known name at the last position that was said; where that is little, at all that a bar has shown."""
    others: Counter[str] = Counter()
    several = _RANK.search(document.text[:HEAD]) is not None

    def rows(written: Iterator[tuple[int, str]], *, bars: bool = False) -> tuple[Columns, array[int], int]:
        others.clear()
        section = Section()
        return *_gathered(_rows(_heard(written, others) if several else written, section, bars=bars)), section.batches

    columns, lines, batches = rows(lines_of(document))
    if len(lines) < FEW and "\r" in document.text.replace("\r\n", ""):
        columns, lines, batches = rows(states_of(document), bars=True)
    elif _BAR.search(document.text[:HEAD]) and _crowded(columns, lines):
        shown = rows(lines_of(document), bars=True)
        if not _crowded(*shown[:2]):
            columns, lines, batches = shown
    log = on_one_axis(columns, lines, "plain_text")
    notes = list(log.notes)
    if batches:
        notes.append(
            f"{batches} lines count the batches of an evaluation, and no steps; the last of each evaluation counts"
        )
    if others:
        notes.append(
            f"{len(others) + 1} processes write into this log; one of them is read, and {others.total()} lines of the others are set aside"
        )
    return replace(log, notes=tuple(notes))


def _crowded(columns: Columns, lines: array[int]) -> bool:
    """Whether more than `FEW` rows stand at one position on average, as they do where bars alone tell them apart."""
    said = [dict(zip(*columns[name], strict=True)) for name in ("epoch", "step") if name in columns]
    return len(lines) > FEW * len({tuple(at.get(row) for at in said) for row in range(len(lines))})


def _gathered(rows: Iterator[Row]) -> tuple[Columns, array[int]]:
    columns: Columns = {}
    lines = array("q")
    place: dict[str, float] = {}
    row: dict[str, float] = {}  # what is being gathered
    at = 0

    def close() -> None:
        if row:
            put(columns, len(lines), row)
            lines.append(at)

    for line, said, values in rows:
        if said and not place:  # what came before the first position is a configuration
            columns, lines, row = {}, array("q"), {}
        place |= said
        if not values:
            continue
        again = not said and bool(row.keys() & values.keys()) and not _evaluated(values)
        if said or not row or again:
            close()
            row, at = place | values, line
        else:  # one position over several lines, or the batches of an evaluation, of which the last counts
            row |= values
    close()
    return columns, lines


def _evaluated(values: dict[str, float]) -> bool:
    """Whether all of this is of an evaluation, as its line says."""
    return bool(values) and all(name.startswith(("val/", "test/")) for name in values)


def _heard(lines: Iterator[tuple[int, str]], others: Counter[str]) -> Iterator[tuple[int, str]]:
    """The lines of one process, where several write: of the first that says something; those of the `others` are counted."""
    speaker = ""
    for at, line in lines:
        rank = _RANK.search(line[:START])
        if rank is None:
            yield at, line
            continue
        spoken, said = rank[1] or rank[2], line[: rank.start()] + line[rank.end() :]
        if not speaker and phrase_of(said)[0].values:
            speaker = spoken
        if speaker in {"", spoken}:
            yield at, said
        else:
            others[spoken] += 1


def _rows(lines: Iterator[tuple[int, str]], section: Section, *, bars: bool = False) -> Iterator[Row]:
    """Of every line its position, as far as it says one or its bar shows one, and the known names with their numbers."""
    before: dict[str, float] = {}
    for at, line in lines:
        announced = section_of(line) if len(line) < ANNOUNCEMENT else None
        if _repeats(line):
            continue
        phrase, numbers = phrase_of(line)
        place = {}
        if phrase.epoch is not None:
            place["epoch"] = float(numbers[phrase.epoch])
        if phrase.step is not None:
            place["step"] = float(numbers[phrase.step])
        elif bars and (bar := _BAR.search(line)):
            place["step"] = float(bar[1])
        if place and section.counts(place, phrase):
            place = {}
        if announced:
            section.begin(announced)
        place = section.placed(place, phrase, announced=announced is not None)
        if place or phrase.values:
            values = phrase.read(numbers)
            if line.startswith((" * ", "* ")) and not place and _evaluated(before):  # it sums up what stands above it
                evaluated = next(iter(before)).partition("/")[0]
                values = {_of(evaluated, name): value for name, value in values.items()}
            before = values
            of = "val" if CURRENT in line else section.split
            yield at, place, {_of(of, name): value for name, value in values.items()} if of else values


def _repeats(line: str) -> bool:
    """Whether a line says once more what others said, of the whole run, the best epoch or one class."""
    of_class = "tp: " in line and _CLASS.match(unstamped(line)) is not None
    return WHOLE_RUN in line or SAVED in line or BEST in line or of_class or is_list(line)


def _of(section: str, name: str) -> str:
    meaning = understand(name)
    return name if meaning.split or meaning.kind == "learning_rate" else f"{section}/{name}"
