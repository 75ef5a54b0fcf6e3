"""The loss has no floor on this batch.

What it means
    It can fall for ever without anything being learnt, so that a low value is no pass: nll of something that is no
    log-probability, binary targets outside 0 to 1, or a loss of the model's own with its sign turned.

How it is detected
    For nll, the exponentials of the output do not sum to 1; for bce_with_logits, targets lie outside 0 to 1. A loss that
    the model returns itself is taken to end at zero: it starts below, or falls below when training goes on.

When it is wrong
    Outputs of probabilities bound nll at −1, far below what a right answer is worth: it is wrong all the same. The log
    density of a narrow Gaussian, or a negated similarity, is below zero in a sound model: where such a loss ends is not
    known here, and nothing is claimed of it.

Sources
    PyTorch documentation, NLLLoss: the input is expected to contain log-probabilities of each class.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import attempt, examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import into_unit
from diagnosis.examining.sections import Asked, Batch, Output
from diagnosis.rule import Cause, Evidence, Finding

CAUSES = (
    Cause(
        "nll_loss is given logits or probabilities instead of log-probabilities.",
        "Print output.exp().sum(1): it should be 1.",
    ),
    Cause("Binary targets are −1 and 1, or 0 and 255.", "Print targets.unique()."),
    Cause("The model returns the negative of its loss.", "Shuffle the targets: a loss must not fall by that."),
)
EXAMPLES = (
    Fires(
        "nll of probabilities", examined(asked={"loss": "nll"}, output={"probabilities": True, "low": 0.0, "high": 0.4})
    ),
    Fires(
        "binary targets of −1 and 1",
        examined(
            asked={"loss": "bce_with_logits"},
            batch={"outside": 16, "low": -1.0, "high": 1.0, "classes": None, "fit": "same"},
        ),
    ),
    Fires(
        "a loss of its own that falls below zero",
        examined(model={"returns_loss": True}, attempts=[attempt(final=-40.0, stopped="steps")]),
    ),
    Quiet("a loss of its own that ends at zero", examined(model={"returns_loss": True})),
    Quiet(
        "nll of log-probabilities", examined(asked={"loss": "nll"}, output={"log_probabilities": True, "high": -0.3})
    ),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(asked: Asked, output: Output, batch: Batch, examination: Examination) -> Finding | None:
    """See whether the loss can be driven down without end."""
    if examination.bounded or output.not_finite or (batch.outside and asked.loss == "nll"):
        return None
    if examination.model.returns_loss:
        return _of_its_own(examination)
    if asked.loss == "nll":
        what = "probabilities" if output.probabilities else "raw scores"
        log = Fix(
            "change_loss",
            "Use cross_entropy on raw scores, or end the model in log_softmax."
            if not output.probabilities
            else "Drop the softmax and use cross_entropy, or use log_softmax.",
            "nll_loss takes log-probabilities.",
            {"to": "cross_entropy"},
        )
        highest = Evidence("highest", output.high or 0.0, 0.0, "output", "a log-probability is never above 0")
        return found(
            f"nll_loss is given {what}, not log-probabilities: it falls without anything being learnt.",
            highest,
            fixes=(log,),
            causes=CAUSES[:2],
        )
    low, high = batch.low or 0.0, batch.high or 0.0
    fix = into_unit(low, high, "Only between 0 and 1 has the loss a lowest value.")
    count = Evidence("outside", batch.outside, 0, "targets", f"outside 0 to 1: lowest {low:g}, highest {high:g}")
    return found(
        f"{batch.outside} binary targets lie outside 0 to 1 ({low:g} to {high:g}): the loss falls without end.",
        count,
        fixes=(fix,),
        causes=(CAUSES[1], CAUSES[0]),
    )


def _of_its_own(examination: Examination) -> Finding:
    """A loss that the model returns, and that is below zero."""
    initial = examination.levels.initial or 0.0
    lowest = min([initial, *(a.best for a in examination.attempts if a.best is not None)])
    flip = Fix(
        "flip_loss_sign",
        "If it is negated, return the loss itself; if it may be negative, add the lowest value that it can have.",
        "Only of a loss whose lowest value is known can be told whether it was reached.",
    )
    return found(
        f"The loss that the model returns goes down to {lowest:.4g}: below zero, where it ends is not known, and a low value is no pass.",
        Evidence("lowest", lowest, 0.0, "loss", f"it starts at {initial:.4g}", exceeds=False),
        fixes=(flip,),
        causes=CAUSES[2:],
    )
