"""Whether a loss stood still for a good part of the run before learning set in, and which one: training's or validation's.

Training may sink meanwhile, because a few examples are learnt by heart: then validation tells when the rest was learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.onset import LEVEL, MADE, Onset, gained_after, measure_onset
from diagnosis.run import Position

if TYPE_CHECKING:
    from diagnosis.features import Features

LATE = 0.10  # share of the run: an onset before that is an ordinary beginning
POINTS = 5  # values before the onset, at least
ALONE = 0.25  # share of the run that validation stood still, where training shows no late onset
VALUES = 8  # values of validation before the onset, at least
FIRST_STEP = 0.10  # share of the run: what a language model gains by the frequency of its words alone is gained by then
STILL_AHEAD = 0.5  # share of progress, made after it stood still: less is the last drop of a run that had learnt
MOVED = 0.022  # share of progress, half-way to the onset: more is a slow fall from the beginning
STEEPER = 4.0  # times the pace before the onset: less is no onset
ABRUPT = 10.0  # times the pace before the onset: what sets in so suddenly may have strayed by its noise until then
NOISY = 2.0  # noise levels, that it may have strayed by beyond `MOVED`
STRAYED = 0.08  # share of progress: the most that is put down to noise
SIGMAS = 8.0  # noise levels of progress: less has no onset that can be placed


@dataclass(frozen=True, eq=False)
class LateStart:
    """The `loss` that set in late, after more than its `bound` of the run; `by_heart` where it is validation's, and training sank meanwhile.

    `allowed`: how far it may have strayed until then, as a share of progress.
    """

    loss: Measured
    onset: Onset
    bound: float
    allowed: float
    by_heart: bool = False

    @property
    def stands(self) -> str:
        """The level at which it stood still, and since when if that was not its first."""
        loss, begin = self.loss, self.onset.begin
        first = begin <= loss.begin
        return loss.said(loss.start) if first else f"{loss.said(float(loss.s[begin]))}, from {loss.position(begin)} on,"

    @property
    def since(self) -> Position:
        """Where that begins."""
        return self.loss.position(0 if self.onset.begin <= self.loss.begin else self.onset.begin)

    @property
    def sigmas(self) -> float:
        """The whole fall in noise levels."""
        return self.loss.progress / max(self.loss.grid_noise, 1e-300)


def measure_late_start(training: Measured, features: Features) -> LateStart | None:
    """The late onset of training, else of validation; None without one, or where all that sets in is memorising."""
    validation = features.val_loss
    start = _late(training, POINTS, LATE) or _after_first_step(training)
    if start is None and validation is not None:
        start = _late(validation, VALUES, ALONE, alone=True)
    if start is None or (features.memorising and features.memorising.only_by_heart):
        return None
    return replace(start, by_heart=start.loss is validation and _sank(features.gap, start.onset.index))


def _sank(gap: Gap | None, onset: int) -> bool:
    """Whether training had set in before validation did, and left it behind: not in its first value alone, which averages the way there."""
    if gap is None:
        return False
    start, then, end = median(gap.train[:LEVEL]), gap.train[onset], gap.train[-1]
    ahead = float(start - then) - (median(gap.validation.s[:LEVEL]) - float(gap.validation.s[onset]))
    return ahead > MADE * float(gap.train[0] - end)


def _after_first_step(loss: Measured) -> LateStart | None:
    """The onset of a loss that stood still for long after a first gain, with most of what it learnt still ahead."""
    first = int(FIRST_STEP * loss.z.size)
    stepped = loss.start - float(loss.s[first]) > MADE * loss.progress
    if not stepped or gained_after(loss, first) <= STILL_AHEAD * loss.progress:
        return None
    start = _late(loss, VALUES, ALONE, after=first)
    return start if start and start.onset.steeper >= ABRUPT else None


def _late(loss: Measured, points: int, late: float, *, alone: bool = False, after: int = 0) -> LateStart | None:
    """A late onset that cannot be chance; None where nothing stood still, or too few values did."""
    onset = measure_onset(loss, points - 1 - (0 if after else loss.begin), after)
    if onset is None or onset.share <= late or loss.progress <= SIGMAS * loss.grid_noise:
        return None
    if loss.end >= loss.z[0]:  # it came down from a hump, and learnt nothing
        return None
    noisy = min(NOISY * loss.share(loss.grid_noise), STRAYED)
    allowed = MOVED + (noisy if onset.steeper >= ABRUPT and not alone else 0.0)
    stood = onset.moved <= allowed and onset.steeper >= STEEPER
    return LateStart(loss, onset, late, allowed) if stood else None
