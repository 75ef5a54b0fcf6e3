"""Whether a loss that is stuck has gained nothing at all, and whether anything but its rest says so.

A loss at chance level has learnt nothing, even if it creeps. Any other level tells nothing by itself: then it must not have
moved, and it may have been done before its first value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnosis.features.cliff import creeps
from diagnosis.features.guessing import CHANCE, ROUGHLY, one_answer, over_one_answer
from diagnosis.features.measured import Measured
from diagnosis.features.rise import sinks
from diagnosis.features.skill import ANCHORED, GOOD, SHARES
from diagnosis.features.stuck import Stuck, left_its_start, measure_stuck, speaks
from diagnosis.features.swings import MARKED, halved, marked

if TYPE_CHECKING:
    from diagnosis.features import Features

Course = Literal["stays", "fell", "left"]

SIGMAS = 4.0  # standard errors of a tenth's mean: the best of ten is low by chance
FEWEST = 4  # validations that tell a fall
NOTICEABLE = 0.1  # of the noise of one training value, that validation fell by: weights held gain a hundredth
JITTERS = 8.0  # noise levels of validation, likewise; labels that are shuffled come to two
ONE_IN_SEVEN = 0.15  # of all answers: a half may be all there is to learn, but nothing is done with so few right
AT_ONCE = 2  # validations above all of the second half
BEGAN_ABOVE = 1.1  # times what guessing scores: a run that began above was sure of what is wrong, and unlearnt that


@dataclass(frozen=True)
class Unmoved:
    """What is known of a loss that gained nothing.

    `bound`: the standard errors it stayed within; None where a fall would show nothing learnt. `anchored`: it is at chance,
    or a metric whose levels mean something learnt nothing either. `course`: it stays at its level, fell to it at once,
    or left where it began for good. `once`: all was gained in the first step, and no accuracy tells what that was.
    `right`: the share of right answers throughout that is good or one class's, and nothing tells which; 0 where none is.
    """

    bound: float | None
    anchored: bool
    course: Course
    once: bool
    right: float


def stuck_of(loss: Measured, features: Features) -> Stuck | None:
    """The loss against its start and against guessing, by every metric that tells; None where it plainly learns."""
    metrics, context = features.metrics, features.context
    judged = metrics if loss.curve.metric not in SHARES else (loss,)  # that stands in for a loss
    # Of a policy, that is the critic's: what it explains is no better play.
    explained = (m for m in features.curves if m.curve.metric == "r2" and m not in metrics and not features.reward)
    stuck = measure_stuck(loss, features.val_loss, (*judged, *explained), context)
    return None if stuck is None or speaks(loss, context) else stuck


def measure_unmoved(stuck: Stuck, loss: Measured, features: Features) -> Unmoved | None:
    """What shows that nothing was gained; None where a metric or the loss itself shows that something was."""
    if stuck.metric_learns or (not stuck.at_chance and (stuck.ahead or _moves(stuck, loss, features))):
        return None
    if not stuck.at_chance and _carries_over(loss, features.val_loss):
        return None
    return Unmoved(
        bound=None if stuck.at_chance or stuck.for_nothing else SIGMAS,
        anchored=stuck.at_chance or stuck.told or _anchored(stuck, loss, features),
        course=_course(stuck, loss),
        once=loss.begin > 0 and not any("acc" in m.curve.metric for m in features.metrics),
        right=max((m.right(m.end) for m in features.metrics if _may_be_good(m, loss)), default=0.0),
    )


def gained_nothing(loss: Measured, features: Features) -> bool:
    """Whether nothing shows that anything was gained."""
    stuck = stuck_of(loss, features)
    return stuck is not None and measure_unmoved(stuck, loss, features) is not None


def _moves(stuck: Stuck, loss: Measured, features: Features) -> bool:
    """Whether it goes anywhere; what it repeats hides that it learns, where each time is lower than the one before."""
    falls = stuck.sigmas > SIGMAS or loss.whole.falling or halved(loss, features)
    if falls and not (stuck.for_nothing or creeps(loss, loss)):
        return True
    return loss.whole.rising or (features.period is not None and sinks(loss, features.period))


def _carries_over(loss: Measured, validation: Measured | None) -> bool:
    """Whether validation falls for sure, by what few steps on small batches may gain and their noise hides."""
    if validation is None or validation.curve.metric != "loss" or validation.n < FEWEST or creeps(validation, loss):
        return False
    fell = validation.start - validation.end
    surely = validation.whole.falling or _came_down_for_good(validation)
    return fell > max(NOTICEABLE * loss.noise, JITTERS * validation.noise) and surely


def _came_down_for_good(validation: Measured) -> bool:
    """Whether its first values, each below the one before, are above all of its second half, and far: what is sure of the wrong is little above."""
    first, late = validation.z[:AT_ONCE], validation.z[max(validation.z.size // 2, FEWEST) :]
    if late.size < FEWEST or float(np.diff(first).max()) >= 0.0:
        return False
    return float(first[-1]) > float(late.max()) and validation.start > BEGAN_ABOVE * validation.end


def _anchored(stuck: Stuck, loss: Measured, features: Features) -> bool:
    """Whether a metric whose levels mean something learnt nothing; one that jumps guesses nothing.

    A first value far off all others is a blow-up, or was measured before anything was learnt.
    """
    if loss.begin:
        return False
    if stuck.deaf and not stuck.hump and stuck.sigmas < SIGMAS and not left_its_start(loss):
        return all(m.right(m.end) < ONE_IN_SEVEN for m in features.metrics)
    if stuck.deaf or marked(features) > MARKED:
        return False
    return any(m.curve.metric in {*SHARES, *ANCHORED} and not _may_be_good(m, loss) for m in features.metrics)


def _may_be_good(metric: Measured, loss: Measured) -> bool:
    """Whether the answers that are right throughout may be good, or all of one class: no loss tells that they are the latter.

    The loss of a model that gives one answer is not below what that scores; a validation set may have other base rates.
    """
    if metric.curve.metric not in SHARES or metric.right(metric.end) <= GOOD or not one_answer(metric):
        return False
    over, off = over_one_answer(metric, loss), CHANCE if metric.curve.role == "train_metric" else ROUGHLY
    return over is None or over < 1.0 - off


def _course(stuck: Stuck, loss: Measured) -> Course:
    if not stuck.at_chance and left_its_start(loss):
        return "left"
    unlearnt = stuck.at_chance and stuck.guessing and loss.z[0] > BEGAN_ABOVE * max(stuck.guessing, loss.end)
    return "fell" if loss.begin > 0 or unlearnt else "stays"
