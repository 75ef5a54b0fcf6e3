"""What Keras prints while it fits: a line with `Epoch 3/10`, and below it the progress of that epoch.

    Epoch 1/2
    63/63 [==============================] - 2s 3ms/step - loss: 0.8712 - accuracy: 0.7043 - val_loss: 0.7331 - val_accuracy: 0.7620
    Epoch 2/2
    63/63 [==============================] - 0s 2ms/step - loss: 0.6127 - accuracy: 0.8012 - val_loss: 0.6640 - val_accuracy: 0.7911

Recognised by such a pair of lines, with a bar of any kind or none (`verbose=2`). Of each epoch the last state of its bar
counts. A bar of another length that follows is an evaluation, and is set aside: its loss is not of the training.
"""

from __future__ import annotations

import re
from array import array

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import lines_of, on_one_axis
from diagnosis.reading.document import Document
from diagnosis.reading.phrases import phrase_of
from diagnosis.reading.records import Columns, put

_EPOCH = re.compile(r"^[ \t]*Epoch (\d+)/\d+[ \t\r]*$", re.MULTILINE)
_BAR = re.compile(r"^\s*(\d+)/(\d+|Unknown|\?)\s")
_PAIR = re.compile(r"^[ \t]*Epoch \d+/\d+[ \t]*\r?\n(?:[^\n]*\n){0,20}?[^\n]* - (?:\w+_)?loss: ", re.MULTILINE)
HEAD = 1 << 17  # characters in which it must turn up
ALONE = re.compile(r"^\s*-?\s*\d+m?s\b")  # ` - 2s - loss: 0.87`: without a bar


def recognises(document: Document) -> bool:
    """Whether an epoch is announced, and a loss follows behind a dash."""
    if document.binary or document.text[:1] in {"{", "["}:
        return False
    return _PAIR.search(document.text[:HEAD]) is not None


def read(document: Document) -> Log:
    """The last state of every epoch."""
    columns: Columns = {}
    lines = array("q")
    epoch: float | None = None
    state: dict[str, float] = {}
    steps, at, aside = "", 0, 0

    def close() -> None:
        if epoch is not None and state:
            put(columns, len(lines), {"epoch": epoch, **state})
            lines.append(at)

    for where, line in lines_of(document):
        announced = _EPOCH.match(line)
        if announced:
            close()
            epoch, state, steps = float(announced[1]), {}, ""
            continue
        bar = _BAR.match(line)
        if epoch is None or not (bar or ALONE.match(line)):
            continue
        phrase, numbers = phrase_of(line)
        values = phrase.read(numbers)
        if not values:
            continue
        length = bar[2] if bar else "alone"
        if steps not in {"", length} or (state and not bar) or (state.keys() - values.keys() and length == steps):
            aside += 1
            continue
        state, steps, at = values, length, where
    close()
    log = on_one_axis(columns, lines, "keras_console")
    note = (f"{aside} lines of an evaluation are set aside",) if aside else ()
    return Log(log.series, log.format, log.ignored, (*log.notes, *note))
