"""What each curve measures, as an answer shows it."""

from __future__ import annotations

from typing import Annotated, NotRequired

import numpy as np
from pydantic import Field
from typing_extensions import TypedDict

from diagnosis.features import Features
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.run import Axis, Curve, Role, number
from schemas.rounding import Rounded, rounded, rounded_all

# Roles of which a lower or higher value is better; "the best learning rate" would mean nothing.
JUDGED = ("train_loss", "val_loss", "train_metric", "val_metric")
Numbers = list[float | None]


class Best(TypedDict):
    """The best single value, and where it was logged."""

    value: Rounded
    at: int | float


Window = TypedDict("Window", {"from": int | float, "to": int | float})
Window.__doc__ = "A stretch of a curve, in logged positions."


class TrendOut(TypedDict):
    """The slope of the last quarter of the run per epoch or step, with its 95 % interval; `null` where unbounded."""

    slope: Rounded
    low: Rounded
    high: Rounded
    window: Window


def trend_of(measured: Measured) -> TrendOut:
    """Turn the trend of the judged curve back into the direction that was logged."""
    trend, sign = measured.tail, measured.sign
    low, high = sorted((sign * trend.low, sign * trend.high))
    start = measured.position(measured.index_after(1.0 - TAIL)).at
    window: Window = {"from": start, "to": number(measured.curve.steps[-1])}
    return {"slope": rounded(sign * trend.slope), "low": rounded(low), "high": rounded(high), "window": window}


class CurveOut(TypedDict):
    """One curve: where it began, was best and ended, how noisy it is, and where it goes."""

    name: Annotated[
        str,
        Field(description="As logged. `derived/val_recall` and its like were made of the counts TP, FP, TN and FN."),
    ]
    role: Role
    axis: Axis
    n: Annotated[int, Field(description="Values logged, those that are not finite included.")]
    first: Annotated[Rounded, Field(description="The first value; `null` where it is not finite.")]
    best: Annotated[Best | None, Field(description="`null` for a curve that is not judged, such as the learning rate.")]
    last: Annotated[
        Rounded, Field(description="The last value; `null` where it is not finite, whatever a logger wrote there.")
    ]
    noise: Annotated[Rounded, Field(description="Standard deviation of one value around the curve.")]
    flat_since: Annotated[
        int | float | None, Field(description="Where the curve stopped moving; `null` where it did not.")
    ]
    trend: TrendOut | None
    steps: NotRequired[Annotated[Numbers, Field(description="With `?curves=full`: the logged positions.")]]
    values: NotRequired[Annotated[Numbers, Field(description="With `?curves=full`: the logged values.")]]
    smoothed: NotRequired[Annotated[Numbers, Field(description="With `?curves=full`: the curve without its noise.")]]


def curve_of(curve: Curve, measured: Measured | None, shown: Curve, *, full: bool) -> CurveOut:
    """Show what was logged (`curve`; `shown` without numbers in the place of NaN), and what was measured on its finite part."""
    best: Best | None = None
    flat_since = None
    if measured is not None:
        if curve.role in JUDGED:
            value, position = measured.best_value
            best = {"value": rounded(value), "at": position.at}
        flat = measured.flat
        flat_since = measured.position(flat[0]).at if flat else None
    found: CurveOut = {
        "name": curve.name,
        "role": curve.role,
        "axis": curve.axis,
        "n": len(curve),
        "first": rounded(shown.values[0]),
        "best": best,
        "last": rounded(shown.values[-1]),
        "noise": rounded(measured.noise) if measured else None,
        "flat_since": flat_since,
        "trend": trend_of(measured) if measured else None,
    }
    if full:
        found["steps"] = curve.steps.tolist()  # as `at` says them, to the last digit
        found["values"] = rounded_all(curve.values)
        if measured is not None:
            found["smoothed"] = rounded_all(measured.sign * np.interp(curve.steps, measured.x, measured.s))
    return found


class GapOut(TypedDict):
    """Validation set against training, in the unit of the curves; positive where validation is worse."""

    train: str
    val: str
    last: Annotated[Rounded, Field(description="The median gap over the last fifth of the run.")]
    share_of_progress: Annotated[Rounded, Field(description="The same, as a share of what training gained.")]
    widening: bool


def gap_of(gap: Gap) -> GapOut:
    """Show the one gap that is measured."""
    return {
        "train": gap.training.name,
        "val": gap.validation.name,
        "last": rounded(gap.late),
        "share_of_progress": rounded(gap.share_of_progress),
        "widening": gap.widening,
    }


def curves_of(features: Features, *, full: bool = False) -> list[CurveOut]:
    """Every curve of a run in the order it was logged, then those derived from them."""
    measured = {m.name: m for m in features.curves}
    logged = [
        curve_of(curve, measured.pop(curve.name, None), features.unmasked.get(curve.name, curve), full=full)
        for curve in features.run.curves
    ]
    return [*logged, *(curve_of(m.curve, m, m.curve, full=full) for m in measured.values())]


def gaps_of(features: Features) -> list[GapOut]:
    """The gap between validation and training, where both were logged."""
    return [gap_of(features.gap)] if features.gap else []
