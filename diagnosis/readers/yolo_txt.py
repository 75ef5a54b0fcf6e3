"""YOLOv5 (before 6.0) and YOLOv7 `results.txt`: no header, fifteen columns between blanks, a row an epoch.

     0/299     7.37G    0.0681    0.6624   0.01544    0.7459        53       640 0.0008655   0.09174  0.000178 2.607e-05    0.1057   0.08323   0.01558
     1/299     7.35G   0.06955   0.04515   0.01545    0.1302       108       640  0.008605   0.01835 0.0008745 0.0001048    0.1053   0.03553   0.01557

Recognised by `epoch/last` and a memory with its unit at the start of a line. Box, objectness, class and total loss of
training; precision, recall, mAP@.5 and mAP@.5:.95; box, objectness and class loss of validation.
"""

import math
import re

import numpy as np

from diagnosis.errors import UnreadableLog
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document

NAMES = (
    "train/box_loss", "train/obj_loss", "train/cls_loss", "train/loss", "labels", "img_size", "metrics/precision",
    "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
)  # fmt: skip
SET_ASIDE = ("labels", "img_size")
TRAINING = 6  # cells of an epoch that was not validated
_START = re.compile(r"\s*(\d+)/(\d+)\s+[\d.]+[GM]?\s+[\d.eE+-]+\s")


def recognises(document: Document) -> bool:
    """Whether the first lines begin as YOLO's do."""
    lines = [line for _, line in document.head]
    return bool(lines) and all(_START.match(line) and _memory(line) for line in lines)


def _memory(line: str) -> bool:
    return line.split()[1][-1:] in {"G", "M"}


def read(document: Document) -> Log:
    """One value an epoch from every column; what was not validated was not logged."""
    rows: dict[float, list[float]] = {}
    for at, line in enumerate(document.lines, 1):
        start = _START.match(line)
        if not start:
            if line.strip():
                raise UnreadableLog(line=at, expected="a row such as 0/299 7.37G 0.068 …", found=line)
            continue
        try:
            cells = [float(cell) for cell in line.split()[2:]]
        except ValueError:
            raise UnreadableLog(line=at, expected=f"{len(NAMES)} numbers after the memory", found=line) from None
        rows[float(start.group(1))] = (cells + [math.nan] * len(NAMES))[: len(NAMES)]
    steps = np.array(sorted(rows))
    table = np.array([rows[at] for at in steps.tolist()])
    again = sum(bool(line.strip()) for line in document.lines) - len(rows)
    notes = (f"{again} epochs are logged again; of each the last row counts",) if again else ()
    series = tuple(
        Series(name, table[:, place], steps, "epoch", missing=np.isnan(table[:, place]) if place >= TRAINING else None)
        for place, name in enumerate(NAMES)
        if name not in SET_ASIDE
    )
    return Log(series, "yolo_txt", SET_ASIDE, notes)
