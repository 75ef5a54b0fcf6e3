"""CatBoost `catboost_training.json`: what is measured stands in `meta`, the values in `iterations`, by position.

    {"meta": {"learn_metrics": [{"name": "RMSE", "best_value": "Min"}], "test_metrics": [{"name": "RMSE", "best_value": "Min"}],
              "test_sets": ["test"], "learn_sets": ["learn"], "iteration_count": 2},
     "iterations": [{"iteration": 0, "learn": [11.9], "test": [12.1], "passed_time": 0.05, "remaining_time": 4.9},
                    {"iteration": 1, "learn": [11.7], "test": [11.9], "passed_time": 0.1, "remaining_time": 4.8}]}

Recognised by `meta` with `learn_metrics` beside `iterations`. The direction is stated by `best_value`. The test set is
what CatBoost stops by, and so validation's. The first metric is the loss that is optimised. Of several test sets the last counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diagnosis.boosting import TOLD, meaning_of, optimised
from diagnosis.errors import NoCurve
from diagnosis.names import Split
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.run import Direction, FloatArray

BEST: dict[str, Direction] = {"Min": "min", "Max": "max"}
SETS: tuple[tuple[str, Split], ...] = (("learn", "train"), ("test", "val"))


def recognises(document: Document) -> bool:
    """Whether there are CatBoost's two members."""
    value = document.json
    if not isinstance(value, dict) or not isinstance(value.get("meta"), dict):
        return False
    return "learn_metrics" in value["meta"] and isinstance(value.get("iterations"), list)


def read(document: Document) -> Log:
    """Every metric of both sets at its iterations."""
    meta, rows = document.json["meta"], [row for row in document.json["iterations"] if isinstance(row, dict)]
    series: list[Series] = []
    for data, split in SETS:
        listed = meta.get(f"{data}_metrics")
        metrics = [metric for metric in listed if isinstance(metric, dict)] if isinstance(listed, list) else []
        names = [str(metric.get("name", "metric")) for metric in metrics]
        for place, (name, metric) in enumerate(zip(names, metrics, strict=True)):
            best = BEST.get(str(metric.get("best_value")))
            meaning = meaning_of(name, split, loss=name == optimised(names), direction=best)
            steps, values = _column(rows, data, place, len(metrics))
            series.append(Series(f"{data}/{name}", values, steps, "step", meaning=meaning))
    series = [one for one in series if one.values.size]
    if not series:
        raise NoCurve(
            "catboost_training.json holds no values. Expected a list of them in learn or test of each iteration."
        )
    return Log(tuple(series), "catboost_json", told=TOLD)


def _column(rows: Sequence[Mapping[str, Any]], data: str, place: int, count: int) -> tuple[FloatArray, FloatArray]:
    """Iterations and values of one metric; of several test sets the last `count` values are the last set's."""
    steps, values = [], []
    for at, row in enumerate(rows):
        given = row.get(data)
        if isinstance(given, list) and len(given) > place:
            steps.append(_number(row.get("iteration", at)))
            values.append(_number(given[-count:][place] if len(given) >= count else given[place]))
    return np.array(steps), np.array(values)


def _number(value: Any) -> float:  # noqa: ANN401 - a JSON value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
