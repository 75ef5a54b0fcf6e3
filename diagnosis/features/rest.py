"""Whether a loss rests for long enough to be called done, and how certain that is of a run that goes on.

Where a curve stops moving, `plateau.py` tells. Here it is held against the run: its noise, its training, its schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.hills import measure_hill
from diagnosis.features.measured import Measured
from diagnosis.features.plateau import LENGTH_MIN, LENGTH_SHARE
from diagnosis.features.skill import SHARES
from diagnosis.features.trend import trend
from diagnosis.shares import percent

if TYPE_CHECKING:
    from diagnosis.features import Features

LENGTH = 0.30  # share of the run: what rests for less may be between two steps, or at the end of a schedule
NOISY = 0.10  # share of progress, that one point scatters by: a rest within more noise is none that one could see
TRAINING_RESTS = 0.05  # share of training's progress, over the same stretch: more is still moving
LEARNT = 3.0  # noise levels of progress: what never moved has no plateau
NEARLY_ALL = 0.95  # of the values of a rest: a lone one may be far off
WIDE = 0.5  # of its level, that nearly all values of a rest are off it: far below where it began that is little
LAG = 2  # points after which a loss stands still when its rate is gone
# What ends a run that goes on; after shorter or less certain rests too many moved again (benchmarks/prefixes, `tune`).
VALUES = 15  # values of the rest, at least, that end a run that goes on
PLANNED = 0.20  # share of the planned epochs, that the rest has lasted to end a run that goes on
GAIN = 0.05  # share of progress, in as long again at the steepest slope within its bounds: more is worth waiting for
CREPT = 1.25  # times its final level, when it came to rest
ON = 0.05  # of its level, over the last stretch
TENTHS = 10  # of the run: what slopes are told by


@dataclass(frozen=True)
class Rest:
    """From which grid `index` a loss rests, for which `share` of the run, and the `slope` that is left, between two bounds.

    `within`: how far off its final level nearly all values since are, in the curve's unit.
    Slopes are in shares of progress per tenth of the run. `certain`: enough to end a run that goes on. `stopped`: the
    schedule ended it, as hardly a step is taken since. `creeps`: by its own level it still comes down, however little that
    is of a fall that was mostly something else's, as where the mean of far targets was learnt first.
    """

    index: int
    share: float
    within: float
    slope: float
    low: float
    high: float
    certain: bool
    stopped: bool
    creeps: bool

    def around(self, watched: Measured) -> str:
        """Where nearly all values since are, for people: `0.1594 ± 0.027`; by shares of progress where that would be all of the level."""
        wide = self.within > WIDE * abs(watched.end)
        off = f"{percent(watched.share(self.within))} of its progress" if wide else f"{self.within:.2g}"
        return f"{watched.name} stays about {watched.said(watched.end)} (± {off}, {percent(NEARLY_ALL)} of the values)"


def measure_rest(watched: Measured, features: Features) -> Rest | None:
    """The rest of a loss; None where it moves, never moved, rests too briefly, or hides in its noise that training moves."""
    if watched.flat is None or watched.progress <= LEARNT * watched.grid_noise:
        return None
    index, left = watched.flat
    share = 1.0 - index / watched.z.size
    if share < LENGTH or _training_moves(watched, share, features) or _thrown_back(watched, index, features):
        return None
    tenth = float(watched.x[-1] - watched.x[0]) / TENTHS
    slope, low, high = (watched.share(1.0) * each * tenth for each in (left.slope, left.low, left.high))
    long = share * watched.n >= VALUES and share * _trained(features) >= PLANNED
    certain = long and -low * TENTHS * share <= GAIN
    within = float(np.quantile(np.abs(watched.z[index:] - watched.end), NEARLY_ALL))
    return Rest(
        index,
        share,
        within,
        slope,
        low,
        high,
        certain,
        _stopped(watched, index, features),
        _creeps(watched, index, features),
    )


def _creeps(watched: Measured, index: int, features: Features) -> bool:
    """Whether it came down by a good part of its level since it rests, and goes on by as much; of classes there is no far mean."""
    if features.context.guessing is not None or any(m.curve.metric in SHARES for m in features.metrics):
        return False
    s, length = watched.s, max(LENGTH_MIN, int(LENGTH_SHARE * watched.s.size))
    if watched.sign < 0 or s[index:].min() <= 0.0 or s[index] < CREPT * s[-1]:
        return False
    late = trend(watched.x[-length:], np.log(s[-length:]))
    return late.falling and -late.change > ON


def _training_moves(watched: Measured, share: float, features: Features) -> bool:
    """Whether training still falls, where the watched loss is too noisy to tell."""
    training = features.train_loss
    if training is None or watched.share(watched.grid_noise) <= NOISY:
        return False
    lately = training.last(share)
    return lately.falling and training.share(-lately.change) > TRAINING_RESTS


def _thrown_back(watched: Measured, index: int, features: Features) -> bool:
    """Whether training went far up and came back meanwhile: smoothed over, that looks like rest."""
    training = features.train_loss
    if training is None or training.curve.axis != watched.curve.axis:
        return False
    hill = measure_hill(training, features.learning_rate, features.elsewhere)
    return hill is not None and hill.until.at > watched.x[index]


def _trained(features: Features) -> float:
    """How much of the planned run is over; all of it where no plan is known."""
    covered, planned = features.run.epochs_logged, features.context.planned_epochs
    return min(covered / planned, 1.0) if covered and planned else 1.0


def _stopped(watched: Measured, index: int, features: Features) -> bool:
    """Whether the rate was next to nothing by the time the loss came to rest."""
    schedule = features.schedule
    if schedule is None or schedule.asleep_from is None:
        return False
    return schedule.asleep_from <= schedule.share_at(watched, index + LAG)
