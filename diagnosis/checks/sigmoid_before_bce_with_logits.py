"""The output is squashed to probabilities, and bce_with_logits takes their sigmoid again.

What it means
    The loss expects raw scores. Given probabilities, its own sigmoid only sees 0 to 1, so it answers between 0.5 and 0.73:
    even a perfect model pays ln 2 for every negative and 0.31 for every positive.

How it is detected
    The last operation before the output, views left aside, is a sigmoid, a hard sigmoid, a softmax or a tanh. Or, where
    it is written out: the output lies between 0 and 1 at first, and training that failed drove it against both ends.

When it is wrong
    Never, where the loss is really bce_with_logits; with binary_cross_entropy the sigmoid is right.

Sources
    PyTorch documentation, BCEWithLogitsLoss: it combines a sigmoid layer and the BCELoss in one class.
"""

import math

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import drop_activation
from diagnosis.examining.sections import Asked, Output
from diagnosis.rule import Cause, Evidence, Finding

SQUASHING = ("sigmoid", "hardsigmoid", "softmax", "safe_softmax", "tanh")
BEST = math.log1p(math.exp(-1.0))  # for a positive that is answered with 1

CAUSES = (
    Cause(
        "The sigmoid for predictions is part of the model that is trained.",
        "Print output.min() and output.max(): they lie in 0 to 1.",
    ),
)
BINARY = {"loss": "bce_with_logits"}
EXAMPLES = (
    Fires(
        "a sigmoid at the end",
        examined(asked=BINARY, output={"last": "sigmoid", "low": 0.4, "high": 0.6}, attempts=[stuck(final=0.5)]),
    ),
    Fires(
        "a sigmoid that is written out",
        examined(
            asked=BINARY,
            output={"last": "reciprocal", "low": 0.4, "high": 0.6},
            attempts=[stuck(final=0.5)],
            after={"low": 0.0, "high": 0.999},
        ),
    ),
    Quiet(
        "scores that are small at first",
        examined(
            asked=BINARY,
            output={"low": 0.4, "high": 0.6},
            attempts=[stuck(final=0.5)],
            after={"low": -3.0, "high": 4.0},
        ),
    ),
    Quiet("a sigmoid, and mse", examined(asked={"loss": "mse"}, output={"last": "sigmoid"})),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(output: Output, asked: Asked, passed: bool, squashed: bool) -> Finding | None:  # noqa: FBT001 - by the names of the fields
    """Look at the last operation."""
    if asked.loss != "bce_with_logits" or not (output.last in SQUASHING or squashed):
        return None
    name = output.last.removeprefix("safe_") if output.last in SQUASHING else "sigmoid"
    fix = drop_activation(name, "bce_with_logits")
    other = Fix(
        "change_loss",
        "Or keep it and use binary_cross_entropy.",
        "The sigmoid is then taken once.",
        {"to": "binary_cross_entropy"},
    )
    return found(
        f"A {name} stands before bce_with_logits, which takes a sigmoid itself: no positive can cost less than {BEST:.2g}.",
        Evidence("lowest_for_positives", BEST, None, "loss", "of outputs up to 1"),
        Evidence("highest", output.high or 0.0, None, "output", "the highest number of the first output"),
        fixes=(fix, other), severity="warning" if passed else "error",
    )  # fmt: skip
