"""A gradient is NaN or infinite, though the loss is finite.

What it means
    One step with it makes weights NaN, and everything after.

How it is detected
    After a backward pass from a finite loss, the gradient of a parameter holds NaN or infinity.

When it is wrong
    Infinite gradients for a step are how mixed-precision training finds its loss scale.

Sources
    PyTorch documentation, "Numerical accuracy", and torch.autograd.detect_anomaly.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.model_check import model_check
from diagnosis.examining.not_finite import advice, broke, examples, first_in, told
from diagnosis.examining.sections import Batch, Broken
from diagnosis.rule import Cause, Finding

WHAT = "gradients"

CAUSES = (
    Cause(
        "The derivative of a root, a norm or a power at zero, or of a where() with an infinite branch.",
        "Run backward under torch.autograd.detect_anomaly().",
    ),
    Cause("Gradients overflow.", "Divide the loss by 1000: they are finite again."),
    Cause("NaN or infinity in the batch.", "Check inputs and targets with torch.isfinite(x).all()."),
)


@model_check(severity="error", causes=CAUSES, examples=examples(WHAT))
def check(broken: Broken | None, batch: Batch, examination: Examination) -> Finding | None:
    """Say at which step it broke, and where first."""
    broken = broke(WHAT, broken, examination)
    if broken is None:
        return None
    advised = advice(broken, examination, CAUSES)
    return told(f"A gradient is not finite at step {broken.step}{first_in(broken)}.", broken, batch, advised)
