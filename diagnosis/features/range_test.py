"""A range test: the learning rate rises by orders of magnitude over the whole log, to see where the loss falls, and where it blows up.

That is no training, and what the loss does in it is the rate's doing. What it is run for is read off it.

L. N. Smith, "Cyclical learning rates for training neural networks", 2017: the range test; fastai's `lr_find` for a tenth
of the rate at which the loss is lowest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.schedule import Schedule

SWEPT = 100.0  # times the first rate, at the end; a warm-up that rises evenly has risen by as much only from next to nothing
STILL_LOW = (
    0.15  # of the highest rate, half-way: what rises by a factor a step is low for long, what rises evenly is not
)
UP, LEAP = 0.9, 0.25  # of its moves; of the whole way, in one move
EVEN = 0.99  # correlation of its logarithm with the position
TENTH = 0.1  # of the rate at which the loss is lowest: there it is about to blow up
SIGMAS = 4.0  # noise levels that it fell by, or it fell at none of these rates
FEWEST, FIRST = 8, 0.25  # values, and the share of them at rates that move nothing yet


@dataclass(frozen=True)
class RangeTest:
    """Rates from `low` to `high`; the loss was lowest at `best`, or fell at none of them."""

    low: float
    high: float
    best: float | None

    @property
    def says(self) -> str:
        """What it is, and what it tells."""
        told = f"the learning rate rises from {self.low:.2g} to {self.high:.2g} over the whole log, as in a range test"
        if self.best is None:
            return f"{told}; the loss falls at none of these rates"
        return f"{told}: the loss is lowest at {self.best:.2g}, and a tenth of that, {TENTH * self.best:.2g}, is a usual choice"


def _sweeps(schedule: Schedule) -> bool:
    """Whether a rate rises by about the same factor all the time, over orders of magnitude."""
    above = schedule.rates > 0.0
    way = np.log(schedule.rates[above])
    if way.size < FEWEST or way[-1] - way[0] < math.log(SWEPT) or schedule.level(0.5) > STILL_LOW:
        return False
    moves = np.diff(way)
    even = float(np.corrcoef(schedule.shares[above], way)[0, 1]) > EVEN
    return even and float((moves > 0.0).mean()) >= UP and float(moves.max()) < LEAP * float(way[-1] - way[0])


def measure_range_test(loss: Measured | None, schedule: Schedule | None) -> RangeTest | None:
    """What a range test tells; None of a training."""
    if loss is None or schedule is None or loss.n < FEWEST or not _sweeps(schedule):
        return None
    low = float(schedule.rates[schedule.rates > 0.0][0])
    first = loss.clean[: loss.index_after(FIRST)]
    lowest = first.size + int(np.argmin(loss.s[first.size :]))
    fell = median(first) - float(loss.s[lowest]) > SIGMAS * loss.grid_noise
    near = first.size + int(np.argmin(loss.clean[first.size :]))  # the lowest value, and no dip
    best = schedule.peak * schedule.level(schedule.share_at(loss, near))
    return RangeTest(low, schedule.peak, best if fell else None)
