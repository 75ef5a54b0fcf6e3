"""TensorBoard scalar download as JSON: wall time, step and value; the name stands in the file's name.

    [[1575618724.70, 43, 2.84],
     [1575618728.65, 46, 2.80]]

Recognised by a list of such triples. The browser saves it as `run-<run>-tag-<tag>.json`, and that is where its name is
taken from: send it along (`?filename=`), or say with roles what `Value` is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.attempts import last_attempt
from diagnosis.reading.document import Document
from diagnosis.reading.downloads import named

TRIPLE = 3
LONG_AGO = 1e8  # seconds: no wall time is before 1973
LOOKED_AT = 50  # triples


def recognises(document: Document) -> bool:
    """Whether it is a list of a time, a whole step and a value each."""
    value = document.json
    return isinstance(value, list) and bool(value) and all(map(_is_point, value[:LOOKED_AT]))


def _is_point(item: Any) -> bool:  # noqa: ANN401 - a JSON value
    if not isinstance(item, list) or len(item) != TRIPLE:
        return False
    time, step, _ = item
    return isinstance(time, int | float) and time > LONG_AGO and isinstance(step, int | float) and step == int(step)


def read(document: Document) -> Log:
    """The one curve, under the name that the file's name tells."""
    try:
        points = np.array(document.json, dtype=np.float64).reshape(-1, TRIPLE)
    except (TypeError, ValueError):
        raise NoCurve(
            "The list holds something else than [wall time, step, value]. Send it as TensorBoard saved it."
        ) from None
    values, steps = last_attempt(points[:, 2], points[:, 1])
    notes = []
    if (np.diff(points[:, 1]) < 0).any():
        notes.append("steps go back: restarts of one run; the last attempt counts where they overlap")
    log = Log((Series("Value", values, steps, "step"),), "tensorboard_json", notes=tuple(notes))
    return named(log, document)
