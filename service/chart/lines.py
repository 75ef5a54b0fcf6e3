"""A curve → what is drawn of it: as logged and without its noise, where it is best, and where it is no number."""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import Curve, FloatArray
from service.chart.pairs import SPLITS
from service.chart.ruler import Ruler
from service.chart.shapes import Best, Line, Split
from service.chart.thinning import thinned

FEW = 12  # values that are each worth a dot
BROKEN = 200  # places without a number that are marked; more lie closer together than pixels do


def line_of(curve: Curve, measured: Measured | None, ruler: Ruler, columns: int) -> Line:
    """Make a line of a curve; `measured` is None where it has no number at all."""
    places = ruler.places(curve)
    values = np.where(curve.sound, curve.values, np.nan)
    x, y = thinned(places, values, columns)
    broken = places[~curve.sound]
    smooth_x = smooth_y = np.empty(0)
    best = last = None
    split: Split = SPLITS.get(curve.role, "other")  # type: ignore[assignment]  # the table's values are splits
    if measured is not None:
        smooth_x, smooth_y = _smooth(measured, ruler, broken)
        last = float(measured.curve.values[-1])
        if split != "other" and measured.curve.values.min() < measured.curve.values.max():
            value, at = measured.best_value
            best = Best(ruler.place(at), value, str(at.at) if at.axis == ruler.axis else str(at))
    few = broken[:: max(1, -(-broken.size // BROKEN))]
    sound = curve.sound
    beside = np.interp(few, places[sound], values[sound]) if sound.any() else np.full(few.size, np.nan)
    return Line(
        curve.name, split, x, y, smooth_x, smooth_y, len(curve) <= FEW, best, last, float(curve.values[-1]), few, beside
    )


def _smooth(measured: Measured, ruler: Ruler, broken: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The smoothed curve in the logged direction, broken where values without a number lie between two of its points."""
    scaled = Curve("", "other", "", measured.x.copy(), measured.x.copy(), measured.curve.axis)
    x, y = ruler.places(scaled), measured.sign * measured.s
    gaps = np.unique(np.searchsorted(x, broken))
    gaps = gaps[(gaps > 0) & (gaps < x.size)]
    return np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)
