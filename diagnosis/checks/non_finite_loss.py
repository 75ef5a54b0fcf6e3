"""The loss is NaN or infinite, of an output that is finite.

What it means
    The output is sound, and the loss made of it is no number: nothing can be learnt from it.

How it is detected
    The loss of the first pass, or of one in training, is not finite while the output is.

When it is wrong
    A loss that overflows at a rate that is too high only is named so.

Sources
    PyTorch documentation, "Numerical accuracy", and torch.autograd.detect_anomaly.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.model_check import found, model_check
from diagnosis.examining.not_finite import advice, broke, examples, first_in, spoilt, told
from diagnosis.examining.sections import Asked, Batch, Broken
from diagnosis.rule import Cause, Evidence, Finding

WHAT = "loss"
CLASSES, IGNORED = ("cross_entropy", "nll"), -100  # the label that torch leaves out of a mean

CAUSES = (
    Cause(
        "The loss takes a logarithm of zero, or squares what overflows.",
        "Compute the loss by hand in float64 from the same output.",
    ),
    Cause("The learning rate is too high: outputs overflow.", "Take the same steps at a tenth of the rate."),
    Cause("NaN or infinity among the targets.", "Check targets with torch.isfinite(x).all()."),
)


@model_check(severity="error", causes=CAUSES, examples=examples(WHAT))
def check(broken: Broken | None, batch: Batch, asked: Asked, examination: Examination) -> Finding | None:
    """Say at which step it broke, and where first."""
    broken = broke(WHAT, broken, examination)
    if broken is None:
        return None
    if asked.loss in CLASSES and batch.fit != "soft" and batch.low is None and not spoilt(batch):
        return found(
            f"Every label is {IGNORED}, which {asked.loss} leaves out: a mean over nothing is not a number.",
            Evidence("labels", 0, 1, "labels", f"other than {IGNORED}", exceeds=False),
            fixes=(
                Fix(
                    "check_labels",
                    f"Give at least one of {batch.labels or batch.examples} labels that is not {IGNORED}.",
                    "It stands for no label.",
                    {"ignore": IGNORED},
                ),
            ),
        )
    advised = advice(broken, examination, CAUSES)
    return told(f"The loss is not finite at step {broken.step}{first_in(broken)}.", broken, batch, advised)
