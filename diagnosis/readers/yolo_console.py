"""What YOLOv5, v7, v8 and later print while they train: losses of an epoch beside its bar, and what validation found below.

          Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
            1/2      2.61G      1.153      1.398      1.192         81        640: 100%|##########| 8/8 [00:04<00:00,  1.9it/s]
                     Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|##########| 4/4 [00:01<00:00]
                       all        128        929      0.669      0.532      0.622      0.462

Recognised by the line that names the losses between the memory and the size. Of each epoch the last state of its bar
counts. Of the rows of validation only that of all classes is read: precision, recall, mAP50 and mAP50-95, of masks too.
"""

from __future__ import annotations

import re
from array import array

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import lines_of, on_one_axis
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put

_NAMES = re.compile(
    r"(?i)^[ \t]{0,40}Epoch[ \t]{1,40}GPU_mem[ \t]{1,40}(\w[\w \t]{0,400}?)[ \t]{1,40}(?:instances|labels|targets)[ \t]{1,40}(?:img_)?size[ \t\r]*$",
    re.MULTILINE,
)
_EPOCH = re.compile(r"^\s*+(\d++)/\d++\s++[\d.]++[GMK]?+\s++([-\d.einfa+ ]++)\s*+(?::|$)")
_ALL = re.compile(r"^\s*+all\s++([-\d.einfa+ ]++)$")
FOUND = ("P", "R", "mAP50", "mAP50-95")
COUNTS = 2  # images and objects, before what was found
HEAD = 1 << 18  # characters in which the names must turn up


def recognises(document: Document) -> bool:
    """Whether the losses are named as YOLO names them."""
    return not document.binary and _NAMES.search(document.text[:HEAD]) is not None


def read(document: Document) -> Log:
    """The losses of every epoch, and what its validation found."""
    names: list[str] = []
    columns: Columns = {}
    lines = array("q")
    epoch: float | None = None
    row: dict[str, float] = {}

    def close() -> None:
        if epoch is not None and row:
            put(columns, len(lines), {"epoch": epoch, **row})
            lines.append(at)

    at = 0
    for where, line in lines_of(document):
        if named := _NAMES.match(line):
            names = named[1].split()
        elif names and (found := _EPOCH.match(line)):
            if float(found[1]) != epoch:
                close()
                epoch, row = float(found[1]), {}
            row |= {_of_training(name): value for name, value in zip(names, _numbers(found[2]), strict=False)}
            at = where
        elif epoch is not None and (found := _ALL.match(line)):
            row |= _validation(_numbers(found[1]))
    close()
    return on_one_axis(columns, lines, "yolo_console")


def _of_training(name: str) -> str:
    if name == "total":
        return "train/loss"
    return f"train/{name}" if name.endswith("loss") else f"train/{name}_loss"


def _validation(numbers: list[float]) -> dict[str, float]:
    """By name: of a classifier two accuracies, of a detector four numbers after two counts, with masks four more."""
    if len(numbers) == 2:  # noqa: PLR2004 - the best, and one of five
        return {"val/accuracy_top1": numbers[0], "val/accuracy_top5": numbers[1]}
    kinds = ("B", "M") if len(numbers) >= COUNTS + 2 * len(FOUND) else ("B",)
    named = [f"metrics/{_LONG.get(name, name)}({kind})" for kind in kinds for name in FOUND]
    return dict(zip(named, numbers[COUNTS:], strict=False))


_LONG = {"P": "precision", "R": "recall"}


def _numbers(text: str) -> list[float]:
    found = []
    for word in text.split():
        try:
            found.append(float(word))
        except ValueError:
            break
    return found
