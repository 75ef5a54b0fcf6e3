"""Whether a loss that jumped came back to the level before: a lasting step, and what validation made of it.

The lowest level after every place is held against the lowest before it: what comes back at any time has recovered. What still
comes down is not judged yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.shift import AT_ONCE, FOOT, TOP, without_lone
from diagnosis.features.spikes import NEAREST, ONE_JUMP
from diagnosis.run import FloatArray, Position

if TYPE_CHECKING:
    from diagnosis.features import Features

STAYS = 0.10  # share of progress that is not got back
HALF = 0.5  # of that: smoothing takes less off a level that stays
SURELY = 3.0  # standard errors of a level: so much the lowest of many is above another by chance, hardly ever more
WINDOW, WIDEST = 0.10, 20  # of the run, and values at most, whose middle is a level
LEAST_VALUES = 20  # in fewer, every one is an event
AFTER = 0.15  # of the run that came after: what is shorter may be about to recover
COMING = 0.5  # of the step: what comes down by so much in the last third of what came after is on its way back
HAD = 0.5  # share of progress, made before: what goes up sooner had little to lose
GOES_ON = 3  # values after the step
AGAIN = 2.0  # standard errors of the last level, within which a curve is as good as ever
AS_WELL = 0.10  # share of validation's progress, and
FAR_OFF = 3.0  # noise levels of it: its end is worse than its best before


@dataclass(frozen=True)
class LastingStep:
    """A loss at level `before` that jumped after `since`, at its highest `at` a place, and came no lower again than `after`.

    `height` is a share of progress, `over_error` in standard errors. `worse`: what measures the model on other examples and has
    stayed worse as well; None where none of these has. `fed`: all of these, and there are some, are as good as ever.
    """

    height: float
    over_error: float
    before: float
    after: float
    since: Position
    at: Position
    worse: Measured | None
    fed: bool


def measure_step(loss: Measured, features: Features) -> LastingStep | None:
    """The step up that a loss did not come back from; None where there is none, or the schedule or another setting explains it."""
    found = _stays(loss)
    if found is None:
        return None
    before, after, onset, top, error, calm = found
    scheduled = features.schedule is not None and features.schedule.explains(loss, top)
    if scheduled or loss.stages.explains(loss.curve, loss.position(top).at):
        return None
    others = [m for m in features.elsewhere if m.curve.axis == loss.curve.axis]
    worse = next((m for m in others if _worse(m, loss.x[onset])), None)
    if worse is None and not (calm and _jumped(loss, top)):
        return None
    fed = bool(others) and all(_as_good(m, loss.x[top]) for m in others)
    share, errors = loss.share(after - before), (after - before) / max(error, 1e-300)
    return LastingStep(share, errors, before, after, loss.position(onset), loss.position(top), worse, fed)


class _Stays(NamedTuple):
    """Levels and grid places of a step; the standard error of a level, and whether the step is as clear by the scatter since."""

    before: float
    after: float
    onset: int
    top: int
    error: float
    calm: bool


def _stays(loss: Measured) -> _Stays | None:
    """The greatest difference that lasts between what came before and after a place, if the loss went there at once."""
    z = loss.z[loss.begin :]
    size = min(max(int(WINDOW * z.size), NEAREST), WIDEST)
    if z.size < LEAST_VALUES or _hardly_rises(loss):
        return None
    levels = np.median(sliding_window_view(z, size), axis=1)
    lowest, since = np.minimum.accumulate(levels)[:-size], np.minimum.accumulate(levels[::-1])[::-1][size:]
    split = int((since - lowest).argmax())
    before, after = float(lowest[split]), float(since[split])
    height, root = after - before, math.sqrt(0.5 * math.pi / size)
    error = noise_level(z) * root
    if height <= max(STAYS * loss.progress, SURELY * error) or loss.start - before <= HAD * loss.progress:
        return None
    low = np.flatnonzero(without_lone(z[: split + size]) <= before + FOOT * height)
    if not low.size:  # only the middle of many values is that low
        return None
    onset = int(low[-1])
    first = max(onset - AT_ONCE, 0)
    near, later = z[first : onset + 1 + 2 * AT_ONCE], z[onset + 1 :]
    if later.size < max(AFTER * z.size, size + NEAREST) or near.max() < before + TOP * height or _coming(later, height):
        return None
    calm = height > SURELY * noise_level(later) * root
    return _Stays(before, after, loss.begin + onset, loss.begin + first + int(near.argmax()), error, calm)


def _hardly_rises(loss: Measured) -> bool:
    """Whether the smooth course never stands so far above its lowest: as in most runs, and cheap to know."""
    s = loss.s[loss.begin :]
    return float((s - np.minimum.accumulate(s)).max()) <= HALF * STAYS * loss.progress


def _coming(later: FloatArray, height: float) -> bool:
    """Whether what came after is on its way back."""
    third = later.size // 3
    return median(later[third : 2 * third]) - median(later[-third:]) > COMING * height


def _worse(other: Measured, at: float) -> bool:
    """Whether a curve, at its best by then, ended worse than that."""
    z, until = other.z[other.begin :], int(np.searchsorted(other.x[other.begin :], at, side="right"))
    if until < 1 or until >= z.size:
        return False
    bar = max(AS_WELL * other.progress, FAR_OFF * other.grid_noise)
    best = float(z[:until].min())
    return other.end - best > bar and float(z[until - 1]) - best < FOOT * (other.end - best)


def _as_good(other: Measured, at: float) -> bool:
    """Whether a curve went on for some values after it, and ends as good as it ever was by then."""
    until = int(np.searchsorted(other.x, at, side="right"))
    if not 0 < until <= other.z.size - GOES_ON:
        return False
    return other.end <= float(other.s[:until].min()) + AGAIN * other.end_error


def _jumped(loss: Measured, top: int) -> bool:
    """Whether the loss jumped there by more than it kept."""
    at = int(np.searchsorted(loss.curve.steps, loss.x[top]))
    reach = ONE_JUMP + loss.n // loss.z.size
    return any(abs(spike.index - at) <= reach for spike in loss.spikes)
