"""What TensorBoard's page saves of one scalar: the name stands in the file's name, `run-<run>-tag-<tag>`."""

from __future__ import annotations

import re
from dataclasses import replace

from diagnosis.names import SPLITS, understand, words
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.run import Axis

VALUE = "Value"
RUN, TAG = "run-", "tag-"
_NEXT = re.compile("[-_]" + TAG)
_ENDING = re.compile(r"\.(?:csv|json)$")


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
    stem = _ENDING.sub("", filename)
    begin = stem.find(RUN)
    found = _NEXT.search(stem, begin + len(RUN)) if begin >= 0 else None
    run, tag = (stem[begin + len(RUN) : found.start()], stem[found.end() :]) if found else ("", stem.partition(TAG)[2])
    if not tag:
        return None
    return f"{run}/{tag}" if run.lower() in SPLITS and understand(tag).split is None else tag
