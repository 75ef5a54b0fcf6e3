"""The first loss is far above that of knowing nothing.

What it means
    A fresh model should answer about even odds (ln C), or about the mean. A far larger loss means that it starts by being
    sure of wrong answers, and that the first steps are spent on unlearning them.

How it is detected
    For classes, above `TIMES` the loss of even odds and `NATS` more; for numbers, above `SQUARES` times the loss of the
    best constant answer.

When it is wrong
    A pretrained model with labels in another order starts so. Regression targets far from zero do as well: then the advice
    is to standardise them.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: verify loss at init, init well.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import scheme
from diagnosis.examining.sections import Asked, Batch, Levels
from diagnosis.rule import Cause, Evidence, Finding, Skipped

TIMES, NATS = 2.5, 2.5  # times ln C, and above it
SQUARES = {"mse": 100.0, "l1": 10.0, "huber": 10.0}  # times the best constant answer: ten deviations away
UNIT = 1.0  # a loss of answers of unit size: a fresh network gives that, however small the targets are
FAR = 5.0  # deviations that the targets' mean lies from zero

CAUSES = (
    Cause("The last layer starts too large.", "Print output.std() of the first batch: it should be below 1."),
    Cause(
        "The targets are far from zero, and the last bias starts at zero.", "Print targets.mean() and targets.std()."
    ),
    Cause("The inputs are not normalised.", "Look at unnormalized_inputs."),
)
EXAMPLES = (
    Fires("a last layer ten times too large", examined(levels={"initial": 18.0})),
    Quiet("a little above ln C", examined(levels={"initial": 2.9})),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(levels: Levels, asked: Asked, batch: Batch, examination: Examination) -> Finding | Skipped | None:
    """Compare the first loss with the expected one."""
    if levels.initial is None or levels.expected is None or examination.model.returns_loss or not examination.bounded:
        return Skipped("the first loss, or what it should be, is not known")
    regression = asked.loss in SQUARES
    expected = (levels.reference or 0.0) if regression else levels.expected
    bound = max(SQUARES[asked.loss] * expected, UNIT) if regression else max(TIMES * expected, expected + NATS)
    if levels.initial <= bound or expected <= 0.0 or (regression and batch.examples == 1):
        return None
    standard = Fix(
        "standardize_targets",
        f"Standardise the targets: (y − {batch.mean or 0:.4g}) / {batch.deviation or 1:.4g}.",
        "A fresh model answers about zero.",
        {"mean": batch.mean or 0.0, "deviation": batch.deviation or 1.0},
    )
    smaller = scheme("normal_(std=0.01) in the last layer, zero bias", "Starts from even odds.")
    far = regression and batch.deviation is not None and abs(batch.mean or 0.0) > FAR * batch.deviation
    return found(
        f"The first loss is {levels.initial:.4g}, where {expected:.4g} is what {'the best constant answer' if regression else 'even odds'} costs.",
        Evidence("initial_loss", levels.initial, bound, "loss", f"expected about {expected:.4g}"),
        fixes=(standard, smaller) if far else (smaller, standard) if regression else (smaller,),
        causes=(CAUSES[1], CAUSES[0], CAUSES[2]) if far else CAUSES,
    )  # fmt: skip
