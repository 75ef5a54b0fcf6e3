"""The progress bars of pytorch-cifar, and of the many scripts that took them over: two an epoch, training's and the test's.

    Epoch: 0
     [=====================>]  Step: 51ms | Tot: 22s | Loss: 1.842 | Acc: 32.412% (16206/50000)  391/391
     [=====================>]  Step: 21ms | Tot: 2s | Loss: 1.504 | Acc: 45.130% (4513/10000)  100/100
    Epoch: 1
     [=====================>]  Step: 50ms | Tot: 22s | Loss: 1.402 | Acc: 48.902% (24451/50000)  391/391
     [=====================>]  Step: 20ms | Tot: 2s | Loss: 1.251 | Acc: 55.480% (5548/10000)  100/100

Recognised by `Step: … | Tot: …` in a bar. Nothing names the splits: the first bar of an epoch is training's, and the second,
over fewer examples, is the test's. Of each bar the last state counts, in which its batches are all done.
"""

from __future__ import annotations

import re
from array import array

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import on_one_axis, states_of
from diagnosis.reading.document import Document
from diagnosis.reading.phrases import phrase_of
from diagnosis.reading.prefixes import begins
from diagnosis.reading.records import Columns, put

HEAD = 1 << 17  # characters in which a bar must turn up
_EPOCH = re.compile(r"(?i)^[ \t]{0,20}epoch[ :]{1,3}(\d{1,9})\b")
_ANY_EPOCH = re.compile(r"(?i)\bepoch[ :]{1,3}\d")
_BAR = re.compile(r"[=>.\]][ \t]{0,20}Step: [^|\n]{1,20}\| Tot: [^|\n]{1,30}\|")
_DONE = re.compile(r"(?<!\d)(\d{1,9})/\1\s*$")
_SPLITS = ("train", "test")


def recognises(document: Document) -> bool:
    """Whether such a bar turns up, and no logger's stamp stands before its epoch."""
    if document.binary or (bar := _BAR.search(document.text[:HEAD])) is None:
        return False
    above = document.text[: bar.start()].splitlines()
    return not any(begins(line) for line in above if _ANY_EPOCH.search(line))


def read(document: Document) -> Log:
    """Two rows an epoch, named after their splits."""
    columns: Columns = {}
    lines = array("q")
    epoch: float | None = None
    row: dict[str, float] = {}
    bars = at = 0

    def close() -> None:
        if row:
            put(columns, len(lines), row if epoch is None else {"epoch": epoch, **row})
            lines.append(at)

    for where, line in states_of(document):
        if announced := _EPOCH.match(line):
            close()
            epoch, row, bars = float(announced[1]), {}, 0
        elif _DONE.search(line) and (bar := _BAR.search(line)):
            bars += where != at
            at = where
            phrase, numbers = phrase_of(line[bar.end() :])
            if bars <= len(_SPLITS):
                row |= {f"{_SPLITS[bars - 1]}/{name}": value for name, value in phrase.read(numbers).items()}
    close()
    return on_one_axis(columns, lines, "two_bars")
