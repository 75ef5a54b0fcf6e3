"""Whether a curve is bare of noise: one that falls, turns once and rises to its end does not jitter.

Numbers in random order turn at two places in three. Eight of them fall to one and rise from it by chance in 1 of 300 series,
more of them in fewer. There is nothing to smooth then: the lowest value is the best level, and the last one the level at the
end, where a median of the last few lags behind the rise.
"""

import numpy as np

from diagnosis.features.noise import ROUNDING
from diagnosis.run import FloatArray

TOLD = 8  # values that differ; of fewer, too many turn no more than once by chance
MOVING = 0.75  # of the moves, that move at all: a rounded metric repeats, and hides what it does
LEAP = 4.0  # times the move before it: a last value that rose by more may be a spike


def is_bare(z: FloatArray) -> bool:
    """Whether a curve (m,), lower is better, rises to its end, turned at most once, and did not leap there."""
    moves = np.diff(z)
    if z.size < TOLD or not 0.0 < moves[-1] <= LEAP * moves[-2]:
        return False
    size = np.abs(z)
    ways = np.sign(moves[np.abs(moves) > ROUNDING * np.spacing(np.maximum(size[1:], size[:-1]))])
    return bool(ways.size >= max(TOLD - 1, MOVING * moves.size) and np.count_nonzero(np.diff(ways)) <= 1)
