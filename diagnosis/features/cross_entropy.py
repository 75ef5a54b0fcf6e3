"""Whether a loss can be the mean cross-entropy of the answers that an accuracy counts; where it cannot, its level tells nothing.

An answer is wrong where another class is likelier, so that the right one has less than a half: it costs ln 2 at least.
A loss below that much for each wrong answer was divided by something else (the sum of the batches' means by the number of
examples, say), is weighted, or is another loss altogether. It is then not held against what guessing scores, nor against
the loss of the other split where that one can be a cross-entropy and costs many times as much for a wrong answer.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from diagnosis.features.measured import NOT_PERCENT, PERCENT
from diagnosis.run import Role, Run

LEAST = 0.9  # of ln 2 for each wrong answer: less is below by more than rounding and a moment's difference
APART = 64.0  # times as much for a wrong answer; between well-fitted training and overfitted validation it is ten
ROUNDED = 0.005  # of all answers: so much may be hidden by two digits
FEWEST = 3  # values; fewer may be of different moments
OTHER = "no cross-entropy"  # what such a loss is called, so that nothing takes it for one
SIDES: tuple[tuple[Role, Role], ...] = (("train_loss", "train_metric"), ("val_loss", "val_metric"))


def in_nats(run: Run, notes: list[str]) -> Run:
    """The run in which a loss that cannot be a mean cross-entropy is called something else; it is noted why."""
    if run.context.baseline is not None or run.context.task not in {None, "classification"}:
        return run
    cost = {loss: priced for loss, metric in SIDES if (priced := _cost(run, loss, metric)) is not None}
    low = {role: nats for role, (_, nats) in cost.items() if nats < LEAST * math.log(2.0)}
    if not low:
        return run
    least = min(low.values())
    many = {role for role, (_, nats) in cost.items() if role not in low and nats > APART * least > 0.0}
    apart = "".join(f"; {cost[role][0]} has {cost[role][1]:.3g}, and is not compared with it" for role in many)
    for role in low if many or (run.context.guessing and least > 0.0) else ():
        name, nats = cost[role]
        notes.append(
            f"{name} has {nats:.3g} for each wrong answer, where a mean cross-entropy has ln 2 and more: it was divided by something "
            f"else, or is weighted, and is not held against what guessing scores{apart}"
        )
    other = {"train_loss", "val_loss"} - many
    curves = (replace(c, metric=OTHER) if c.role in other and c.metric == "loss" else c for c in run.curves)
    return replace(run, curves=tuple(curves))


def _cost(run: Run, loss_role: Role, metric_role: Role) -> tuple[str, float] | None:
    """The name of a split's loss, and what it has for each wrong answer; None where the two are not logged together."""
    losses = [c for c in run.having(loss_role) if c.metric == "loss"]
    accuracies = [c for c in run.having(metric_role) if c.metric == "accuracy"]
    if len(losses) != 1 or len(accuracies) != 1:  # of several, none can be said to belong to another
        return None
    loss, accuracy = losses[0], accuracies[0]
    if not np.array_equal(loss.steps, accuracy.steps):
        return None
    both = loss.sound & accuracy.sound
    if both.sum() < FEWEST:
        return None
    right = np.abs(accuracy.values[both])
    right = right / (PERCENT if right.max() > NOT_PERCENT else 1.0)
    wrong, total = float(np.maximum(1.0 - right - ROUNDED, 0.0).sum()), float(loss.values[both].sum())
    if wrong <= 0.0 or not math.isfinite(total):
        return None
    return loss.name, (total if loss.direction == "min" else -total) / wrong
