"""Whether a loss ever left the level of guessing; what that is, `guessing.py` knows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diagnosis.features.budget import measure_budget
from diagnosis.features.deaf import BY_HEART, LOST, SMALL, TENTHS, is_deaf, sank
from diagnosis.features.guessing import RARE, Guess, guess_in, one_answer, over_one_answer, scatters_about, with_classes
from diagnosis.features.line import line_of
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.skill import ANCHORED, ANSWERS, GOOD, LUCK, chance_of, guesses, learns
from diagnosis.features.trend import bins
from diagnosis.rewards import is_reward
from diagnosis.run import Context

if TYPE_CHECKING:
    from diagnosis.features import Features

AHEAD = 0.8  # share of what guessing scores: a loss below did not come from guessing
LETTERS = math.log(27)  # of a loss in nats: guessing among 26 letters and the space; every other vocabulary is larger
# Of the variance off a straight line, and share of ln C: what falls so is learning, if slowly.
BENT, STEADY = 0.05, 0.015
STRAIGHT, LEAST_STEADY = 0.01, 0.01  # the same of a line that hardly bends: noise does not fall like that
UNLEARNT = 0.005  # of ln C: what came down to just that, beside answers no better, unlearnt what is wrong
HALF, MOVING = 0.5, 0.01  # of the run, and of ln C that is gained over it
EARLY = 0.3  # share of the run: a blow-up comes within
DWARFS = 50.0  # times what was gained: a blow-up so high left no weight as it was
DRAW = 4.0  # standard errors of so many examples: what got no better may be that far above chance by an easy draw
KNOWS = 0.10  # share of what guessing scores: a validation so far below it has learnt
STILL = 0.01  # share of training's noise, from the lowest to the highest: no step that anybody would see
NO_SKILL = 0.03  # share of the variance, explained: no score of a hundred examples is surer
HARDLY = 0.005  # likewise, of a thousand
NOTICED, LEAST = 2.0, 0.02  # noise levels, and of its level: a loss that went so far for good does not stay
RUINED = 10.0  # times the variance, that the best answers are off: that is far for any model
CLIMBED = 0.5  # of what it was off at first: what blew up stays there, and what begins far from the targets' mean comes nearer


@dataclass(frozen=True)
class Stuck:
    """`sigmas` by which the best tenth is below the first; `guessing`, where known, and whether the run ends `at_chance`.

    `hump`: the loss blew up early, came back, and gained next to nothing by it. `deaf`: no accuracy ever got better, none
    is good, and what training gained, validation did not; `told` where guessing scores as much as they. `still`: validation, on the same examples each time, hardly moved.
    `void`: a loss that is exactly 0 throughout. `ruined`: an R² that was never anywhere near that of the mean answer. `sank`: right answers only got fewer.
    """

    sigmas: float
    hump: bool
    deaf: bool
    told: bool
    still: bool
    void: bool
    ahead: bool
    metric_learns: bool
    at_chance: bool = False
    guessing: float | None = None
    says: str = ""
    off_chance: float = 0.0
    within: float = NO_SKILL
    ruined: bool = False
    sank: bool = False

    @property
    def for_nothing(self) -> bool:
        """Whether a fall of training shows nothing learnt: it came down from a blow-up, or nothing else got better."""
        return self.hump or self.ruined or self.deaf or self.still


def measure_stuck(
    loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], context: Context
) -> Stuck | None:
    """Set every tenth of a training loss against the first, and its level against guessing; None where it plainly left that."""
    context = with_classes(loss, metrics, context, validation)
    guess = guess_in(loss, metrics, context)
    void = loss.curve.metric == "loss" and not loss.curve.values.any()
    ahead = guess is not None and loss.end < guess.level * AHEAD and not void
    if guess is not None and ahead and loss.best <= guess.level * (1.0 - guess.within):
        return None
    learning = _learning(metrics, loss, guess, context)
    deaf = (worse := sank(validation, metrics)) or is_deaf(loss, validation, metrics, context)
    stuck = Stuck(
        _sigmas(loss),
        hump=_hump(loss),
        deaf=deaf,
        sank=worse,
        told=deaf and all(guesses(m, context) for m in metrics),
        still=_still(loss, validation),
        void=void,
        ahead=ahead,
        metric_learns=bool(learning),
    )
    if guess is None:
        return _beside_mean_answer(stuck, loss, metrics)
    # Of a loss at chance, only what generalises is learnt; what the training metric alone gains, it gains by heart.
    telling = [m for m in metrics if m.curve.role == "val_metric"] or metrics
    learnt = any(m in telling and not _by_luck(m, context) for m in learning)
    # Training may be held up by what validation is free of.
    ahead = ahead or (validation is not None and _knows(validation, guess))
    at_chance = not ahead and _at_chance(loss, validation, metrics, guess, learnt=learnt)
    return replace(
        stuck,
        ahead=ahead,
        metric_learns=learnt if at_chance else bool(learning),
        at_chance=at_chance,
        guessing=guess.level,
        says=guess.says,
        off_chance=abs(loss.end / guess.level - 1.0),
        within=guess.within,
    )


def _sigmas(loss: Measured) -> float:
    """By how many standard errors the best tenth is below the first; or by how many noise levels the middle is below the first point."""
    course = loss.clean[loss.begin :]
    tenths, noise = bins(course, TENTHS), max(loss.grid_noise, 1e-300)
    error = noise * math.sqrt(2 * tenths.size / course.size)
    fell = float(tenths[0] - tenths[1:].min()) / error if tenths.size > 1 else 0.0
    return max(fell, float(course[0] - median(course)) / noise)


def _learning(metrics: tuple[Measured, ...], loss: Measured, guess: Guess | None, context: Context) -> list[Measured]:
    """The metrics that show that something is learnt: by what the commoner class alone scores, where that is known."""
    if guess is None or guess.share is None:
        return [m for m in metrics if _learns(m, loss, context)]
    return [m for m in metrics if _better(m, guess.share)]


def _beside_mean_answer(stuck: Stuck, loss: Measured, metrics: tuple[Measured, ...]) -> Stuck:
    """What an R² tells where nothing says what guessing scores."""
    r2 = _unskilled(loss, metrics)
    if r2 is None:
        return stuck
    says, ruined = f"{r2.name} is {r2.said(r2.best)} at best; the mean answer has 0", r2.best > RUINED
    return replace(
        stuck, at_chance=True, says=says, off_chance=r2.best if ruined else max(-r2.best, 0.0), ruined=ruined
    )


def _knows(validation: Measured, guess: Guess) -> bool:
    return validation.curve.metric == "loss" and validation.end < guess.level * (1.0 - KNOWS)


def _at_chance(
    loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], guess: Guess, *, learnt: bool
) -> bool:
    """Whether it ends at what guessing scores, never was clearly below, and does not fall as what learns slowly does."""
    noisy, resting = scatters_about(loss, validation, guess), not loss.tail.falling
    ends_there = noisy or (loss.end / guess.level - 1.0 < guess.within if guess.share is None else resting)
    # Above guessing, a model that has learnt nothing is as wrong as it is sure; only a metric can tell that.
    ends_there = ends_there or (bool(metrics) and not learnt and resting)
    if not ends_there or not (noisy or loss.best > guess.level * (1.0 - guess.within)):
        return False
    better = any(m.whole.falling and m.start - m.end > SMALL * m.scale for m in metrics)
    unlearns = bool(metrics) and not better and abs(loss.clean[-1] / guess.level - 1.0) < UNLEARNT
    return bool(unlearns or not _falls_steadily(loss, validation, guess.level))


def _unskilled(loss: Measured, metrics: tuple[Measured, ...]) -> Measured | None:
    """The validation's R² that was never better than the mean answer's and does not rise, of a model that learns nothing by heart either."""
    told = (m for m in metrics if m.curve.metric == "r2" and m.curve.role == "val_metric" and m.n >= TENTHS)
    near = (m for m in told if -m.best < NO_SKILL and not _explains(m))
    return next((m for m in near if loss.progress < BY_HEART * loss.grid_noise or _rests_off(m)), None)


def _rests_off(r2: Measured) -> bool:
    """Whether an R² is far below the mean answer's and comes no nearer, as after a blow-up.

    Where the targets are far from 0 it begins as far off, and climbs.
    """
    climbs = r2.best < CLIMBED * r2.start or (r2.whole.falling and r2.tail.falling)
    return r2.best > RUINED and not climbs


def _explains(r2: Measured) -> bool:
    """Whether an R² ends surely above that of the mean answer, however little: of some data no more can be known."""
    return -r2.end > max(LOST * r2.end_error, HARDLY)


def _still(loss: Measured, validation: Measured | None) -> bool:
    """Whether a validation, on the same examples each time, hardly moves where single batches differ, and training gains no more than they do."""
    if validation is None or validation.n < TENTHS or loss.progress >= BY_HEART * loss.grid_noise:
        return False
    return float(validation.s.max() - validation.s.min()) < STILL * loss.grid_noise


def _hump(loss: Measured) -> bool:
    """Whether the highest value comes early, and dwarfs all that the run gained on its first; a reward that is lowest there is being learnt."""
    if is_reward(loss.curve):
        return False
    top = int(loss.clean.argmax())  # a lone peak is a spike
    height = float(loss.clean[top]) - loss.start
    return 0 < top <= EARLY * loss.z.size and height > DWARFS * max(abs(loss.start - loss.end), loss.progress)


def speaks(loss: Measured, context: Context) -> bool:
    """Whether a language model answers better than by letters alike: a fine-tune may have little left to gain, and is no beginner."""
    told = context.num_classes is None and context.baseline is None  # else those are the measure
    return told and context.task == "language_model" and loss.curve.metric == "loss" and loss.best < AHEAD * LETTERS


def gets_nowhere(loss: Measured, features: Features) -> bool:
    """Whether all that was gained is the first step to what guessing scores: what swings there is noise, or never learns."""
    stuck = measure_stuck(loss, features.val_loss, features.metrics, features.run.context)
    return stuck is not None and (stuck.at_chance or stuck.deaf) and not stuck.metric_learns


def left_its_start(loss: Measured) -> bool:
    """Whether it began where it never was again, and far from where it ends."""
    away, rest = abs(loss.end - loss.start), loss.z[loss.begin + 1 :]
    return away > max(NOTICED * loss.grid_noise, LEAST * abs(loss.end)) and not rest.min() <= loss.start <= rest.max()


def _learns(metric: Measured, loss: Measured, context: Context) -> bool:
    """Whether a metric shows that something is learnt; one that never moved, only where no single answer scores so well."""
    if metric.curve.metric in ANCHORED or not one_answer(metric):
        return learns(metric, context) or (metric.curve.metric == "r2" and _explains(metric))
    right, over = metric.right(metric.end), over_one_answer(metric, loss)
    if metric.curve.metric == "balanced_accuracy":
        return right > GOOD
    return metric.curve.metric in ANSWERS and (right == 1.0 or (right > RARE and over is not None and over < AHEAD))


def _by_luck(metric: Measured, context: Context) -> bool:
    """Whether a metric got no better, and is so little above chance that the few examples it is measured on may be easy ones."""
    chance = chance_of(metric, context)
    if chance is None or metric.whole.falling:
        return False
    budget = measure_budget(metric, context)
    return budget is not None and (metric.right(metric.end) - chance) * metric.scale < DRAW * budget.error


def _better(metric: Measured, share: float) -> bool:
    """Whether a metric ends clearly above what the commoner class alone scores."""
    return metric.right(metric.end) - share > LUCK * (1.0 - share) + metric.end_error / metric.scale


def _falls_steadily(loss: Measured, validation: Measured | None, guessing: float) -> bool:
    """Whether training and validation fall in a straight line, or both over the second half: slow, but learning."""
    if validation is None or validation.start - validation.end < LEAST_STEADY * guessing:
        return False
    if validation.start - validation.end < STEADY * guessing:
        return line_of(loss, STRAIGHT) is not None and line_of(validation, STRAIGHT) is not None
    late = [curve.last(HALF) for curve in (loss, validation)]
    if all(each.falling and -each.change > MOVING * guessing for each in late):
        return True
    return line_of(loss, BENT) is not None and line_of(validation, BENT) is not None
