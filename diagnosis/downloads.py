"""What TensorBoard's page saves of one scalar: the name stands in the file's name, `run-<run>-tag-<tag>`."""

from __future__ import annotations

import re
from dataclasses import replace

from diagnosis.assemble import Log
from diagnosis.document import Document
from diagnosis.names import SPLITS, understand, words
from diagnosis.run import Axis

VALUE = "Value"
_NAME = re.compile(r"(?:run-(?P<run>.*?)[-_])?tag-(?P<tag>.+?)(?:\.(?:csv|json))?$")


def named(log: Log, document: Document) -> Log:
    """The series `Value` under the name that the file's name tells; without one, that is said."""
    name = _name(document.filename or "")
    if VALUE in document.roles:
        return log
    if name is None:
        unnamed = "the file's name, which tells what is logged, was not sent (?filename=run-x-tag-loss.csv)"
        return replace(log, notes=(*log.notes, unnamed))
    axis: Axis = "epoch" if "epoch" in words(name) else "step"  # Keras logs `epoch_loss` at epochs
    return replace(log, series=tuple(replace(s, name=name, axis=axis) if s.name == VALUE else s for s in log.series))


def _name(filename: str) -> str | None:
    found = _NAME.search(filename)
    if found is None:
        return None
    run, tag = found.group("run") or "", found.group("tag")
    return f"{run}/{tag}" if run.lower() in SPLITS and understand(tag).split is None else tag
