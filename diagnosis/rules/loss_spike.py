"""The training loss jumped, and recovered.

What it means
    One or a few steps went wrong: a bad batch, or an optimiser at the edge of its stability. A single jump that
    recovers costs little; repeated ones announce a divergence.

How it is detected
    A value stands `SIGMAS` noise levels and `SHARE` of the run's progress above the median of its neighbours (constants
    in features/spikes.py), and the curve is back below half of that soon after. `REPEATED` of them, or one as high as
    all that was gained, are a warning.

When it is wrong
    A restart from a checkpoint, a change of data or of loss weights makes a step that is bookkeeping. A loss logged per
    step jumps with hard batches.

Sources
    A. Chowdhery et al., "PaLM", 2022, 5.1: spikes, skipped batches and restarts.
    S. Bekman, "Machine Learning Engineering": bad data pockets, and rolling back over them.
"""

from diagnosis.features.measured import Measured
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.fixes import Fix, clip, learning_rate
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, number
from diagnosis.synthetic import falling, run, spiked

RARE = 2.0  # spikes in 1000 values; healthy public runs have up to that many
REPEATED = 3  # spikes; two may be chance
LARGE = 1.0  # share of progress: back to where the run began
LISTED = 20  # positions named

CAUSES = (
    Cause(
        "Bad examples in one batch.",
        "Replay the batch of the spike from the checkpoint before it: the jump comes back.",
    ),
    Cause(
        "The learning rate is at the edge of stability.", "Replay the same stretch at half the learning rate: no jump."
    ),
)
ALONE = "It recovered: a single jump needs no cure."
SAME_PLACE = "Jumps at the same place of every epoch point to the data, not to the optimiser."
EXAMPLES = (
    Fires("one jump at epoch 40", run(loss=spiked(falling(), at=(40,), height=1.0))),
    Quiet("ordinary noise", run(loss=falling(noise=0.05))),
)


@rule(severity=("info", "warning"), causes=CAUSES, examples=EXAMPLES, points=15)
def check(train_loss: Measured, grad_norm: Measured | None, context: Context) -> Finding | None:
    """Report how many jumps there were, how high, and where."""
    found = train_loss.spikes
    if not found:
        return None
    tallest = max(found, key=lambda spike: spike.height)
    height, count = train_loss.share(tallest.height), len(found)
    steps = train_loss.curve.steps
    at = [number(steps[spike.index]) for spike in found[:LISTED]]
    where = f"{train_loss.curve.axis} {', '.join(map(str, at))}{' …' if count > LISTED else ''}"
    peak = train_loss.curve.position(tallest.index)
    rate = 1000 * count / train_loss.n
    warned = (count >= REPEATED and rate > RARE) or height >= LARGE
    clipped = clip(grad_norm, "Bounds what one batch can do.")
    calmer = learning_rate(context, 0.5, "Jumps like these mean that steps are close to too large.")
    look = Fix(
        "skip_batches",
        f"Look at the batches of {where}.",
        "A jump that returns with its batch is the data's.",
        {"at": at},
    )
    return Finding(
        summary=(
            f"{f'{count} spikes' if count > 1 else 'One spike'} in {train_loss.name}: the tallest, at {peak}, is "
            f"{share_of(height, 'the progress')}; half of it was gone {tallest.recovery} value{'s' * (tallest.recovery > 1)} later."
        ),
        evidence=(
            Evidence("tallest", height, SHARE, PROGRESS, f"above its neighbours, at {peak}"),
            Evidence(
                "tallest_over_noise", tallest.height / max(train_loss.noise, 1e-300), SIGMAS, NOISE, "the same jump"
            ),
            Evidence("count", count, None, "spikes", f"in all, at {where}"),
            Evidence("rate", rate, RARE if warned and height < LARGE else None, "spikes per 1000 values", "how often"),
        ),
        series=(train_loss.name,),
        since=train_loss.curve.position(found[0].index),
        until=train_loss.curve.position(found[-1].index),
        points=train_loss.n,
        severity="warning" if warned else "info",
        against=(SAME_PLACE if warned or count > 1 else ALONE,),
        fixes=(clipped, calmer, look) if warned else (look, clipped),
    )
