"""How many classes there are, where nobody said so: a run that began by guessing, and has hardly left that, betrays it.

An untrained classifier scores ln C, and one right answer in C. Where loss and accuracy both begin there, the number is sure, and with it how
little was learnt: 2.26 from 2.30 is next to nothing, however smoothly it came down. A run that learns well is not asked; nor one that comes to
rest by itself, as where noise or a language leaves no more to learn; nor one of two classes, whose labels may be so noisy that no model gets far.
"""

from __future__ import annotations

import math
from dataclasses import replace

from diagnosis.features.evenly import evenly
from diagnosis.features.guessing import CHANCE, NEARLY_ONE_IN_C, known_by_sight
from diagnosis.features.measured import Measured
from diagnosis.features.skill import GOOD
from diagnosis.run import Context, Run

HARDLY = 0.25  # share of what guessing scores: a loss that fell by more is judged without it
FEWEST, MOST = 3, 1000  # classes


def of_beginners(
    run: Run, losses: tuple[Measured | None, ...], metrics: tuple[Measured | None, ...], notes: list[str]
) -> Run:
    """The run with its number of classes said, where training's loss, the first of `losses`, and all accuracies tell it."""
    if not _asks(run.context):
        return run
    told = [loss for loss in losses if loss and loss.curve.metric == "loss" and not loss.resumed]
    right = [metric for metric in metrics if metric and metric.curve.metric == "accuracy"]
    if not told or told[0] is not losses[0] or not right or any(metric.right(metric.end) > GOOD for metric in right):
        return run
    first = max(told[0].start, 0.0)
    classes = next(known_by_sight(first), round(math.exp(min(first, math.log(MOST)))))
    if not FEWEST <= classes <= MOST:
        return run
    level = math.log(classes)
    began = all(abs(loss.start / level - 1.0) <= CHANCE and loss.end > (1.0 - HARDLY) * level for loss in told)
    creeps = told[0].end > (1.0 - CHANCE) * level or evenly(told[0])
    if not (began and creeps) or any(abs(m.right(m.start) * classes - 1.0) > NEARLY_ONE_IN_C for m in right):
        return run
    notes.append(
        f"{told[0].name} begins at {told[0].said(told[0].start)} and {right[0].name} at {right[0].said(right[0].start)}, as guessing among "
        f"{classes} classes does, so context.num_classes is taken to be {classes}"
    )
    return replace(run, context=replace(run.context, num_classes=classes))


def _asks(context: Context) -> bool:
    """Whether nothing else says what guessing scores."""
    return context.num_classes is None and context.baseline is None and context.task in {None, "classification"}
