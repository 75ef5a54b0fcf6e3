"""Whether a loss falls in a straight line, or ever faster, and is far from where it would come to.

Training tells it, or validation where the noise of training would hide a fall like that. How straight a curve is, `line.py`
measures; how far it has to go, `forecast.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnosis.features.cliff import creeps
from diagnosis.features.forecast import measure_forecast
from diagnosis.features.line import ENOUGH, Line, followed, gathering, jumps, line_of, may_follow
from diagnosis.features.measured import Measured
from diagnosis.features.skill import left_of

if TYPE_CHECKING:
    from diagnosis.features import Features

EVEN = 0.37  # share of the fall in the first half, at least: an exponential that levels out has over 0.8 there
BENT = 0.012  # share of the smoothed curve's variance off a straight line: an S-shaped fall has more
FAR = 1.5  # times the run, to half of what is left: a curve that levels out is there sooner
LATELY = 0.15  # share of the fall, in the last quarter of the run: of a line that is a quarter, and less comes to rest
SURELY = 2.0  # standard errors of a level, likewise
CALMER = 0.4  # times BENT: the bend that a validation may have to speak for training
SEEN = 0.5  # noise levels of training, that validation must have fallen: else nobody could see it
SIGMAS = 6.0  # noise levels: less is not a steady fall
WARMED = 0.5  # share of the run: a learning rate that was warmed up for longer explains a line
HALF = 0.5  # of what is left, as above, where a metric's best tells how much that is
ARRIVED = 0.30  # share of ln C: a loss below has come most of the way, however straight


@dataclass(frozen=True, eq=False)
class SlowFall:
    """The fall that tells it, `of_validation` or of training; how many times the run it would take to half of what is left.

    `half_way` is None where it cannot be carried on: of a fall that gathers pace, or of training by its noise.
    """

    line: Line
    half_way: float | None
    of_validation: bool


def measure_slow_fall(training: Measured, validation: Measured | None, features: Features) -> SlowFall | None:
    """A steady fall that is far from its end; None where it bends, would soon be there, or the schedule explains it."""
    line = _steady(training, validation)
    if line is None or line.sigmas <= SIGMAS or not followed(training, validation):
        return None
    if _arrived(line.curve, features) or _warmed(line, features) or creeps(line.curve, training):
        return None
    of_validation = line.curve is not training
    if line.gathers:
        return SlowFall(line, None, of_validation)
    if _rests(line.curve):
        return None
    forecast = measure_forecast(line.curve, features.schedule)
    if forecast is None:
        return None if of_validation else SlowFall(line, None, of_validation)
    return SlowFall(line, forecast.half_way, of_validation) if forecast.half_way >= FAR else None


def _steady(training: Measured, validation: Measured | None) -> Line | None:
    """The straight fall of training, else validation's where training's noise hides it, else a fall that gathers pace."""
    if straight := line_of(training, BENT, EVEN):
        return straight
    seen = _seen(training, validation)
    calm = None
    if seen and may_follow(training, seen) and not jumps(training):
        calm = line_of(seen, BENT * CALMER, EVEN)
    return calm or gathering(training) or (gathering(seen) if seen else None)


def _seen(training: Measured, validation: Measured | None) -> Measured | None:
    """Validation, where it has enough values and fell by so much that training would show it."""
    if validation is None or validation.n < ENOUGH:
        return None
    return validation if validation.start - validation.end > SEEN * training.grid_noise else None


def _rests(loss: Measured) -> bool:
    """Whether it surely came to rest in the end: a straight middle between a slow start and that is a fall that is over."""
    return -loss.tail.change + SURELY * loss.end_error < LATELY * (loss.start - loss.end)


def _arrived(loss: Measured, features: Features) -> bool:
    """Whether it has come most of the way: from guessing, where what that scores is known, or to perfect, at its own pace."""
    left = left_of(loss)
    if left is not None:
        return HALF * loss.share(left) <= FAR - 1.0
    guessing = features.context.guessing if loss.curve.metric == "loss" else None
    return guessing is not None and loss.end < ARRIVED * guessing


def _warmed(line: Line, features: Features) -> bool:
    """Whether a warm-up of the learning rate explains it: a long one a line, any one a fall that gathers pace."""
    warmed = (features.schedule.warm_up_end if features.schedule else None) or 0.0
    return warmed > (0.0 if line.gathers else WARMED)
