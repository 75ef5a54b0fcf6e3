"""How widely a loss swings over the second half of its run, against what it gained, and whether it gained anything.

The scatter is that from value to value, or that about the smooth course where that is more: the former misses slow swings,
the latter is partly smoothed away. Both by the median, which a few spikes do not move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import MAD_TO_SD
from diagnosis.features.period import epoch_length
from diagnosis.features.smooth import smooth, without_outliers
from diagnosis.features.trend import Z, bins
from diagnosis.run import Run

BINS = 100  # of the run; finer logs are averaged into as many
POINTS = 10  # logged within an epoch: fewer in one bin still show single batches
WITHIN = 0.5  # epochs from one value to the next, or validations to a value: fewer, and epochs are logged in parts
BEGINNINGS = (0.0, 0.1, 0.2)  # shares of the run, a value at least, that are held against its second half


@dataclass(frozen=True)
class Swings:
    """`scatter` and `gained` in the loss's unit; `learnt` in standard errors; `calming` of the last quarter."""

    scatter: float
    gained: float
    learnt: float
    calming: float
    averaged: float

    @property
    def share(self) -> float:
        """The scatter as a share of what was gained."""
        return self.of(self.gained)

    def of(self, whole: float) -> float:
        """The scatter, where single batches are averaged away, as a share of something."""
        return self.scatter * self.averaged / whole if whole > 0.0 else 0.0


def measure_swings(loss: Measured, val: Measured | None, run: Run) -> Swings:
    """The swings of a loss of some twenty values and more."""
    course = bins(loss.z, BINS)
    half, quarter = course.size // 2, course.size // 4
    moves = np.diff(course[half:])
    scatter = MAD_TO_SD * median(np.abs(moves - median(moves))) / 2**0.5
    off = course - smooth(without_outliers(course, scatter))
    scatter = max(scatter, MAD_TO_SD * median(np.abs(off[half:])))
    level = median(course[half:])
    counts = [max(int(share * course.size), 1) for share in BEGINNINGS]
    above = [float(np.mean(course[:count])) - level for count in counts]
    slope = loss.whole
    fall = -slope.slope * 2 * Z / max(slope.high - slope.low, 1e-300) if np.isfinite(slope.high) else 0.0
    standing = max(rise * count**0.5 for count, rise in zip(counts, above, strict=True))
    return Swings(
        scatter=scatter,
        gained=max(*above, loss.start - level, loss.progress),
        learnt=max(fall, standing / max(scatter, 1e-300)),
        calming=float(np.std(off[-quarter:])) / max(float(np.std(off[half:-quarter])), 1e-300),
        averaged=min(_averaged(loss, val, run, course.size) / POINTS, 1.0) ** 0.5,
    )


def _averaged(loss: Measured, val: Measured | None, run: Run, size: int) -> float:
    """How many single batches' values one bin averages; as many as wanted where values are those of whole epochs."""
    epoch = epoch_length(loss.curve, run)
    spacing = float(loss.curve.steps[-1] - loss.curve.steps[0]) / max(loss.n - 1, 1)
    within = spacing < WITHIN * epoch if epoch else val is not None and val.n < WITHIN * loss.n
    return loss.n / size if within else POINTS
