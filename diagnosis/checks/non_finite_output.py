"""The output holds NaN or infinity.

What it means
    A layer gave something that is no number. Whatever comes after it, the loss included, is none either.

How it is detected
    The output of the first pass, or of one in training, holds NaN or plus infinity; the first operation that gave
    such a value is looked up by a second pass. Weights that are no numbers in the archive itself are named instead.

When it is wrong
    Minus infinity is how logits are masked, and is let pass. What breaks at a rate that is too high only is named
    so.

Sources
    PyTorch documentation, "Numerical accuracy", and torch.autograd.detect_anomaly.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.model_check import model_check
from diagnosis.examining.model_fixes import BF16
from diagnosis.examining.not_finite import advice, broke, examples, first_in, spoilt, told
from diagnosis.examining.sections import Batch, Broken
from diagnosis.rule import Cause, Finding

WHAT = "output"

CAUSES = (
    Cause(
        "A division by zero, a logarithm or root of nothing, an overflow in half precision.",
        "Print torch.isfinite(x).all() after each module.",
    ),
    Cause("The learning rate is too high: weights overflow.", "Take the same steps at a tenth of the rate."),
    Cause("NaN or infinity in the batch.", "Check inputs and targets with torch.isfinite(x).all()."),
)


@model_check(severity="error", causes=CAUSES, examples=examples(WHAT))
def check(broken: Broken | None, batch: Batch, examination: Examination) -> Finding | None:
    """Say at which step it broke, and where first."""
    broken = broke(WHAT, broken, examination)
    if broken is None:
        return None
    count = spoilt(batch)
    fixes, causes = advice(broken, examination, CAUSES)
    if "float16" in examination.model.dtypes and not count:
        fixes = (BF16, *fixes)
    numbers = "1 number of the batch is" if count == 1 else f"{count} numbers of the batch are"
    said = f", and {numbers} not either" if count else first_in(broken)
    return told(f"The output is not finite at step {broken.step}{said}.", broken, batch, (fixes, causes))
