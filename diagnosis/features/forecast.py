"""Where a falling curve would go: what more training of the same kind should gain, and how sure that is.

Three families of learning curves, each a level plus an amount times a shape: a power of the time, the inverse of its
logarithm, and A. Janoschek's growth curve (exponential, stretched, or with a slow start). Given the shape, level and
amount are least squares in closed form, so every shape of a grid is fitted at once and weighed by how well it does.
The families are those of T. Domhan, J. T. Springenberg, F. Hutter (IJCAI 2015) and S. Adriaensen et al. (LC-PFN, 2023);
weighing by information is K. P. Burnham and D. R. Anderson's, with the effective number of points for correlated ones.
The interval is that of the mixture: between shapes, within each, and what no shape knows. Descent to one best fit of each family
holds the truth a quarter as often, and costs twenty times as much (docs/adr/0019-a-forecast-weighs-a-grid.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from diagnosis.features.measured import Measured
from diagnosis.features.schedule import Schedule
from diagnosis.features.trend import bins
from diagnosis.lazy import lazy
from diagnosis.run import FloatArray
from diagnosis.shares import percent

POINTS = 60  # more are averaged into as many bins
ENOUGH = 8  # points since the rate last changed
SIGMAS = 4.0  # standard errors: a rebound, or a fall, that is real
GIVEN_BACK = 0.05  # share of progress: a curve that rises by that much is of another kind
SWINGS = 0.20  # share of progress: noise of one point that leaves no course to carry on
FALLEN = 6.0  # noise levels of one point: less of a fall has no shape
# Of the points: the beginning follows other laws, so later stretches have a say of their own.
SKIPPED = (0.10, 0.35, 0.60)
SHORTEST = 6  # points of a stretch
POWERS = np.geomspace(0.05, 4.0, 24)  # exponents of the power
# Of Janoschek's curve: each stretch with each rate.
RATES, STRETCHES = np.geomspace(0.05, 60.0, 36), np.array([0.4, 0.55, 0.75, 1.0, 1.3, 1.7, 2.2, 3.0])
# Of what a shape gains ahead: how far it is off where nothing was logged yet. With it, nine in ten of the epochs that
# the runs of benchmarks/ were trained on in secret end inside the interval.
BEYOND = 0.25
BEGUN = 0.5  # of the run: where the rate changed later, what follows is too short to carry on
LATE = "the learning rate still changed late in the run, and its loss has not shown since where it goes"
HALF, LONGEST = 0.5, 4.0  # times the run: a step to look ahead by, and as far as one can
INNER, MIDDLE, OUTER = 0.05, 0.5, 0.95  # a 90 % interval around the middle
LEAST_WEIGHT = 1e-4  # of the best: shapes that fit worse do not count
TAIL_BASE = 100.0  # points of a run in the logarithm's family
ALIKE = 0.003  # share of the fitted fall: no shape is true, so errors below are not information
STRAIGHT = 1e-12  # of a shape that falls by one: below, it is a constant to the last digit
HALVINGS = 30  # to a billionth of all that may be
FITTED = 2.0  # numbers of a shape, its level and its amount: so many points tell nothing of the noise
FEWEST = 4.0  # points that count, however alike neighbours are; more than are fitted
CORRELATED_MOST = 0.9  # of neighbouring residuals; more cannot be told on sixty points


@dataclass(frozen=True, eq=False)
class Forecast:
    """Every shape that fits: its weight, the amount it falls by with that amount's variance, and its number; all (g,)."""

    weight: FloatArray
    amount: FloatArray
    variance: FloatArray
    shape: npt.NDArray[np.intp]
    end_error: float

    def gain(self, times: float) -> tuple[float, float, float]:
        """What training to `times` the length of the run would gain: the middle, and a 90 % interval."""
        low, middle, high = self._gained(times, (INNER, MIDDLE, OUTER))
        return middle, low, high

    def _gained(self, times: float, shares: tuple[float, ...]) -> list[float]:
        """The gain at these shares of all that may be."""
        now, then = _shapes(np.array([1.0, times]))[self.shape].T
        centre = self.amount * (now - then)
        spread = np.sqrt((now - then) ** 2 * self.variance + (BEYOND * centre) ** 2 + self.end_error**2)
        spread = np.maximum(spread, 1e-9 * float(centre.max()))
        return [max(_quantile(share, centre, spread, self.weight), 0.0) for share in shares]

    def enough(self, least: float) -> tuple[float, float]:
        """How many times the run to train, until half a run more would gain less than `least`; and what that would gain then.

        No farther than `LONGEST`: there it may be more than `least`.
        """
        longest = 1.0 + HALF
        (gained,) = self._gained(longest, (MIDDLE,))
        while True:
            (further,) = self._gained(longest + HALF, (MIDDLE,))
            if further - gained < least or longest >= LONGEST:
                return longest, further - gained
            longest, gained = longest + HALF, further

    @lazy
    def half_way(self) -> float:
        """How many times the run it takes to gain half of all that is left; the middle of all shapes."""
        times = _half_ways()[self.shape]
        order = np.argsort(times)
        return float(times[order][np.searchsorted(np.cumsum(self.weight[order]), 0.5)])


def _shapes(t: FloatArray) -> FloatArray:
    """Every shape of the grid at shares of the run (m,), falling from high to low: (g, m)."""
    log = np.log(t)
    power = np.exp(-POWERS[:, None] * log)
    logarithm = 1.0 / np.log1p(TAIL_BASE * t)[None, :]
    growth = np.exp(-RATES[:, None] * np.exp(STRETCHES[:, None] * log)[:, None, :])
    return np.concatenate((power, logarithm, growth.reshape(-1, t.size)))


@lru_cache(maxsize=1)
def _prior() -> FloatArray:
    """Each family counts the same, however finely it is cut: (g,), in logarithms, less its parameters."""
    sizes = (POWERS.size, 1, RATES.size * STRETCHES.size)
    return -np.concatenate([np.full(size, np.log(size)) for size in sizes])


@lru_cache(maxsize=1)
def _half_ways() -> FloatArray:
    """How many times the run each shape takes to halve what it has left at its end (g,)."""
    rates, stretches = (part.ravel() for part in np.meshgrid(RATES, STRETCHES))
    logarithm = ((1.0 + TAIL_BASE) ** 2 - 1.0) / TAIL_BASE
    return np.concatenate((2.0 ** (1 / POWERS), [logarithm], (1 + np.log(2) / rates) ** (1 / stretches)))


def measure_forecast(curve: Measured, schedule: Schedule | None) -> Forecast | None:
    """Carry a curve on; None where it is of no kind that can be, as `refused` says."""
    begin = refused(curve, schedule)
    if isinstance(begin, str):
        return None
    step = (curve.x[-1] - curve.x[0]) / max(curve.x.size - 1, 1)
    t = (curve.x[begin:] - curve.x[0] + step) / (curve.x[-1] - curve.x[0] + step)
    y = curve.clean[begin:]
    starts = [s for s in (int(share * y.size) for share in SKIPPED) if y.size - s >= SHORTEST]
    fits = [fit for s in starts if (fit := _fit(bins(t[s:], POINTS), bins(y[s:], POINTS)))]
    if not fits:
        return None
    weight, amount, variance, shape = (np.concatenate(part) for part in zip(*fits, strict=True))
    return Forecast(weight / weight.sum(), amount, variance, shape.astype(np.intp), curve.end_error)


def refused(curve: Measured, schedule: Schedule | None) -> str | int:
    """Why a curve cannot be carried on; else the grid index from which it tells where it goes."""
    changed = _rate_changed(schedule) if schedule is not None and not schedule.constant else 0.0
    if isinstance(changed, str):
        return changed
    begin = max(curve.begin, int(np.ceil(changed * (curve.z.size - 1))))
    fall = curve.progress
    if curve.rebound > max(SIGMAS * curve.end_error, GIVEN_BACK * fall):
        return "it has turned"
    if curve.grid_noise > SWINGS * fall or fall <= FALLEN * curve.grid_noise:
        return "it swings too much"
    if curve.z.size - begin < ENOUGH:
        return f"too short: {curve.z.size - begin} points"
    return begin


def _rate_changed(schedule: Schedule) -> str | float:
    """Share of the run from which the rate was left alone; or why that tells nothing."""
    if schedule.annealed:
        return "the learning rate has decayed: more training would need another schedule"
    if schedule.restarts:
        return "the learning rate restarts"
    changed = max([schedule.warm_up_end or 0.0, *(drop.share for drop in schedule.drops)])
    return f"{LATE} ({percent(changed)} of it was over)" if changed > BEGUN else changed


def warmed_late(schedule: Schedule) -> bool:
    """Whether all that speaks against a forecast is a warm-up that took most of the run: no rate came down, and none goes up again."""
    warm = schedule.warm_up_end
    return (
        warm is not None
        and warm > BEGUN
        and not (schedule.annealed or schedule.restarts or schedule.drops or schedule.falling)
    )


def _fit(t: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None:
    """Fit every shape to a curve (m,): the weights, amounts, their variances and the numbers of those that count."""
    shapes, m = _shapes(t), t.size
    off = shapes - shapes.mean(axis=1, keepdims=True)
    power = np.einsum("gm,gm->g", off, off)
    centred = y - y.mean()
    amount = off @ centred / np.maximum(power, 1e-300)
    rest = centred - amount[:, None] * off
    errors = np.einsum("gm,gm->g", rest, rest)
    falls = (amount > 0.0) & (power > STRAIGHT)
    if not falls.any():
        return None
    best = int(np.where(falls, errors, np.inf).argmin())
    left = rest[best]
    rho = float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300)
    rho = min(max(rho, 0.0), CORRELATED_MOST)
    effective = max(m * (1 - rho) / (1 + rho), FEWEST)
    mean_square = errors / m + (ALIKE * float(np.ptp(amount[best] * shapes[best]))) ** 2
    likelihood = -0.5 * effective * np.log(np.maximum(mean_square, 1e-300)) + _prior()
    weight = np.where(falls, np.exp(likelihood - likelihood[falls].max()), 0.0)
    kept = np.flatnonzero(weight > LEAST_WEIGHT)
    variance = mean_square[kept] / power[kept] * m / (effective - FITTED)
    return weight[kept] / weight[kept].sum(), amount[kept], variance, kept.astype(np.float64)


def _quantile(share: float, centre: FloatArray, spread: FloatArray, weight: FloatArray) -> float:
    """The quantile of a mixture of normal distributions (g,), by halving."""
    low, high = float((centre - 8 * spread).min()), float((centre + 8 * spread).max())
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if ndtr((middle - centre) / spread) @ weight < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
