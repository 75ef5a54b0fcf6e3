"""TensorBoard scalar download: the columns `Wall time`, `Step` and `Value`; the name stands in the file's name.

    Wall time,Step,Value
    1559699797.28,0,12.43
    1559702341.01,1,8.37

Recognised by its header. The browser saves it as `run-<run>-tag-<tag>.csv`, and that is where its name is taken from:
send it along (`?filename=`), or say with roles what `Value` is. A run called `train` or `validation` names the split.
"""

import re
from dataclasses import replace

from diagnosis.assemble import Log
from diagnosis.document import Document
from diagnosis.header import Header
from diagnosis.names import SPLITS, understand, words
from diagnosis.rows import logged
from diagnosis.run import Axis
from diagnosis.table import read_table

COLUMNS = ("Wall time", "Step", "Value")
_NAME = re.compile(r"(?:run-(?P<run>.*?)[-_])?tag-(?P<tag>.+?)(?:\.csv)?$")


def recognises(document: Document) -> bool:
    """Whether the header is that of every scalar download."""
    return bool(document.head) and document.head[0][1].strip() == ",".join(COLUMNS)


def read(document: Document) -> Log:
    """The one curve, under the name that the file's name tells."""
    table = read_table(document.text, Header(COLUMNS, ",", document.head[0][0]))
    log = logged(table, "tensorboard_csv")
    name = _name(document.filename or "")
    if name is None or "Value" in document.roles:
        unnamed = "the file's name, which tells what is logged, was not sent (?filename=run-x-tag-loss.csv)"
        return log if "Value" in document.roles else replace(log, notes=(*log.notes, unnamed))
    axis: Axis = "epoch" if "epoch" in words(name) else "step"  # Keras logs `epoch_loss` at epochs
    return replace(log, series=tuple(replace(s, name=name, axis=axis) if s.name == "Value" else s for s in log.series))


def _name(filename: str) -> str | None:
    found = _NAME.search(filename)
    if found is None:
        return None
    run, tag = found.group("run") or "", found.group("tag")
    return f"{run}/{tag}" if run.lower() in SPLITS and understand(tag).split is None else tag
