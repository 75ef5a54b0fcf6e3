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

from diagnosis.examination import Examination
from diagnosis.examined import attempt, examined
from diagnosis.fixes import Fix
from diagnosis.model_check import Fires, Quiet, found, model_check
from diagnosis.model_fixes import clip, guard, rate
from diagnosis.rule import Cause, Evidence, Finding
from diagnosis.sections import Asked, Batch, Broken

WHAT = "loss"
COOLER = 0.1  # times the learning rate
LOST = attempt() | {"stopped": "non_finite", "final": None}

CLASSES, IGNORED = ("cross_entropy", "nll"), -100  # the label that torch leaves out of a mean

CAUSES = (
    Cause(
        "The loss takes a logarithm of zero, or squares what overflows.",
        "Compute the loss by hand in float64 from the same output.",
    ),
    Cause("The learning rate is too high: outputs overflow.", "Take the same steps at a tenth of the rate."),
    Cause("NaN or infinity among the targets.", "Check targets with torch.isfinite(x).all()."),
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
    steady = (guard(broken.where), clip("Keeps outputs from overflowing."))
    fixes = (data,) if spoilt else steady if broken.start else (cooler, clip("Bounds what one step can do."), *steady)
    causes = CAUSES[::-1] if spoilt else CAUSES if broken.start else (CAUSES[1], CAUSES[0], CAUSES[2])
    if asked.loss in CLASSES and batch.fit != "soft" and batch.low is None and not spoilt:
        return found(
            f"Every label is {IGNORED}, which {asked.loss} leaves out: a mean over nothing is not a number.",
            Evidence("labels", 0, 1, "labels", f"other than {IGNORED}", exceeds=False),
            fixes=(Fix("check_labels", f"Give at least one label that is not {IGNORED}.", "It stands for no label."),),
        )
    return found(
        f"The loss is not finite at step {broken.step}{where}.",
        Evidence("step", broken.step, None, "steps", "when it broke"),
        Evidence("not_finite_in_batch", spoilt, 0 if spoilt else None, "numbers", "NaN or infinity in inputs and targets"),
        fixes=fixes, causes=causes,
    )  # fmt: skip
