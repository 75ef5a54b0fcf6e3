"""What `spacy train` prints: epoch, step, the losses of the pipeline's parts, and the scores of an evaluation.

    E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  ENTS_P  ENTS_R  SCORE
    ---  ------  ------------  --------  ------  ------  ------  ------
      0       0          0.00     42.83    1.32    1.05    1.78    0.01
      0     200         51.62    974.36   61.09   63.37   58.97    0.61
      1     400        105.11    741.25   68.12   70.15   66.20    0.68

Recognised by its header, after whatever is printed before it. Positions are steps. Losses are sums since the line before,
so those of step 0, of a single batch, are set aside. Scores are of the development set, in percent, but for the last one,
which weighs them and chooses the best model.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import replace

from diagnosis.names import Meaning, understand
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.console import lines_of
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put, table_of_columns
from diagnosis.reading.rows import logged

HEAD = 1 << 17  # characters in which the header must turn up
_HEADER = re.compile(r"^[ \t]{0,4}E[ ]{2,8}#[ ]{2,12}([A-Z][^\n]{0,2000})$", re.MULTILINE)
_NAME = re.compile(r"(?:LOSS )?\S+")
SCORE, LOSS = "SCORE", "LOSS "


def recognises(document: Document) -> bool:
    """Whether the header turns up, with a score."""
    if document.binary:
        return False
    headers = (header[1].split() for header in _HEADER.finditer(document.text[:HEAD]))
    return any(SCORE in words and all(word[0].isupper() for word in words) for words in headers)


def read(document: Document) -> Log:
    """A row for each evaluation, at its step."""
    names: list[str] = []
    columns: Columns = {}
    lines = array("q")
    for where, line in lines_of(document):
        if header := _HEADER.match(line):
            names = ["epoch", "step", *_NAME.findall(header[1])]
            continue
        cells = line.split()
        if not names or len(cells) != len(names):
            continue
        try:
            row = dict(zip(names, map(float, cells), strict=True))
        except ValueError:
            continue
        if row["step"] == 0:
            row = {name: value for name, value in row.items() if not name.startswith(LOSS)}
        put(columns, len(lines), row)
        lines.append(where)
    columns.pop("epoch", None)
    log = logged(table_of_columns(columns, lines), "spacy_console")
    note = "losses are sums since the line before; those of step 0, of one batch, are set aside"
    return replace(log, series=tuple(_understood(s) for s in log.series), notes=(*log.notes, note))


def _understood(series: Series) -> Series:
    """A loss of a part is training's, and whatever else is printed is a score of the development set."""
    name = series.name
    if name.startswith(LOSS):
        return replace(series, meaning=Meaning("loss", "train", "loss", name.removeprefix(LOSS).lower()))
    if name == SCORE:
        return replace(series, meaning=Meaning("metric", "val", "score", direction="max"))
    if understand(name).kind in {"clock", "learning_rate"} or name in {"WPS", "CPU", "GPU"}:
        return replace(series, meaning=Meaning("clock"))
    return replace(series, meaning=Meaning("metric", "val", name.lower(), direction="max"))
