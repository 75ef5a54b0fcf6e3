"""What one cycle looks like: a step down at its start, and whether the curve calms down within it.

The mean of a logger that starts anew every epoch averages k values after k of them: it moves by 1/k of what one value
moves. A loss whose examples were learnt by heart falls where they come again, and stands still in between. Both look like
a stair; data in the same order have a profile of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.folding import PHASES
from diagnosis.features.middle import median
from diagnosis.features.period import Period
from diagnosis.run import FloatArray

STAIR = 0.88  # correlation of the mean cycle with that of a stair, or of a stair turned upside down
CALMS = -0.6  # power of the moves' size over the place in the cycle: −1 is a running mean, 0 a loss logged as it is
CLIMBS = 1 / 3  # share of a cycle's height, climbed within it; two thirds are a ramp up, next to nothing is a stair
THIRD, MOST = 1 / 3, 50  # of a cycle; cycles looked at
FEW = 4  # phases; in fewer, a cycle has no shape
LOOKED_AT = 20_000  # values at the end of a curve are enough


@dataclass(frozen=True)
class Cycle:
    """What a cycle is like.

    `stair`: how like a stair, −1 to 1; `sawtooth`: how like a jump up and a way down. `calming`: the power by which
    moves shrink within it. `climbs`: how far the curve itself goes up between two steps down, as a share of the cycle's height.
    """

    stair: float
    calming: float
    sawtooth: float = 0.0
    climbs: float = 0.0

    @property
    def is_stair(self) -> bool:
        """Whether all there is to it is a step down at its start."""
        return self.stair > STAIR and self.climbs < CLIMBS

    @property
    def is_sawtooth(self) -> bool:
        """Whether all there is to it is a jump up at its start, and the way down."""
        return self.sawtooth > STAIR

    @property
    def is_running_mean(self) -> bool:
        """Whether it is a stair because the mean starts anew."""
        return self.is_stair and self.calming < CALMS


def measure_cycle(values: FloatArray, period: Period) -> Cycle:
    """The shape of a curve's cycles; lower is better."""
    phases = period.profile.size
    if phases < FEW:
        return Cycle(0.0, 0.0)
    ramp = np.arange(phases) - 0.5 * (phases - 1)
    shape = period.profile - period.profile.mean()
    size = float(np.sqrt((shape @ shape) * (ramp @ ramp)))
    likeness = [float(np.roll(shape, -turn) @ ramp) / max(size, 1e-300) for turn in range(phases)]
    turn = int(np.argmax(likeness))
    calming, climbs = _calming(values, period, turn / phases), _climbs(values, period, turn / phases)
    return Cycle(likeness[turn], calming, -min(likeness), climbs)


def _climbs(values: FloatArray, period: Period, start: float) -> float:
    """The last third of a cycle above its first, by the median of all cycles, as a share of the height of the mean cycle."""
    place = (np.arange(values.size) - period.origin) / period.points - start
    cycle, place = np.floor(place).astype(np.intp), place % 1.0
    moves = [
        median(values[inside & (place >= 2 * THIRD)]) - median(values[inside & (place < THIRD)])
        for inside in (cycle == k for k in np.unique(cycle)[1:-1][-MOST:])
    ]
    found = np.array([move for move in moves if np.isfinite(move)])
    return median(found) / period.height if found.size and period.height > 0.0 else 0.0


def _calming(values: FloatArray, period: Period, start: float) -> float:
    """The power of the moves' size over the place in the cycle, for the start nearby that fits best."""
    values = values[max(period.origin - LOOKED_AT, 0) : period.origin]
    moves = np.abs(np.diff(values))
    floor = 1e-3 * median(moves)
    if floor <= 0.0:
        return 0.0
    sizes = np.log(np.maximum(moves, floor))
    index = np.arange(1, values.size) - values.size
    reach = 1.0 / min(PHASES, period.profile.size)
    best = (0.0, 0.0)
    for shift in np.arange(-reach, reach, max(1.0 / period.points, reach / 8)):
        place = np.floor((index / period.points - start - shift) % 1.0 * period.points)
        inner = place > 0  # the step itself is no move within
        place, off = np.log(place[inner] + 1.0), sizes[inner]
        place, off = place - place.mean(), off - off.mean()
        power = float(place @ off) / max(float(place @ place), 1e-300)
        alike = float(place @ off) / max(float(np.sqrt((place @ place) * (off @ off))), 1e-300)
        best = min(best, (alike, power))
    return best[1]
