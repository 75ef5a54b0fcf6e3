"""Detectron2 `metrics.json`: JSON Lines, a record every twenty iterations, evaluations merged into their iteration's.

    {"iteration": 19, "total_loss": 4.61, "loss_cls": 3.41, "loss_box_reg": 1.2, "lr": 0.0002, "time": 0.4, "data_time": 0.01, "eta_seconds": 850.1}
    {"iteration": 39, "total_loss": 3.92, "loss_cls": 2.81, "loss_box_reg": 1.11, "lr": 0.0004, "time": 0.4, "data_time": 0.01, "eta_seconds": 842.9, "bbox/AP": 12.5, "bbox/APl": NaN}

Recognised by `iteration` beside `total_loss` or `eta_seconds`. Losses and `fast_rcnn/…` are training's; `bbox/AP` and its
like are evaluation's, 0 to 100, and undefined (NaN, −1) where there are no objects of a size. Every restart is appended.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.records import table_of
from diagnosis.reading.rows import logged
from diagnosis.reading.splits import validated, without_undefined

TASKS = ("bbox/", "segm/", "keypoints/", "sem_seg/", "panoptic_seg/", "box_proposals/")
UNDEFINED = -1.0
LOOKED_AT = 20  # records


def recognises(document: Document) -> bool:
    """Whether the records count iterations as Detectron2 does."""
    if document.records is None:
        return False
    first = document.records.rows[:LOOKED_AT]
    return any("iteration" in row and row.keys() & {"total_loss", "eta_seconds"} and "mode" not in row for row in first)


def read(document: Document) -> Log:
    """Losses at their iterations, evaluations at theirs."""
    assert document.records is not None  # noqa: S101 - recognised
    log = logged(table_of(document.records), "detectron2")
    return without_undefined(validated(log, _is_evaluation), _is_evaluation, UNDEFINED)


def _is_evaluation(name: str) -> bool:
    """`bbox/AP`, and with several test sets `coco_2017_val/bbox/AP`."""
    return any(f"/{task}" in f"/{name}" for task in TASKS)
