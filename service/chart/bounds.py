"""How high a panel reaches, and whether its values ask for a logarithmic scale."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from diagnosis.run import FloatArray
from service.chart.shapes import Line

FAR = 20.0  # times the median: a highest value that far leaves a linear scale a twentieth for half of the run
WIDE = 1000.0  # times the lowest value
SMALLEST = 1e-300  # a scale that begins below has no numbers left to be reckoned with
MARGIN = 0.07  # of the range, above and below
CORE = (0.01, 0.99)  # of the values; what lies beyond them may not take more than
CROWDED = 10.0  # times their range, or all of them would be a flat line
ROOM = 0.5  # of that range, above and below, where the rest is drawn at the edge
ROUNDING, FLAT = 1e-12, 0.1  # of its own size: a range that is none, and the room around a constant


class Bounds(NamedTuple):
    """What is seen of the values."""

    low: float
    high: float
    log: bool


def bounds_of(lines: tuple[Line, ...], *, positive: bool = True) -> Bounds:
    """Choose the scale for all the lines of a panel; `positive`: whether a logarithm may be asked for at all."""
    drawn = np.concatenate([np.concatenate((line.y, line.smooth_y)) for line in lines])
    values = drawn[np.isfinite(drawn)]
    if not values.size:
        return Bounds(0.0, 1.0, log=False)
    low, high = float(values.min()), float(values.max())
    if max(-low, high) < WIDE * SMALLEST:
        return Bounds(-1.0, 1.0, log=False)  # around what is zero for any eye
    if positive and low > 0.0 and any(_asks_for_log(line.y) for line in lines):
        low = max(low, SMALLEST)
        reach = math.exp(MARGIN * (math.log(high) - math.log(low)))
        return Bounds(max(low / reach, SMALLEST), high * reach, log=True)
    core_low, core_high = (float(edge) for edge in np.quantile(values, CORE))
    core = core_high - core_low
    if core > 0.0 and high - low > CROWDED * core:
        low, high = max(low, core_low - ROOM * core), min(high, core_high + ROOM * core)
    constant = high - low <= ROUNDING * abs(high)
    margin = (FLAT * abs(high) or 1.0) if constant else MARGIN * (high - low)
    return Bounds(low - margin, high + margin, log=False)


def _asks_for_log(y: FloatArray) -> bool:
    values = y[np.isfinite(y)]
    if not values.size or values.min() <= 0.0:
        return False
    return bool(values.max() > FAR * np.median(values) or values.max() > WIDE * values.min())


def outside(lines: tuple[Line, ...], bounds: Bounds) -> tuple[tuple[tuple[float, float], ...], ...]:
    """What lies above and below the bounds: where, and how far."""
    x = np.concatenate([line.x for line in lines])
    y = np.concatenate([line.y for line in lines])
    above, below = y > bounds.high, y < bounds.low
    return tuple(tuple(zip(x[side].tolist(), y[side].tolist(), strict=True)) for side in (above, below))
