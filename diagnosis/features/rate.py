"""The learning rate in force at each value of a curve: how it rose there, whether it was put back up, whether it cycles.

A schedule's own doing is no fault of the run, and a loss that jumps with the rate has its cause in the log.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.schedule import ANNEALED, Schedule
from diagnosis.run import Context, Curve, FloatArray, Position

RISES = 1.5  # times: less is rounding, or a slow warm-up's single step
BACK = 1.05  # times the highest rate before: a restart goes back to that, a jump goes beyond
RESTARTS = ("restart", "cyclic", "sgdr", "cosine_with_restarts", "triangular")  # in a scheduler's name
LEAST = 3  # logged rates: fewer show no course
COLD = 3  # moves of a curve at a rate that has run out, to be held against those before
FAINT = 1e-5  # a learning rate: few fine-tunes use a lower one
HELD = 0.5  # times the moves before: smaller ones have shrunk with the rate
BEFORE = 8  # points before a place in which a rise of the rate counts as being there


def rate_at(rate: Measured | None, curve: Curve) -> FloatArray | None:
    """The learning rate in force at each value of a curve (n,); None where it is not logged or not positive.

    Where one is counted in steps and the other in epochs, both logs are taken to cover the same training.
    """
    if rate is None or min(len(rate.curve), len(curve)) < LEAST or rate.curve.values.min() < 0.0:
        return None
    values, steps, wanted = rate.curve.values, rate.curve.steps, curve.steps
    if rate.curve.axis != curve.axis:
        steps, wanted = (
            (steps - steps[0]) / max(float(steps[-1] - steps[0]), 1e-300),
            (wanted - wanted[0]) / max(float(wanted[-1] - wanted[0]), 1e-300),
        )
    held = values[np.clip(np.searchsorted(steps, wanted, side="right") - 1, 0, values.size - 1)]
    return np.maximum(held, held[held > 0.0].min()) if held.max() > 0.0 else None  # to reckon with factors


def rise(rate: FloatArray, start: int, stop: int) -> float:
    """How many times the rate rose, at most, between two places of a stretch."""
    part = rate[max(start, 0) : stop]
    return float((part / np.minimum.accumulate(part)).max()) if part.size else 1.0


def cycles(rate: FloatArray, points: float) -> bool:
    """Whether the rate rises again within every two periods of so many points."""
    starts = np.arange(0, rate.size - 2 * points, points).astype(np.intp)
    return bool(starts.size) and all(rise(rate, int(at), int(at + 2 * points)) >= RISES for at in starts)


def stepped(rate: FloatArray, points: float) -> bool:
    """Whether the rate drops at once, and by as much as it may rise, within every two periods."""
    drops = np.append(1.0, rate[:-1] / rate[1:])
    starts = np.arange(0, rate.size - 2 * points, points).astype(np.intp)
    return bool(starts.size) and all(drops[at : int(at + 2 * points)].max() >= RISES for at in starts)


def restarted(rate: FloatArray | None, index: int) -> bool:
    """Whether the rate was put back up, to what it had been before, just before a place."""
    if rate is None or index < 1:
        return False
    first = max(index - BEFORE, 0)
    back = rate[first : index + 1].max() <= BACK * rate[: first + 1].max()
    return bool(back) and rise(rate, first, index + 1) >= RISES


def raised(rate: FloatArray | None, index: int) -> bool:
    """Whether the rate was put above all it had been, just before a place."""
    if rate is None or index < 1:
        return False
    first = max(index - BEFORE, 0)
    return bool(rate[first : index + 1].max() >= RISES * rate[: first + 1].max())


def jump(learning_rate: Measured | None, curve: Curve, index: int) -> tuple[float, float, Position] | None:
    """The highest rate up to shortly before a place, how many times that it then was, and where; None where it was not raised."""
    rate = rate_at(learning_rate, curve)
    if rate is None or not raised(rate, index):
        return None
    first = max(index - BEFORE, 0)
    before, high = float(rate[: first + 1].max()), rate[first : index + 1]
    return before, float(high.max()) / before, curve.position(first + int(high.argmax()))


def withstood(learning_rate: Measured | None, loss: Measured, high: float) -> bool:
    """Whether a loss was best at a rate no lower than this one: so high a rate was not the matter."""
    rate = rate_at(learning_rate, loss.curve)
    return rate is not None and bool(rate[loss.best_logged] >= high)


def says_restarts(scheduler: object) -> bool:
    """Whether a scheduler's name says that it goes up again and again."""
    said = str(scheduler or "").lower()
    return any(name in said.replace(" ", "_") for name in RESTARTS) or "cyclic" in said


def in_force(context: Context, schedule: Schedule | None, at: Position | None = None) -> Context:
    """What the caller says, with the rate that was logged at a position, or last; with its highest where that had run out."""
    if schedule is None or schedule.constant or (at is None and schedule.annealed):
        return context
    curve = schedule.measured.curve
    if at is not None and at.axis != curve.axis:
        return context
    index = -1 if at is None else max(int(np.searchsorted(curve.steps, at.at, side="right")) - 1, 0)
    return replace(context, learning_rate=float(schedule.rates[index]) or context.learning_rate)


def blameless(schedule: Schedule | None, curve: Measured) -> bool:
    """Whether large steps are not why a curve moves: the logged rate was never higher than nearly any fine-tune's, or is refuted."""
    return schedule is not None and (0.0 < schedule.peak <= FAINT or refuted(schedule, curve))


def refuted(schedule: Schedule | None, curve: Measured) -> bool:
    """Whether a curve moves on as widely where the logged rate had fallen to next to nothing: large steps are not why."""
    if schedule is None or not schedule.annealed or schedule.peak <= 0.0:
        return False
    ran_out = float(schedule.shares[(schedule.rates > ANNEALED * schedule.peak).nonzero()[0][-1]])
    shares = np.array([schedule.share_at(curve, index) for index in range(1, curve.z.size)])
    moves, warm = np.abs(np.diff(curve.z)), (shares <= ran_out) & (shares > (schedule.warm_up_end or 0.0))
    late, before = moves[shares > ran_out], moves[warm]
    return min(late.size, before.size) >= COLD and median(late) > HELD * median(before)
