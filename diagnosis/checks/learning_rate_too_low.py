"""The learning rate is too low: a larger one learns the batch.

What it means
    Steps are so small that the loss hardly moves in the steps that were asked for; a larger rate reaches the floor.

How it is detected
    The attempt at the given rate went less than `WENT` of the way to the floor, and one at `LARGER` times the rate or more
    reached the target. A rate that nobody chose is not blamed.

When it is wrong
    With more steps the given rate may arrive too.

Sources
    L. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017: the range test.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import attempt, examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import rate
from diagnosis.examining.sections import FEW_STEPS, REACHED, Asked, Attempt
from diagnosis.rule import Cause, Evidence, Finding, Skipped

LARGER = 2.0  # times the rate that was given, at least
WENT = 0.5  # share of the way to the floor

CAUSES = (
    Cause("The rate does not suit this model and optimiser.", "Plot the loss of a few steps at each of several rates."),
)
EXAMPLES = (
    Fires("a thousand times too low", examined(asked={"lr": 1e-6}, attempts=[stuck(1e-6, 2.3), attempt(1e-3)], used=1)),
    Quiet("most of the way", examined(attempts=[stuck(1e-3, 0.3), attempt(1e-2)], used=1)),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(given: Attempt, best: Attempt, asked: Asked, examination: Examination) -> Finding | Skipped | None:
    """Compare the rate that learnt with the one that was given."""
    if not examination.passed:
        return None if given.stopped == REACHED else Skipped("no rate that was tried learns the batch")
    went = examination.went(given)
    if best.lr < LARGER * given.lr or went >= WENT or given.steps < FEW_STEPS:
        return None
    if not asked.lr_given:
        return Skipped("no learning rate was asked for")
    longer = Fix(
        "train_longer",
        f"Or train {round(best.lr / given.lr)} times as long.",
        "At a small rate it takes as many more steps.",
        {"factor": best.lr / given.lr},
    )
    return found(
        f"The learning rate {given.lr:g} is too low: {given.steps} steps went {100 * went:.1f} % of the way; at {best.lr:g} the batch is learnt in {best.steps}.",
        Evidence(
            "went",
            max(went, 0.0),
            WENT,
            "share of the way to the floor",
            f"in {given.steps} steps at {given.lr:g}",
            exceeds=False,
        ),
        fixes=(rate(asked, best.lr, "It is what learnt the batch here."), longer),
    )
