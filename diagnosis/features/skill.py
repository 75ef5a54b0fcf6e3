"""How far from guessing to perfection: a level means something only against what guessing scores.

What guessing scores must be known: a metric with a fixed chance level (R², MCC, kappa, AUC), an accuracy or a
cross-entropy with `num_classes`. Or the caller's `baseline` stands for it: what a simple model scores, of the curve that
`monitor` names, else of the loss. Without one of them no level is good or poor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.metrics import METRICS
from diagnosis.names import understand
from diagnosis.run import Context

LUCK = 0.10  # of the way from chance to perfect: fitting noise gets that far
SLIGHT = 0.02  # of an error's size, or of all answers: a metric that gains less has not shown anything
SIGMAS_LEARNT = 4.0  # standard errors of the final level; the best of many points is low by chance
ROSE_BY = 6.0  # standard errors of the final level: right answers that rose by more are known by heart, few as they are
TIMES = 2.0  # one in C
RISEN = 2  # last values of a few, that must show it
WORSE = 0.10  # share of a metric's progress that is lost again
AS_GOOD, HELD = 2.0, 0.02  # standard errors, or share of its progress, within which a metric is as good as at its best
GOOD = 0.60  # of a metric that is a share of right answers; no balanced guess reaches that
ANSWERS = {"accuracy", "balanced_accuracy"}  # shares of right answers
SHARES = {*ANSWERS, "f1"}
ANCHORED = {metric.name: metric.chance for metric in METRICS.values() if metric.chance is not None}
PERFECT = {metric.name: metric.perfect for metric in METRICS.values() if metric.perfect is not None}


@dataclass(frozen=True)
class Skill:
    """`share` of the way from guessing (0) to perfect (1), its standard `error`, the `metric` it was judged by, and the series used.

    `reference`: the caller's baseline stands for guessing, and who beats it need not be poor.
    """

    share: float
    metric: str
    says: str
    series: tuple[str, ...]
    error: float = 0.0
    reference: bool = False


def measure_skill(loss: Measured | None, metrics: tuple[Measured | None, ...], context: Context) -> Skill | None:
    """Judge the final level by the best anchor there is; None without any."""
    named = sorted((m for m in (*metrics, loss) if m), key=lambda m: m.name != context.monitor)
    if against := next((skill for m in named if (skill := _against_baseline(m, context))), None):
        return against
    for metric in metrics:
        chance = chance_of(metric, context) if metric else None
        if metric and chance is not None:
            level = metric.right(metric.end)
            says = f"{metric.name} {level:.3g}; guessing has {chance:.3g}"
            way = 1.0 - chance
            return Skill(
                (level - chance) / way, metric.curve.metric, says, (metric.name,), metric.end_error / metric.scale / way
            )
    if loss is None or loss.curve.metric != "loss":
        return None
    guessing = context.guessing if context.task in {None, "classification"} else None
    if guessing is None or baseline_of(loss, context) is not None:
        return None
    says = f"{loss.name} {loss.end:.4g}; guessing has {guessing:.4g}"
    return Skill(1.0 - loss.end / guessing, "loss", says, (loss.name,), loss.end_error / guessing)


def baseline_of(metric: Measured, context: Context) -> float | None:
    """The level that the caller holds a curve against: that which `monitor` names, else the loss."""
    of = understand(context.monitor).metric if context.monitor else "loss"
    return context.baseline if metric.curve.metric == of or metric.name == context.monitor else None


def _against_baseline(metric: Measured, context: Context) -> Skill | None:
    """How far a curve is from its baseline to perfect, which is 0 where lower is better; None where nothing tells what is perfect."""
    baseline, kind = baseline_of(metric, context), metric.curve.metric
    if baseline is None:
        return None
    held_against, perfect = metric.right(metric.sign * baseline), 0.0 if metric.way > 0 else PERFECT.get(kind)
    if perfect is None or (perfect - held_against) * metric.way >= 0.0:
        return None
    way = perfect - held_against
    says = f"{metric.name} {metric.said(metric.end)}; the baseline is {baseline:.4g}"
    share, error = (metric.right(metric.end) - held_against) / way, metric.end_error / metric.scale / abs(way)
    return Skill(share, kind, says, (metric.name,), error, reference=True)


def chance_of(metric: Measured, context: Context) -> float | None:
    """What guessing scores in a metric on its 0–1 scale; None where that is not known."""
    if metric.curve.metric == "accuracy" and context.guessing is not None:
        return math.exp(-context.guessing)
    return ANCHORED.get(metric.curve.metric)


def left_of(metric: Measured) -> float | None:
    """How far a metric is from perfect at its best, in its own units; None where nothing tells what is perfect."""
    perfect = PERFECT.get(metric.curve.metric)
    return None if perfect is None else max(perfect - metric.right(float(metric.z.min())), 0.0) * metric.scale


def learns(metric: Measured, context: Context) -> bool:
    """Whether a metric shows that something is learnt: it rises by more than luck, or was good from the start.

    A constant one is a constant answer, however high: with nine in ten of one class, 0.9 is what ignorance scores.
    """
    chance, values = chance_of(metric, context), metric.curve.values
    if chance is not None:
        return metric.right(metric.end) - chance > LUCK * (1.0 - chance)
    # An error is held against its own size; anything else may begin at any number, zero included.
    least = SLIGHT * (metric.scale if metric.curve.metric in SHARES else max(metric.start, 0.0) * (metric.way > 0.0))
    if metric.whole.falling and metric.progress > max(SIGMAS_LEARNT * metric.end_error, least):
        return True
    # A few values have no trend, and what rose at once and rests has none: so much oftener right than at first, to the last.
    later = metric.z[-RISEN:] if metric.bends else metric.z[metric.z.size // 2 :]
    luck = LUCK * metric.scale if metric.bends else max(LUCK * metric.scale, SIGMAS_LEARNT * metric.end_error)
    told = metric.n > RISEN and metric.curve.metric in SHARES and (metric.bends or np.ptp(later) > 0.0)
    if told and later.max() < metric.z[0] - luck:
        return True
    good = metric.curve.metric in SHARES and metric.right(metric.sign * median(values)) > GOOD
    return bool(good and values.max() > values.min())


def beyond_chance(metric: Measured, context: Context) -> bool:
    """Whether a share of right answers is several times one in C: of many classes, that is no luck, however few are right."""
    if metric.curve.metric != "accuracy" or context.guessing is None:
        return False
    return metric.right(metric.end) > TIMES * math.exp(-context.guessing)


def surely_rose(metric: Measured) -> bool:
    """Whether a metric got better by more than its noise, however little that is."""
    return metric.whole.falling and metric.start - metric.end > ROSE_BY * metric.end_error


def guesses(metric: Measured, context: Context) -> bool:
    """Whether a metric with a known chance level shows that nothing is learnt."""
    return chance_of(metric, context) is not None and not (learns(metric, context) or beyond_chance(metric, context))


def all_guess(metrics: Sequence[Measured], context: Context) -> bool:
    """Whether what is logged beside a loss, training's among it, all shows that nothing is learnt."""
    training = any(metric.curve.role == "train_metric" for metric in metrics)
    return training and all(guesses(metric, context) for metric in metrics)


def worse(metric: Measured) -> bool:
    """Whether a metric has clearly got worse than at its best."""
    return metric.rebound > max(SIGMAS_LEARNT * metric.end_error, WORSE * metric.progress)


def as_good(metric: Measured) -> bool:
    """Whether a metric is as good as it ever was."""
    return metric.rebound <= max(AS_GOOD * metric.end_error, HELD * metric.progress)
