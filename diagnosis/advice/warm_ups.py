"""Fixes of the first steps, to which the rate is brought up: for how long, and whether they are to blame."""

from __future__ import annotations

import numpy as np

from diagnosis.advice.fix import Fix
from diagnosis.features.measured import Measured
from diagnosis.features.schedule import Schedule
from diagnosis.run import Context, Position

SHORTER = 0.25  # of a warm-up that is too long
EARLY, LATE = 0.1, 0.5  # of the run: an event before is one of its start, and after is none, however few the steps
FIRST = 0.03  # of the run: its first steps
EARLY_STEPS = 1000  # steps: over as many Adam's second moments average, with its usual β₂ of 0.999
WARM_UP, WARM_UP_SHARE = 500, 0.1  # steps where the length of an epoch is not known; of the planned run, at most


def warm_up(context: Context, because: str, curve: Measured | None = None) -> Fix:
    """One epoch of warm-up, or a customary number of steps; a tenth of the run, as planned or as a curve logs it, where that is less."""
    epoch = context.steps_an_epoch
    most, last = WARM_UP_SHARE * epoch * (context.planned_epochs or 0.0), float(curve.curve.steps[-1]) if curve else 0.0
    most = most or WARM_UP_SHARE * last * (context.finished is not False) * (
        1.0 if curve and curve.curve.axis == "step" else epoch
    )
    steps = max(round(min(epoch or WARM_UP, most or np.inf)), 1)
    return Fix(
        "warm_up", f"Warm the learning rate up over {steps} step{'s' * (steps != 1)}.", because, {"steps": steps}
    )


def warm_up_for(at: Position, curve: Measured, context: Context, because: str) -> tuple[Fix, ...]:
    """A warm-up against what happened at a position of a curve: none where that is late, and a warm-up long over."""
    last = float(curve.curve.steps[-1])
    in_steps = 1.0 if at.axis == "step" else context.steps_an_epoch
    if at.axis == "epoch":
        last = max(last, context.planned_epochs or 0.0)
    early = at.at <= EARLY * last or (0.0 < at.at * in_steps <= EARLY_STEPS and at.at <= LATE * last)
    return (warm_up(context, because, curve),) if early else ()


def begins(at: Position, curve: Measured) -> bool:
    """Whether a position is one of a curve's first steps, which are the largest: a jump there is the rate's before any batch's."""
    first, last = float(curve.curve.steps[0]), float(curve.curve.steps[-1])
    return not curve.resumed and at.at - min(first, 0.0) <= FIRST * last


def shorten_warm_up(schedule: Schedule, context: Context, because: str) -> Fix:
    """A quarter of the warm-up there was, in optimiser steps where they are known."""
    at = schedule.warmed_at
    per_position = 1.0 if at.axis == "step" else context.steps_an_epoch
    if not per_position:
        return Fix(
            "shorten_warm_up", f"Warm up over a quarter of the time, not until {at}.", because, {"factor": SHORTER}
        )
    steps = max(round(at.at * per_position * SHORTER), 1)
    advice = f"Warm up over {steps} steps, not until {at}."
    return Fix("shorten_warm_up", advice, because, {"steps": steps, "factor": SHORTER})
