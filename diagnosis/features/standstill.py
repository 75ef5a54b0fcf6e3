"""Weights that do not move any more, told from a validation that repeats to the last digit.

The same weights on the same examples give the same number. A loss that converges also comes to repeat itself, once its moves are
below what is logged; but they shrink before that. Where it stops at once, amid moves that are large, nobody takes a step any
more: the schedule ran out, parameters were frozen, or every step is skipped (a loss scaler that only finds infinities).
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.granularity import off_by
from diagnosis.features.measured import Measured

HALF = 0.5  # share of the run for which it has stood still
LATE = 0.2  # likewise, where something else tells that it cannot be done: a schedule that ends it takes less
LEAST = 5  # values that are the same, at least
SHOWN = 50.0  # times what rounding hides, that it went through: else its moves may be hidden
MOVES = 100.0  # times what rounding hides: its last move was larger
GAINS = 0.01  # share of its progress: its last move was larger than that as well


def repeats_from(loss: Measured, validation: Measured | None) -> int | None:
    """Index of the validation from which its loss only repeats itself to the last digit, while batches differ; None where it does not."""
    if validation is None or validation.rebound > 0.0:  # ruined weights answer alike as well
        return None
    values = validation.curve.values
    if np.ptp(values) <= SHOWN * off_by(values):
        return None
    (moved,) = (values != values[-1]).nonzero()
    if not moved.size or values.size - moved[-1] - 1 < max(LEAST, LATE * values.size):
        return None
    return None if np.ptp(loss.z[loss.z.size // 2 :]) == 0.0 else int(moved[-1]) + 1


def stands_from(loss: Measured, validation: Measured | None, metric: Measured | None) -> int | None:
    """The same, of one that stopped at once and long ago, metric and all; None where it converged to that."""
    first = repeats_from(loss, validation)
    if first is None or validation is None:
        return None
    values = validation.curve.values
    last_move = abs(float(values[first] - values[first - 1]))
    if values.size - first < HALF * values.size or last_move <= max(
        MOVES * off_by(values), GAINS * validation.progress
    ):
        return None
    right = metric.curve.values[first:] if metric and metric.n == values.size else values[first:]
    return first if np.ptp(right) == 0.0 else None
