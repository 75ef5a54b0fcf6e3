"""Which class a model ignores behind a good accuracy, and by which curve that shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diagnosis.features.confusion import Confusion, Late
from diagnosis.lazy import lazy
from diagnosis.run import Context

IGNORED = 0.15  # share of a class that is found: an expert calls less ignored
F_SCORE = 2 * IGNORED / (1 + IGNORED)  # F1 that such a recall comes to where nothing is called positive by mistake
SUNK = 0.30  # share of a class that is found at the end of a recall that sinks
LOST = 0.60  # of the most that was ever found, likewise
LOWEST = 1.2  # times the least that was ever found: who is above has dipped, and come up again
NO_SKILL = 0.10  # share of the way from guessing to perfect: less is none
HALVED = 0.60  # share of the accuracy: where one class of two is ignored, an average over classes has about half
RARE = 1 / 3  # share of the examples: a class with more is not rare
EXAMPLES_MIN = 5  # examples of the rare class: with fewer, it may be unlucky
FINE = 0.60  # accuracy that looks good, where the share of the class is known
HIGH = 0.80  # accuracy that looks good, where it is not
RANKS = 0.70  # AUC: above, the scores tell the classes apart, so only the threshold is wrong
TWO = 2  # classes: they have one threshold between them
HARDLY = 0.4  # F1: where one class of two is never found, an average over both is nearly a half; below, there are more


@dataclass(frozen=True, eq=False)
class Ignored:
    """The curve of a `kind` that shows it, `late` at most its `bound`, beside the accuracy.

    `never`: nothing of the class was found in the last quarter. `first`: since which value the curve is within its bound.
    `shares`: of the negative and of the positive class, `counted`, or told from the mistakes; None where nothing tells.
    `movable`: all that is wrong may be the one threshold between two classes. `sank`: more was found before, and accuracy was lower.
    """

    kind: str
    late: Late
    bound: float
    accuracy: Late
    never: bool
    counted: bool
    shares: tuple[float, float] | None
    movable: bool
    sank: bool = False

    @lazy
    def first(self) -> int:
        """Index of the value from which the class was ignored."""
        return min(self.late.below(self.bound), self.n - 1)

    @property
    def n(self) -> int:
        """How many values tell it."""
        return len(self.late.curve)


def accuracy_of(confusion: Confusion) -> Late | None:
    """What may look good: an accuracy, or an average over all examples that is one in other words."""
    return confusion.late("accuracy") or confusion.late("micro")


def measure_ignored(confusion: Confusion, accuracy: Late, context: Context) -> Ignored | None:
    """The first curve by which a class is ignored; None where none is, or no accuracy hides it."""
    shares = confusion.shares
    if accuracy.median < (FINE if shares else HIGH):
        return None
    if shares and (min(shares) > RARE or min(confusion.examples) < EXAMPLES_MIN):
        return None
    for kind, bound, nothing in _asked(confusion, accuracy, context):
        late = confusion.late(kind)
        if late and late.median <= bound and (late.median <= nothing or not late.climbs_to(bound)):
            never = late.most <= nothing
            told = shares or _shares(kind, late, accuracy)
            movable = _movable(confusion, context, never=never)
            sank = bound == SUNK
            return Ignored(kind, late, bound, accuracy, never, shares is not None, told, movable, sank)
    return None


def _sinks(confusion: Confusion, accuracy: Late) -> bool:
    """Whether the recall of a rare class came down to its lowest, from much more, while the accuracy rose: what is learnt is to leave it out."""
    late = confusion.late("recall")
    if late is None or late.median > LOST * late.ever:
        return False
    values, rose = late.curve.finite, accuracy.curve.finite
    highest = float(values.steps[int(values.values.argmax())])
    then = float(np.interp(highest, rose.steps, rose.values)) / accuracy.scale
    return then < accuracy.median and late.median <= LOWEST * float(values.values.min()) / late.scale


def _asked(confusion: Confusion, accuracy: Late, context: Context) -> Iterator[tuple[str, float, float]]:
    """The curves to look at, the most that each may have, and what it has where nothing of a class is found."""
    if confusion.shares:
        negative, positive = confusion.shares
        yield "recall" if positive < negative else "specificity", IGNORED, 0.0
        if positive < negative and _sinks(confusion, accuracy):
            yield "recall", SUNK, 0.0
        return
    yield from ((kind, IGNORED, 0.0) for kind in ("recall", "f1", "specificity"))
    yield from ((kind, NO_SKILL, 0.0) for kind in ("mcc", "kappa"))
    guess, easy = 1.0 / (context.num_classes or TWO), HALVED * accuracy.median
    yield "balanced_accuracy", guess + NO_SKILL * (1.0 - guess), guess
    yield "macro_recall", easy, guess
    yield "macro_f1", easy, 0.0
    if _sinks(confusion, accuracy):
        yield "recall", SUNK, 0.0
    elif "recall" not in confusion.curves:
        yield "f1", F_SCORE, 0.0


def _shares(kind: str, late: Late, accuracy: Late) -> tuple[float, float] | None:
    """The mistakes are the positives that were not found, give or take a few."""
    if kind not in {"recall", "f1"}:
        return None
    wrong = 1.0 - accuracy.median
    positive = min(wrong / (1.0 - late.median), wrong + IGNORED)
    return 1.0 - positive, positive


def _movable(confusion: Confusion, context: Context, *, never: bool) -> bool:
    """Whether there is one threshold, between two classes, and scores that may rank them."""
    f1, auc = confusion.late("f1"), confusion.late("auc")
    more = never and f1 is not None and 0.0 < f1.median < HARDLY
    return (context.num_classes or TWO) == TWO and not more and (auc is None or auc.median > RANKS)
