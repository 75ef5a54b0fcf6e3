"""The training loss jumped, and recovered.

What it means
    One or a few steps went wrong: a bad batch, or an optimiser at the edge of its stability. A single jump that
    recovers costs little; repeated ones announce a divergence.

How it is detected
    A value stands `SIGMAS` noise levels and `SHARE` of the run's progress above the median of its neighbours and clear
    of the tail of all the others (constants in features/spikes.py), and the curve is back below half of that soon
    after. `REPEATED` of them, or one as high as all that was gained, are a warning. Where a logged rate was just put back
    up to what it had been, the restart explains the jump, and it is not counted.

When it is wrong
    A change of data or of loss weights makes a step that is bookkeeping. A loss logged per step jumps with hard batches.

Sources
    A. Chowdhery et al., "PaLM", 2022, 5.1: spikes, skipped batches and restarts.
    S. Bekman, "Machine Learning Engineering": bad data pockets, and rolling back over them.
"""

import numpy as np

from diagnosis.check_fixes import look_at
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.rate import jump, raised, rate_at, restarted
from diagnosis.features.spikes import LEAST, SHARE, SIGMAS, SURROUNDINGS
from diagnosis.fixes import clip, keep_rate, steps_per_epoch, warm_up_for
from diagnosis.fixes import learning_rate as slower
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, Position, number, spoken
from diagnosis.synthetic import falling, run, spiked

RARE = 2.0  # spikes in 1000 values; healthy public runs have up to that many
REPEATED = 3  # spikes; two may be chance
LARGE = 1.0  # share of progress: back to where the run began
LISTED = 20  # positions named

BATCH = Cause(
    "Bad examples in one batch.", "Replay from the checkpoint before, in another order: the jump moves with its batch."
)
EDGE = Cause(
    "The learning rate is at the edge of stability.",
    "Replay it in another order: it jumps all the same, and does not at half the learning rate.",
)
RAISED = Cause("The learning rate was raised there.", "Replay the same stretch at the rate before: no jump.")
ARGUABLE = 0.85  # the most one can be sure of that a jump is worth a word: as often right, in benchmarks/

CAUSES = (BATCH, EDGE)
ALONE = "It recovered: a single jump needs no cure."
SAME_PLACE = "Jumps at the same place of every epoch point to the data, not to the optimiser."
EXAMPLES = (
    Fires("one jump at epoch 40", run(loss=spiked(falling(), at=(40,), height=1.0))),
    Quiet("ordinary noise", run(loss=falling(noise=0.05))),
)


@rule(severity=("info", "warning"), about="stability", causes=CAUSES, examples=EXAMPLES, points=LEAST)
def check(
    train_loss: Measured, grad_norm: Measured | None, learning_rate: Measured | None, context: Context
) -> Finding | None:
    """Report how many jumps there were, how high, and where."""
    rates = rate_at(learning_rate, train_loss.curve)
    found = [spike for spike in train_loss.spikes if not restarted(rates, spike.index)]
    if not found:
        return None
    tallest = max(found, key=lambda spike: spike.height)
    height, count = train_loss.share(tallest.height), len(found)
    curve = train_loss.curve
    at = [number(curve.steps[spike.index]) for spike in found[:LISTED]]
    where = f"{curve.axis} {', '.join(map(spoken, at))}{' …' if count > LISTED else ''}"
    peak = curve.position(tallest.index)
    rate = 1000 * count / train_loss.n
    repeated = count >= REPEATED and rate > RARE
    pushed = (
        jump(learning_rate, curve, tallest.index) if sum(raised(rates, s.index) for s in found) > count / 2 else None
    )
    evidence = [
        Evidence("tallest", height, SHARE, PROGRESS, f"the jump at {peak}, above the values around it"),
        Evidence("tallest_over_noise", tallest.height / max(train_loss.noise, 1e-300), SIGMAS, NOISE, "the same jump against the noise"),
        Evidence("count", count, None, "spikes", f"jumps in all, at {where}"),
        Evidence("rate", rate, RARE if repeated and height < LARGE else None, "spikes per 1000 values", "how often it jumps"),
    ]  # fmt: skip
    if (norms := _norms(grad_norm, peak)) is not None:
        evidence.append(Evidence("gradient", norms, None, "times its surroundings", f"gradient norm at {peak}"))
    clipped = clip(grad_norm, "Bounds what one batch can do.")
    slow = slower(context, 0.5, "Jumps like these mean that steps are close to too large.")
    calmer = keep_rate(*pushed) if pushed else slow
    edge = pushed or steps_per_epoch(context) == 1  # of one batch an epoch, none is worse than another
    look = look_at(train_loss, at, "What returns with its batch is the data's.", more=count > LISTED)
    warmer = warm_up_for(curve.position(found[count // 2].index), train_loss, context, "Early steps are the largest.")
    steadier = (*look, clipped, *warmer, calmer)
    return Finding(
        summary=(
            f"{f'{count} spikes' if count > 1 else 'One spike'} in {train_loss.name}: the tallest, at {peak}, is "
            f"{share_of(height, 'the progress')}; half of it was gone {tallest.recovery} value{'s' * (tallest.recovery > 1)} later."
        ),
        evidence=tuple(evidence),
        series=(train_loss.name,),
        since=curve.position(found[0].index),
        until=curve.position(found[-1].index),
        points=train_loss.n,
        ceiling=ARGUABLE,
        severity="warning" if repeated or height >= LARGE else "info",
        causes=(RAISED, *CAUSES) if pushed else CAUSES[::-1] if edge else CAUSES,
        against=(SAME_PLACE if repeated or count > 1 else ALONE,),
        fixes=(calmer, clipped, *(look if pushed else ())) if edge else steadier if repeated else (*look, clipped),
    )


def _norms(grad_norm: Measured | None, at: Position) -> float | None:
    """The gradient norm at a jump against the median around it; None where it was not logged there."""
    if grad_norm is None or grad_norm.curve.axis != at.axis:
        return None
    norms, place = grad_norm.curve.values, int(np.searchsorted(grad_norm.curve.steps, at.at))
    near = norms[max(place - SURROUNDINGS, 0) : place + SURROUNDINGS]
    here = norms[max(place - 1, 0) : place + 2]
    usual = median(near) if near.size else 0.0
    return float(here.max()) / usual if usual > 0.0 and here.size else None
