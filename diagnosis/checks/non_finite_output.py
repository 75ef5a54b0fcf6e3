"""The output holds NaN or infinity.

What it means
    A layer gave something that is no number. Whatever comes after it, the loss included, is none either.

How it is detected
    The output of the first pass, or of one in training, holds NaN or plus infinity; the first operation that gave
    such a value is looked up by a second pass.

When it is wrong
    Minus infinity is how logits are masked, and is let pass. What breaks at a rate that is too high only is named
    so.

Sources
    PyTorch documentation, "Numerical accuracy", and torch.autograd.detect_anomaly.
"""

from diagnosis.examination import Examination
from diagnosis.examined import attempt, examined
from diagnosis.fixes import Fix
from diagnosis.model_check import Fires, Quiet, found, model_check
from diagnosis.model_fixes import BF16, clip, guard, rate
from diagnosis.rule import Cause, Evidence, Finding
from diagnosis.sections import Asked, Batch, Broken

WHAT = "output"
COOLER = 0.1  # times the learning rate
LOST = attempt() | {"stopped": "non_finite", "final": None}

CAUSES = (
    Cause(
        "A division by zero, a logarithm or root of nothing, an overflow in half precision.",
        "Print torch.isfinite(x).all() after each module.",
    ),
    Cause("The learning rate is too high: weights overflow.", "Take the same steps at a tenth of the rate."),
    Cause("NaN or infinity in the batch.", "Check inputs and targets with torch.isfinite(x).all()."),
)
EXAMPLES = (
    Fires(
        "from the start",
        examined(broken={"what": WHAT, "step": 0, "where": "2", "start": True}, attempts=[], used=None, after=None),
    ),
    Fires(
        "while training",
        examined(broken={"what": WHAT, "step": 7, "where": "2", "start": False}, attempts=[LOST]),
    ),
    Quiet(
        "another rate trains",
        examined(
            broken={"what": WHAT, "step": 7, "where": "2", "start": False},
            attempts=[LOST, attempt(1e-4)],
            used=1,
        ),
    ),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES)
def check(broken: Broken | None, batch: Batch, asked: Asked, examination: Examination) -> Finding | None:
    """Say at which step it broke, and where first."""
    if broken is None or broken.what != WHAT or (not broken.start and examination.passed):
        return None
    spoilt = batch.inputs_not_finite + batch.targets_not_finite
    where = f", first in {broken.where}" if broken.where else ""
    data = Fix(
        "check_batch", "Remove or replace NaN and infinity in the batch.", f"{spoilt} of its numbers are not finite."
    )
    cooler = rate(asked, COOLER * asked.lr, "It broke after steps were taken, so steps may be what broke it.")
    steady = (guard(broken.where), clip("Keeps weights from overflowing."))
    fixes = (data,) if spoilt else steady if broken.start else (cooler, clip("Bounds what one step can do."), *steady)
    causes = CAUSES[::-1] if spoilt else CAUSES if broken.start else (CAUSES[1], CAUSES[0], CAUSES[2])
    if "float16" in examination.model.dtypes and not spoilt:
        fixes = (BF16, *fixes)
    said = f", and {spoilt} numbers of the batch are not either" if spoilt else where
    return found(
        f"The output is not finite at step {broken.step}{said}.",
        Evidence("step", broken.step, None, "steps", "when it broke"),
        Evidence("not_finite_in_batch", spoilt, 0 if spoilt else None, "numbers", "NaN or infinity in inputs and targets"),
        fixes=fixes, causes=causes,
    )  # fmt: skip
