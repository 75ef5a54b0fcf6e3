"""All labels of the batch are the same class.

What it means
    The batch can be learnt by a constant answer: that it was learnt says nothing about the model. A loader that gives such
    batches is not shuffled.

How it is detected
    Two labels or more, all of one class.

When it is wrong
    Two examples of few classes are alike by chance. A batch chosen so on purpose is no fault.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: look at the batch just before the network.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Batch
from diagnosis.rule import Cause, Evidence, Finding

TWO = 2  # labels; one alone is of one class

CAUSES = (
    Cause("The data are sorted by class, and the loader does not shuffle.", "Print the labels of the next batches."),
    Cause("Labels were lost on the way (all zero).", "Compare a label with its source."),
)
EXAMPLES = (
    Fires("all of class 0", examined(batch={"seen": 1, "share": 1.0})),
    Quiet("one example", examined(batch={"seen": 1, "share": 1.0, "labels": 1, "examples": 1})),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(batch: Batch) -> Finding | None:
    """Count the classes."""
    if batch.seen != 1 or batch.labels < TWO or batch.examples < TWO:
        return None
    classes = batch.classes or 0
    expected = classes * (1.0 - (1.0 - 1.0 / classes) ** batch.labels) if classes > 1 else 0.0
    usual = f"about {expected:.2g} of {classes} classes" if expected else "several classes"
    fixes = (
        Fix(
            "shuffle_data",
            f"Shuffle: a batch of {batch.labels} labels then holds {usual}.",
            "Learning one class by heart needs no inputs.",
        ),
        Fix(
            "check_labels",
            f"Check that the {batch.labels} labels are not all {batch.low or 0:g} by mistake.",
            "A constant answer would do.",
            {"examples": batch.labels},
        ),
    )
    share = Evidence("share", 1.0, 1.0, "share of the labels", f"labels of class {batch.low or 0:g}")
    return found(
        f"All {batch.labels} labels are class {batch.low or 0:g}: a constant answer learns this batch.",
        share,
        fixes=fixes,
    )
