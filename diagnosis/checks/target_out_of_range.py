"""Targets are none of those that the loss knows.

What it means
    A label below 0 or not below the number of outputs is no class; a binary target outside 0 to 1 is no probability; NaN
    is nothing. On a GPU torch stops at it with an assert that names neither label nor place.

How it is detected
    Labels are compared with the size of the output's class dimension, `IGNORED` being let pass; binary and soft targets
    with 0 and 1.

When it is wrong
    A label meant to be ignored is named, where it is not torch's own −100 (255 in segmentation).

Sources
    PyTorch documentation, CrossEntropyLoss: class indices in the range [0, C).
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import into_unit, one_output
from diagnosis.examining.sections import Asked, Batch
from diagnosis.rule import Cause, Evidence, Finding

IGNORED = -100  # torch's ignore_index
VOID = 255  # what segmentation masks hold where there is no label

CAUSES = (
    Cause("Labels are counted from 1.", "Print targets.min() and targets.max()."),
    Cause(
        "The last layer has fewer outputs than there are classes.",
        "Compare its out_features with the number of classes.",
    ),
    Cause("A label that marks places to ignore is not −100.", "Count the labels by value."),
)
EXAMPLES = (
    Fires(
        "counted from 1",
        examined(batch={"outside": 3, "low": 1.0, "high": 10.0}, attempts=[], used=None, after=None, gradients=None),
    ),
    Quiet("all in range", examined()),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES)
def check(batch: Batch, asked: Asked) -> Finding | None:
    """Count what is out of range."""
    if batch.outside == 0:
        return None
    low, high, classes = batch.low or 0.0, batch.high or 0.0, batch.classes
    counted = Evidence("outside", batch.outside, 0, "targets", f"lowest {low:g}, highest {high:g}")
    if batch.targets_not_finite:
        fix = Fix(
            "check_labels",
            f"Remove or replace NaN and infinity among the targets: {batch.targets_not_finite} of {batch.labels} are.",
            "A loss of one of them is no number, and so is the mean.",
            {"examples": batch.targets_not_finite},
        )
        return found(f"{batch.targets_not_finite} targets are NaN or infinite.", counted, fixes=(fix,))
    if classes is None or batch.fit == "soft":
        fix = into_unit(low, high, f"{asked.loss} takes probabilities between 0 and 1.")
        return found(
            f"{batch.outside} targets lie outside 0 to 1: lowest {low:g}, highest {high:g}.", counted, fixes=(fix,)
        )
    if classes == 1 and low >= 0.0 and high <= 1.0:
        return found(
            f"{asked.loss} is given one output, and {batch.outside} labels of class 1: over one class it is 0 whatever the model answers.",
            counted,
            fixes=one_output(asked),
        )
    none = high if low >= 0 else low
    shift = Fix(
        "check_labels",
        f"Count labels from 0: targets − {low:g}."
        if low >= 1.0
        else f"Bring the {batch.outside} labels into 0 to {classes - 1}.",
        f"The lowest is {low:g}, the highest {high:g}, for {classes} outputs.",
        {"low": 0, "high": classes - 1, **({"add": -low} if low >= 1.0 else {})},
    )
    widen = Fix(
        "resize_output",
        f"Give the last layer {high + 1:.0f} outputs.",
        f"It has {classes}, and the highest label is {high:g}.",
        {"size": int(high) + 1},
    )
    ignore = Fix(
        "check_labels",
        f"Set the label {none:g} to {IGNORED}, or pass ignore_index={none:g}.",
        f"It is no class of {classes}, and may mean none.",
        {"ignore": int(none)},
    )
    marked = low < 0.0 or high == VOID
    fixes = (ignore, widen) if marked else (shift, widen) if low >= 1.0 and high == classes else (widen, shift)
    return found(
        f"{batch.outside} labels are no class: labels run from {low:g} to {high:g}, the output has {classes} classes (0 to {classes - 1}).",
        counted,
        fixes=fixes,
    )
