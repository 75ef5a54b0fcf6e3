"""Hugging Face `trainer_state.json`: `log_history`, a list of records, of training and of evaluation in turn.

    {"global_step": 1000, "max_steps": 1000,
     "log_history": [
       {"epoch": 0.5, "step": 500, "loss": 0.98, "learning_rate": 2e-05},
       {"epoch": 0.5, "step": 500, "eval_loss": 0.91, "eval_accuracy": 0.6, "eval_runtime": 3.2},
       {"epoch": 1.0, "step": 1000, "loss": 0.71, "learning_rate": 0.0},
       {"epoch": 1.0, "step": 1000, "eval_loss": 0.84, "eval_accuracy": 0.7, "eval_runtime": 3.1}]}

Recognised by `log_history`. Positions are the optimiser's steps: `epoch` is rounded by many versions. `loss` is the mean
since the last record. The last record, with `train_runtime`, holds means over the whole run, and is set aside. The state of a
checkpoint in the middle (`global_step` below `max_steps`) is that of an unfinished run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log
from diagnosis.reading.begun import WHOLE_RUN
from diagnosis.reading.document import Document
from diagnosis.reading.records import Records, of_json, table_of
from diagnosis.reading.rows import logged


def recognises(document: Document) -> bool:
    """Whether there is a `log_history` of objects."""
    value = document.json
    return isinstance(value, dict) and isinstance(value.get("log_history"), list)


def read(document: Document) -> Log:
    """Merge the records by their steps."""
    records = of_json(document.json["log_history"])
    if records is None:
        detail = (
            'log_history holds no records. Expected one object a logging step, such as {"step": 500, "loss": 0.98}.'
        )
        raise NoCurve(detail)
    return replace(history(records, "trainer_state"), told=_told(document.json))


def _told(state: Mapping[str, Any]) -> dict[str, Any]:
    """What the state says of the training: how far it is, how long an epoch, how large a batch."""
    at, most, epochs, batch = (
        _number(state.get(name)) for name in ("global_step", "max_steps", "num_train_epochs", "train_batch_size")
    )
    told: dict[str, Any] = {}
    if most and epochs:
        told["steps_per_epoch"] = most / epochs
    if batch:
        told["batch_size"] = int(batch)
    if any(name in state["log_history"][-1] for name in WHOLE_RUN) or (at and most and at >= most):
        told["finished"] = True
    elif at and most:
        told["finished"] = False
    callbacks = state.get("stateful_callbacks")
    if isinstance(callbacks, dict) and "EarlyStoppingCallback" in callbacks:
        told["early_stopping"] = True
    return told


def _number(value: Any) -> float:  # noqa: ANN401 - a JSON value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0.0


def history(records: Records, format: str) -> Log:  # noqa: A002 - the name is given by Log
    """The curves of a log history, without what is said of the run as a whole."""
    rows = records.having(lambda row: not any(name in row for name in WHOLE_RUN))
    stepped = all("step" in row for row in rows.rows)
    log = logged(table_of(rows, frozenset(("epoch",) if stepped else ())), format)
    if len(rows.rows) == len(records.rows):
        return log
    return replace(log, notes=(*log.notes, "the record with train_runtime holds means over the whole run; set aside"))
