"""What each curve measures, as an answer shows it."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, SkipValidation

from diagnosis.features import Features
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.run import Axis, Curve, Role, number
from schemas.rounding import Rounded, rounded_all
from schemas.wire import Answer

# Roles of which a lower or higher value is better; "the best learning rate" would mean nothing.
Numbers = Annotated[list[float | None], SkipValidation]  # made by this service; a million need no second look
JUDGED = ("train_loss", "val_loss", "train_metric", "val_metric")


class Best(Answer):
    """The best single value, and where it was logged."""

    value: Rounded
    at: int | float


class Window(Answer):
    """A stretch of a curve, in logged positions."""

    from_: int | float = Field(serialization_alias="from")
    to: int | float


class TrendOut(Answer):
    """The slope of the last quarter of the run per epoch or step, with its 95 % interval; `null` where unbounded."""

    slope: Rounded
    low: Rounded
    high: Rounded
    window: Window

    @classmethod
    def of(cls, measured: Measured) -> Self:
        """Turn the trend of the judged curve back into the direction that was logged."""
        trend, sign = measured.tail, measured.sign
        ends = sorted((sign * trend.low, sign * trend.high))
        start = measured.position(measured.index_after(1.0 - TAIL)).at
        window = Window(from_=start, to=number(measured.curve.steps[-1]))
        return cls(slope=sign * trend.slope, low=ends[0], high=ends[1], window=window)


class CurveOut(Answer):
    """One curve: where it began, was best and ended, how noisy it is, and where it goes."""

    name: str = Field(
        description="As logged. `derived/val_recall` and its like were made of the counts TP, FP, TN and FN."
    )
    role: Role
    axis: Axis
    n: int = Field(description="Values logged, those that are not finite included.")
    first: Rounded = Field(description="The first value; `null` where it is not finite.")
    best: Best | None = Field(description="`null` for a curve that is not judged, such as the learning rate.")
    last: Rounded = Field(description="The last value; `null` where it is not finite.")
    noise: Rounded = Field(description="Standard deviation of one value around the curve.")
    flat_since: int | float | None = Field(description="Where the curve stopped moving; `null` where it did not.")
    trend: TrendOut | None
    steps: Numbers | None = Field(None, description="With `?curves=full`: the logged positions.")
    values: Numbers | None = Field(None, description="With `?curves=full`: the logged values.")
    smoothed: Numbers | None = Field(None, description="With `?curves=full`: the curve without its noise.")

    @classmethod
    def of(cls, curve: Curve, measured: Measured | None, *, full: bool) -> Self:
        """Show what was logged (`curve`), and what was measured on its finite part."""
        best = flat_since = None
        if measured is not None:
            if curve.role in JUDGED:
                value, position = measured.best_value
                best = Best(value=value, at=position.at)
            flat = measured.flat
            flat_since = measured.position(flat[0]).at if flat else None
        return cls(
            name=curve.name,
            role=curve.role,
            axis=curve.axis,
            n=len(curve),
            first=curve.values[0],
            best=best,
            last=curve.values[-1],
            noise=measured.noise if measured else None,
            flat_since=flat_since,
            trend=TrendOut.of(measured) if measured else None,
            **(_arrays(curve, measured) if full else {}),
        )


def _arrays(curve: Curve, measured: Measured | None) -> dict[str, list[float | None]]:
    """What was logged, and the same without its noise; all (n,)."""
    found = {"steps": curve.steps, "values": curve.values}
    if measured is not None:
        found["smoothed"] = measured.sign * np.interp(curve.steps, measured.x, measured.s)
    return {name: rounded_all(array) for name, array in found.items()}


class GapOut(Answer):
    """Validation set against training, in the unit of the curves; positive where validation is worse."""

    train: str
    val: str
    last: Rounded = Field(description="The median gap over the last fifth of the run.")
    share_of_progress: Rounded = Field(description="The same, as a share of what training gained.")
    widening: bool

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Show the one gap that is measured."""
        return cls(
            train=gap.training.name,
            val=gap.validation.name,
            last=gap.late,
            share_of_progress=gap.share_of_progress,
            widening=gap.widening,
        )


def curves_of(features: Features, *, full: bool = False) -> tuple[CurveOut, ...]:
    """Every curve of a run in the order it was logged, then those derived from them."""
    measured = {m.name: m for m in features.curves}
    logged = [CurveOut.of(curve, measured.pop(curve.name, None), full=full) for curve in features.run.curves]
    return (*logged, *(CurveOut.of(m.curve, m, full=full) for m in measured.values()))


def gaps_of(features: Features) -> tuple[GapOut, ...]:
    """The gap between validation and training, where both were logged."""
    return (GapOut.of(features.gap),) if features.gap else ()
