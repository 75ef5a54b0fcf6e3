"""AllenNLP's `metrics_epoch_<n>.json`: the numbers of one epoch; all of them together are the run.

    {"best_epoch": 1, "training_duration": "0:01:10", "training_start_epoch": 0, "training_epochs": 1, "epoch": 1,
     "training_accuracy": 0.81, "training_loss": 0.52, "validation_accuracy": 0.77, "validation_loss": 0.61,
     "best_validation_accuracy": 0.77, "best_validation_loss": 0.61}

Recognised by `training_duration` beside the epoch and its losses. Send every file (as parts, or the folder as an archive): files
whose epochs continue each other's are one run. `metrics.json` is its end and no history.
"""

from __future__ import annotations

import numpy as np

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import from_json

PREFIXES = ("training_", "validation_")
COUNTS = {"training_duration", "training_start_epoch", "training_epochs"}


def recognises(document: Document) -> bool:
    """Whether this is what AllenNLP writes after an epoch."""
    value = document.json
    return isinstance(value, dict) and {"training_duration", "epoch", "training_loss"} <= value.keys()


def read(document: Document) -> Log:
    """One value a metric, at its epoch."""
    value = document.json
    at = from_json([value["epoch"]]).values
    if not np.isfinite(at).all():
        raise NoCurve(f"epoch: expected the number of an epoch; got {value['epoch']!r}.")
    series, ignored = [], []
    for name, item in value.items():
        kept = name.startswith(PREFIXES) and name not in COUNTS
        if kept and isinstance(item, int | float) and not isinstance(item, bool):
            series.append(Series(name, np.array([float(item)]), at, "epoch"))
        else:
            ignored.append(name)
    return Log(tuple(series), "allen_nlp", tuple(ignored))
