"""How widely a loss swings over the second half of its run, against what it gained, and whether it gained anything.

The scatter is that from value to value, or that about the smooth course where that is more: the former misses slow swings,
the latter is partly smoothed away. Both by the median, which a few spikes do not move. A validation shows single weights,
and no batch's noise; training averages over the weights of an epoch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import MAD_TO_SD
from diagnosis.features.period import epoch_length
from diagnosis.features.smooth import smooth, without_outliers
from diagnosis.features.trend import Z, bins
from diagnosis.run import FloatArray

if TYPE_CHECKING:
    from diagnosis.features import Features

BINS = 100  # of the run; finer logs are averaged into as many
AROUND = 4  # values to either side: none farther off has a say in what a value is smoothed to
POINTS = 10  # logged within an epoch: fewer in one bin still show single batches
VALIDATED = 10  # validations at least, to tell by them whether the weights swing
AVERAGED = 0.5  # of what single weights swing, an average over an epoch does at least
ROUNDED = 2.0  # of the smallest step between two values: less is rounding
TENTH, TWICE, FOURFOLD = 0.1, 2.0, 4.0  # of the values, that stand below and above; and times the former
MOST = 0.75  # of the values, likewise
EPOCHS = 200  # values: few runs have more epochs
LEVELS = 4  # different values over the second half: so few, and the log is rounded
OFTEN = 2.0  # standard errors by which it turns more often than noise does, where it doubles as well: one in fifty
WITHIN = 0.5  # epochs from one value to the next, or validations to a value: fewer, and epochs are logged in parts
BEGINNINGS = (0.0, 0.1, 0.2)  # shares of the run, a value at least, that are held against its second half
MARKED = 0.04  # of a metric's level; models that stand still, or at chance, stay below in benchmarks/
ROOT = 0.5  # of what is not explained, that the error's share of its level changes by: it is the root of that
ZERO_BASED = frozenset({"accuracy", "balanced_accuracy", "f1", "mae", "rmse", "mape", "error", "wer", "cer"})


@dataclass(frozen=True)
class Swings:
    """`scatter` and `gained` in the loss's unit; `learnt` in standard errors; the others are shares and ratios.

    `validated`: validation's scatter as a share of what training gained; None where it is hardly logged. `marked`: the
    scatter of a metric as a share of its own level, by validation and by training, whichever says less; 0 where none
    has a level. `together`: the correlation of training's moves over the second half with those of validation; 0 where they were not
    logged alike. `turns`: how many standard errors more often it turns than noise does. `calming`: moves of the last quarter over those of the two before, of the loss that calms less.
    `batches`: values of single steps, with no validation beside them that would tell the noise of batches from swings.
    """

    scatter: float
    gained: float
    learnt: float
    validated: float | None
    marked: float
    together: float
    turns: float
    calming: float
    averaged: float
    batches: bool

    @property
    def share(self) -> float:
        """The scatter as a share of what was gained."""
        return self.of(self.gained)

    def of(self, whole: float) -> float:
        """The scatter, where single batches are averaged away, as a share of something."""
        return _share(self.scatter * self.averaged, whole)


def measure_swings(loss: Measured, features: Features, least: float = 0.0) -> Swings | None:
    """The swings of a loss of some twenty values and more; None where they are at most a share `least` of what was gained."""
    course, val = bins(loss.z, BINS), features.val_loss
    if _share(_most(course), loss.progress) <= least:
        return None
    scatter = _scatter(course)
    if _share(scatter, loss.progress) <= least or _is_rounding(course, scatter):  # whatever else it gained
        return None
    level = median(course[course.size // 2 :])
    counts = [max(int(share * course.size), 1) for share in BEGINNINGS]
    above = [float(course[:count].sum()) / count - level for count in counts]
    gained = max(*above, loss.start - level, loss.progress)
    within = _within(loss, features)
    averaged = min(loss.n / course.size / POINTS, 1.0) ** 0.5 if within else 1.0
    if _share(scatter * averaged, gained) <= least:
        return None
    validations = bins(val.z, BINS) if val is not None and val.n >= VALIDATED else None
    slope = loss.whole
    fall = -slope.slope * 2 * Z / max(slope.high - slope.low, 1e-300) if np.isfinite(slope.high) else 0.0
    standing = max(rise * count**0.5 for count, rise in zip(counts, above, strict=True))
    return Swings(
        scatter=scatter,
        gained=gained,
        learnt=max(fall, standing / max(scatter, 1e-300)),
        validated=None if validations is None else _share(_beyond_rounding(validations), gained),
        marked=marked(features),
        together=0.0 if validations is None else _together(course, validations),
        turns=turns_of(course),
        calming=max(_calming(course), 0.0 if validations is None else _calming(validations)),
        averaged=averaged,
        batches=within and validations is None,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else float("inf") if part > 0.0 else 0.0


def _most(course: FloatArray) -> float:
    """More than `_scatter` can be: smoothing leaves no value farther off than the others around it are."""
    late = course[max(course.size // 2 - AROUND, 0) :]
    return MAD_TO_SD * float(late.max() - late.min())


def _scatter(course: FloatArray) -> float:
    """The standard deviation of the second half, from value to value or about the smooth course."""
    half = course.size // 2
    moves = course[half + 1 :] - course[half:-1]
    scatter = MAD_TO_SD * median(np.abs(moves - median(moves))) / 2**0.5
    off = course - smooth(without_outliers(course, scatter))
    return max(scatter, MAD_TO_SD * median(np.abs(off[half:])))


def _is_rounding(course: FloatArray, scatter: float) -> bool:
    """Whether a curve scatters by no more than the smallest step between two of its values, or takes but a few of them; one that alternates does not."""
    if alternates(course):
        return False
    if np.unique(course[course.size // 2 :]).size <= LEVELS:
        return True
    ranked = np.sort(course)
    steps = ranked[1:] - ranked[:-1]
    return scatter <= ROUNDED * float(steps.min(where=steps > 0.0, initial=np.inf))


def _together(course: FloatArray, other: FloatArray) -> float:
    """How alike two curves move over their second halves, where they were logged alike; what both do, the weights do."""
    if course.size != other.size:
        return 0.0
    a, b = (np.diff(each[each.size // 2 :]) for each in (course, other))
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b) / max(math.sqrt(float(a @ a) * float(b @ b)), 1e-300)


def _beyond_rounding(course: FloatArray) -> float:
    scatter = _scatter(course)
    return 0.0 if _is_rounding(course, scatter) else scatter


def turned(course: FloatArray) -> int:
    """How many inner values of a curve are above both neighbours, or below."""
    moves = np.diff(course)
    return int((moves[1:] * moves[:-1] < 0.0).sum())


def turns_of(course: FloatArray) -> float:
    """By how many standard errors a curve turns more often than independent values do, at two in three (Bienaymé, 1874)."""
    n = course.size
    return (turned(course) - 2 * (n - 2) / 3) / float(np.sqrt((16 * n - 29) / 90))


def alternates(course: FloatArray) -> bool:
    """Whether every other value is above all those between: of n values in any order, two in n over n / 2 are."""
    one, other = course[::2], course[1::2]
    return other.size > 0 and bool(one.min() > other.max() or other.min() > one.max())


def _calming(course: FloatArray) -> float:
    """The median move of the last quarter, as a multiple of that of the two quarters before."""
    moves, quarter = np.abs(np.diff(course)), course.size // 4
    return median(moves[-quarter:]) / max(median(moves[quarter:-quarter]), 1e-300)


def doubles(loss: Measured, times: float = TWICE) -> bool:
    """Whether a loss goes up to twice as high and more, again and again, over its second half: at rest, none does."""
    late = loss.z[loss.z.size // 2 :]
    low, high = np.quantile(late, (TENTH, 1.0 - TENTH))
    return float(high) > times * float(low) > 0.0


def came_down(loss: Measured, values: int) -> bool:
    """Whether a loss began above all but a tenth of its second half, and the rest of its first `values` above most of it."""
    late, first = loss.z[loss.z.size // 2 :], loss.z[:values]
    high, most = np.quantile(late, (1.0 - TENTH, MOST))
    return float(first[0]) > float(high) and float(first.min()) > float(most)


def halved(loss: Measured, features: Features) -> bool:
    """Whether means over epochs came down, and go up to twice as high again and again."""
    return doubles_alone(loss, features) and came_down(loss, 1)


def doubles_alone(loss: Measured, features: Features) -> bool:
    """Whether means over epochs, with nothing beside them that tells, go up to twice as high again and again.

    Single batches may do so by noise: a log of steps, or of more values than a run has epochs, may hold such.
    """
    if features.val_loss is not None or features.metrics or features.reward is not None or loss.n > EPOCHS:
        return False
    told = loss.curve.axis == "epoch" or epoch_length(loss.curve, features.run)
    return bool(told) and not _within(loss, features) and doubles(loss)


def marked(features: Features) -> float:
    """How widely metrics whose zero means something swing against their own level; of R², the error that it tells of."""
    val, train = _of_level(features.val_metric), _of_level(features.train_metric)
    if val is not None and train is not None:
        return min(val, train / AVERAGED)
    return val or train or 0.0


def _of_level(metric: Measured | None) -> float | None:
    if metric is None or metric.curve.metric not in {*ZERO_BASED, "r2"}:
        return None
    course = bins(metric.z, BINS)
    if metric.curve.metric == "r2":
        left = 1.0 - metric.right(median(course[course.size // 2 :]))
        return ROOT * _share(_beyond_rounding(course) / metric.scale, left)
    return _share(_beyond_rounding(course), abs(median(course[course.size // 2 :])))


def _within(loss: Measured, features: Features) -> bool:
    """Whether values are logged within an epoch, of a batch or a few; else each is the mean of a whole one."""
    val, epoch = features.val_loss, epoch_length(loss.curve, features.run)
    spacing = float(loss.curve.steps[-1] - loss.curve.steps[0]) / max(loss.n - 1, 1)
    if epoch:
        return spacing < WITHIN * epoch
    if val is not None:
        return val.n < WITHIN * loss.n
    # A gradient's norm is that of one step, and a language model hardly sees its text again.
    return features.grad_norm is not None or features.run.context.task == "language_model"
