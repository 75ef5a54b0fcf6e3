"""ClearML's `get_reported_scalars()`, as JSON: titles of plots, in each of them series with `x` and `y`.

    {"loss": {"train": {"name": "train", "x": [0, 1, 2], "y": [2.3, 1.7, 1.4]},
              "val": {"name": "val", "x": [0, 1, 2], "y": [2.4, 1.9, 1.7]}},
     ":monitor:machine": {"cpu_usage": {"name": "cpu_usage", "x": [0, 60], "y": [31.0, 44.5]}}}

Recognised by its shape. A series is named after its title and itself, `loss/train`, or once where both are the same.
Positions are iterations. What watches the machine is set aside.
"""

from __future__ import annotations

from typing import Any

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.attempts import last_attempt
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import from_json

MONITOR = ":monitor:"


def recognises(document: Document) -> bool:
    """Whether every title holds series with `x` and `y`."""
    value = document.json
    return isinstance(value, dict) and bool(value) and all(map(_is_title, value.values()))


def _is_title(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    return isinstance(value, dict) and bool(value) and all(map(_is_series, value.values()))


def _is_series(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict):
        return False
    x, y = value.get("x"), value.get("y")
    return isinstance(x, list) and isinstance(y, list) and len(x) == len(y)


def read(document: Document) -> Log:
    """Every series at its iterations."""
    found: dict[str, Series] = {}
    ignored: list[str] = []
    for title, members in document.json.items():
        for name, one in members.items():
            full = title if title == name else f"{title}/{name}"
            at, values = from_json(one["x"]), from_json(one["y"])
            if title.startswith(MONITOR) or not values.values.size:
                ignored.append(full)
                continue
            if at.odd or at.missing.any() or values.odd:
                raise NoCurve(f"{full}: an x or y is no number. Expected lists of numbers.")
            kept, steps = last_attempt(values.values, at.values)
            found[full] = Series(full, kept, steps, "step")
    if not found:
        raise NoCurve("ClearML watched the machine, and no scalar of the training was reported.")
    return Log(tuple(found.values()), "clear_ml", tuple(ignored))
