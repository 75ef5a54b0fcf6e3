"""Why a batch cannot be learnt, where the model itself tells it: what its output can reach, what trains, what it is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from diagnosis.advice.fix import Fix, significant
from diagnosis.examining.examination import Examination
from diagnosis.examining.sections import Batch
from diagnosis.rule import Cause

RANGES = {
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}  # of what ends so
REGRESSION, SCORED = ("mse", "l1", "huber"), ("cross_entropy", "bce_with_logits")
BEYOND = 0.05  # of that range: targets that lie further out are out of reach, and not rounded
BIG = 1e3  # deviation of regression targets, beyond which they are a cause of their own
TINY = 1e-3  # between the lowest score and the highest: even odds to three digits
APART = 1e-5  # of their size, between the scores of different examples: they are not all one
HELD = 0.9  # of the parameters: with more of them frozen, hardly anything trains
TWO = 2  # layers, between which something can bend
ROUND = 1.01  # times the bound of a normalised row
TWICE = "backward through the graph a second time"  # as torch says it


@dataclass(frozen=True)
class Reason:
    """One thing that keeps a model from learning a batch: a sentence, what to do, how to see it."""

    says: str
    fix: Fix
    cause: Cause


def reasons(examination: Examination) -> tuple[Reason, ...]:
    """All that is seen, surest first."""
    sure = (*_kept(examination), *_out_of_reach(examination), *_held(examination), *_straight(examination))
    return sure or tuple(_scores(examination))


def _kept(examination: Examination) -> Iterator[Reason]:
    """A state that carries its graph into the next step."""
    best = examination.best
    if best is not None and best.stopped == "failed" and TWICE in best.says:
        yield Reason(
            "The second step goes back through the first: forward keeps a tensor from one call to the next, with its graph.",
            Fix(
                "detach_state",
                "Keep the state detached: self.state = state.detach().",
                "A graph can be gone back through once.",
            ),
            Cause("A hidden state is kept between calls.", "Search forward for what is assigned to self."),
        )


def _out_of_reach(examination: Examination) -> Iterator[Reason]:
    """Targets that the last activation cannot give."""
    last, batch = examination.output.last or "", examination.batch
    if examination.asked.loss not in REGRESSION or last not in RANGES or batch.low is None or batch.high is None:
        return
    low, high = RANGES[last]
    slack = BEYOND * (high - low)
    if batch.low < low - slack or batch.high > high + slack:
        yield Reason(
            f"Targets run from {batch.low:.4g} to {batch.high:.4g}, and the {last} at the end gives {low:g} to {high:g} only.",
            Fix("remove_output_activation", f"Remove the {last} after the last layer, or scale the targets to {low:g} to {high:g}.",
                "What the output cannot reach is never learnt.", {"activation": last}),
            Cause("The last activation bounds the output below the targets.", "Compare output.min() and output.max() with those of the targets."),
        )  # fmt: skip


def _held(examination: Examination) -> Iterator[Reason]:
    """Nearly all parameters frozen."""
    model = examination.model
    held = model.parameters - model.trainable
    if held > HELD * model.parameters:
        names = list(model.frozen)
        yield Reason(
            f"{held} of {model.parameters} parameters are frozen.",
            Fix("check_trainable_parameters", f"Set requires_grad_(True) on more than {model.trainable} parameters; {names[0] if names else 'most'} is frozen.",
                f"{held} of {model.parameters} have requires_grad off.", {"names": names[:20]}),
            Cause("Too much is frozen.", "Print [n for n, p in model.named_parameters() if not p.requires_grad]."),
        )  # fmt: skip


def _straight(examination: Examination) -> Iterator[Reason]:
    """Layers with nothing between them that bends."""
    if examination.model.linear and examination.model.layers >= TWO:
        yield Reason(
            f"Nothing between the {examination.model.layers} layers bends: together they are one linear layer.",
            Fix(
                "change_activation",
                "Put a ReLU or GELU between the layers.",
                "A product of matrices is a matrix.",
                {"to": "relu"},
            ),
            Cause(
                "Activations are missing between the layers.", "Print the model: count what stands between two layers."
            ),
        )


def _scores(examination: Examination) -> Iterator[Reason]:
    """Scores that cannot grow: each is right, and none is sure."""
    after = examination.after
    if (
        examination.asked.loss not in SCORED
        or examination.model.returns_loss
        or after is None
        or after.low is None
        or after.high is None
    ):
        return
    classes = examination.batch.classes or TWO
    tiny = 0.0 < after.high - after.low < TINY and (after.spread or 0.0) > APART
    normalised = (
        examination.output.last == "native_layer_norm" and max(-after.low, after.high) <= ROUND * (classes - 1) ** 0.5
    )
    right = (after.metric or {}).get("accuracy") == 1.0
    if tiny or normalised or right:
        says = (
            "Every label is answered rightly, and the scores do not grow"
            if right and not tiny
            else "The scores do not grow"
        )
        yield Reason(
            f"{says}: they stay between {after.low:.2g} and {after.high:.2g}.",
            Fix("scale_output", "Remove what scales or normalises the output, or multiply it by a number that is learnt.",
                "A loss near zero needs scores that differ by five and more.", {"factor": significant(10.0 / max(after.high - after.low, 1e-30))}),
            Cause("The output is normalised, bounded or multiplied by a small number.", "Print output.min() and output.max() while training."),
        )  # fmt: skip


def aims(examination: Examination) -> int:
    """How many targets there are to learn: every number of a regression."""
    batch = examination.batch
    numbers = (
        math.prod(int(size) for size in batch.targets[1:]) if examination.asked.loss in REGRESSION else batch.labels
    )
    return max(numbers, batch.examples)


def standard(batch: Batch) -> tuple[Fix, ...]:
    """For targets far larger than what a network answers."""
    if batch.deviation is None or batch.deviation <= BIG or batch.mean is None:
        return ()
    return (
        Fix(
            "standardize_targets",
            f"Standardise the targets: (y − {batch.mean:.4g}) / {batch.deviation:.4g}.",
            "Their size is far from what a fresh network answers.",
            {"mean": batch.mean, "deviation": batch.deviation},
        ),
    )


def general(examination: Examination, *, small: bool) -> tuple[Fix, ...]:
    """Where nothing is known: the labels, or the size of the model, whichever is likelier."""
    batch, model = examination.batch, examination.model
    paired = Fix(
        "check_labels",
        f"Check that the labels of these {batch.examples} examples belong to their inputs, and that inputs are not constant.",
        "It is the commonest reason where the graph shows none.",
        {"examples": batch.examples},
    )
    bigger = Fix(
        "increase_capacity",
        "Double the model's width.",
        f"{model.trainable} parameters are to learn {aims(examination)} targets.",
        {"factor": 2},
    )
    return (bigger, paired) if small else (paired, bigger)
