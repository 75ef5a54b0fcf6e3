"""What the learning rate did: its warm-up, its drops, its restarts, how far it fell.

A change of the loss at one of these places is the schedule's doing, and no fault of the run. Everything is told in
shares of the run (0 at the first logged rate, 1 at the last), so that a rate logged by step explains a loss logged by epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from diagnosis.features.measured import Measured
from diagnosis.features.trend import trend
from diagnosis.lazy import lazy
from diagnosis.run import Context, FloatArray, Position, Run

RISEN = 1.5  # times its first: a beginning that rises that much is a warm-up
REACHED = 0.99  # of the height it rises to: there the warm-up is over
DROPPED = 0.7  # of the rate before: one step down by that much or more is a decay
STEEP = 0.8  # of the value before: falls faster than a smooth schedule does at its middle
CALM = 0.9  # of the value before: around a single drop the rate hardly moves
QUICK = 0.02  # of the logged rates, at least two: a drop takes no longer
RESTARTED = 1.5  # times the trough before it, and
RESTARTED_BY = 0.05  # of the peak: a rise that large after the warm-up is a restart
ANNEALED = 0.12  # of its peak: a rate that comes down to a tenth, as many do, has ended the run on purpose
ASLEEP = 0.01  # of its peak: hardly a step is taken any more
EARLY = 0.2  # of the run: whoever plans a schedule plans it for more
NO_RATE = 1e-8  # a rate no optimiser learns with: its steps are lost in single precision
TO_THE_END = 0.95  # of the run: a rate that rose for so long was still warming up
FOLLOWS = 1.5  # times the warm-up: learning that sets in until then was held back by it
SETTLES = 0.03  # of the run: a loss follows a change of its rate within
GRADUAL = 5  # different rates after the warm-up, most of them on the way down: a schedule that falls by itself
LEAST = 1e-12  # of the peak: a rate of zero is taken for that, to reckon with factors
RESOLUTION = 0.003  # of a rate: what a log rounds away
MIDDLE, TAIL = 0.4, 0.8  # of the run: between them it rests, and after them it falls, where an unlogged rate decays
ON_GRID = 15  # on the grid: with fewer, a rest of six is one by chance
PICKED_UP = 0.3  # of the last pace: what saturates was faster before, so one this much slower rested
MAINLY = 0.5  # of the progress, made before a rest, else the run was slow to start; of a rate's moves
# The longer names first: `lr-AdamW` holds both. Without one, a rate below is as likely a fine-tune's as too low.
OPTIMIZERS = ("adafactor", "adadelta", "adagrad", "rmsprop", "adamw", "nadam", "radam", "adam", "lion", "lamb", "muon", "sgd")  # fmt: skip
FROM_SCRATCH = 1e-4
TO_ZERO = ("cosine", "linear", "onecycle", "polynomial")  # names of schedules that end at next to nothing


@dataclass(frozen=True)
class Change:
    """A sudden change of the rate: where in the run (0–1), at which logged position, and by what factor."""

    share: float
    at: Position
    factor: float


@dataclass(frozen=True, eq=False)
class Schedule:
    """The learning rate `rates` (n,) as it was logged at `shares` (n,) of the run."""

    measured: Measured

    @lazy
    def rates(self) -> FloatArray:
        """The logged rates, never negative (n,)."""
        return np.maximum(self.measured.curve.values, 0.0)

    @lazy
    def shares(self) -> FloatArray:
        """How much of the run was over at each of them (n,)."""
        steps = self.measured.curve.steps
        shares: FloatArray = (steps - steps[0]) / max(float(steps[-1] - steps[0]), 1e-300)
        return shares

    @lazy
    def peak(self) -> float:
        """The highest rate of the run."""
        return float(self.rates.max())

    @lazy
    def _relative(self) -> FloatArray:
        """The rates as shares of the peak, none quite zero (n,)."""
        return np.maximum(self.rates / self.peak, LEAST)

    @lazy
    def constant(self) -> bool:
        """Whether the rate never changed."""
        return bool(self.rates.max() - self.rates.min() <= RESOLUTION * self.peak)

    @lazy
    def off(self) -> bool:
        """Whether the rate is so low all along that nothing can be learnt."""
        return self.peak <= NO_RATE

    @lazy
    def _warm(self) -> int:
        """Index at which the warm-up ends, 0 without one."""
        if self.constant:
            return 0
        fell = np.flatnonzero(np.diff(self.rates) < -RESOLUTION * self.peak)
        rise = self.rates[: int(fell[0]) + 1] if fell.size else self.rates
        end = int(np.argmax(rise >= REACHED * rise.max()))
        return end if rise.max() > RISEN * rise[0] else 0

    @property
    def warmed_at(self) -> Position:
        """The logged position at which the warm-up ended; the first one without."""
        return self.measured.curve.position(self._warm)

    @property
    def warm_up_end(self) -> float | None:
        """Share of the run after which the rate no longer rises from its beginning; None without a warm-up."""
        return float(self.shares[self._warm]) if self._warm else None

    @property
    def still_warming(self) -> bool:
        """Whether the rate was still rising when the log ended: its warm-up is longer than the run."""
        mostly = float((np.diff(self.rates) > 0.0).mean()) > MAINLY
        return self.warm_up_end is not None and self.warm_up_end >= TO_THE_END and mostly

    @lazy
    def drops(self) -> tuple[Change, ...]:
        """Single steps down with calm before and after: a step decay, a rate lowered on a plateau."""
        if self.constant:
            return ()
        kept = np.append(self._relative[1:] / self._relative[:-1], 1.0)
        found, longest = [], max(2, int(QUICK * kept.size))
        for first, last in _stretches(kept < STEEP):
            factor = float(np.prod(kept[first : last + 1]))
            around = kept[[i for i in (first - 1, last + 1) if i >= 0]]
            if last - first < longest and factor <= DROPPED and ((around > CALM) & (around < 1 / CALM)).all():
                found.append(self._change(first + 1, factor))
        return tuple(found)

    @lazy
    def restarts(self) -> tuple[Change, ...]:
        """Rises after the warm-up: warm restarts, the cycles of a cyclic schedule."""
        if self.constant:
            return ()
        rising = np.append(np.diff(self.rates) > 0.0, [False])
        rising[: self._warm] = False
        found = []
        for first, last in _stretches(rising):
            low, high = float(self._relative[first]), float(self._relative[last + 1])
            if high > RESTARTED * low and high - low > RESTARTED_BY:
                found.append(self._change(first + 1, high / low))
        return tuple(found)

    @lazy
    def annealed(self) -> bool:
        """Whether the rate had fallen to next to nothing when the log ended."""
        return bool(self.rates[-1] <= ANNEALED * self.peak)

    @lazy
    def falling(self) -> bool:
        """Whether it comes down by itself, as by cosine or in a line, and has not yet reached its end."""
        after = self.rates[self._warm :]
        moves = np.diff(after)
        down, levels = int((moves < 0.0).sum()), np.unique(after).size
        return levels >= GRADUAL and down > MAINLY * int((moves != 0.0).sum())

    @lazy
    def asleep_from(self) -> float | None:
        """Share of the run from which hardly a step is taken any more; None where that never came."""
        return self.below_from(ASLEEP)

    def below_from(self, level: float) -> float | None:
        """Share of the run from which the rate stays below a share of its peak; None where it does not."""
        awake = np.flatnonzero(self.rates > level * self.peak)
        if not awake.size or awake[-1] + 1 >= self.rates.size:
            return None
        return float(self.shares[awake[-1] + 1])

    @property
    def asleep_early(self) -> bool:
        """Whether it ran out long before the run did, as one that is stepped once a batch where an epoch was meant."""
        return self.asleep_from is not None and self.asleep_from <= EARLY

    def warming(self, curve: Measured, index: int) -> bool:
        """Whether a grid index of another curve lies in the warm-up, or so soon after it that this let it loose."""
        end = self.warm_up_end
        return end is not None and self.share_at(curve, index) <= FOLLOWS * end

    def level(self, share: float) -> float:
        """The rate at a share of the run, as a share of its peak."""
        return float(np.interp(share, self.shares, self.rates)) / max(self.peak, 1e-300)

    def share_at(self, curve: Measured, index: int) -> float:
        """The share of the run at a grid index of another curve: by position where both count alike."""
        steps = self.measured.curve.steps
        if curve.curve.axis == self.measured.curve.axis and steps[-1] > steps[0]:
            return float((curve.x[index] - steps[0]) / (steps[-1] - steps[0]))
        return index / max(curve.x.size - 1, 1)

    def explains(self, curve: Measured, index: int) -> bool:
        """Whether what a curve does at a grid index may be the schedule's doing: it warms up, drops or restarts there."""
        share, point = self.share_at(curve, index), 1.5 / max(curve.x.size - 1, 1)
        if self.warm_up_end is not None and share <= self.warm_up_end:
            return True
        return any(-point <= share - change.share <= max(SETTLES, point) for change in (*self.drops, *self.restarts))

    def _change(self, index: int, factor: float) -> Change:
        return Change(float(self.shares[index]), self.measured.curve.position(index), factor)


def measure_schedule(learning_rate: Measured | None) -> Schedule | None:
    """What the logged rate did; None where none was logged, or only one value."""
    return Schedule(learning_rate) if learning_rate is not None and learning_rate.n > 1 else None


def informed(context: Context, schedule: Schedule | None) -> Context:
    """What the caller says, with the highest rate that was logged, and the optimizer that its name tells (`lr-AdamW`), where nothing is said."""
    if schedule is None:
        return context
    name, rate, optimizer = schedule.measured.name.lower(), context.learning_rate, context.optimizer
    optimizer = optimizer or next((each for each in OPTIMIZERS if each in name), None)
    tells = optimizer is not None or schedule.peak >= FROM_SCRATCH
    return replace(context, learning_rate=schedule.peak if rate is None and tells else rate, optimizer=optimizer)


def ahead(schedule: Schedule | None, *, finished: bool) -> Schedule | None:
    """What a forecast must mind; a run that ended while its rate still warmed up has no other rate to come."""
    return None if finished and schedule is not None and schedule.still_warming else schedule


def ends_low(schedule: Schedule | None, run: Run) -> bool:
    """Whether the schedule has ended the run: by the logged rate, else by its name, of a run that is over."""
    if schedule is not None:
        return schedule.peak <= 0.0 or schedule.annealed
    return run.finished and any(kind in str(run.context.scheduler).lower() for kind in TO_ZERO)


def falls_after_rest(loss: Measured) -> bool:
    """Whether it had gained most, came to rest and falls again at the end: what a decay looks like where no rate is logged."""
    middle, late = int(MIDDLE * loss.z.size), loss.index_after(TAIL)
    if loss.z.size < ON_GRID:
        return False
    rest, last = trend(loss.x[middle:late], loss.clean[middle:late]), loss.last(1.0 - TAIL)
    pace, paced = -rest.change / (late - middle), -last.change / (loss.z.size - late)
    return not rest.falling and pace < PICKED_UP * paced and loss.start - loss.s[middle] > MAINLY * loss.progress


def _stretches(where: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of neighbouring places that are true."""
    edges = np.diff(np.concatenate(([False], where, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0) - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
