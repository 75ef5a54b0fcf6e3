"""MLflow metric file, `mlruns/<experiment>/<run>/metrics/<name>`: time in milliseconds, value, step; no header.

    1708208368539 0.358 0
    1708208375371 0.169 1

Recognised by lines of such triples. The name of the metric is the name of the file: send it along (`?filename=val_loss`,
with folders where the name has a slash), or several files together, or say with roles what `value` is.
"""

from __future__ import annotations

import re

import numpy as np

from diagnosis.errors import UnreadableLog
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.attempts import last_attempt
from diagnosis.reading.document import Document

VALUE = "value"
_LINE = re.compile(r"\d{12,14} (\S+) (-?\d+)\s*")
_FOLDER = re.compile(r".*\bmetrics/")
_EXTENSION = re.compile(r"\.(txt|log|mlflow|metric)$")


def recognises(document: Document) -> bool:
    """Whether the first lines are a time, a value and a step."""
    return bool(document.head) and all(_LINE.fullmatch(line) for _, line in document.head)


def read(document: Document) -> Log:
    """The one curve, under the name that the file's name tells."""
    steps, values = [], []
    for at, line in enumerate(document.lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            if line.strip():
                raise UnreadableLog(line=at, expected="a time in milliseconds, a value and a step", found=line)
            continue
        try:
            values.append(float(found.group(1)))
        except ValueError:
            raise UnreadableLog(line=at, expected="a number after the time", found=line) from None
        steps.append(float(found.group(2)))
    notes = []
    name = _EXTENSION.sub("", _FOLDER.sub("", (document.filename or "").replace("\\", "/")))
    if not name:
        notes.append("the file's name, which is the metric's, was not sent (?filename=val_loss)")
    if len(set(steps)) == 1 and len(steps) > 1:  # logged without a step: all at 0
        notes.append("every value was logged at the same step; they are counted in the order they were written")
        steps = [float(at) for at in range(len(steps))]
    kept, at_steps = last_attempt(np.array(values), np.array(steps))
    return Log((Series(name or VALUE, kept, at_steps, "step"),), "mlflow_metric", notes=tuple(notes))
