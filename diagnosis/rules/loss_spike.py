"""The training loss jumped, and recovered.

What it means
    One or a few steps went wrong: a bad batch, or an optimiser at the edge of its stability. A single jump that
    recovers costs little; repeated ones announce a divergence, and a hill that took long to come down from was one.

How it is detected
    A value stands `SIGMAS` noise levels and `SHARE` of the run's progress above the median of its neighbours and clear
    of the tail of all the others (constants in features/spikes.py), and the curve is back below half of that soon
    after. `REPEATED` of them, or one as high as all that was gained, are a warning. Where a logged rate was just put back up to what
    it had been, the restart explains the jump, and it is not counted. A tenth of the run spent that far above the best before, and back
    again, is a warning too, but not where a shape repeats; and of a few values, where validation got worse by `THROWN` as well, and came back.

When it is wrong
    A change of data or of loss weights makes a step that is bookkeeping; a loss logged per step jumps with hard batches.

Sources
    A. Chowdhery et al., "PaLM", 2022, 5.1: spikes, skipped batches and restarts.
    S. Bekman, "Machine Learning Engineering": bad data pockets, and rolling back over them.
"""

from diagnosis.check_fixes import look_at
from diagnosis.features import Features
from diagnosis.features.gradients import beside
from diagnosis.features.hills import THROWN, Hill, measure_hill  # noqa: F401 - its page tells the number
from diagnosis.features.jumps import Jumps, measure_jumps
from diagnosis.features.measured import Measured
from diagnosis.features.rise import LATE
from diagnosis.features.spikes import LEAST, SHARE, SIGMAS
from diagnosis.fixes import Fix, clip, keep_rate, learning_rate, steps_per_epoch, warm_up_for
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule, share_of
from diagnosis.run import Context, spoken
from diagnosis.synthetic import falling, run, spiked

RARE = 2.0  # spikes in 1000 values; healthy public runs have up to that many
REPEATED = 3  # spikes; two may be chance
LARGE = 1.0  # share of progress: back to where the run began
LISTED = 20  # positions named

BATCH = Cause("Bad examples in one batch.", "Replay from the checkpoint before, in another order: the jump moves with its batch.")  # fmt: skip
EDGE = Cause("The learning rate is at the edge of stability.", "Replay it in another order: it jumps all the same, and does not at half the learning rate.")  # fmt: skip
RAISED = Cause("The learning rate was raised there.", "Replay the same stretch at the rate before: no jump.")
ARGUABLE = 0.85  # the most one can be sure of that a jump is worth a word: as often right, in benchmarks/
CAUSES = (BATCH, EDGE)
ALONE = "It recovered: a single jump needs no cure."
COME_BACK = "Another stretch of data or other weights of the loss raise its level as well, and are no instability."
RESTARTED = "A restart of the learning rate looks the same where the rate is not logged."
BOUNDED = "Bounds what one batch can do."
EARLY = "Early steps are the largest."
SAME_PLACE = "Jumps at the same place of every epoch point to the data, not to the optimiser."
EXAMPLES = (
    Fires("one jump at epoch 40", run(loss=spiked(falling(), at=(40,), height=1.0))),
    Quiet("ordinary noise", run(loss=falling(noise=0.05))),
)


@rule(severity=("info", "warning"), about="stability", causes=CAUSES, examples=EXAMPLES, points=LEAST, not_of_rewards="a policy explores, and episodes fail")  # fmt: skip
def check(train_loss: Measured, grad_norm: Measured | None, learning_rate: Measured | None, context: Context, features: Features) -> Finding | None:  # fmt: skip
    """Report how many jumps there were, how high, and where; or the hill that was too long for one."""
    again = features.period or (features.schedule and features.schedule.restarts)
    climbed = None if again else measure_hill(train_loss, learning_rate, features.elsewhere)
    jumps = None if climbed and not climbed.beside else measure_jumps(train_loss, learning_rate)
    if jumps is None:
        return _long(climbed, train_loss, clip(grad_norm, BOUNDED), context) if climbed else None
    count = len(jumps.at)
    repeated = count >= REPEATED and jumps.rate > RARE
    where = f"{jumps.peak.axis} {', '.join(map(spoken, jumps.at[:LISTED]))}{' …' if count > LISTED else ''}"
    evidence = [
        Evidence("tallest", jumps.height, SHARE, PROGRESS, f"the jump at {jumps.peak}, above the values around it"),
        Evidence("tallest_over_noise", jumps.over_noise, SIGMAS, NOISE, "the same jump against the noise"),
        Evidence("count", count, None, "spikes", f"jumps in all, at {where}"),
        Evidence("rate", jumps.rate, RARE if repeated and jumps.height < LARGE else None, "spikes per 1000 values", "how often it jumps"),
    ]  # fmt: skip
    if (norms := beside(grad_norm, jumps.peak)) is not None:
        evidence.append(Evidence("gradient", norms, None, "times its surroundings", f"gradient norm at {jumps.peak}"))
    edge = jumps.pushed or steps_per_epoch(context) == 1  # of one batch an epoch, none is worse than another
    return Finding(
        summary=(
            f"{f'{count} spikes' if count > 1 else 'One spike'} in {train_loss.name}: the tallest, at {jumps.peak}, is "
            f"{share_of(jumps.height, 'the progress')}; half of it was gone {jumps.recovery} value{'s' * (jumps.recovery > 1)} later."
        ),
        evidence=tuple(evidence),
        series=(train_loss.name,), since=jumps.first, until=jumps.last, points=train_loss.n, ceiling=ARGUABLE,
        severity="warning" if repeated or jumps.height >= LARGE else "info",
        causes=(RAISED, *CAUSES) if jumps.pushed else CAUSES[::-1] if edge else CAUSES,
        against=(SAME_PLACE if repeated or count > 1 else ALONE,),
        fixes=_fixes(jumps, train_loss, clip(grad_norm, BOUNDED), context, edge=bool(edge), repeated=repeated),
    )  # fmt: skip


def _fixes(jumps: Jumps, loss: Measured, clipped: Fix, context: Context, *, edge: bool, repeated: bool) -> tuple[Fix, ...]:  # fmt: skip
    slow = learning_rate(context, 0.5, "Jumps like these mean that steps are close to too large.")
    calmer = keep_rate(*jumps.pushed) if jumps.pushed else slow
    look = look_at(loss, list(jumps.at[:LISTED]), "What returns with its batch is the data's.", more=len(jumps.at) > LISTED)  # fmt: skip
    if edge:
        return (calmer, clipped, *(look if jumps.pushed else ()))
    warmer = warm_up_for(jumps.middle, loss, context, EARLY)
    return (*look, clipped, *warmer, calmer) if repeated else (*look, clipped)


def _long(hill: Hill, loss: Measured, clipped: Fix, context: Context) -> Finding:
    slow = learning_rate(context, 0.5, "What it climbed from was at the edge already.")
    return Finding(
        summary=(
            f"{loss.name} {loss.went('rose', 'fell')} at {hill.top} by {share_of(hill.height, 'the progress')}, {' and '.join(hill.beside)} got worse with it, and all came back."
            if hill.beside
            else f"A long {loss.went('rise', 'fall')} of {loss.name}, from {hill.since} to {hill.until}, that came back: "
            f"{percent(hill.away)} of the run were spent up there, at {hill.top} {share_of(hill.height, 'the progress')} off the best before."
        ),
        evidence=(
            Evidence("away", hill.away, None if hill.beside else LATE, "share of the run", "values that far off the best before them"),
            Evidence("tallest", hill.height, SHARE, PROGRESS, f"the top, at {hill.top}, off the best before"),
            *(() if hill.beside else (Evidence("tallest_over_noise", hill.over_noise, SIGMAS, NOISE, "the same top against the noise"),)),
        ),
        series=(loss.name,), since=hill.since, until=hill.until, points=loss.n, ceiling=ARGUABLE, severity="warning",
        causes=(RAISED, *CAUSES) if hill.pushed else CAUSES[::-1],
        against=(RESTARTED if hill.beside else COME_BACK,),
        fixes=(keep_rate(*hill.pushed) if hill.pushed else slow, clipped, *warm_up_for(hill.since, loss, context, EARLY)),
    )  # fmt: skip
