"""What guessing scores in the loss itself: as said, by the number of classes, or as the run betrays it.

A baseline is what a simple model scores. Who came down to it step by step is no better than that, but did not guess.

Guessing among C classes scores ln C. Of two classes, a model that gives one answer throughout shows by its constant accuracy
how rare the other one is, and with that what the base rates alone score. Where the number of classes was not said, a
loss that never left ln C, or came down to it and no further, beside accuracies of one in C tells it: 0.693 and a half. Without any metric, one
that begins at the ln of a common number of classes and stays there, and validation with it; without that, to the digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.skill import baseline_of
from diagnosis.features.trend import bins
from diagnosis.run import Context
from diagnosis.shares import percent

CHANCE = 0.03  # share of what guessing scores: an untrained network starts within that
ROUGHLY = 0.10  # of it, where the base rates are read off a small validation set
OVER = 0.10  # of it, above: a model that is sure of some of its guesses
TENTH, SOON = 10, 3  # of the run, and values, in which what is wrong is unlearnt
SURELY = 6.0  # standard errors of the final level: an accuracy that rose by more has learnt something
RARE = 0.8  # of one class: beyond, the other one is rare, and `class_imbalance` says it
ONE_IN_C = 0.15  # of a share of one in C: so far an accuracy of guesses on a few hundred examples is off
NEARLY_ONE_IN_C = 0.5  # likewise, on a few dozen, beside a loss that is known by sight
TWO = 2  # classes
BARELY = 0.9  # of what guessing scored at first: who is above has hardly left that, and is at no other chance
COMMON = (2, 3, 4, 5, 10, 100, 1000)  # classes whose ln is known by sight
DOZEN = 12  # classes: the ln of fewer is known to the digit; of more, they are too near to one another
BEGAN, STAYED = 0.005, 0.01  # of it: how near a loss must begin, and stay; an untrained network's is off by as much
EXACT = 5e-4  # of it: three digits of every value; by chance, one resting loss in a thousand is so near to one of them
PARTS, NOISY = (2, 4, 10), 2.5  # of the run, and standard errors of a mean: one run of noise in 13 has a part so low
EACH = 3  # values of each tenth: fewer are no mean
FEWEST = 1e-7  # right answers of all: no validation set shows fewer, and no model has more classes


@dataclass(frozen=True)
class Guess:
    """`level`: what guessing scores, `within` which share of it a loss counts as that, `says` of whom; `share` of one answer."""

    level: float
    within: float
    says: str
    share: float | None = None


def guess_of(
    loss: Measured, metrics: tuple[Measured, ...], context: Context, validation: Measured | None = None
) -> Guess | None:
    """What guessing scores in this loss; None where nothing tells."""
    return guess_in(loss, metrics, with_classes(loss, metrics, context, validation))


def guess_in(loss: Measured, metrics: tuple[Measured, ...], context: Context) -> Guess | None:
    """The same, in a context that holds the number of classes where it was said or betrayed."""
    if loss.curve.metric != "loss":
        return None
    baseline = baseline_of(loss, context)
    if baseline is not None:
        learnt = loss.begin == 0 and loss.start > (1.0 + OVER) * baseline and loss.whole.falling
        return Guess(baseline, CHANCE, f"baseline {baseline:.4g}") if baseline > 0.0 and not learnt else None
    level = context.guessing
    share = _one_answer(metrics) if context.num_classes == TWO else None
    if share is not None:
        least = entropy(share)
        return Guess(
            least, ROUGHLY, f"{least:.3g}, what one answer for all costs where it is right for {percent(share)}", share
        )
    return Guess(level, CHANCE, f"ln {context.num_classes} = {level:.3g}") if level else None


def never_beaten(loss: Measured, guess: Guess | None) -> bool:
    """Whether a loss was never clearly better than guessing, where that is known."""
    return guess is not None and loss.curve.metric == "loss" and loss.best > guess.level * (1.0 - CHANCE)


def with_classes(
    loss: Measured, metrics: tuple[Measured, ...], context: Context, validation: Measured | None = None
) -> Context:
    """The context with the number of classes that a loss and an accuracy at chance betray, where it was not said."""
    if context.num_classes is not None or context.task not in {None, "classification"}:
        return context
    told = [m for m in metrics if m.curve.metric == "accuracy"]
    for metric in told:
        stays = (c for c in _in_question(metric.right(metric.end), loss) if _stays(loss, math.log(c)))
        # Answers tell how many there are of a loss that rests somewhat above.
        down = reversed(_in_question(_usual(metric), loss))
        down_to = (c for c in down if _came_down(loss, validation, told, c))
        if near := next(stays, None) or next(down_to, None):
            return replace(context, num_classes=near)
    if len(told) == len(metrics) and loss.curve.metric == "loss":
        # 0.693 of both is no accident, nor is 0.6931 throughout
        begun = (*known_by_sight(loss.start), *_known_to_the_digit(loss))
        seen = (c for c in begun if all(abs(m.right(m.end) * c - 1.0) < NEARLY_ONE_IN_C for m in told))
        near = next((c for c in seen if _known(loss, validation, math.log(c))), None)
        return replace(context, num_classes=near) if near else context
    return context


def known_by_sight(level: float) -> Iterator[int]:
    """The common numbers of classes among which guessing scores so much."""
    return (classes for classes in COMMON if abs(level / math.log(classes) - 1.0) < BEGAN)


def _known_to_the_digit(loss: Measured) -> Iterator[int]:
    """The number of classes among which guessing scores just what a loss begins or rests at, as a model does whose outputs are all 0."""
    begins, rests = float(loss.z[loss.begin]), median(loss.z[loss.z.size // 2 :])
    for level in (math.log(classes) for classes in range(TWO, DOZEN + 1)):
        if abs(begins / level - 1.0) < BEGAN and min(abs(begins / level - 1.0), abs(rests / level - 1.0)) < EXACT:
            yield round(math.exp(level))


def _known(loss: Measured, validation: Measured | None, level: float) -> bool:
    """Whether a loss stays at a level that is known by sight, and validation with it; alone, to the digit."""
    if validation is None:
        return float(np.abs(loss.curve.values[loss.begin :] / level - 1.0).max()) < EXACT
    return _stays(loss, level, STAYED) and _unmoved(validation, level)


def _unmoved(validation: Measured, level: float) -> bool:
    """Whether validation never got below a level either, nor far from it: what training gains is learnt by heart."""
    return _stays(validation, level) and validation.best > level * (1.0 - BEGAN)


def _in_question(right: float, loss: Measured) -> tuple[int, ...]:
    """The numbers of classes of which so many right answers are one in C: by such a loss, which is the surer one, and by them."""
    if right <= FEWEST:
        return ()
    told = loss.curve.metric == "loss" and 0.0 < loss.end < -math.log(FEWEST)
    asked = (math.exp(loss.end), 1.0 / right) if told else (1.0 / right,)
    return tuple(classes for classes in (max(round(each), TWO) for each in asked) if _one_in(classes, right))


def _one_in(classes: int, right: float) -> bool:
    return abs(right * classes - 1.0) <= ONE_IN_C


def _came_down(loss: Measured, validation: Measured | None, accuracies: list[Measured], classes: int) -> bool:
    """Whether a loss came down to ln C, sure of what is wrong at first, and no further, beside accuracies of one in C that stay.

    Soon, where nothing else tells; where validation rests there, training may still be above, on spikes.
    """
    level = math.log(classes)
    low, high = level * (1.0 - CHANCE), level * (1.0 + OVER)
    if loss.best < low or any(level < math.log(c) < level / BARELY for c in known_by_sight(loss.start)):
        return False  # it learns, or began by guessing among some more and creeps
    if validation is not None and validation.curve.metric == "loss":
        late = median(validation.clean[validation.n // 2 :])
        if validation.best < low or max(late, validation.end) > (high if loss.end < high else level * (1.0 + CHANCE)):
            return False
    else:
        soon = float(loss.s[min(max(loss.s.size // TENTH, SOON), loss.s.size - 1)])
        creeps = -loss.tail.change <= STAYED * level
        if soon > high or loss.end > high or (loss.tail.falling and not creeps):
            return False
    telling = [m for m in accuracies if m.curve.role == "val_metric"] or accuracies  # training's may rise by heart
    rose = any(m.start - m.end > SURELY * m.end_error for m in telling)
    below = (_usual(m) for m in accuracies if m not in telling)  # of sorted data each answer is the class before
    return (
        not rose
        and all(_one_in(classes, _usual(m)) for m in telling)
        and all(right <= (1.0 + ONE_IN_C) / classes for right in below)
    )


def _usual(metric: Measured) -> float:
    """The share of right answers in the middle of the run's: a single validation of a hundred examples may be far off."""
    return metric.right(metric.sign * median(metric.curve.values))


def _stays(loss: Measured, level: float, within: float = CHANCE) -> bool:
    """Whether a loss never leaves a level by more than such a share of it."""
    return float(np.abs(loss.s[loss.begin :] / level - 1.0).max()) < within


def scatters_about(loss: Measured, validation: Measured | None, guess: Guess) -> bool:
    """Whether every part of a run is below what guessing scores, and its end above that, by no more than noise may be.

    The lowest smoothed value of noise is far below its mean. What falls for sure, or has validation below, has learnt.
    """
    level, course = guess.level, loss.clean[loss.begin :]
    if course.size < EACH * PARTS[-1] or loss.whole.falling:
        return False
    if validation is not None and validation.best < level * (1.0 - guess.within):
        return False
    parts = [bins(course, count) for count in PARTS]
    errors = [loss.grid_noise * math.sqrt(means.size / course.size) for means in parts]
    low = (level - float(means.min()) < _off(error, guess) for means, error in zip(parts, errors, strict=True))
    over = float(parts[1][-1]) - level < guess.within * level
    return all(low) and over and loss.end - level < _off(loss.end_error, guess)


def _off(error: float, guess: Guess) -> float:
    """How far from guessing a mean may be that is known to such an error: a tenth of it is no noise, however wide that is."""
    return max(guess.within * guess.level, min(NOISY * error, ROUGHLY * guess.level))


def one_answer(metric: Measured) -> bool:
    """Whether a metric never moved: the model says the same of everything."""
    return bool(metric.curve.values.max() == metric.curve.values.min())


def entropy(share: float) -> float:
    """The least that one answer, which is right for such a share, scores in a cross-entropy, of however many classes."""
    return -sum(p * math.log(p) for p in (share, 1.0 - share) if p > 0.0)


def over_one_answer(metric: Measured, loss: Measured) -> float | None:
    """A loss over the least that one answer scores which is always right for such a share; None where nothing tells."""
    least = entropy(metric.right(metric.end)) if metric.curve.metric == "accuracy" and one_answer(metric) else 0.0
    return loss.end / least if least > 0.0 and loss.curve.metric == "loss" else None


def _one_answer(metrics: tuple[Measured, ...]) -> float | None:
    """The share of the commoner of two classes, where a constant accuracy betrays it."""
    shares = [m.right(m.end) for m in metrics if m.curve.metric == "accuracy" and one_answer(m)]
    share = max(shares[0], 1.0 - shares[0]) if shares else RARE
    return share if share < RARE else None
