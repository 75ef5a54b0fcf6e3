"""Weights that do not move any more, told from a validation that repeats to the last digit.

The same weights on the same examples give the same number. A loss that converges also comes to repeat itself, once its moves are
below what is logged; but they shrink before that. Where it stops at once, amid moves that are large, nobody takes a step any
more: the schedule ran out, parameters were frozen, or every step is skipped (a loss scaler that only finds infinities).
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.granularity import off_by
from diagnosis.features.measured import Measured
from diagnosis.run import FloatArray

HALF = 0.5  # share of the run for which it has stood still
LATE = 0.2  # likewise, where something else tells that it cannot be done: a schedule that ends it takes less
LEAST = 5  # values that are the same, at least
FINE = 3e-6  # share of the level, that the digits there are may be off by: those of single precision
MOVES = 100.0  # times what rounding hides: its last move was larger
GAINS = 0.01  # share of its progress: its last move was larger than that as well


def repeats_from(loss: Measured, validation: Measured | None) -> int | None:
    """Index of the validation from which its loss only repeats itself, at its best and in all digits there are, while batches differ; None where it does not.

    To so many digits nothing settles by itself while it is still pulled about by batches; to a few, any loss that rests does.
    """
    if validation is None or validation.rebound > 0.0:  # ruined weights answer alike as well
        return None
    values = validation.curve.values
    first = _same_from(values)
    if values.size - first < max(LEAST, LATE * values.size) or off_by(values) > FINE * float(np.abs(values).max()):
        return None
    return None if not first or np.ptp(loss.z[loss.z.size // 2 :]) == 0.0 else first


def _same_from(values: FloatArray) -> int:
    """Index from which all values are the last one."""
    (moved,) = (values != values[-1]).nonzero()
    return int(moved[-1]) + 1 if moved.size else 0


def stands_from(loss: Measured, validation: Measured | None, metric: Measured | None) -> int | None:
    """Index of the validation from which they only repeat themselves, metric and all, while batches differ; None where they do not."""
    if validation is None:
        return None
    values = validation.curve.values
    first = _same_from(values)
    if not first or values.size - first < max(LEAST, HALF * values.size):
        return None
    last_move = abs(float(values[first] - values[first - 1]))
    if (
        last_move <= max(MOVES * off_by(values), GAINS * validation.progress)
        or np.ptp(loss.z[loss.z.size // 2 :]) == 0.0
    ):
        return None
    right = metric.curve.values[first:] if metric and metric.n == values.size else values[first:]
    return first if np.ptp(right) == 0.0 else None
