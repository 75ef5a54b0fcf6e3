"""What is said of the jumps of features/jumps.py: values that stood out of a loss, and were soon gone."""

from __future__ import annotations

from diagnosis.advice.check_fixes import look_at
from diagnosis.advice.clipping import clip
from diagnosis.advice.datasets import shuffle
from diagnosis.advice.fix import Fix
from diagnosis.advice.rates import keep_rate, learning_rate
from diagnosis.advice.warm_ups import begins, warm_up_for
from diagnosis.features.gradients import beside
from diagnosis.features.jumps import RARE, Jumps, gained_there
from diagnosis.features.measured import Measured
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, share_of
from diagnosis.run import Context, Position, number, spoken
from diagnosis.shares import stretch

LISTED = 20  # positions named
ALONE = "It recovered, and a single jump needs no cure: what is advised is against another one."
WHOLE = "It recovered by itself: what was learnt before it was not lost."
SAME_PLACE = "Jumps at the same place of every epoch point to the data, not to the optimiser."

BATCH = Cause("Bad examples in one batch.", "Replay it in another order: the jump moves with its batch.")
EDGE = Cause(
    "The learning rate is at the edge of stability.",
    "Replay it in another order: it jumps all the same, and does not at half the learning rate.",
)
ORDER = Cause(
    "The data come in the same order every epoch, and what is learnt from the end of it is wrong at its beginning.",
    "Shuffle them: the jumps go, and do not just move.",
)
RAISED = Cause("The learning rate was raised there.", "Replay the same stretch at the rate before: no jump.")
CAUSES = (BATCH, EDGE)
BOUNDED = "Bounds what one batch can do."
EARLY = "Early steps are the largest."


def causes_of(*, edge: bool, pushed: bool, ordered: bool = False) -> tuple[Cause, ...]:
    """Likeliest first: a rate that was just raised, data in the same order each time, else a rate at the edge, or a batch."""
    return (RAISED, *CAUSES) if pushed else CAUSES[::-1] if edge else (ORDER, *CAUSES) if ordered else CAUSES


def lone_spikes(
    jumps: Jumps, loss: Measured, grad_norm: Measured | None, context: Context, others: tuple[Measured, ...]
) -> Finding:
    """How many there were, how high, and where; `others` measure the model on other examples."""
    large = jumps.large and not gained_there(jumps.peak, others)
    pushed = jumps.pushed is not None
    edge = pushed or context.steps_an_epoch == 1  # of one batch an epoch, none is worse than another
    whole = "the progress after the first value" if loss.begin else "the progress"  # which is far off all others
    count, peak, over = len(jumps.at), jumps.peak, share_of(jumps.height, whole)
    spikes, values = f"{count} spikes" if count > 1 else "One spike", "values" if jumps.recovery > 1 else "value"
    every = f", one every {stretch(number(jumps.every), loss.curve.axis)}" if jumps.every else ""
    which = f"the tallest, at {peak}, is" if count > 1 else f"at {peak}, of"
    tallest = f"{which} {over}; half of it was gone {jumps.recovery} {values} later"
    return Finding(
        summary=f"{spikes} in {loss.name}{every}{':' if count > 1 else ','} {tallest}.",
        evidence=_evidence(jumps, grad_norm),
        series=(loss.name,),
        since=jumps.first,
        until=jumps.last,
        asks=False,
        severity="warning" if jumps.repeated or large else "info",
        causes=causes_of(edge=edge, pushed=pushed, ordered=_ordered(jumps, loss, context)),
        against=(SAME_PLACE if count > 1 else WHOLE if large else ALONE,),
        fixes=_fixes(jumps, loss, clip(grad_norm, BOUNDED), context, edge=edge),
    )


def _evidence(jumps: Jumps, grad_norm: Measured | None) -> tuple[Evidence, ...]:
    listed = f"{', '.join(map(spoken, jumps.at[:LISTED]))}{' …' if len(jumps.at) > LISTED else ''}"
    often = RARE if jumps.repeated and not jumps.large else None
    above = f"the jump at {jumps.peak}, above the values around it"
    norms = beside(grad_norm, jumps.peak)
    gradient = f"gradient norm at {jumps.peak}"
    return (
        Evidence("tallest", jumps.height, SHARE, PROGRESS, above),
        Evidence("tallest_over_noise", jumps.over_noise, SIGMAS, NOISE, "the same jump against the noise"),
        Evidence("count", len(jumps.at), None, "spikes", f"jumps in all, at {jumps.peak.axis} {listed}"),
        Evidence("rate", jumps.rate, often, "share of values", "how many of its values begin a spike"),
        *(() if norms is None else (Evidence("gradient", norms, None, "times its surroundings", gradient),)),
    )


def _ordered(jumps: Jumps, loss: Measured, context: Context) -> bool:
    """Whether steps jump at a period of their own, as where an epoch's data are not shuffled; an epoch's value tells no order."""
    return jumps.every is not None and loss.curve.axis == "step" and not context.shuffle


def _fixes(jumps: Jumps, loss: Measured, clipped: Fix, context: Context, *, edge: bool) -> tuple[Fix, ...]:
    slow = learning_rate(context, 0.5, "Jumps like these mean that steps are close to too large.")
    calmer = keep_rate(*jumps.pushed) if jumps.pushed else slow
    listed, more = list(jumps.at[:LISTED]), len(jumps.at) > LISTED
    look = look_at(loss, listed, "What returns with its batch is the data's.", more=more)
    if jumps.withstood:  # the run itself refutes that so high a rate is too high
        return (clipped, *look)
    if edge:
        return (calmer, clipped, *(look if jumps.pushed else ()))
    warmer = warm_up_for(jumps.middle, loss, context, EARLY)
    if jumps.every and _ordered(jumps, loss, context):
        again = Position("step", number(jumps.every))
        look = (shuffle(again, jumps.height, "Jumps that return with an epoch are of the order of its data."), *look)
    usual = (*look, clipped, *warmer, calmer) if jumps.repeated else (*look, clipped)
    return (*warmer, calmer, clipped, *look) if begins(jumps.peak, loss) else usual
