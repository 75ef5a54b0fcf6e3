"""Repetition: whether a curve goes through the same shape again and again, and how long once takes.

Candidates come from the autocorrelation of the detrended curve, and from what is known of the length of an epoch or seen of
validation, which mostly comes once in one. Each is
judged by folding (a curve less its mean over exactly one period, cut in cycles): how much of a cycle the
*other* cycles predict, which noise and wander cannot do, and how far the agreement of all pairs of cycles stands above
what the same cycles would have with their phases turned at random. The latter is reckoned, not drawn: the mean square of
a circular correlation over all turns is a sum over its spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from diagnosis.features.folding import CYCLES, LEAST, WHOLE, Fold, folded, last_whole
from diagnosis.features.recurrence import candidates
from diagnosis.run import Curve, FloatArray, Run

if TYPE_CHECKING:
    from diagnosis.features.measured import Measured

Candidate: TypeAlias = tuple[float, bool, Fold]  # its length in points, and whether that is known

POINTS = 4096  # looked at once; a longer curve is averaged to as many, then its last stretch is seen in finer ones
FINER = 16  # times, from one look to the next
LEAST_POINTS = 24  # in all
PARTS = (1, 2, 3)  # of a peak are tried: every second value of an odd epoch repeats exactly only after two
SHARE = 0.20  # share of a cycle that the others predict, where the period is that of an epoch
SIGMAS = 3.0  # standard deviations above cycles that each begin at a random place, where it is that of an epoch
SURE = 3.0  # both numbers multiplied, of a period that was looked for among many
SURE_SHORT = 8.0  # likewise, of a period of fewer than `SHORT` values
SHORT = 5.0  # values in a cycle: many shapes of so few agree by chance
PEAKED = 0.6  # share of a cycle's power in two neighbouring places: three spikes at like distances look like that
ALTERNATING = 0.5  # share of a cycle's power
EVEN = 0.02  # of a stretch, by which others are off it that are as long
# Of the share of a period, that a whole part of it predicts as well: halves that are only alike reach 0.87.
AS_WELL = 0.90
SIMPLER = 0.75  # of the share of the best period is enough for a shorter one


@dataclass(frozen=True, eq=False)
class Period:
    """A shape that comes again.

    `length`: positions of one cycle, `points`: values in it, `cycles`: how often it was seen, `share`: of a cycle that the
    others predict, `sigmas`: above turned phases, `height`: of the mean cycle from bottom to top, `epoch`: whether it is
    the known length of an epoch, `validated`: from one validation to the next, which mostly is one, `profile`: the mean
    cycle (phases,), `origin`: index of a value at which one ends.
    """

    length: float
    points: float
    cycles: int
    share: float
    sigmas: float
    height: float
    epoch: bool
    profile: FloatArray
    origin: int
    validated: bool = False

    @property
    def says(self) -> str:
        """What else takes as long; empty where nothing is known to."""
        if self.epoch:
            return ", one epoch" if self.length != 1.0 else ""
        return ", from one validation to the next" if self.validated else ""

    @property
    def surely(self) -> float:
        """Share times sigmas, which has to be more where the period was looked for among many."""
        return self.share * self.sigmas

    @property
    def bound(self) -> float:
        """What `surely` must exceed."""
        return _known(self.points) if self.epoch else _bound(self.points, self.profile)


def measure_period(
    steps: FloatArray, values: FloatArray, epoch: float | None = None, validated: float | None = None
) -> Period | None:
    """The clearest period of a finite curve (n,); `epoch`: the positions of one where that is known, `validated`: from one validation to the next."""
    n = values.size
    if n < LEAST_POINTS:
        return None
    spacing = float(steps[-1] - steps[0]) / (n - 1)
    if not spacing > 0.0:
        return None
    gaps = steps[1:] - steps[:-1]
    if gaps.max() > 1.5 * gaps.min():
        values = np.interp(np.linspace(steps[0], steps[-1], n), steps, values)
    found: list[Period] = []
    size = max(-(-n // POINTS), 1)
    while True:
        start = max(n - size * POINTS, 0)
        start += (n - start) % size
        look = values[start:].reshape(-1, size).mean(axis=1) if size > 1 else values[start:]
        expected, beside = (length / (spacing * size) if length else None for length in (epoch, validated))
        best = _look(look, expected, beside)
        if best is not None:
            points, known, fold = best
            counted = points == beside
            if not counted and abs(points - round(points)) * fold.cycles < WHOLE:
                points = float(round(points))
            if not (known or counted):
                points, fold = _whole(look, points, fold, (1.0 / size, 1.0 / (size * spacing)))
            found.append(
                Period(
                    length=points * size * spacing,
                    points=points * size,
                    cycles=fold.cycles,
                    share=fold.share,
                    sigmas=fold.sigmas,
                    height=fold.height,
                    epoch=known,
                    profile=fold.mean,
                    origin=start + size * last_whole(look.size, points),
                    validated=counted,
                )
            )
        if size == 1:
            break
        size = max(size // FINER, 1)
    # What is found in fine looks cannot be an echo of averaging.
    return next((period for period in reversed(found) if period.epoch), found[-1] if found else None)


def _look(values: FloatArray, expected: float | None, beside: float | None) -> Candidate | None:
    """The best candidate among the peaks of the autocorrelation, the expected period and that of validations, in points."""
    folds: list[Candidate] = []
    if expected and expected >= LEAST:
        fold = folded(values, expected)
        if fold is not None:
            folds.append((expected, True, fold))
    tried = {lag / part for lag in candidates(values) for part in PARTS if lag >= LEAST * part}
    for points in tried | ({beside} if beside and beside >= LEAST else set()):
        fold = folded(values, points)
        if fold is not None:
            folds.append((points, False, fold))
    known = (f for f in folds if f[1] and _agrees(f[0], f[2]) and not _alternates(f[2].mean))
    sound = [f for f in folds if _sound(f[0], f[2])]
    most = max((f[2].share for f in sound), default=0.0)
    shortest = min((f for f in sound if f[2].share >= SIMPLER * most), key=lambda f: f[0], default=None)
    every = next((f for f in sound if f[0] == beside), None)
    return next(known, _nearest(values, shortest, every) if shortest and every else shortest)


def _nearest(values: FloatArray, found: Candidate, every: Candidate) -> Candidate:
    """Of a period that was found and that of validations: the latter, unless it is several whole cycles, or a part of one.

    Parts of a cycle that have nothing in common predict each other by no more than one in so many. Where an epoch is no whole number
    of values, several of them repeat to the last value, and predict each other better than that.
    """
    several = every[0] / found[0]
    if round(several) > 1 and abs(several / round(several) - 1.0) < EVEN:
        for times in sorted({round(several), *PARTS} - {1}, reverse=True):
            part = folded(values, every[0] / times)
            if part is not None and part.share >= AS_WELL * every[2].share:
                return every[0] / times, False, part
        return every
    return every if every[2].share >= min(SIMPLER, 2.0 * several) * found[2].share else found


def _whole(values: FloatArray, points: float, fold: Fold, units: tuple[float, ...]) -> tuple[float, Fold]:
    """The same period in whole values, else in whole positions, where cycles of that length agree as well: a peak is never as exact."""
    for unit in units:
        near = round(points / unit) * unit
        if near < LEAST:  # positions are wider apart than that
            continue
        again = folded(values, near) if near != points else fold
        if again is not None and again.share >= fold.share:
            return near, again
    return points, fold


def _known(points: float) -> float:
    """What share times sigmas must exceed where the period is that of an epoch: more where that has hardly any values."""
    return SHARE * SIGMAS if points >= SHORT else SURE


def _agrees(points: float, fold: Fold) -> bool:
    """Whether the cycles of a known epoch are alike."""
    return fold.share > SHARE and fold.sigmas > SIGMAS and fold.share * fold.sigmas > _known(points)


def _sound(points: float, fold: Fold) -> bool:
    """Whether a fold stands above chance as far as it must where it was looked for; the cheapest question first."""
    surely = fold.share * fold.sigmas
    return surely > SURE and surely > _bound(points, fold.mean) and not _alternates(fold.mean)


def _alternates(profile: FloatArray) -> bool:
    """Whether a cycle goes up and down from value to value: steps that are too long do that, and no order of data."""
    shape = profile - profile.mean()
    waves = np.abs(np.fft.rfft(shape)) ** 2
    return profile.size % 2 == 0 and float(waves[-1]) > ALTERNATING * float(shape @ shape) * profile.size


def _bound(points: float, profile: FloatArray) -> float:
    """What share times sigmas must exceed where a period was looked for: more where it is short, or all in one place."""
    if points < SHORT:
        return SURE_SHORT
    power = (profile - profile.mean()) ** 2
    beside = power + np.maximum(np.roll(power, 1), np.roll(power, -1))
    return SURE * (2.0 if float(beside.max()) > PEAKED * float(power.sum()) else 1.0)


def period_of(loss: Measured | None, run: Run) -> Period | None:
    """What a curve of a run repeats; None where it does not, or there is none."""
    if loss is None:
        return None
    curve, epoch = loss.curve, epoch_length(loss.curve, run)
    return measure_period(curve.steps, loss.sign * curve.values, epoch, None if epoch else _validated(curve, run))


def _validated(loss: Curve, run: Run) -> float | None:
    """Positions from one validation to the next, where there are as many between all of them; the last may come early."""
    for curve in run.having("val_loss", "val_metric"):
        gaps = np.diff(curve.steps)[:-1]
        if curve.axis == loss.axis and gaps.size >= CYCLES - 1 and np.ptp(gaps) <= EVEN * gaps.max():
            return float(gaps.mean())
    return None


def epoch_length(curve: Curve, run: Run) -> float | None:
    """Positions of one epoch: as said, or 1 where epochs are logged in fractions, or from a curve logged once an epoch."""
    if curve.axis == "epoch":
        return None if curve.whole_steps else 1.0
    if run.context.steps_per_epoch:
        return run.context.steps_per_epoch
    epochs = run.epochs_logged
    if not epochs or epochs < CYCLES or len(curve) < LEAST_POINTS:
        return None
    span = float(curve.steps[-1] - curve.steps[0])
    return span * len(curve) / (len(curve) - 1) / epochs
