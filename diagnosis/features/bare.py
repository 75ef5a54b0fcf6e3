"""Whether a curve is bare of noise: one that falls, turns once and rises to its end does not jitter.

Numbers in random order turn at two places in three. Eight of them fall to one and rise from it to the end, four times at
least, by chance in 1 of 600 series, more of them in fewer. There is nothing to smooth then: the lowest value is the best
level, and the last one the level at the end, where a median of the last few lags behind the rise.
"""

import numpy as np

from diagnosis.features.noise import ROUNDING
from diagnosis.run import FloatArray

TOLD = 8  # values that differ; of fewer, too many turn no more than once by chance
MOVING = 0.75  # of the moves, that move at all: a rounded metric repeats, and hides what it does
RISES = 5  # last moves, all of them up; or one fewer if they are alike
ALIKE = 0.2  # of the greatest of those, the least
LEAP = 4.0  # times the move before it: a last value that rose by more may be a spike


def is_bare(z: FloatArray) -> bool:
    """Whether a curve (m,), lower is better, rises to its end, turned at most once, and did not leap there."""
    moves = np.diff(z)
    if z.size < TOLD or moves[-1] <= 0.0:  # as most
        return False
    few, size = moves[1 - RISES :], np.abs(z)
    if moves[-1] > LEAP * moves[-2] or (moves[-RISES] <= 0.0 and few.min() <= ALIKE * few.max()) or few.min() <= 0.0:
        return False
    ways = np.sign(moves[np.abs(moves) > ROUNDING * np.spacing(np.maximum(size[1:], size[:-1]))])
    return bool(ways.size >= max(TOLD - 1, MOVING * moves.size) and np.count_nonzero(np.diff(ways)) <= 1)
