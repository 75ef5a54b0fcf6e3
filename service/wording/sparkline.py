"""A curve in one line of characters, for a terminal or a chat."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from diagnosis.features.guessing import one_answer
from diagnosis.features.measured import Measured
from diagnosis.run import Curve, FloatArray
from schemas.curves import JUDGED

LEVELS = "▁▂▃▄▅▆▇█"
NOT_FINITE = "×"
SHARES = (0.02, 0.98)  # of the values lie between the lowest and the highest level: one spike must not flatten the rest


class Sparkline(NamedTuple):
    """The drawing, the index (of the curve) at which each column begins, and the column of the best value, if any."""

    drawn: str
    edges: npt.NDArray[np.intp]
    best: int | None

    def column(self, curve: Curve, at: float) -> int:
        """The column in which the value at a logged position is drawn, or the first one after it."""
        logged = int(np.searchsorted(curve.steps, at))
        return min(int(np.searchsorted(self.edges, logged, side="right")) - 1, len(self.drawn) - 1)


def sparkline(curve: Curve, measured: Measured | None, width: int) -> Sparkline:
    """Draw a curve as logged, in at most `width` columns."""
    columns = min(width, len(curve))
    edges = np.linspace(0, len(curve), columns + 1).astype(np.intp)
    largest = np.abs(curve.values[np.isfinite(curve.values)]).max(initial=0.0)
    values = curve.values / (largest or 1.0)  # sums and differences of the largest numbers would overflow
    means = [_mean(values[start:end]) for start, end in pairwise(edges)]
    finite = np.array([mean for mean in means if mean is not None])
    if not finite.size:
        return Sparkline(NOT_FINITE * columns, edges, None)
    low, high = (float(level) for level in np.quantile(finite, SHARES))
    drawn = "".join(NOT_FINITE if mean is None else _level(mean, low, high) for mean in means)
    found = Sparkline(drawn, edges, None)
    if measured is None or curve.role not in JUDGED or one_answer(measured):
        return found  # nothing is best where all is alike, nor of a rate or a norm
    return found._replace(best=found.column(curve, float(measured.curve.steps[measured.best_logged])))


def _mean(values: FloatArray) -> float | None:
    """The mean of a column; None where any of it is not finite, for that is what must be seen."""
    return float(values.mean()) if np.isfinite(values).all() else None


def _level(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.5
    return LEVELS[round(min(max(share, 0.0), 1.0) * (len(LEVELS) - 1))]
