"""The output is squashed to probabilities, and cross_entropy takes their softmax again.

What it means
    cross_entropy expects raw scores. Given probabilities between 0 and 1, even a perfect answer costs
    ln(1 + (C − 1)/e), and the gradient is small everywhere: training is slow, and stops far above zero.

How it is detected
    The last operation before the output is a softmax or another function with values in 0 to 1, or every row of the first
    output is not negative and sums to 1. Or the output lies between 0 and 1 at first, and training that failed drove it
    against both ends.

When it is wrong
    A log_softmax before cross_entropy changes nothing, and is not named. A model that is trained with nll on the logarithm
    of probabilities is sound.

Sources
    PyTorch documentation, CrossEntropyLoss: the input is expected to contain the unnormalised logits for each class.
"""

import math

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import drop_activation
from diagnosis.examining.sections import Asked, Batch, Output
from diagnosis.rule import Cause, Evidence, Finding

SQUASHING = ("softmax", "safe_softmax", "sigmoid", "hardsigmoid", "tanh")
NAMES = {"softmax": "softmax", "safe_softmax": "softmax"}

CAUSES = (
    Cause(
        "The softmax for predictions is part of the model that is trained.",
        "Print output.sum(1) of one batch: it is 1.",
    ),
)
EXAMPLES = (
    Fires(
        "a softmax at the end",
        examined(
            output={"last": "softmax", "probabilities": True, "low": 0.0, "high": 0.3}, attempts=[stuck(final=1.47)]
        ),
    ),
    Quiet(
        "a log_softmax at the end", examined(output={"last": "log_softmax", "log_probabilities": True, "high": -0.5})
    ),
    Fires(
        "a sigmoid that is written out",
        examined(
            output={"last": "reciprocal", "low": 0.4, "high": 0.6},
            attempts=[stuck(final=1.47)],
            after={"low": 0.0, "high": 0.999},
        ),
    ),
    Quiet("a softmax, and mse", examined(asked={"loss": "mse"}, output={"last": "softmax"})),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(output: Output, asked: Asked, batch: Batch, passed: bool, squashed: bool) -> Finding | None:  # noqa: FBT001 - by the names of the fields
    """Look at the last operation, and at what rows sum to."""
    known = output.last in SQUASHING or output.probabilities
    if asked.loss != "cross_entropy" or not (known or squashed) or batch.fit == "loss":
        return None
    last = NAMES.get(output.last or "", output.last or "softmax")
    name = "softmax" if output.probabilities else last if known else "sigmoid"
    classes = batch.classes or 2
    best = math.log1p((classes - 1) / math.e) if name != "tanh" else math.log1p((classes - 1) * math.exp(-2.0))
    fix = drop_activation(name, "cross_entropy")
    logs = Fix(
        "change_loss",
        "Or give the logarithm of the probabilities to nll_loss.",
        "Softmax is then taken once.",
        {"to": "nll"},
    )
    return found(
        f"A {name} stands before cross_entropy, which takes a softmax itself: with {classes} classes the loss cannot fall below {best:.3g}.",
        Evidence("lowest_possible", best, None, "loss", f"the lowest loss that outputs between {'−1' if name == 'tanh' else '0'} and 1 allow"),
        Evidence("highest", output.high or 0.0, None, "output", "the highest number of the first output"),
        fixes=(fix, logs) if name == "softmax" else (fix,), severity="warning" if passed else "error",
    )  # fmt: skip
