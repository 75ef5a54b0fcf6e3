"""The training loss swings widely instead of settling.

What it means
    Steps jump across the valley instead of going down into it. The last checkpoint is a matter of luck.

How it is detected
    Over the second half of the run the training loss, averaged over each epoch or a hundredth of the run, scatters
    about its smooth course by more than `WIDE` of the progress, does not calm down, and had left its initial level
    before. Noise between single steps is averaged away first: it is the batch's, not the run's.

When it is wrong
    Very small batches or few steps per point scatter by themselves; so do adversarial and reinforcement-learning losses.

Sources
    Google ML course, "Interpreting loss curves": an oscillating loss wants a lower learning rate and cleaner data.
    Stanford CS231n notes: the wiggle of the loss is related to the batch size.
"""

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.noise import MAD_TO_SD
from diagnosis.features.smooth import smooth
from diagnosis.features.trend import bins
from diagnosis.fixes import Fix, cosine, larger_batch, learning_rate
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

WIDE = 0.20  # share of progress: standard deviation about the smooth course
CALMING = 0.5  # of the third quarter's scatter: a last quarter below is settling
LEARNT = 3.0  # standard errors of the fall, or of the first tenth above the second half: else nothing was learnt, or too little to tell
BINS = 100  # of the run; finer logs are averaged into as many

CAUSES = (
    Cause("The learning rate is too high.", "Lower it threefold for a fifth of the run: the swings shrink at once."),
    Cause("The batch is too small.", "Double the batch at the same learning rate: swings shrink by a third."),
)
EXAMPLES = (
    Fires("swings by a third of its progress", run(loss=falling(start=2.3, floor=1.2, noise=0.36))),
    Quiet("ordinary noise", run(loss=falling(start=2.3, floor=1.2, noise=0.08))),
)


@rule(severity="warning", causes=CAUSES, examples=EXAMPLES, points=20, supersedes=("loss_spike", "plateau"))
def check(train_loss: Measured, context: Context) -> Finding | None:
    """Compare the scatter of the second half with the progress."""
    course = bins(train_loss.z, BINS)
    half, quarter = course.size // 2, course.size // 4
    off = course - smooth(course)
    late, last, third = off[half:], off[-quarter:], off[half:-quarter]
    scatter = MAD_TO_SD * float(np.median(np.abs(late)))
    tenth = max(course.size // 10, 1)
    level = float(np.median(course[half:]))
    early, whole = float(np.mean(course[:tenth])) - level, max(train_loss.start - level, train_loss.progress)
    gained, learnt = max(early, whole), max(early * tenth**0.5, whole) / max(scatter, 1e-300)
    share = scatter / gained if gained > 0 else 0.0
    if share <= WIDE or learnt <= LEARNT:
        return None
    calming = float(np.std(last)) / max(float(np.std(third)), 1e-300)
    if calming < CALMING:
        return None
    return Finding(
        summary=f"Oscillation: {train_loss.name} swings by ±{percent(share)} of its progress over the second half of the run.",
        evidence=(
            Evidence("scatter", share, WIDE, PROGRESS, "standard deviation about the smooth course"),
            Evidence("learnt", learnt, LEARNT, ERRORS, "the fall, or the first tenth of the run above its second half"),
            Evidence(
                "calming", calming, CALMING, "times the quarter before", "scatter of the last quarter; less is settling"
            ),
        ),
        series=(train_loss.name,),
        since=train_loss.position(train_loss.index_after(0.5)),
        points=train_loss.n,
        against=("Would be overturned if the same swings stayed at a third of the learning rate.",),
        fixes=(
            learning_rate(context, 0.3, "Swings shrink with the step."),
            cosine("A falling rate settles by itself."),
            larger_batch(context, "Averages what the batches disagree on."),
            Fix("check_labels", "Look for broken examples.", "A few of them make some batches jump."),
        ),
    )
