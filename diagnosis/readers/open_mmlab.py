"""OpenMMLab JSON Lines, of mmcv (`*.log.json`) and of mmengine (`scalars.json`): training and validation in turn.

    {"env_info": "sys.platform: linux", "seed": 0}
    {"mode": "train", "epoch": 1, "iter": 50, "lr": 0.001, "memory": 3000, "data_time": 0.05, "loss_cls": 0.8, "loss": 1.2, "time": 0.5}
    {"mode": "train", "epoch": 1, "iter": 100, "lr": 0.002, "memory": 3000, "data_time": 0.05, "loss_cls": 0.7, "loss": 1.0, "time": 0.5}
    {"mode": "val", "epoch": 1, "iter": 5000, "lr": 0.002, "bbox_mAP": 0.1}

Recognised by `mode` with `train` and `val`, or, in mmengine's, by `data_time` beside `step`. In mmcv's, `iter` starts anew
with every epoch, and is the size of the validation set in a validation record; in mmengine's, `step` is the epoch in one
kind of loop and the iteration in another. So training is counted on over the epochs, and a validation stands at the
last training record before it. Names without a prefix are validation's in its records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import from_json
from diagnosis.reading.records import Records, table_of
from diagnosis.reading.rows import logged
from diagnosis.reading.splits import validated, without_undefined
from diagnosis.run import FloatArray

BESIDE = frozenset(("mode", "epoch", "iter", "step", "memory", "data_time", "time", "eta", "base_lr", "env_info", "config", "exp_name", "seed", "mmdet_version", "hook_msgs", "CLASSES", "PALETTE"))  # fmt: skip
UNDEFINED = -1.0  # COCO's average precision where there are no objects of a size
LOOKED_AT = 200  # records
AT = "step"


def recognises(document: Document) -> bool:
    """Whether the records are those of one of the two runners."""
    if document.records is None:
        return False
    first = document.records.rows[:LOOKED_AT]
    older = any(row.get("mode") in ("train", "val") and "iter" in row for row in first)  # it may be a list
    return older or any({"step", "data_time"} <= row.keys() for row in first)


def read(document: Document) -> Log:
    """Training at its global step, validation at the step of training that it followed."""
    assert document.records is not None  # noqa: S101 - recognised
    rows = [
        (line, row)
        for line, row in zip(document.records.lines, document.records.rows, strict=True)
        if row.keys() & {"iter", "step", "epoch"}
    ]
    placed = _placed([row for _, row in rows])
    training = {key for row in rows if not _is_validation(row[1]) for key in row[1]}
    renamed = [
        {_named(key, row, training): value for key, value in row.items() if _is_curve(key, row)} | {AT: at}
        for (_, row), at in zip(rows, placed, strict=True)
    ]
    seen = {key for row, (_, was) in zip(renamed, rows, strict=True) if _is_validation(was) for key in row} - training
    log = logged(table_of(Records(renamed, [line for line, _ in rows], document.records.notes)), "open_mmlab")
    log = without_undefined(validated(log, seen.__contains__), seen.__contains__, UNDEFINED)
    if not seen:
        return log
    note = "a validation stands at the last training step before it: its own counter means different things in different loops"
    return replace(log, notes=(*log.notes, note))


def _named(key: str, row: Mapping[str, Any], training: set[str]) -> str:
    """`loss` of a validation becomes `val/loss` where training has one too."""
    return f"val/{key}" if _is_validation(row) and key in training else key


def _is_curve(key: str, row: Mapping[str, Any]) -> bool:
    """The learning rate of a validation record is that of the training record before."""
    return key not in BESIDE and not (key == "lr" and _is_validation(row))


def _is_validation(row: Mapping[str, Any]) -> bool:
    """Said by `mode`; in mmengine's records by the lack of a learning rate and of any loss."""
    if "mode" in row:
        return bool(row["mode"] != "train")
    return "lr" not in row and "loss" not in row


def _placed(rows: list[Mapping[str, Any]]) -> list[float]:
    """The global step of every record."""
    trained = [row for row in rows if not _is_validation(row)]
    if trained and "step" in trained[0]:
        counted = list(from_json([row.get("step", 0) for row in trained]).values)
    else:
        iterations = from_json([row.get("iter", 0) for row in trained]).values
        epochs = from_json([row.get("epoch", 1) for row in trained]).values
        anew = bool((iterations[1:] < iterations[:-1]).any())
        longest = _finite(iterations).max()
        with np.errstate(invalid="ignore"):
            counted = list(iterations + (epochs - _finite(epochs).min()) * longest if anew else iterations)
    at, places, done = 0.0, [], 0
    for row in rows:
        if not _is_validation(row):
            at, done = counted[done], done + 1
        places.append(at)
    return places


def _finite(values: FloatArray) -> FloatArray:
    """What counts; what does not, such as words, is no place, and told as such."""
    found: FloatArray = values[np.isfinite(values)]
    return found if found.size else np.zeros(1)
