"""Whether the swings of a training loss are those of the weights, and not the noise of batches or of a level at rest.

How wide a swing must be, and what shows that there was anything to settle, depends on the witnesses: validation, a rate
that is known to be far too high, how often the loss turns, a metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diagnosis.features.measured import Measured
from diagnosis.features.rate import cycles, rate_at
from diagnosis.features.skill import SHARES, learns
from diagnosis.features.stuck import gets_nowhere
from diagnosis.features.swings import AVERAGED, MARKED, Swings, came_down, doubles, halved, measure_swings
from diagnosis.features.wander import leaps

if TYPE_CHECKING:
    from diagnosis.features import Features

Witness = Literal["gain", "answers", "moves", "halves", "turns", "metric", "wrong"]

WIDE = 0.20  # share of progress: standard deviation from value to value, or about the smooth course
ALONE = 0.30  # share of progress, where validation is calm: the noise of batches stays below 0.25 in benchmarks/
HOT = 0.05  # share of progress, at a learning rate known to be far too high, where validation swings by half of WIDE
TOGETHER = 0.7  # correlation of the moves of training and validation: noise is not shared between them
CALMING = 0.5  # last quarter's moves over those of the two quarters before: below, the run is settling
LEARNT = 4.0  # standard errors by which the beginning stands above the second half, or by which the slope falls
TURNS = 3.0  # standard errors by which it turns more often than noise does: one curve of noise in a thousand
PLAIN = 0.1  # share of what guessing costs: a run at rest scatters by far less
WRONG = 1.2  # times what guessing scores: nobody who learns nothing is so far above it
SEEN = 0.01  # share of what guessing costs: nobody would notice less
SLIGHT = 0.02  # of all answers, likewise
BOTH = 2  # first values of training and of validation, that are high: one run at rest in forty began so by chance
CALM = 0.1  # of training's scatter, that validation has at most: the weights stand, and batches differ
PARTS = 8  # parts of the run: a logged rate that rises in every two of them, over the second half, is a cyclic schedule


@dataclass(frozen=True)
class Unsettled:
    """Swings, the bounds they passed as shares of progress, and the first witness that they mean something.

    `wide` is the bound for training, `validation` the one for validation, None where that is calm or hardly logged.
    `witness`: what was gained; right answers; moves that training and validation share; values that are half of others
    again and again; turns; the swings of a metric; answers that are surely wrong, and others each time.
    `right`: the metric that tells, where the witness is `answers`; `wrong`: how many times as much as guessing both losses score, where that tells.
    """

    swings: Swings
    wide: float
    validation: float | None
    witness: Witness
    right: Measured | None = None
    wrong: float | None = None


def measure_unsettled(
    loss: Measured, learning_rate: Measured | None, features: Features, *, hot: bool
) -> Unsettled | None:
    """Swings that are the weights'; None where they are narrow, calm down, mean nothing, or are the schedule's.

    `hot`: the learning rate is known to be far too high; then validation's swings are its doing, though training averages
    them away.
    """
    swings = measure_swings(loss, features, HOT if hot else AVERAGED * WIDE)
    if swings is None:
        return None
    both = AVERAGED * WIDE if hot or swings.together > TOGETHER else WIDE
    shared = swings.validated is not None and swings.validated > both
    wide = _bound(swings, hot=hot, shared=shared)
    if swings.share <= wide or swings.calming < CALMING or _scheduled(loss, learning_rate):
        return None
    guessing = features.guess.level if features.guess else None
    if _harmless(swings, loss, guessing):
        return None
    plain = shared and guessing is not None and swings.of(guessing) > PLAIN
    right = next((m for m in features.metrics if plain and _right(m, features)), None)
    witness = _witness(swings, loss, features, right, shared=shared)
    bound = both if shared else None
    if witness is None:
        wrong = _surely_wrong(loss, features) if shared else None
        return Unsettled(swings, wide, bound, "wrong", wrong=wrong) if wrong else None
    return Unsettled(swings, wide, bound, witness, right if witness == "answers" else None)


def _harmless(swings: Swings, loss: Measured, guessing: float | None) -> bool:
    """Whether nobody would notice, or batches differ while the weights that are learnt from them stand still."""
    if guessing and swings.of(guessing) < SEEN:
        return True
    if loss.curve.metric in SHARES and swings.of(loss.scale) < SLIGHT:
        return True
    calm = swings.validated is not None and swings.validated < CALM * swings.share
    return calm and swings.turns <= TURNS


def _bound(swings: Swings, *, hot: bool, shared: bool) -> float:
    if shared:
        return HOT if hot else AVERAGED * WIDE
    return WIDE if swings.turns > TURNS or swings.validated is None else ALONE


def _witness(
    swings: Swings, loss: Measured, features: Features, right: Measured | None, *, shared: bool
) -> Witness | None:
    """What shows that there was something to settle; to come down to what guessing scores is no gain."""
    nowhere = gets_nowhere(loss, features)
    unanchored = features.gap is not None and features.skill is None
    if swings.learnt > LEARNT and not nowhere:
        return "gain"
    if right is not None:
        return "answers"
    curves = (loss, features.val_loss)
    together = shared and unanchored and swings.together > TOGETHER
    if together and (doubles(loss) or all(came_down(each, BOTH) for each in curves if each)):
        return "moves"
    if (halved(loss, features) or leaps(loss, features)) and not nowhere:
        return "halves"
    if swings.turns > TURNS:
        return "turns"
    return "metric" if swings.marked > MARKED and not nowhere and (shared or swings.validated is None) else None


def _surely_wrong(loss: Measured, features: Features) -> float | None:
    """How many times as much as guessing both losses score, where validation jumps by a good part of that: other answers are wrong each time."""
    val, guess = features.val_loss, features.guess
    if val is None or guess is None or val.grid_noise <= PLAIN * guess.level:
        return None
    times = min(float(m.s[m.s.size // 2 :].min()) for m in (loss, val)) / guess.level
    return times if times > WRONG else None


def _right(metric: Measured, features: Features) -> bool:
    return metric.curve.metric in SHARES and learns(metric, features.context)


def _scheduled(loss: Measured, learning_rate: Measured | None) -> bool:
    """Whether a logged rate goes up again and again over the second half of the run."""
    rate = rate_at(learning_rate, loss.curve)
    return rate is not None and cycles(rate[rate.size // 2 :], rate.size / PARTS)
