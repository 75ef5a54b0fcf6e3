"""A ReLU stands between the last layer and the loss.

What it means
    The loss wants scores of either sign. A ReLU cuts the negative ones to zero, where no gradient comes through: runs
    hardly converge, or not from every start.

How it is detected
    The last operation before the output, views left aside, is a ReLU (or a cut at zero), or one that may be a ReLU by
    hand, after which no number is negative and `ZEROS` of them are exactly zero. For losses of a regression it counts only
    where targets are negative, or where all of the output is zero, from the start or at the end of a training that failed. A clamp counts that holds
    all of the output at its bound.

When it is wrong
    A regression to targets that cannot be negative may end in a ReLU. A ReLU before a pooling (SqueezeNet) is no last
    operation.

Sources
    PyTorch documentation, CrossEntropyLoss and BCEWithLogitsLoss: the input is expected to hold unnormalised logits.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import drop_activation, scheme
from diagnosis.examining.sections import After, Asked, Batch, Output
from diagnosis.rule import Cause, Evidence, Finding

HINGES = ("relu", "threshold", "clamp_min", "hardtanh", "clamp")
CLAMPS = ("clamp", "clamp_min", "clamp_max", "hardtanh")
MAYBE = ("maximum", "where", "mul", "max")  # by hand: the numbers decide
ZEROS = 0.2  # of the output
NUMBERS = 20  # in it; fewer may all be positive by chance
WANTS_LOGITS = ("cross_entropy", "nll", "bce_with_logits")

CAUSES = (
    Cause(
        "The activation of the hidden layers was put after the last layer too.", "Print the last module of the model."
    ),
)
EXAMPLES = (
    Fires("a ReLU before cross-entropy", examined(output={"last": "relu", "low": 0.0, "zeros": 0.5})),
    Fires(
        "a ReLU that is shut from the start",
        examined(
            asked={"loss": "mse"},
            output={"last": "relu", "low": 0.0, "high": 0.0, "zeros": 1.0},
            batch={"low": 0.0},
            attempts=[stuck()],
        ),
    ),
    Quiet("a ReLU before a pooling", examined(output={"last": "mean", "low": 0.0})),
    Quiet(
        "a regression to positive targets",
        examined(asked={"loss": "mse"}, output={"last": "relu", "low": 0.0, "zeros": 0.5}, batch={"low": 0.0}),
    ),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(output: Output, asked: Asked, batch: Batch, after: After | None, passed: bool) -> Finding | None:  # noqa: FBT001 - by the name of the field
    """Look at the last operation, and at the signs of the output."""
    if output.low is None or output.low < 0.0:
        return None
    if output.last in CLAMPS and 0.0 < output.low == output.high and not passed:
        return _at_its_bound(output, asked)
    cut = output.last in MAYBE and output.zeros >= ZEROS and output.numbers >= NUMBERS and output.high != 0.0
    if output.last not in HINGES and not cut:
        return None
    ended = after is not None and after.low == after.high == 0.0
    shut = (output.zeros == 1.0 or ended) and output.last in HINGES and not passed and batch.high != batch.low
    if asked.loss not in WANTS_LOGITS and (batch.low is None or batch.low >= 0.0) and not shut:
        return None
    name = "ReLU" if output.last in (*HINGES, None) else f"{output.last} (it acts like a ReLU)"
    fix = drop_activation("ReLU", asked.loss)
    leaky = Fix(
        "change_activation",
        "If it must stay, use a LeakyReLU.",
        "It lets negative scores through.",
        {"to": "leaky_relu"},
    )
    if shut:
        open_ = scheme(
            "a positive bias in the last layer",
            "Some of the output is then above zero, where a gradient comes through.",
        )
        return found(
            f"The output passes a ReLU before {asked.loss}, and all of it is zero: no gradient comes through.",
            Evidence("zeros", output.zeros, ZEROS, "share of the output", "exactly zero"),
            fixes=(fix, open_, leaky), severity="error",
        )  # fmt: skip
    return found(
        f"The output passes a {name} before {asked.loss}: {100 * output.zeros:.0f} % of it is exactly zero, and no number is negative.",
        Evidence("zeros", output.zeros, ZEROS if cut else None, "share of the output", "exactly zero"),
        Evidence("lowest", output.low, 0.0, "output", "lowest value of the first output"),
        fixes=(fix, leaky), severity="warning" if passed else "error",
    )  # fmt: skip


def _at_its_bound(output: Output, asked: Asked) -> Finding:
    """A clamp that cut all of the output."""
    return found(
        f"All of the output is at the bound of a clamp before {asked.loss}, {output.low:g}: no gradient comes through.",
        Evidence("lowest", output.low or 0.0, output.high, "output", "lowest and highest value of the first output"),
        fixes=(drop_activation("clamp", asked.loss),), severity="error",
    )  # fmt: skip
