"""The same input occurs with different targets.

What it means
    No model can be right on both: the loss cannot fall to zero, but only to the floor that is given.

How it is detected
    Examples with identical inputs, bit by bit, have targets that differ.

When it is wrong
    Data can be ambiguous by nature; then the floor is what there is to reach.

Sources
    C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets", 2021.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Batch, Levels
from diagnosis.rule import Cause, Evidence, Finding

CAUSES = (
    Cause("Duplicates were labelled twice, differently.", "List the duplicates with their labels."),
    Cause(
        "Inputs lost what tells them apart: cut, rounded, or zero.",
        "Count the distinct inputs before and after preprocessing.",
    ),
)
EXAMPLES = (
    Fires("one pair", examined(batch={"contradicting": 2, "repeated": 2}, levels={"floor": 0.043})),
    Quiet("duplicates that agree", examined(batch={"repeated": 4})),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(batch: Batch, levels: Levels) -> Finding | None:
    """Count the examples that contradict each other."""
    if batch.contradicting == 0:
        return None
    fix = Fix(
        "check_labels",
        f"Give one label to each input of the {batch.contradicting} examples that contradict each other, or leave them out.",
        f"The loss can then fall below {levels.floor:.4g}.",
        {"examples": batch.contradicting},
    )
    look = Fix(
        "check_batch",
        "See whether preprocessing made different inputs the same.",
        f"{batch.repeated} of {batch.examples} inputs occur more than once.",
    )
    return found(
        f"{batch.contradicting} of {batch.examples} examples have the same input as another, and another target: the loss cannot fall below {levels.floor:.4g}.",
        Evidence("contradicting", batch.contradicting, 0, "examples", "same input, other target"),
        Evidence("floor", levels.floor, 0.0, "loss", "the lowest that is possible"),
        fixes=(look, fix) if batch.repeated == batch.examples else (fix, look),
    )
