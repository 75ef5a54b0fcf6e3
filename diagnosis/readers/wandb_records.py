"""W&B history as records: `wandb-history.jsonl`, `run.scan_history()` or `run.history()` written as JSON.

    {"_step": 0, "_runtime": 3.1, "_timestamp": 1708208368.5, "train/loss": 2.3, "epoch": 0}
    {"_step": 50, "_runtime": 9.4, "_timestamp": 1708208375.3, "train/loss": 1.9, "epoch": 0}
    {"_step": 50, "_runtime": 9.9, "_timestamp": 1708208375.9, "val/loss": 2.0, "epoch": 0}

Recognised by `_step` beside `_runtime` or `_timestamp`. `_step` counts the calls of `log`, not the trainer's steps: where a
`trainer/global_step` or the like is logged beside every value, that is the position. Media and histograms are set aside.
"""

from __future__ import annotations

from diagnosis.names import words
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.records import Record, Records, table_of
from diagnosis.reading.rows import STEPS, logged

OWN = {"_runtime", "_timestamp"}
LOOKED_AT = 20  # records


def recognises(document: Document) -> bool:
    """Whether the records have W&B's own keys."""
    if document.records is None:
        return False
    return any("_step" in row and row.keys() & OWN for row in document.records.rows[:LOOKED_AT])


def read(document: Document) -> Log:
    """Every number at the trainer's step where one is logged throughout, else at W&B's."""
    assert document.records is not None  # noqa: S101 - recognised
    records = document.records
    trainers = [key for key in records.rows[0] if not key.startswith("_") and " ".join(words(key)) in STEPS]
    own = next((key for key in trainers if all(key in row for row in records.rows)), None)
    rows = [_plain(row, keep_step=own is None) for row in records.rows]
    return logged(table_of(Records(rows, records.lines, records.notes)), "wandb_records")


def _plain(row: Record, *, keep_step: bool) -> Record:
    """A record without W&B's clocks, media and system counters."""
    kept = {
        key: value
        for key, value in row.items()
        if not key.startswith("_") and not (isinstance(value, dict) and "_type" in value)
    }
    return {"_step": row["_step"], **kept} if keep_step and "_step" in row else kept
