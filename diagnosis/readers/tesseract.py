"""Tesseract's `lstmtraining`: the share of wrong characters and words, in percent, every hundred iterations.

    At iteration 100/100/100, Mean rms=5.1%, delta=42.3%, char train=95.2%, word train=99.8%, skip ratio=0%,  New worst char error = 95.2 wrote checkpoint.
    At iteration 190/200/200, Mean rms=4.2%, delta=31.9%, char train=80.4%, word train=95.1%, skip ratio=0%,  New best char error = 80.4 wrote checkpoint.

Recognised by `At iteration …/…/…, Mean rms=…`; version 5 says `BCER train` and `BWER train`. Of the three counts, of iterations
that learned something, of all, and of samples tried, the second is the position. What was best so far is passed over. An
evaluation is said at the end of such a line, with the one count it began at: `At iteration 200, stage 0, Eval Char error rate=79.1,
Word error rate=94.0`, or `BCER eval=79.1, BWER eval=94.0`.
"""

import re
from array import array

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, lines_of, on_one_axis, recognised
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put

LATE = 1000  # lines that training may be ahead of an evaluation
LAYOUT = (
    Line(
        re.compile(
            rf"\bAt iteration \d+/(?P<step>\d+)/\d+, [Mm]ean rms={NUMBER}%, delta={NUMBER}%, "
            rf"(?:BCER|char) train=(?P<train_cer>{NUMBER})%, (?:BWER|word) train=(?P<train_wer>{NUMBER})%"
        )
    ),
)
_EVALUATED = re.compile(
    rf"At iteration (?P<step>\d+), stage \d+, (?:Eval Char error rate|BCER eval)=(?P<val_cer>{NUMBER}), "
    rf"(?:Word error rate|BWER eval)=(?P<val_wer>{NUMBER})"
)


def recognises(document: Document) -> bool:
    """Whether a line counts iterations as it does."""
    return recognised(document, LAYOUT)


def read(document: Document) -> Log:
    """All rates at their iterations; an evaluation goes back to its own, as it ends when training is further on."""
    rows: list[tuple[int, dict[str, float]]] = []
    for at, line in lines_of(document):
        if trained := LAYOUT[0].pattern.search(line):
            rows.append((at, _numbers(trained)))
        if evaluated := _EVALUATED.search(line):
            row = _numbers(evaluated)
            place, first = len(rows), max(len(rows) - LATE, 0)
            while place > first and rows[place - 1][1]["step"] > row["step"]:
                place -= 1
            rows.insert(place, (at, row))
    columns: Columns = {}
    for place, (_, row) in enumerate(rows):
        put(columns, place, row)
    return on_one_axis(columns, array("q", (at for at, _ in rows)), "tesseract")


def _numbers(found: re.Match[str]) -> dict[str, float]:
    return {name: float(value) for name, value in found.groupdict().items()}
