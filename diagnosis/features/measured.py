"""One curve, measured once: everything the rules ask of it, lower always better.

Long curves are averaged into `GRID` bins before anything that costs time; best point and spikes use every value.
A maximised metric is turned over, so that a rule has one direction to think in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diagnosis.features.bare import is_bare
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.plateau import flat_from
from diagnosis.features.smooth import BENDS, smooth, without_outliers
from diagnosis.features.spikes import Spike, spikes
from diagnosis.features.stages import NONE, Stages
from diagnosis.features.trend import Trend, bins, trend
from diagnosis.lazy import lazy
from diagnosis.names import natural
from diagnosis.run import Curve, FloatArray, Position

GRID = 400  # bins; more resolution than any rule or picture needs
TAIL, TAIL_MIN = 0.25, 5  # of the run, long enough to tell a slope from noise; and points at least
FIRST_OUTLIER = 5.0  # times farther off than all that follows: not where a run began (a BatchNorm's first validation)
THROWN_FROM = 10.0  # times the first value, all that follows: that shows where the loss was thrown from
LONE, AROUND, LONE_SHARE = 6.0, 5, 0.05  # noise levels, also of so many around, and share of progress: a lucky dip
PERCENT, NOT_PERCENT = 100.0, 1.0 + 1e-6  # a share above one is written in percent
RESUMED, LATER = 0.2, 3.0  # of the last position, and steps between two values: a log that begins later is part of one
FEW = 8  # points; below, every one of them is a level of its own


@dataclass(frozen=True, eq=False)
class Measured:
    """A finite curve on its grid: `x` positions, `z` values turned so that lower is better, `s` smoothed; all (m,)."""

    curve: Curve
    x: FloatArray
    z: FloatArray
    noise: float
    stages: Stages = NONE  # a setting that was changed on the way

    @property
    def name(self) -> str:
        """The name the curve was logged under."""
        return self.curve.name

    @lazy
    def n(self) -> int:
        """How many finite values were logged."""
        return len(self.curve)

    @lazy
    def sign(self) -> float:
        """+1 where lower is better, −1 where higher is."""
        return 1.0 if self.curve.direction == "min" else -1.0

    @lazy
    def way(self) -> float:
        """The same by the metric's name, however it was logged."""
        return 1.0 if natural(self.curve.metric, self.curve.direction) == "min" else -1.0

    @property
    def bends(self) -> bool:
        """Whether there are too few values to tell noise from the curve's own bends."""
        return self.n < BENDS

    @lazy
    def grid_noise(self) -> float:
        """Standard deviation of the noise of one point of the grid."""
        return self.noise if self.z.size == self.n else noise_level(self.z)

    @lazy
    def s(self) -> FloatArray:
        """The smoothed curve (m,)."""
        return self.z if self.bare else smooth(self.clean)

    @lazy
    def clean(self) -> FloatArray:
        """The grid without single outliers, not smoothed (m,)."""
        return self.z if self.bare else without_outliers(self.z, self.grid_noise)

    @lazy
    def bare(self) -> bool:
        """Whether it is bare of noise, and of what smoothing would take away."""
        return is_bare(self.z)

    @lazy
    def begin(self) -> int:
        """Grid index at which the run begins: 1 where the first value is far off everything that follows, else 0."""
        if self.z.size < TAIL_MIN or self.z.size != self.n:  # the first of many bins is no single value
            return 0
        reach = max(float(self.clean[1:].max() - self.s[1:].min()), self.grid_noise)
        thrown = 0.0 < float(self.z[0]) * THROWN_FROM < float(self.z[1:].min())
        return int(not thrown and abs(self.z[0] - self.clean[1]) > FIRST_OUTLIER * reach)

    @lazy
    def resumed(self) -> bool:
        """Whether the log begins in the middle of a run: what was gained before it is not known."""
        steps = self.curve.steps
        apart = float(steps[-1] - steps[0]) / max(self.n - 1, 1)
        return float(steps[0]) > max(RESUMED * float(steps[-1]), LATER * apart)

    def lasts_to(self, x: float) -> bool:
        """Whether it is logged up to a position: not more than the stretch from one value to the next before it."""
        return float(self.x[-1]) + float(self.x[-1] - self.x[0]) / max(self.n - 1, 1) >= x

    @property
    def before(self) -> str | None:
        """Why a log that begins in the middle of a run tells nothing of its beginning; None where it has one."""
        return f"the log begins at {self.position(0)}: what came before is not known" if self.resumed else None

    @lazy
    def start(self) -> float:
        """The level the run began at."""
        return float(self.z[self.begin])

    @lazy
    def best_index(self) -> int:
        """Where on the grid the smoothed curve is best."""
        return self.begin + int(self.s[self.begin :].argmin())

    @lazy
    def best(self) -> float:
        """The best smoothed level."""
        return float(self.s[self.best_index])

    @lazy
    def tail_count(self) -> int:
        """How many grid points are averaged into a level: enough to calm it, few enough to stay local."""
        return min(max(self.z.size // 15, 1 if self.z.size < FEW else 3), 20)

    @lazy
    def end(self) -> float:
        """The level the run ended at."""
        return float(self.z[-1]) if self.bare else median(self.clean[-self.tail_count :])

    @lazy
    def end_error(self) -> float:
        """Standard error of `end`, a median in most curves, from the noise."""
        return self.grid_noise * math.sqrt(0.5 * math.pi / self.tail_count)

    @lazy
    def progress(self) -> float:
        """What the run gained: start − best, at least 0; the unit of every threshold."""
        return max(self.start - min(self.best, self.end), 0.0)

    @lazy
    def rebound(self) -> float:
        """What the run gave back: end − best; nothing where it is best at its end."""
        return max(self.end - self.best, 0.0) if self.best_index < self.z.size - self.tail_count else 0.0

    @lazy
    def best_logged(self) -> int:
        """Index into the logged curve of its best single value."""
        values = self.curve.values
        return int(values.argmin() if self.sign > 0 else values.argmax())

    @property
    def best_value(self) -> tuple[float, Position]:
        """The best single value as it was logged, and where."""
        return float(self.curve.values[self.best_logged]), self.curve.position(self.best_logged)

    @lazy
    def best_checkpoint(self) -> int:
        """Index into the logged curve of the best value that is no lone dip: the checkpoint one would restore."""
        z, best = self.sign * self.curve.values, self.best_logged
        noise = max(self.noise, noise_level(np.append(z[max(best - AROUND, 0) : best], z[best + 1 :][:AROUND])))
        far = max(LONE * noise, LONE_SHARE * self.progress)
        near = [float(z[i]) for i in (best - 1, best + 1) if 0 <= i < self.n]
        corner = self.bare and self.z.size == self.n
        if corner or best == self.begin == 0 or not near or min(near) - z[best] <= far:
            return best  # no need to look at every value
        beside = np.minimum(np.append(np.inf, z[:-1]), np.append(z[1:], np.inf))
        return int(np.where(beside - z > far, np.inf, z).argmin())

    @lazy
    def best_position(self) -> Position:
        """Where the best checkpoint was logged."""
        return self.curve.position(self.best_checkpoint)

    def went(self, lower: str, higher: str) -> str:
        """The word for getting better: `lower` where lower is better, `higher` where higher is."""
        return lower if self.sign > 0 else higher

    @lazy
    def whole(self) -> Trend:
        """The trend over the whole run, per unit of position."""
        return trend(self.x, self.z)

    def last(self, share: float) -> Trend:
        """The trend of the last `share` of the run."""
        start = self.index_after(1.0 - share)
        return trend(self.x[start:], self.clean[start:])

    @lazy
    def tail(self) -> Trend:
        """The trend of the last quarter of the run."""
        return self.last(TAIL)

    def index_after(self, share: float) -> int:
        """Grid index after this share of the points, leaving at least `TAIL_MIN` of them."""
        return max(min(int(self.z.size * share), self.z.size - TAIL_MIN), 0)

    @lazy
    def flat(self) -> tuple[int, Trend] | None:
        """From which grid index the curve is flat, and the slope that is left."""
        return flat_from(self.x, self.s, self.grid_noise, self.progress)

    @lazy
    def spikes(self) -> tuple[Spike, ...]:
        """Jumps that recovered, counted on every logged value; not those where a setting was changed."""
        found = spikes(self.sign * self.curve.values, self.noise, self.progress)
        return tuple(each for each in found if not self.stages.explains(self.curve, self.curve.steps[each.index]))

    def position(self, index: int) -> Position:
        """The logged position nearest to a grid index; the first one is where the log begins, however many values are averaged there."""
        steps = self.curve.steps
        alike = index == 0 or self.x.size == steps.size
        return self.curve.position(index if alike else min(int(np.searchsorted(steps, self.x[index])), steps.size - 1))

    @lazy
    def scale(self) -> float:
        """What 1.0 is logged as: 100 for an accuracy in percent."""
        highest = self.curve.values.max() if self.way == self.sign else -self.curve.values.min()
        return PERCENT if highest > NOT_PERCENT else 1.0

    def right(self, level: float) -> float:
        """A level as its metric's name counts it: 0.9 of an accuracy of 0.9, of 90 %, and of −0.9, logged to be minimised."""
        return self.way * level / self.scale

    def said(self, level: float) -> str:
        """A level as it was logged, for people."""
        return f"{self.sign * level:.4g}"

    def share(self, amount: float) -> float:
        """An amount as a share of the run's progress; infinite where there was none."""
        return amount / self.progress if self.progress > 0.0 else math.inf if amount > 0.0 else 0.0


def measure_curve(curve: Curve, stages: Stages = NONE) -> Measured | None:
    """Measure the finite part of a curve; None where nothing finite was logged."""
    finite = curve.finite
    if not len(finite):
        return None
    values = finite.values if curve.direction == "min" else -finite.values
    return Measured(finite, bins(finite.steps, GRID), bins(values, GRID), noise_level(values), stages)
