"""XGBoost and LightGBM `evals_result`: for each data set, the metrics, one value a boosting round.

    {"train": {"mlogloss": [1.38, 1.25, 1.14]},
     "val": {"mlogloss": [1.39, 1.29, 1.21]}}

Recognised by an object of objects of lists of numbers. The first metric of a data set is what is judged as the loss where it
is one. Data sets are told apart by their names (`train`, `learn`, `eval`, `valid_0`); of `validation_0` and
`validation_1`, as XGBoost calls what it is given, the first is taken for the training set, and that is said. Of several
validation sets the last counts: by that one, training stops early.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diagnosis.boosting import split_of, understood
from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import from_json
from diagnosis.reading.splits import of_sets

SETS = 20  # data sets; more of them are something else


def recognises(document: Document) -> bool:
    """Whether data sets hold metrics that hold lists, and one of either is known."""
    value = document.json
    if not isinstance(value, dict) or not 0 < len(value) <= SETS:
        return False
    if not all(isinstance(metrics, dict) and metrics for metrics in value.values()):
        return False
    if not all(isinstance(items, list) for metrics in value.values() for items in metrics.values()):
        return False
    named = {name for metrics in value.values() for name in metrics}
    known = any(document.knows(name) or understood(name).kind == "metric" for name in named)
    return known and all(split_of(name) is not None for name in value)


def read(document: Document) -> Log:
    """Every metric of every data set, at the rounds."""
    value: Mapping[str, Mapping[str, Any]] = document.json
    sets = {}
    for data, metrics in value.items():
        for metric, items in metrics.items():
            column = from_json(items)
            if column.odd:
                raise NoCurve(
                    f"{data}/{metric} holds something else than numbers. Expected one number a boosting round."
                )
            sets[data, metric] = np.flatnonzero(~column.missing).tolist(), column.values[~column.missing].tolist()
    return of_sets(sets, "evals_result")
