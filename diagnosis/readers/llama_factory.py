"""LLaMA-Factory `trainer_log.jsonl`: a record a logging step, `null` for what was not logged in it.

    {"current_steps": 5, "total_steps": 8712, "loss": 1.75, "eval_loss": null, "learning_rate": 5e-05, "epoch": 0.0, "percentage": 0.06, "elapsed_time": "0:03:29", "remaining_time": "4 days, 5:06:09"}
    {"current_steps": 10, "total_steps": 8712, "loss": 1.73, "eval_loss": null, "learning_rate": 5e-05, "epoch": 0.0, "percentage": 0.11, "elapsed_time": "0:06:59", "remaining_time": "4 days, 5:14:13"}

Recognised by `current_steps` beside `total_steps`. Positions are the optimiser's steps; `epoch` is rounded.
"""

from dataclasses import replace

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.records import table_of
from diagnosis.reading.rows import logged

KEYS = {"current_steps", "total_steps"}
BESIDE = frozenset(("epoch", "total_steps", "percentage", "elapsed_time", "remaining_time"))


def recognises(document: Document) -> bool:
    """Whether the first record counts current and total steps."""
    return document.records is not None and document.records.rows[0].keys() >= KEYS


def read(document: Document) -> Log:
    """Every number at its step."""
    assert document.records is not None  # noqa: S101 - recognised
    log = logged(table_of(document.records, BESIDE), "llama_factory")
    last = document.records.rows[-1]
    at, most = last.get("current_steps"), last.get("total_steps")
    if not isinstance(at, int) or not isinstance(most, int):
        return log
    return replace(log, told={"finished": at >= most})
