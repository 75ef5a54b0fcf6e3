"""The console of DETR, DeiT, MAE and torchvision's references: a window's median and, in parentheses, the mean so far.

    Epoch: [0]  [  0/128]  eta: 0:12:43  lr: 0.000100  class_error: 98.96  loss: 68.5848 (68.5848)  time: 5.9  data: 3.1  max mem: 3000
    Epoch: [0]  [ 10/128]  eta: 0:02:08  lr: 0.000100  class_error: 100.00  loss: 55.7937 (56.1581)  time: 1.0  data: 0.3  max mem: 3100
    Averaged stats: lr: 0.000100  class_error: 97.41  loss: 26.5160 (26.8071)
    Test:  [0/4]  eta: 0:00:05  class_error: 100.00  loss: 47.8907 (47.8907)  time: 1.3  data: 1.2  max mem: 3100

Recognised by `Epoch: [0]  [  0/128]  eta:`. Of each epoch the means in `Averaged stats` are read, where they are printed,
of training and of the test that follows; else every line of training. Losses of single decoder layers and unscaled
ones are passed over.
"""

from __future__ import annotations

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, lines_of, on_one_axis, read_console, recognised
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put

TRAINING = re.compile(
    r"^Epoch: \[(?P<epoch>\d+)\]\s+\[ *(?P<step>\d+)/(?P<of>\d+)\]\s+eta: \S+(?: \w+, \S+)?\s+(?P<pairs>.*?)(?:\s+time: .*)?$",
    re.MULTILINE,
)
LAYOUT = (Line(TRAINING, "train"),)
_TEST = re.compile(r"^(?:Test|Validation|Val|Eval)\w*:\s+\[ *\d+/\d+\]")
_MEANS = re.compile(rf"([A-Za-z]\w*): (?:{NUMBER}) \(({NUMBER})\)")
_PLAIN = re.compile(rf"\b(lr): ({NUMBER})")
_AGAIN = re.compile(r"_\d+(_unscaled)?$|_unscaled$")
_PRECISION = re.compile(rf"Average Precision +\(AP\) @\[ IoU=0\.50:0\.95 \| area= +all \| maxDets=100 \] = ({NUMBER})")
_ACCURACY = re.compile(rf"^\* Acc@1 ({NUMBER}) Acc@5 ({NUMBER})(?: loss ({NUMBER}))?")


def recognises(document: Document) -> bool:
    """Whether a line of training turns up, however much is printed before it."""
    return recognised(document, LAYOUT, among=4000)


def read(document: Document) -> Log:
    """Means over epochs where they are printed, else the lines of training."""
    rows, lines = _averaged(document)
    if len(rows) > 1:
        columns: Columns = {}
        for at, row in enumerate(rows):
            put(columns, at, row)
        return on_one_axis(columns, lines, "metric_logger")
    return read_console(document, LAYOUT, "metric_logger")


def _averaged(document: Document) -> tuple[list[dict[str, float]], list[int]]:
    """A record an epoch and split, from the lines that sum it up."""
    rows: list[dict[str, float]] = []
    at: list[int] = []
    epoch, split = 0.0, "train"
    for where, line in lines_of(document):
        found: dict[str, float] = {}
        if line.startswith("Epoch:") and (training := TRAINING.match(line)):
            epoch, split = float(training["epoch"]), "train"
        elif _TEST.match(line):
            split = "val"
        elif line.startswith("Averaged stats:"):
            means = {name: float(mean) for name, mean in _MEANS.findall(line) if not _AGAIN.search(name)}
            rates = {name: float(value) for name, value in _PLAIN.findall(line)} if split == "train" else {}
            found = {f"{split}/{name}": value for name, value in means.items() if name not in rates} | rates
        elif precision := _PRECISION.search(line):
            found = {"val/mAP": float(precision[1])}
        elif accuracy := _ACCURACY.match(line):
            named = zip(("val/acc1", "val/acc5", "val/loss"), accuracy.groups(), strict=True)
            found = {name: float(value) for name, value in named if value is not None}
        if found and rows and rows[-1]["epoch"] == epoch and not rows[-1].keys() & (found.keys() - {"lr"}):
            rows[-1] |= found
        elif found:
            rows.append({"epoch": epoch, **found})
            at.append(where)
    return rows, at
