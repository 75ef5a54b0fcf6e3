"""What shows that a validation of features/overfit.py turned while training went on, as numbers."""

from __future__ import annotations

from diagnosis.advice.check_fixes import validate_again
from diagnosis.advice.fix import Fix
from diagnosis.features.few_rises import STEADY
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import SIGMAS, Memorising
from diagnosis.features.overfit import STILL_FALLING, Overfit
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence

SWITCHED = Cause(
    "What validation reads or computes changed there: other data, labels or code.",
    "Validate the checkpoint from before that step anew: it is as bad as those after it.",
)


def step_of(told: Overfit) -> str:
    """For the end of a sentence: that it got worse all at once, and did not go on to."""
    return "; all of it in one step: what is validated on, or how, may have changed" if told.turn.leapt else ""


def validate_anew(told: Overfit, validation: Measured) -> tuple[Fix, ...]:
    """The checkpoint from before a leap: what it scores today tells the model from the data."""
    leapt = told.turn.leapt
    before = validation.curve.before(leapt) if leapt else None
    return (validate_again(before, leapt, validation),) if leapt and before else ()


def evidence_of(memorising: Memorising, told: Overfit) -> tuple[Evidence, ...]:
    """What it gave back, what shows that this is no noise, what training did since, and what that cost."""
    validation, beside, at = memorising.validation, memorising.beside, memorising.validation.best_position
    went = f"{validation.name} went from {validation.said(memorising.low)} to {validation.said(validation.end)}"
    measure, of = memorising.measure
    found = [Evidence("rebound", of * memorising.given_back, of * told.bound, measure, went)]
    if told.witness == "level":
        noise = "the same rise against the noise of the final level"
        found.append(Evidence("rebound_over_noise", memorising.sigmas, SIGMAS, ERRORS, noise))
    elif told.witness == "values":
        above = "by so much the later half of the values since then all stand above the best"
        found.append(Evidence("rebound_at_least", memorising.steady, STEADY, PROGRESS, above))
    elif memorising.climb:
        share, least = memorising.climb
        each = "the same rise, in which every value is higher than the one before"
        found.append(Evidence("rebound_all_along", share, least, PROGRESS, each))
    if beside:
        went_on = f"{beside.training.name} went on {beside.training.went('falling', 'rising')} after {at}"
        found.append(Evidence("training_since", memorising.share, STILL_FALLING, memorising.since_in, went_on))
    cost, begins = f"training after the best checkpoint, that of {at}", f"beyond doubt from {told.turn.plain} on"
    found.append(Evidence("cost", told.after, None, "share of the run", cost))
    since = told.turn.since
    return *found, Evidence("onset", since.at, None, since.axis, f"where the rise begins ({begins})")
