"""DETR, DeiT and MAE `log.txt`: JSON Lines, a record an epoch, every name beginning with `train_` or `test_`.

    {"train_lr": 0.0001, "train_loss": 43.4, "test_loss": 40.1, "test_acc1": 12.3, "epoch": 0, "n_parameters": 41302368}
    {"train_lr": 0.0001, "train_loss": 39.0, "test_loss": 37.2, "test_acc1": 15.9, "epoch": 1, "n_parameters": 41302368}

Recognised by `train_lr` or `n_parameters` beside `train_loss` and `epoch`. What is called test is evaluated every epoch
and takes validation's place. Of `test_coco_eval_bbox`, a list of twelve, the first number is the average precision.
Losses of decoder layers (`_0`, `_1`, …) and `_unscaled` ones repeat what the total holds, and are set aside.
"""

import re
from dataclasses import replace

from diagnosis.names import Meaning
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.records import table_of
from diagnosis.reading.rows import logged

NEEDED = {"train_loss", "epoch"}
OWN = {"train_lr", "n_parameters"}
PRECISION = re.compile(r"test_coco_eval_(\w+)")
_AGAIN = re.compile(r"_\d+(_unscaled)?$|_unscaled$|_enc$|_dn(_\d+)?$")


def recognises(document: Document) -> bool:
    """Whether the first record has what these trainers write every epoch."""
    if document.records is None:
        return False
    keys = document.records.rows[0].keys()
    return keys >= NEEDED and bool(keys & OWN)


def read(document: Document) -> Log:
    """One value an epoch from every name that is not a part of another."""
    assert document.records is not None  # noqa: S101 - recognised
    log = logged(table_of(document.records, frozenset(("n_parameters",))), "detr_log")
    again = {s.name for s in log.series if _AGAIN.search(s.name) and _AGAIN.sub("", s.name) != s.name}
    kept = [_precision(s) for s in log.series if s.name not in again] or log.series
    note = (
        (f"{len(again)} losses of single layers and unscaled ones are set aside: the total holds them",)
        if again
        else ()
    )
    return replace(log, series=tuple(kept), ignored=(*log.ignored, *sorted(again)), notes=(*log.notes, *note))


def _precision(series: Series) -> Series:
    """Average precision, which the name does not tell."""
    found = PRECISION.fullmatch(series.name)
    meaning = Meaning("metric", "test", "map", found.group(1), direction="max") if found else series.meaning
    return replace(series, meaning=meaning)
