"""The training loss jumped, and recovered.

What it means
    One or a few steps went wrong: a bad batch, or an optimiser at the edge of stability. A single jump that recovers
    costs little. Repeated jumps often announce a divergence, and a loss that stayed up for long has been through one.

How it is detected
    A value of the training loss stands `SHARE` of the run's progress and `SIGMAS` noise levels above the median of its
    neighbours, and soon after the loss is back below half of that height. These hold as well:

    - it is higher than `SIGMAS` times the scatter of the values around it, and than `TAILS` times what nine in ten of
      them stay below; in a short run the other jumps do not count among these, up to `FREQUENT` of all values;
    - a jump of a single value is half as high again as anything else nearby that is no jump;
    - where a logged learning rate was just put back up to where it had been, the restart explains the jump.

    Jumps are information. They are a warning where there are `REPEATED` of them and more than `RARE` in 1000 values,
    or where the tallest is `LARGE` times the progress.

    A long hill is a warning. The smoothed loss stood as far above its best so far for `LATE` of the run and `LATE_MIN`
    values, after a gain of `LEARNT` of the progress, and came back to `BACK` of that bound. It is reported in place of
    jumps, but not where:

    - the loss repeats with a period, or the logged learning rate restarts: that explains it;
    - a validation curve or a reward lost less than `WORSE` of its progress: only what training is fed has changed;
    - none of these can tell, and the loss rose in one step to a level as calm as the one before.

    With fewer than `FEWEST` values and no jump, it is a warning if the loss and all of validation were thrown back at
    one value, or validation at the next, by `THROWN` of their progress and `USUAL` times their usual moves, and had
    recovered half of it by the end.

When it is wrong
    A change of data or of loss weights is a step, and no instability. Logged per step, a loss jumps with hard batches.

Sources
    A. Chowdhery et al., "PaLM", 2022, 5.1: spikes, skipped batches and restarts.
    S. Bekman, "Machine Learning Engineering": bad data pockets, and rolling back over them.
"""

from diagnosis.check_fixes import look_at
from diagnosis.features import Features
from diagnosis.features.gradients import beside
from diagnosis.features.hills import FEWEST, measure_hill  # noqa: F401 - the page names it
from diagnosis.features.jumps import LARGE, RARE, REPEATED, Jumps, measure_jumps  # noqa: F401 - likewise
from diagnosis.features.measured import Measured
from diagnosis.features.rise import LATE  # noqa: F401 - likewise
from diagnosis.features.shift import WORSE  # noqa: F401 - likewise
from diagnosis.features.spikes import LEAST, SHARE, SIGMAS
from diagnosis.fixes import Fix, clip, keep_rate, learning_rate, steps_per_epoch, warm_up_for
from diagnosis.long_spikes import long_spike
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, spoken
from diagnosis.synthetic import falling, run, spiked

LISTED = 20  # positions named
ARGUABLE = 0.85  # highest confidence: in benchmarks/, a jump is worth a word as often

BATCH = Cause("Bad examples in one batch.", "Replay it in another order: the jump moves with its batch.")
EDGE = Cause(
    "The learning rate is at the edge of stability.",
    "Replay it in another order: it jumps all the same, and does not at half the learning rate.",
)
RAISED = Cause("The learning rate was raised there.", "Replay the same stretch at the rate before: no jump.")
CAUSES = (BATCH, EDGE)
ALONE = "It recovered: a single jump needs no cure."
BOUNDED = "Bounds what one batch can do."
EARLY = "Early steps are the largest."
SAME_PLACE = "Jumps at the same place of every epoch point to the data, not to the optimiser."
EXAMPLES = (
    Fires("one jump at epoch 40", run(loss=spiked(falling(), at=(40,), height=1.0))),
    Quiet("ordinary noise", run(loss=falling(noise=0.05))),
)


@rule(
    severity=("info", "warning"),
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=LEAST,
    not_of_rewards="a policy explores, and episodes fail",
)
def check(
    train_loss: Measured,
    grad_norm: Measured | None,
    learning_rate: Measured | None,
    context: Context,
    features: Features,
) -> Finding | None:
    """Report how many jumps there were, how high, and where; or the hill that was too long for one."""
    again = features.period or (features.schedule and features.schedule.restarts)
    hill = None if again else measure_hill(train_loss, learning_rate, features.elsewhere)
    if (hill is None or hill.beside) and (jumps := measure_jumps(train_loss, learning_rate)):
        return _jumps(jumps, train_loss, grad_norm, context)
    if hill is None:
        return None
    causes, clipped = _causes(edge=True, pushed=hill.pushed is not None), clip(grad_norm, BOUNDED)
    return long_spike(hill, train_loss, causes, clipped, context, early=EARLY, ceiling=ARGUABLE)


def _causes(*, edge: bool, pushed: bool) -> tuple[Cause, ...]:
    return (RAISED, *CAUSES) if pushed else CAUSES[::-1] if edge else CAUSES


def _jumps(jumps: Jumps, loss: Measured, grad_norm: Measured | None, context: Context) -> Finding:
    count, peak, over = len(jumps.at), jumps.peak, share_of(jumps.height, "the progress")
    spikes, values = f"{count} spikes" if count > 1 else "One spike", "values" if jumps.recovery > 1 else "value"
    which = f"the tallest, at {peak}, is" if count > 1 else f"at {peak}, of"
    tallest = f"{which} {over}; half of it was gone {jumps.recovery} {values} later"
    pushed = jumps.pushed is not None
    edge = pushed or steps_per_epoch(context) == 1  # of one batch an epoch, none is worse than another
    return Finding(
        summary=f"{spikes} in {loss.name}{':' if count > 1 else ','} {tallest}.",
        evidence=_evidence(jumps, grad_norm),
        series=(loss.name,),
        since=jumps.first,
        until=jumps.last,
        points=loss.n,
        ceiling=ARGUABLE,
        severity="warning" if jumps.repeated or jumps.large else "info",
        causes=_causes(edge=edge, pushed=pushed),
        against=(SAME_PLACE if count > 1 else ALONE,),
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
        Evidence("rate", jumps.rate, often, "spikes per 1000 values", "how often it jumps"),
        *(() if norms is None else (Evidence("gradient", norms, None, "times its surroundings", gradient),)),
    )


def _fixes(jumps: Jumps, loss: Measured, clipped: Fix, context: Context, *, edge: bool) -> tuple[Fix, ...]:
    slow = learning_rate(context, 0.5, "Jumps like these mean that steps are close to too large.")
    calmer = keep_rate(*jumps.pushed) if jumps.pushed else slow
    listed, more = list(jumps.at[:LISTED]), len(jumps.at) > LISTED
    look = look_at(loss, listed, "What returns with its batch is the data's.", more=more)
    if edge:
        return (calmer, clipped, *(look if jumps.pushed else ()))
    warmer = warm_up_for(jumps.middle, loss, context, EARLY)
    return (*look, clipped, *warmer, calmer) if jumps.repeated else (*look, clipped)
