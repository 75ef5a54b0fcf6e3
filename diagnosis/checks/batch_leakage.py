"""The output for one example depends on the others of its batch.

What it means
    Examples are mixed, mostly by a view or a transpose of the wrong dimension. The model can cheat in training, and answers
    differently for every batch it is served in.

How it is detected
    In eval mode one example is replaced by another; the outputs of the others move by more than `MOST` of their size.
    A model that normalises over the batch in eval mode too is not asked. Where what is second keeps apart, the first
    dimension may be time, as torch has it by default; so it may where one sequence is all that came and only what is
    later moves: then it is a warning, for a forgotten batch_first looks the same.

When it is wrong
    Losses over pairs within a batch compare examples by design (an N × N output is not asked). Where examples are the nodes of one graph they speak with one another by design:
    this is seen where an input lists the edges, and not where the graph is part of the model.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: use backprop to chart dependencies.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Dependence
from diagnosis.rule import Cause, Evidence, Finding, Skipped

MOST = 1e-4  # of the size of the output; another order of summation moves it by less than 1e-6

CAUSES = (
    Cause(
        "view or reshape where transpose or permute was meant.",
        "Put the example's number into its inputs, and print them after each reshape.",
    ),
    Cause(
        "batch_first is missing, so that time and batch are exchanged.",
        "Compare the shape with what the LSTM, GRU or attention expects.",
    ),
    Cause("A softmax, mean or normalisation over dimension 0.", "Search forward for dim=0."),
)
EXAMPLES = (
    Fires("a view across examples", examined(dependence={"leaks": 0.3})),
    Fires("the second dimension keeps apart", examined(dependence={"leaks": 0.3, "time_first": True})),
    Quiet("batch norm in eval mode", examined(dependence={"leaks": 1e-7})),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(dependence: Dependence) -> Finding | Skipped | None:
    """See whether the others move."""
    if dependence.leaks is None:
        return Skipped(
            "it normalises over the batch"
            if dependence.mixes_in_eval
            else "needs two examples, and inputs and outputs that belong to one of them each"
        )
    if dependence.leaks <= MOST:
        return None
    fix = Fix(
        "separate_examples",
        "Use transpose or permute instead of view across dimension 0, set batch_first=True, and sum over dim=1 and up.",
        "Dimension 0 must pass through untouched.",
    )
    moved = Evidence(
        "moved", dependence.leaks, MOST, "share of the output's size", "the outputs of other examples, in eval mode"
    )
    if dependence.time_first:
        first = Fix(
            "separate_examples",
            "Nothing, if time (or one sequence) comes first in this batch; set batch_first=True if examples do.",
            "torch's recurrent layers and attention take time first unless they are told otherwise.",
        )
        return found(
            "Dimension 0 is passed through as time is: sound if the batch comes time first, and a batch_first that is missing if examples do.",
            moved,
            fixes=(first,), severity="warning", causes=(CAUSES[1],), against=("Inputs and targets that come time first.",),
        )  # fmt: skip
    return found(
        f"Replacing one example moves the outputs of the others by {dependence.leaks:.2g} of their size.",
        moved,
        fixes=(fix,), against=("Examples that are nodes of one graph, or are to be compared with one another.",),
    )  # fmt: skip
