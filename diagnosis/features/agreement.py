"""Whether a metric went with the loss: what it lost while the loss rose, and whether it ever left the bottom.

A metric is often a share of few examples. What it may lose and still have held is therefore a share of its own gain, its
noise, or what a few examples come to, whichever is most.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnosis.features.gap import Gap
from diagnosis.features.guessing import one_answer
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import LEAST_PROGRESS, share_in
from diagnosis.features.primary import HALF
from diagnosis.features.skill import AS_GOOD, GOOD, SHARES, chance_of, learns
from diagnosis.run import Context
from diagnosis.shares import share_of

KEPT = 0.05  # share of a metric's progress that it may lose and still have held; set by benchmarks/
ONE_IN = 0.01  # share of all answers: a metric that counts right ones, and loses fewer, is as good as ever
COUNTED = 0.6  # standard errors of a share of so many examples; less than one, as they are the same each time
TELLING = 1 / 3  # share of a metric's gain: where chance alone may take more, it cannot be said to have held
SIGMAS = 4.0  # standard errors of the final level: a metric's gain below is none
BOTTOM = 0.05  # share of the way from guessing to perfect: a metric below has shown nothing
AHEAD = 0.8  # times ln C: with a training loss above, too little was learnt for a metric to show
NEAR = 0.25  # of ln C, that a cross-entropy in nats begins within
STIRRED = 0.1  # of all answers, that such a metric gained: one that follows its loss, if from afar, gains more
CHEAP = 0.7  # of the least that so many wrong answers cost: the two may be of slightly different examples
STRETCH = 0.10  # of the longer of two curves: their ends may lie as far apart
# Metrics in which guessing has next to nothing.
FLOORED = {
    *("f1", "recall", "precision", "iou", "miou", "dice", "jaccard", "map", "map50", "map50_95", "bleu"),
    *("ndcg", "hits", "mrr", "exact_match", "pck"),
}
THRESHOLDED = {"f1", "recall", "precision"}  # a threshold stands between the scores and these
MANY = 0.8  # of all answers: nine in ten that are right, and stay so, may be all there is to learn
HALVED = 0.5  # of a loss's first value: what comes down so far has learnt what right answers would show
RANKINGS = {"average_precision", "map"}
ONE_ANSWER = {"accuracy", "balanced_accuracy", "map50", "map50_95", "iou", "miou", "ndcg", "mrr", "hits"}
RANKED = 0.6  # average precision, of answers that a threshold could tell apart
WITHIN = 5.0  # noise levels of a metric that came nowhere
TWICE = 2.0  # times as bad as at first: a metric that got so much worse went against the loss
FIRST = 0.1  # share of the run: where such a metric was at its best
MISTAKES = {"error", "wer", "cer", "ter", "eer", "hamming"}  # counted; other minimised metrics are losses


@dataclass(frozen=True)
class Held:
    """A validation loss that `gave_back` a share of its progress, and a metric that `lost` and was `allowed` shares of its own."""

    gave_back: float
    says: str
    measure: tuple[str, float]  # the unit of that share as it is said, and what one is of it
    sigmas: float
    training_sigmas: float
    lost: float
    allowed: float


@dataclass(frozen=True)
class Dead:
    """A training loss that fell by `sigmas` standard errors, `early` as a share, beside a metric at the bottom.

    `opposed`: the metric was best at first, and got twice as bad. `beside`: the ranking of the same answers, which is good.
    `halved`: the loss on the same examples came down so far that it has learnt what right answers would show.
    """

    sigmas: float
    early: float
    opposed: bool = False
    beside: Measured | None = None
    halved: bool = False


def held(loss: Measured, metric: Measured, gap: Gap, context: Context) -> Held | None:
    """What a metric did since the loss was best; None where it learnt nothing, or is too noisy to have held."""
    counts = metric.way < 0 or metric.curve.metric in MISTAKES
    if loss.rebound <= 0.0 or not counts or not same_stretch(loss, metric):
        return None
    allowed, gained = allowance(metric, context), gain(metric, context)
    if gained <= SIGMAS * metric.end_error or allowed > TELLING * gained or not learns(metric, context):
        return None
    unit = max(loss.progress, LEAST_PROGRESS * gap.learnt, 1e-300)
    own = loss.progress >= LEAST_PROGRESS * gap.learnt
    fell = float(gap.train[loss.best_index] - gap.train[-1])
    return Held(
        gave_back=loss.rebound / unit,
        says=share_of(loss.share(loss.rebound), "its progress")
        if own
        else share_of(loss.rebound / gap.learnt, "what training learnt"),
        measure=share_in(own=own),
        sigmas=loss.rebound / max(loss.end_error, 1e-300),
        training_sigmas=fell / max(gap.training.end_error, 1e-300),
        lost=metric.rebound / gained,
        allowed=allowed / gained,
    )


def gain(metric: Measured, context: Context) -> float:
    """What a metric has gained since its first value, or since guessing: most is gained before it is logged for the first time.

    What guessing scores among so many classes is known; no balanced guess reaches `GOOD`.
    """
    guessed = chance_of(metric, context)
    if guessed is None and metric.curve.metric in SHARES:
        guessed = GOOD
    begun = metric.start if guessed is None else max(metric.start, metric.way * guessed * metric.scale)
    return max(begun - min(metric.best, metric.end), 0.0)


def allowance(metric: Measured, context: Context) -> float:
    """What a metric may lose and still have held."""
    least = max(KEPT * metric.progress, AS_GOOD * metric.end_error)
    if metric.curve.metric in SHARES:
        least = max(least, ONE_IN * metric.scale)
    if not context.val_size:
        return least
    right = min(abs(metric.end) / metric.scale, 1.0)
    return max(least, COUNTED * metric.scale * math.sqrt(right * (1.0 - right) / context.val_size))


def dead(
    loss: Measured, metric: Measured, beside: Measured, context: Context, ranking: Measured | None = None
) -> Dead | None:
    """How a training loss fell beside a metric that stayed at the bottom; None where it rose, or the loss is at chance.

    `beside`: the loss on the metric's own examples; `ranking`: what tells that these answers are ranked far better.
    """
    guess = context.guessing if loss.curve.metric == "loss" else None
    if (guess and loss.end > AHEAD * guess) or not same_stretch(loss, metric):
        return None
    against = opposed(metric)
    halved = untouched(beside, metric)
    stays = at_bottom(metric, context) or contradicted(beside, metric, context) or halved
    if not (against or stays or ranking):
        return None
    tenth, middle = (float(loss.s[int(share * loss.z.size)]) for share in (0.1, 0.5))
    sigmas = (tenth - loss.end) / max(loss.end_error, 1e-300)  # a first hump is no learning
    early = loss.share(loss.start - middle)
    return Dead(sigmas, early, against, None if against or stays else ranking, halved)


def outranked(metric: Measured, curves: Sequence[Measured]) -> Measured | None:
    """The average precision of the answers that an F1 is of, where it is good and the F1 far below: at another threshold it may be nearly as high.

    Among classes of which one is answered, as an accuracy tells, and for boxes, whose precision has a threshold of its own, there is none.
    """
    if metric.curve.metric != "f1" or any(m.curve.metric in ONE_ANSWER for m in curves):
        return None
    precise = (
        m
        for m in curves
        if m.curve.metric in RANKINGS and m.curve.role == metric.curve.role and m.right(m.end) >= RANKED
    )
    return next((m for m in precise if metric.right(metric.end) < HALVED * m.right(m.end)), None)


def contradicted(loss: Measured, metric: Measured, context: Context) -> bool:
    """Whether a metric that hardly moved counts more wrong answers than its loss can hold.

    None of them has half of the probability, so each costs ln 2. A cross-entropy in nats begins near what guessing scores;
    that of a language model is counted by the token, and its answers need not be.
    """
    guess = context.guessing
    if guess is None or not _same_examples(loss, metric) or context.task == "language_model":
        return False
    if metric.curve.metric != "accuracy" or loss.curve.metric != "loss" or metric.progress > STIRRED * metric.scale:
        return False
    wrong = 1.0 - metric.right(metric.end)
    return abs(loss.start / guess - 1.0) < NEAR and 0.0 < loss.end < CHEAP * wrong * math.log(2.0)


def untouched(loss: Measured, metric: Measured) -> bool:
    """Whether right answers, of which many were missing, came nowhere beyond their own noise while the loss on the same examples more than halved."""
    if metric.way > 0 or _kind(metric) not in {*SHARES, *FLOORED} or metric.right(metric.end) >= MANY:
        return False
    rose = metric.whole.falling or metric.start - metric.end > SIGMAS * metric.end_error
    if not _same_examples(loss, metric) or rose or not 0.0 < loss.end < HALVED * loss.start:
        return False
    return float(np.ptp(metric.s)) <= min(WITHIN * metric.grid_noise, STIRRED * metric.scale)


def _same_examples(loss: Measured, metric: Measured) -> bool:
    """Whether both are training's, or both validation's."""
    return loss.curve.role.split("_")[0] == metric.curve.role.split("_")[0]


def unmoved(metric: Measured) -> bool:
    """Whether there were as many right answers each time, to the last one, and few: they do not come from what is trained."""
    return metric.curve.metric in SHARES and one_answer(metric) and 0.0 <= metric.right(metric.end) < GOOD


def silenced(metric: Measured) -> bool:
    """Whether what counts found positives is exactly 0 for the whole second half: each is called negative, as few as they are."""
    return _kind(metric) in THRESHOLDED and metric.way < 0 and not metric.curve.values[metric.n // 2 :].any()


def all_wrong(metric: Measured) -> bool:
    """Whether a share of mistakes is exactly 1 throughout: nothing was ever answered."""
    return metric.curve.metric in MISTAKES and metric.way > 0 and bool((metric.curve.values == metric.scale).all())


def _kind(metric: Measured) -> str:
    """A metric without its cut-off: `recall_20` is recall, as is `recall_at_20`."""
    kind, _, cut_off = metric.curve.metric.rpartition("_")
    return kind.removesuffix("_at") if cut_off.isdigit() else metric.curve.metric


def opposed(metric: Measured) -> bool:
    """Whether a metric whose zero means something was best at first, and has got twice as bad in a sure course."""
    kind = _kind(metric)
    if metric.curve.metric in HALF:  # all is called positive at first, and recall is perfect
        return False
    counts = kind in {*FLOORED, *SHARES, *MISTAKES, "mae", "rmse"} or kind.startswith("error_")
    began, ended, later = abs(metric.start), abs(metric.end), np.abs(metric.z[metric.z.size // 2 :])
    # Values that came to rest have no trend, and were as bad for half of the run.
    rests = float(later.max()) < began / TWICE if metric.way < 0 else float(later.min()) > TWICE * began
    if not (counts and (metric.whole.rising or (rests and metric.curve.metric not in THRESHOLDED))):
        return False
    twice = ended < began / TWICE if metric.way < 0 else ended > TWICE * began
    return (
        twice and metric.best_index <= FIRST * metric.z.size and metric.end - metric.start > SIGMAS * metric.end_error
    )


def at_bottom(metric: Measured, context: Context) -> bool:
    """Whether a metric never left what guessing scores, or is the same low number throughout."""
    if metric.way > 0:
        return all_wrong(metric)  # where lower is better, zero is the top
    if unmoved(metric) or silenced(metric):
        return True
    chance = 0.0 if _kind(metric) in FLOORED else chance_of(metric, context)
    if chance is None:
        return False
    top = metric.scale * (chance + BOTTOM * (1.0 - chance))
    return -metric.end <= top and float((-metric.s).max()) <= top and not metric.whole.falling


def same_stretch(one: Measured, other: Measured) -> bool:
    """Whether two curves were logged over the same part of the run, a tenth more or less."""
    if one.curve.axis != other.curve.axis:
        return False
    apart = np.abs([one.x[0] - other.x[0], one.x[-1] - other.x[-1]]).max()
    return bool(apart <= STRETCH * max(one.x[-1] - one.x[0], other.x[-1] - other.x[0]))
