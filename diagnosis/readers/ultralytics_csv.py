"""Ultralytics `results.csv`, of YOLOv5 to v11: component losses of training and validation, metrics of validation.

    epoch,train/box_loss,train/cls_loss,train/dfl_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss,val/cls_loss,val/dfl_loss,lr/pg0
    1,1.61,3.21,1.52,0.41,0.38,0.35,0.18,1.45,2.51,1.43,0.0033
    2,1.52,2.70,1.44,0.55,0.47,0.46,0.25,1.39,2.03,1.37,0.0065

Recognised by `epoch`, without `step`, beside names with a slash, `train/…` and `metrics/…` or `val/…`. Detection, segmentation and
classification alike; padded cells too. There is no total loss: the sum of the components is judged. The last row of
YOLOv5, in which the best weights are validated again, has fewer cells, shifted to the left, and is left out.
"""

from dataclasses import replace

from diagnosis.names import Meaning, understand
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table

OWN = ("metrics/", "val/", "x/lr", "lr/")
# YOLOv10 has two heads, one to many and one to one, and calls its losses after them.
HEADS = ("box_om", "cls_om", "dfl_om", "box_oo", "cls_oo", "dfl_oo")


def recognises(document: Document) -> bool:
    """Whether the header has Ultralytics' prefixes."""
    header = document.header
    if header is None or header.delimiter != "," or "epoch" not in header.names[:2]:
        return False
    names = header.names
    if "step" in names:  # other loggers write names with a slash as well
        return False
    validated = any(name.startswith(("metrics/", "val/")) for name in names)
    return (
        validated and any(name.startswith("train/") for name in names) and any(name.startswith(OWN) for name in names)
    )


def read(document: Document) -> Log:
    """One value an epoch from every column."""
    assert document.header is not None  # noqa: S101 - recognised
    log = logged(read_table(document.text, document.header), "ultralytics_csv")
    return replace(log, series=tuple(_understood(one) for one in log.series))


def _understood(series: Series) -> Series:
    """Give the losses of YOLOv10's heads their meaning; the other names tell."""
    split, _, quantity = series.name.partition("/")
    if quantity in HEADS:
        known = understand(f"{split}/loss")
        return replace(series, meaning=Meaning("loss", known.split, "loss", quantity.replace("_", " ")))
    return series
