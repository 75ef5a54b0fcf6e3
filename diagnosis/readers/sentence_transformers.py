"""What the evaluators of Sentence Transformers write: a table a data set, with a row an evaluation.

    epoch,steps,cosine_pearson,cosine_spearman
    0,500,0.7312,0.7401
    0,-1,0.7514,0.7590
    1,500,0.7702,0.7755
    1,-1,0.7788,0.7841

Recognised by `epoch,steps` before metrics alone. `steps` count within an epoch, and -1 is its end. All of it is of the
validation.
"""

from dataclasses import replace

import numpy as np

from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.splits import validated
from diagnosis.reading.table import read_table

COUNTERS = ("epoch", "steps")
END = -1.0  # of an epoch


def recognises(document: Document) -> bool:
    """Whether metrics alone follow the counters."""
    header = document.header
    if header is None or header.delimiter != "," or header.names[: len(COUNTERS)] != COUNTERS:
        return False
    meanings = [understand(name) for name in header.names[len(COUNTERS) :]]
    return bool(meanings) and all(m.kind in {"metric", "other"} and m.split is None for m in meanings)


def read(document: Document) -> Log:
    """Every metric, at its epochs where each has one evaluation, else at its steps."""
    assert document.header is not None  # noqa: S101 - recognised
    table = read_table(document.text, document.header)
    steps = table.columns[1].values
    within = np.unique(steps[steps >= 0])
    note: tuple[str, ...] = ()
    if within.size and (steps == END).any():
        gap = within[1] - within[0] if within.size > 1 else within[0]
        kept = replace(table.columns[1], values=np.where(steps == END, within[-1] + max(gap, 1.0), steps))
        table = replace(table, columns=(table.columns[0], kept, *table.columns[2:]))
        note = ("-1 in steps is the end of an epoch; it counts as one evaluation after the last",)
    log = validated(logged(table, "sentence_transformers"), lambda _: True)
    return replace(log, notes=(*log.notes, *note))
