"""MLflow REST JSON: the history of a metric as `metrics/get-history` answers it, of one metric or of several.

    {"metrics": [
       {"key": "val_loss", "value": 0.91, "timestamp": 1708208368539, "step": 0},
       {"key": "val_loss", "value": 0.72, "timestamp": 1708208375371, "step": 1}]}

Recognised by a list `metrics` of objects with `key`, `value` and `step`. Where objects name a `run_id`, each is a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.attempts import last_attempt
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import from_json

NEEDED = {"key", "value", "step"}


def recognises(document: Document) -> bool:
    """Whether there are metrics with their steps."""
    points = _points(document.json)
    return bool(points) and all(isinstance(point, dict) and point.keys() >= NEEDED for point in points)


def _points(value: Any) -> list[Any]:  # noqa: ANN401 - a JSON value
    """The list, alone or in its answer."""
    found = value.get("metrics") if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def read(document: Document) -> tuple[Log, ...]:
    """A series for each key, a run for each `run_id`."""
    runs: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for point in _points(document.json):
        runs.setdefault(str(point.get("run_id", "")), {}).setdefault(str(point["key"]), []).append(point)
    logs = []
    for run, keys in runs.items():
        series = tuple(_series(name, points) for name, points in keys.items())
        notes = (
            ("every value was logged at the same step: the last value of each metric, and no history",)
            if all(s.values.size == 1 for s in series)
            else ()
        )
        logs.append(Log(series, "mlflow_json", notes=notes, name=(run or None) if len(runs) > 1 else None))
    return tuple(logs)


def _series(name: str, points: list[Mapping[str, Any]]) -> Series:
    values, steps = (from_json([point[what] for point in points]) for what in ("value", "step"))
    if values.odd or steps.odd or steps.missing.any():
        raise NoCurve(
            f'{name}: a value or step is no number. Expected {{"key": "{name[:40]}", "value": 0.5, "step": 0}}.'
        )
    kept, at = last_attempt(np.where(values.missing, np.nan, values.values), steps.values)
    return Series(name, kept, at, "step")
