"""The training loss swings widely instead of settling.

What it means
    Steps jump across the valley instead of going down into it. The last checkpoint is a matter of luck.

How it is detected
    Over the second half of the run the training loss, averaged over each epoch or a hundredth of the run, scatters
    from value to value or about its smooth course by more than `WIDE` of the progress, and does not calm down. That it
    learnt must show: the beginning stands `LEARNT` standard errors above the second half, or the fall is as sure (`WITNESSED` of that where a metric shows learning as well); or
    the swings are `WIDE` of what guessing costs (num_classes) while the training metric shows learning. Noise between
    single steps is the batch's: where values are logged within an epoch, as many as ten are averaged in thought.
    Where a logged rate goes up again and again, the schedule swings.

When it is wrong
    Very small batches or few steps per point scatter by themselves; so do adversarial losses. Rewards are not judged.

Sources
    Google ML course, "Interpreting loss curves": an oscillating loss wants a lower learning rate and cleaner data.
    Stanford CS231n notes: the wiggle of the loss is related to the batch size.
"""

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.rate import cycles, rate_at
from diagnosis.features.skill import learns
from diagnosis.features.swings import measure_swings
from diagnosis.fixes import Fix, cosine, larger_batch
from diagnosis.fixes import learning_rate as slower
from diagnosis.rule import CLEAR, ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

WIDE = 0.20  # share of progress: standard deviation from value to value, or about the smooth course
CALMING = 0.5  # of the third quarter's scatter: a last quarter below is settling
LEARNT = 3.0  # standard errors of the beginning above the second half, or of the slope: else nothing was learnt
WITNESSED = 0.67  # of that will do where a metric shows learning, and swings of twice `SEEN`: two witnesses
SEEN = 0.01  # of what guessing costs, where that is known; nobody would notice less
PARTS = 8  # of the run: a rate that rises in every two of those of the second half goes up again and again
REWARDS = frozenset({"reward", "return"})  # of episodes: they scatter by what they are

CAUSES = (
    Cause("The learning rate is too high.", "Lower it tenfold for a fifth of the run: the swings shrink at once."),
    Cause("The batch is too small.", "Double the batch at the same learning rate: swings shrink by a third."),
)
EXAMPLES = (
    Fires("swings by a third of its progress", run(loss=falling(start=2.3, floor=1.2, noise=0.36))),
    Quiet("ordinary noise", run(loss=falling(start=2.3, floor=1.2, noise=0.08))),
)


@rule(
    severity="warning",
    causes=CAUSES,
    examples=EXAMPLES,
    points=20,
    supersedes=(
        "not_learning",
        "underfitting",
        "loss_spike",
        "plateau",
        "noisy_validation",
        "validation_better_than_training",
    ),
    exempt={"scale": "with num_classes, swings are held against what guessing costs", "offset": "likewise"},
)
def check(
    train_loss: Measured, learning_rate: Measured | None, context: Context, features: Features
) -> Finding | Skipped | None:
    """Compare the scatter of the second half with the progress."""
    if train_loss.resumed:
        return Skipped(f"the log begins at {train_loss.position(0)}: what was gained before is not known")
    swings = measure_swings(train_loss, features.val_loss, features.run)
    share, learnt, whole = swings.share, swings.learnt, "its progress"
    guessing = context.guessing if train_loss.curve.metric == "loss" else None
    metric = features.train_metric
    witnessed = guessing and metric and learns(metric, context)
    enough = LEARNT * (WITNESSED if witnessed and swings.of(guessing or 0.0) > 2 * SEEN else 1.0)
    if learnt <= enough and guessing and witnessed:
        share, learnt, whole = swings.of(max(guessing, swings.gained)), CLEAR * LEARNT, "what guessing costs"
    if share <= WIDE or learnt <= enough or swings.calming < CALMING or train_loss.curve.metric in REWARDS:
        return None
    rate = rate_at(learning_rate, train_loss.curve)
    if (guessing and swings.of(guessing) < SEEN) or (
        rate is not None and cycles(rate[rate.size // 2 :], rate.size / PARTS)
    ):
        return None
    return Finding(
        summary=f"Oscillation: {train_loss.name} swings by ±{percent(share)} of {whole} over the second half of the run.",
        evidence=(
            Evidence("scatter", share, WIDE, PROGRESS, f"of {whole}: standard deviation over the second half"),
            Evidence("learnt", learnt, enough, ERRORS, "the beginning above the second half, or the slope of the fall"),
            Evidence(
                "calming",
                swings.calming,
                CALMING,
                "times the quarter before",
                "scatter of the last quarter; less is settling",
            ),
        ),
        series=(train_loss.name,),
        since=train_loss.position(train_loss.index_after(0.5)),
        points=train_loss.n,
        against=("Would be overturned if the same swings stayed at a tenth of the learning rate.",),
        fixes=(
            slower(context, 0.1, "Swings shrink with the step."),
            cosine("A falling rate settles by itself."),
            larger_batch(context, "Averages what the batches disagree on."),
            Fix("check_labels", "Look for broken examples.", "A few of them make some batches jump."),
        ),
    )
