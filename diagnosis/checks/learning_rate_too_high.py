"""The learning rate is too high: a smaller one learns the batch.

What it means
    Steps overshoot. At the rate that was given the loss swings or blows up; at a smaller one it falls to its floor.

How it is detected
    The attempt at the given rate failed, and one at most `SMALLER` times it reached the target.

When it is wrong
    On a single batch a rate that is right for all data can be a little too high; only a factor of ten is tried.

Sources
    L. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017: the range test.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import attempt, examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import clip, rate
from diagnosis.examining.sections import REACHED, Asked, Attempt
from diagnosis.rule import Cause, Evidence, Finding, Skipped

SMALLER = 0.5  # times the rate that was given, at most

CAUSES = (
    Cause("The rate does not suit this model and optimiser.", "Plot the loss of a few steps at each of several rates."),
)
EXAMPLES = (
    Fires("a hundred times too high", examined(asked={"lr": 0.1}, attempts=[stuck(0.1, 40.0), attempt(0.01)], used=1)),
    Quiet("the given rate learns", examined()),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(given: Attempt, best: Attempt, asked: Asked, examination: Examination) -> Finding | Skipped | None:
    """Compare the rate that learnt with the one that was given."""
    if not examination.passed:
        return None if given.stopped == REACHED else Skipped("no rate that was tried learns the batch")
    if best.lr > SMALLER * given.lr:
        return None
    ended = "is not finite" if given.final is None else f"ends at {given.final:.3g}"
    return found(
        f"The learning rate {given.lr:g} is too high: the loss {ended}; at {best.lr:g} the batch is learnt in {best.steps} steps.",
        Evidence(
            "rate_over_working", given.lr / best.lr, 1.0 / SMALLER, "times the rate that works", f"{best.lr:g} works"
        ),
        fixes=(rate(asked, best.lr, "It is what learnt the batch here."), clip("Bounds what one step can do.")),
    )
