"""Whether a loss goes up as ascent does: surely, and gathering speed slowly."""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.run import FloatArray

CLIMB = 4  # values after the first: a best level sooner may be one low by chance, and fewer moves are no climb
EVERY = 0.9  # share of the moves of a climb that go up
LEAPS = 2.0  # times the move before: beyond, the loss runs away


def climbs(loss: Measured, validation: Measured | None = None) -> bool:
    """Whether a loss goes up at every value and gathers speed slowly, as ascent does; steps too large leap at once.

    Ascent by steps of their own size leaps as well, but soon slower and slower, and validation goes up at every value with it.
    Where single batches hide the climb of training, validation's own tells it.
    """
    moves = _ups(loss)
    if moves is None:
        return validation is not None and climbs(validation)
    half = max(moves.size // 2, CLIMB)
    slower = validation is not None and moves.size > CLIMB and leap(moves[moves.size // 2 :]) < 0.0
    return leap(moves[:half]) < 0.0 or (slower and _ups(validation) is not None)


def _ups(curve: Measured | None) -> FloatArray | None:
    """The moves of a curve up to its highest value that go up nearly all; None where they do not."""
    moves = np.diff(curve.z[: int(curve.z.argmax()) + 1]) if curve is not None else np.zeros(0)
    moves = moves[moves != 0.0]  # rounded values stand still now and then
    return moves if moves.size >= CLIMB and float((moves > 0.0).mean()) >= EVERY else None


def leap(moves: FloatArray) -> float:
    """How far most moves (n,) are beyond a few times the one before: above 0 where steps too large leap, below where ascent gathers speed."""
    return median(moves[1:] - LEAPS * moves[:-1])


def ended(loss: Measured) -> float:
    """Where a loss that went up is at its end: at the last value, where that is above the level of the last few."""
    return max(loss.end, loss.sign * float(loss.curve.values[-1]))
