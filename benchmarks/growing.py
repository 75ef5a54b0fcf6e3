"""A run while it is being trained: what a pipeline that asks every few epochs would send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from diagnosis.run import Curve, FloatArray, Run

MOST = 40  # times a run is asked about


def clock(curve: Curve, per_epoch: float) -> FloatArray:
    """When each value was logged, in epochs (n,): the value of epoch 0 at its end, that of a step after it."""
    return curve.steps + 1.0 if curve.axis == "epoch" else curve.steps / per_epoch


def moments(run: Run) -> FloatArray:
    """When a pipeline would ask, in epochs: after every point of the longest curve, or `MOST` times evenly."""
    per_epoch = run.context.steps_per_epoch or 1.0
    longest = max(run.curves, key=len)
    logged = clock(longest, per_epoch)
    ends = max(float(clock(curve, per_epoch)[-1]) for curve in run.curves)
    chosen = np.linspace(0, logged.size - 1, min(MOST, logged.size)).round().astype(int)
    return np.append(logged[chosen][:-1], ends)


def growing(run: Run) -> Iterator[tuple[float, Run]]:
    """The run at each moment, unfinished until its last: the share of it that was trained, and what was logged."""
    per_epoch = run.context.steps_per_epoch or 1.0
    times = {curve.name: clock(curve, per_epoch) for curve in run.curves}
    asked = moments(run)
    planned = run.context.planned_epochs or float(asked[-1])
    unfinished = replace(run.context, finished=False, planned_epochs=planned)
    for moment in asked[:-1]:
        ends = {curve.name: int(np.searchsorted(times[curve.name], moment, side="right")) for curve in run.curves}
        curves = tuple(
            replace(curve, values=curve.values[:end].copy(), steps=curve.steps[:end].copy())
            for curve in run.curves
            if (end := ends[curve.name])
        )
        yield float(moment / asked[-1]), replace(run, curves=curves, context=unfinished)
    yield 1.0, run
