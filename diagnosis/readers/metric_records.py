"""A history with lists of losses beside lists of records, one record of metrics an epoch.

    {"train_loss": [1.03, 0.99],
     "val_loss": [1.01, 0.98],
     "train_metrics": [{"mse": 1.03, "mae": 0.79}, {"mse": 0.99, "mae": 0.77}],
     "val_metrics": [{"mse": 1.01, "mae": 0.78}, {"mse": 0.98, "mae": 0.77}]}

Recognised by an object whose lists hold objects under a name such as `val_metrics`; what hand-written PyTorch loops
dump. Every number in a record becomes a curve of its own, named after its list: `val_mse`, `val_mae`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from diagnosis.names import SPLITS, words
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import Numbers, from_json
from diagnosis.reading.rows import side_by_side

GROUP = {"metrics", "metric", "scores", "results", "stats", "history", "logs", "log"}  # words that name no split


def recognises(document: Document) -> bool:
    """Whether a list of records stands under the name of a split."""
    value = document.json
    return isinstance(value, dict) and any(_is_records(name, items) for name, items in value.items())


def read(document: Document) -> Log:
    """Flatten the records, and take the lists of numbers beside them as they are."""
    beside: dict[str, Numbers] = {}
    flattened: list[Series] = []
    ignored: list[str] = []
    for name, items in document.json.items():
        if _is_records(name, items):
            flattened.extend(_flattened(_prefix(name), items))
        elif isinstance(items, list) and not (numbers := from_json(items)).odd:
            beside[name] = numbers
        else:
            ignored.append(name)
    series = (*side_by_side(beside), *(one for one in flattened if one.name not in beside))
    notes = (f"{', '.join(ignored)}: set aside, no list of numbers",) if ignored else ()
    return Log(series, "metric_records", tuple(ignored), notes)


def _is_records(name: str, items: Any) -> bool:  # noqa: ANN401 - a JSON value
    named = [word for word in words(name) if word not in GROUP]
    if not isinstance(items, list) or not items or not all(word in SPLITS for word in named) or not words(name):
        return False
    return bool(named) and all(isinstance(item, dict) for item in items)


def _prefix(name: str) -> str:
    return "_".join(word for word in words(name) if word in SPLITS)


def _flattened(prefix: str, records: Sequence[Mapping[str, Any]]) -> list[Series]:
    """One series for each key of the records that holds numbers: `train` and `mse` → `train_mse`."""
    keys = dict.fromkeys(key for record in records for key in record)
    columns = {key: from_json([record.get(key) for record in records]) for key in keys}
    numeric = side_by_side({key: column for key, column in columns.items() if not column.odd})
    return [replace(one, name=f"{prefix}_{one.name}") for one in numeric]
