"""Repetition: whether a curve goes through the same shape again and again, and how long once takes.

Candidates come from the autocorrelation of the detrended curve, and from what is known of the length of an epoch. Each is
judged by folding (a curve less its mean over exactly one period, cut in cycles): how much of a cycle the
*other* cycles predict, which noise and wander cannot do, and how far the agreement of all pairs of cycles stands above
what the same cycles would have with their phases turned at random. The latter is reckoned, not drawn: the mean square of
a circular correlation over all turns is a sum over its spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from diagnosis.features.folding import CYCLES, LEAST, WHOLE, Fold, folded, last_whole
from diagnosis.features.middle import median
from diagnosis.run import Curve, FloatArray, Run

if TYPE_CHECKING:
    from diagnosis.features.measured import Measured

POINTS = 4096  # looked at once; a longer curve is averaged to as many, then its last stretch is seen in finer ones
FINER = 16  # times, from one look to the next
LEAST_POINTS = 24  # in all
ALIKE = 0.15  # autocorrelation of a period worth folding
DIRECT = 200  # points; so few are correlated faster than transformed
CANDIDATES = 4  # peaks of the autocorrelation that are folded
WIDTHS = (3, 12)  # the trend is a running mean over these parts of the curve, while a period is looked for
OUTLIER = 4.0  # standard deviations (by the median) at which a residual is cut, while a period is looked for
PARTS = (1, 2, 3)  # of a peak are tried: every second value of an odd epoch repeats exactly only after two
SHARE = 0.20  # share of a cycle that the others predict, where the period is that of an epoch
SIGMAS = 3.0  # standard deviations above cycles that each begin at a random place, where it is that of an epoch
SURE = 3.0  # both numbers multiplied, of a period that was looked for among many
SURE_SHORT = 8.0  # likewise, of a period of fewer than `SHORT` values
SHORT = 5.0  # values in a cycle: many shapes of so few agree by chance
PEAKED = 0.6  # share of a cycle's power in two neighbouring places: three spikes at like distances look like that
ALTERNATING = 0.5  # share of a cycle's power
SIMPLER = 0.75  # of the share of the best period is enough for a shorter one


@dataclass(frozen=True, eq=False)
class Period:
    """A shape that comes again.

    `length`: positions of one cycle, `points`: values in it, `cycles`: how often it was seen, `share`: of a cycle that the
    others predict, `sigmas`: above turned phases, `height`: of the mean cycle from bottom to top, `epoch`: whether it is
    the known length of an epoch, `profile`: the mean cycle (phases,), `origin`: index of a value at which one ends.
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

    @property
    def surely(self) -> float:
        """Share times sigmas, which has to be more where the period was looked for among many."""
        return self.share * self.sigmas

    @property
    def bound(self) -> float:
        """What `surely` must exceed."""
        return _known(self.points) if self.epoch else _bound(self.points, self.profile)


def measure_period(steps: FloatArray, values: FloatArray, epoch: float | None = None) -> Period | None:
    """The clearest period of a finite curve (n,), `epoch` being the positions of one epoch where that is known."""
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
        expected = epoch / (spacing * size) if epoch else None
        best = _look(look, expected)
        if best is not None:
            points, known, fold = best
            if abs(points - round(points)) * fold.cycles < WHOLE:
                points = float(round(points))
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
                )
            )
        if size == 1:
            break
        size = max(size // FINER, 1)
    # What is found in fine looks cannot be an echo of averaging.
    return next((period for period in reversed(found) if period.epoch), found[-1] if found else None)


def _look(values: FloatArray, expected: float | None) -> tuple[float, bool, Fold] | None:
    """The best candidate among the peaks of the autocorrelation and the expected period, in points."""
    folds: list[tuple[float, bool, Fold]] = []
    if expected and expected >= LEAST:
        fold = folded(values, expected)
        if fold is not None:
            folds.append((expected, True, fold))
    for points in {lag / part for lag in _candidates(values) for part in PARTS if lag >= LEAST * part}:
        fold = folded(values, points)
        if fold is not None:
            folds.append((points, False, fold))
    known = (f for f in folds if f[1] and _agrees(f[0], f[2]) and not _alternates(f[2].mean))
    sound = [f for f in folds if _sound(f[0], f[2])]
    most = max((f[2].share for f in sound), default=0.0)
    shortest = min((f for f in sound if f[2].share >= SIMPLER * most), key=lambda f: f[0], default=None)
    return next(known, shortest)


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


def _autocorrelation(values: FloatArray) -> FloatArray:
    """The sum of products of values so many points apart, by the number of points: (n,) → (n,)."""
    n = values.size
    if n <= DIRECT:
        return np.correlate(values, values, "full")[n - 1 :]
    size = next_fast_len(2 * n, real=True)
    spectrum = rfft(values, size)
    found: FloatArray = irfft(spectrum * spectrum.conj(), size)[:n]
    return found


def _candidates(values: FloatArray) -> list[float]:
    found = []
    total = np.zeros(values.size + 1)
    values.cumsum(out=total[1:])
    for part in WIDTHS:
        width = values.size // part
        if width < 2 * LEAST:
            continue
        off = values[width // 2 : width // 2 + values.size - width + 1] - (total[width:] - total[:-width]) / width
        scatter = OUTLIER * 1.4826 * median(np.abs(off))
        if scatter <= 0.0:
            continue
        off = np.minimum(np.maximum(off, -scatter), scatter)
        off -= off.sum() / off.size
        m = off.size
        power = _autocorrelation(off)[: m // 2 + 1]
        if power[0] <= 0.0:
            continue
        alike = power / power[0] * (m / np.arange(m, m - power.size, -1))
        below = int((alike < 0.0).argmax())  # 0 where it never is: it begins at 1
        start = max(below + 1, LEAST)
        inner = alike[start:-1]
        peaks = start + ((inner > alike[start - 1 : -2]) & (inner >= alike[start + 1 :]) & (inner > ALIKE)).nonzero()[0]
        if not below or not peaks.size:
            continue
        first = peaks[np.argmax(alike[peaks] >= SIMPLER * alike[peaks].max())]  # the others may be its multiples
        peaks = np.append(peaks[np.argsort(alike[peaks])[::-1][:CANDIDATES]], first)
        found += [_refined(alike, int(p)) for p in peaks]
    return found


def _refined(alike: FloatArray, lag: int) -> float:
    """A lag to fractions of a point, from its multiples."""
    points = float(lag)
    for multiple in range(1, (alike.size - 2) // lag + 1):
        near = round(multiple * points)
        reach = max(int(points / 4), 1)
        low = max(near - reach, 1)
        high = min(near + reach, alike.size - 2)
        if high <= low:
            break
        top = low + int(alike[low : high + 1].argmax())
        if not low < top < high or alike[top] < 0.5 * alike[lag]:
            break
        left, mid, right = alike[top - 1], alike[top], alike[top + 1]
        bend = left - 2 * mid + right
        points = (top + (0.5 * (left - right) / bend if bend < 0.0 else 0.0)) / multiple
    return points


def period_of(loss: Measured | None, run: Run) -> Period | None:
    """What a curve of a run repeats; None where it does not, or there is none."""
    if loss is None:
        return None
    return measure_period(loss.curve.steps, loss.sign * loss.curve.values, epoch_length(loss.curve, run))


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
