"""The output is the same for every example.

What it means
    Whatever goes in, the same comes out: nothing can be told apart, and the best loss is that of a constant answer.

How it is detected
    After training that did not learn the batch (or before, where none was possible), the outputs for different examples
    lie within `FLAT` of their size, though their targets differ.

When it is wrong
    A last layer that starts at zero is constant at first, and only then. One example alone shows nothing.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: input-independent baseline.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import After, Batch, Dependence
from diagnosis.rule import Cause, Evidence, Finding, Skipped

FLAT = 1e-5  # of the size of the outputs; rounding is below
TWO = 2  # examples needed to differ

CAUSES = (
    Cause(
        "Every unit of a layer is dead: only biases come through.",
        "Look at dead_relu; print activations layer by layer.",
    ),
    Cause("A softmax over a dimension of size 1, or a normalisation over one value.", "Print the shape before it."),
    Cause("A step before the output: round, sign, argmax.", "Print the output before it: there examples differ."),
    Cause("The inputs do not reach the output.", "Replace them by noise: the output stays the same."),
)
EXAMPLES = (
    Fires("after training", examined(attempts=[stuck()], after={"spread": 0.0, "ignored": [0]})),
    Quiet("a last layer that starts at zero", examined(dependence={"spread": 0.0})),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES)
def check(
    batch: Batch, examination: Examination, dependence: Dependence | None, after: After | None
) -> Finding | Skipped | None:
    """Look at the spread of the answers."""
    if examination.passed:
        return None
    if examination.broken is not None and (after is None or after.loss is None):
        return Skipped("masked by what is not finite")
    seen = after.spread if after else dependence.spread if dependence else None
    if seen is None:
        return Skipped("one example shows no spread" if batch.examples < TWO else "there was no time to ask")
    if seen > FLAT or (batch.deviation == 0.0):
        return None
    fixes = (
        Fix(
            "use_inputs",
            "Find the first layer whose output is the same for all examples, and what makes it so.",
            "Before it the inputs are still there.",
        ),
        Fix(
            "change_activation",
            "Where units are dead, use LeakyReLU.",
            "It passes a gradient on either side.",
            {"to": "leaky_relu"},
        ),
    )
    return found(
        "The output is the same for every example, whatever the input.",
        Evidence("spread", seen, FLAT, "share of the output's size", "between examples", exceeds=False),
        fixes=fixes,
    )
