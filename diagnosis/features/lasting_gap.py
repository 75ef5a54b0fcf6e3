"""Whether validation ends clearly worse than training, by a gap at rest, and what speaks for a harmless one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.budget import by_luck
from diagnosis.features.gap import KNOWS, Gap
from diagnosis.features.skill import all_guess

if TYPE_CHECKING:
    from diagnosis.features import Features

SHARE = 0.20  # share of what training learnt
WARNED = 0.25  # of what training learnt, before its first value as well: below, twice the data gained little
SIGMAS = 3.0  # noise levels of one point of the difference between the two curves
LEARNT = 5.0  # noise levels of training that it must have learnt: else there is nothing to be a share of
SETTLED = 0.10  # share of what training learnt: if its last quarter brings more, it has not settled
FROM_START = 0.5  # share of the late gap, in the first tenth: the splits differ, rather than the model memorises
# No gap that clean test sets confirmed, of 76, stood by half so early.
THROUGHOUT = 0.6  # share of the late gap, from the first value on: it was always there
BEGINNING = 0.1  # share of the run
CLOSED = 0.2  # share of the run after that: a gap that stood by less than half for so long is not the first one
CHANCE = 2.0  # standard errors of a mean loss over so many examples: a smaller gap may be that of other examples
HALF = 0.5  # share of the late gap: after it was last that small, it is taken to begin


@dataclass(frozen=True)
class LastingGap:
    """A gap that is large, certain and at rest, and what it looks like.

    `share` of what training learnt, at `least` so much if it began above its first value; `sigmas` noise levels of the difference; `grown`: its growth over the second half,
    as such a share. `begins`: the grid index from which more than half of it stood. `early`: much of it was there in
    the first tenth. `throughout`: it stood from the beginning, or at once. `lucky`: why answers tell of none, in words.
    `sure_of_wrong`: training is far better than guessing, and validation worse.
    """

    share: float
    least: float
    sigmas: float
    grown: float
    begins: int
    early: bool
    throughout: bool
    lucky: str | None
    sure_of_wrong: bool


def measure_lasting_gap(pair: Gap, features: Features) -> LastingGap | None:
    """Hold the late gap against what training learnt; None where it is small, uncertain, or not at rest."""
    share, sigmas = pair.share_of_progress, pair.late / max(pair.noise, 1e-300)
    if share <= SHARE or sigmas <= SIGMAS or pair.learnt <= LEARNT * pair.train_noise:
        return None
    if all_guess(features.metrics, features.context):
        return None  # what is learnt of training is no more than noise
    below = np.flatnonzero(pair.difference <= HALF * pair.late)
    anew = int((below >= BEGINNING * pair.difference.size).sum()) >= CLOSED * pair.difference.size
    early = pair.early > FROM_START * pair.late and not anew
    wrong = _sure_of_wrong(pair, features)
    if pair.closing or (early and not (wrong or _settled(pair))) or (pair.widening and not features.run.finished):
        return None
    first = min(pair.early, float(pair.difference[0]))
    return LastingGap(
        share=share,
        least=pair.late / max(pair.learnt, _learnt_at_most(pair, features)),
        sigmas=sigmas,
        grown=pair.trend.change / pair.learnt,
        begins=min(int(below[-1]) + 1, pair.difference.size - 1) if below.size else 0,
        early=early,
        throughout=not anew and (first > THROUGHOUT * pair.late or pair.at_once(THROUGHOUT)),
        lucky=_lucky(pair, features),
        sure_of_wrong=wrong,
    )


def _sure_of_wrong(pair: Gap, features: Features) -> bool:
    """Whether validation ends worse than guessing, or than the mean answer, where training is far better: no other split explains that."""
    if features.guess is not None and pair.validation.curve.metric == "loss":
        level = features.guess.level
        return pair.validation.end - SIGMAS * pair.validation.end_error > level and pair.training.end < KNOWS * level
    explained = [m.right(m.end) for m in features.metrics if m.curve.metric == "r2"]
    return bool(explained[1:]) and explained[0] > 1.0 - KNOWS and explained[1] < 0.0


def _learnt_at_most(pair: Gap, features: Features) -> float:
    """What training has learnt if it began above its first value, which is mostly a mean over the epoch in which it learnt most.

    It came down by as much before it as in the step after it, unless guessing tells where it began.
    """
    training = pair.training
    if features.context.guessing is not None and training.curve.metric == "loss":
        return pair.learnt
    first, second = training.z[:2] if training.begin else training.s[:2]
    return float(2.0 * first - min(first, second)) - min(training.best, training.end)


def _lucky(pair: Gap, features: Features) -> str | None:
    """What so few examples may do by chance: to the answers, or to a loss of which guessing has a known score.

    Losses of single examples scatter about their mean by about as much as that is, as waiting times do.
    """
    if pair.widening:
        return None
    context, val = features.run.context, pair.validation
    examples = context.val_size
    if examples and features.guess is not None and val.curve.metric == "loss":
        error = abs(val.end) / examples**0.5
        if pair.late < CHANCE * error:
            few = f"On {examples} examples a mean loss of {val.said(val.end)} is known to about ±{error:.2g}"
            return f"{few}: others may show no gap."
    return by_luck(features.train_metric, features.val_metric, context)


def _settled(pair: Gap) -> bool:
    """Whether training hardly gains over its last quarter."""
    tail = pair.training.tail
    return not tail.falling or -tail.change <= SETTLED * pair.learnt
