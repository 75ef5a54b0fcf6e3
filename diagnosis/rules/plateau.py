"""The loss has stopped moving.

What it means
    Nothing more is gained at this learning rate: either the run is done, or a smaller step would find a way down.

How it is detected
    The smoothed loss (validation's where logged) stays to the end within 2 % of its progress, or within its noise, for `LENGTH`
    of the run at least, and the slope that is left would not carry it across that band in as long again. Where one
    point's noise is more than `NOISY` of the progress, that proves nothing: then training must have come to rest as well.

When it is wrong
    A pause before a scheduled drop of the learning rate looks the same, and a rate that has run out ends in one: both are
    said. A positive loss that still halves over the second half of the run is not called flat, however small it is. A loss that rests while the metric still climbs
    is not done: watch the metric then. A run that goes on is only stopped after a long and certain rest.

Sources
    D. E. King, dlib, "Automatic learning rate scheduling that really works", 2018: rest as a slope without a sign.
    Google, "Deep Learning Tuning Playbook": saturated long before the end means fewer steps.
"""

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.skill import Skill
from diagnosis.fixes import Fix, restore, scheduled, stop_early
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

LENGTH = 0.30  # of the run: what rests for less may be between two steps, or at the end of a schedule
NOISY = 0.10  # share of progress: a rest within more noise than that is none one could see
TRAINING_RESTS = 0.05  # share of training's progress, over the same stretch
LEARNT = 3.0  # noise levels of progress: what never moved has no plateau
HARDLY = 0.01  # share of progress: less is not worth another epoch
LAG = 2  # points after which a loss stands still when its rate is gone
POOR = 0.40  # of the way from guessing to perfect, as in `underfitting`
CLIMBING = 0.02  # share of a metric's progress in the last quarter: it is not at rest
# What ends a run that goes on; after shorter or less certain rests too many moved again (benchmarks/prefixes, `tune`).
RESTED, VALUES, PLANNED = 0.50, 15, 0.20  # of the run so far, in values, and of the planned epochs
GAIN = 0.05  # share of progress, in as long again at the steepest slope within its bounds
DROP = 0.1  # the usual factor (Keras ReduceLROnPlateau)

MOVES = "A drop of the learning rate that moves the loss would overturn it."
CAUSES = (
    Cause("The run has converged.", "A tenth of the epochs at a tenth of the learning rate gains nothing."),
    Cause("The learning rate is too high to settle further.", "The same tenth of the epochs gains at once."),
)
SCHEDULE = Cause(
    "The schedule has run out: hardly a step is taken any more.",
    "A tenth of the epochs at a tenth of the first learning rate moves the loss.",
)
EXAMPLES = (
    Fires("rests from the middle on", logged(loss=falling(tau=0.08), val_loss=falling(tau=0.08, seed=1))),
    Quiet("still falling slowly", logged(loss=falling(tau=0.4), val_loss=falling(tau=0.4, seed=1))),
)


@rule(severity="info", about="rest", causes=CAUSES, examples=EXAMPLES, points=10, decides="stop")
def check(
    watched: Measured, val_metric: Measured | None, skill: Skill | None, features: Features, run: Run
) -> Finding | None:
    """Report since when the watched loss has been flat, and the slope that is left."""
    if watched.flat is None or watched.progress <= LEARNT * watched.grid_noise:
        return None
    index, left = watched.flat
    schedule, train_loss = features.schedule, features.train_loss
    since, share = watched.position(index), 1.0 - index / watched.z.size
    lately = train_loss.last(max(share, LENGTH)) if train_loss and watched.share(watched.grid_noise) > NOISY else None
    moves = train_loss and lately and lately.falling and train_loss.share(-lately.change) > TRAINING_RESTS
    if share < LENGTH or moves:
        return None
    tenth = float(watched.x[-1] - watched.x[0]) / 10
    slope, low, high = (watched.share(1.0) * s * tenth for s in (left.slope, left.low, left.high))
    covered, planned = run.epochs_logged, run.context.planned_epochs
    trained = min(covered / planned, 1.0) if covered and planned else 1.0
    certain = share * watched.n >= VALUES and share * trained >= PLANNED and -low * 10 * share <= GAIN
    fixes = [
        stop_early(watched, f"{percent(share)} of the run came after {since}.", least=HARDLY * watched.progress),
        restore(watched.best_position, "It is as good as the last checkpoint, or better."),
    ]
    if schedule is None or not schedule.annealed:
        advice = f"Or lower the learning rate tenfold at {since}."
        drop = {"kind": "step", "at": since.at, "factor": DROP}
        fixes.append(Fix("schedule_learning_rate", advice, "A smaller step can settle where this one cannot.", drop))
    still: list[str] = []  # why it is not over, though it rests
    asleep = schedule.asleep_from if schedule else None
    stopped = schedule is not None and asleep is not None and asleep <= schedule.share_at(watched, index + LAG)
    ended = "; the learning rate is next to nothing there: the schedule ended the run" if stopped else ""
    if not run.finished and skill is not None and skill.share < POOR:
        still.append(f"The level is poor yet ({skill.says}): a run that rests there wants a change, not an end.")
    if scheduled(run.context) and not (schedule and schedule.annealed):
        still.append("The schedule is still to lower the learning rate: wait for that before stopping.")
    if (
        val_metric
        and val_metric.curve is not watched.curve
        and val_metric.tail.falling
        and val_metric.share(-val_metric.tail.change) > CLIMBING
    ):
        still.append(f"{val_metric.name} still improves: it is not done if that is what ships.")
    return Finding(
        summary=f"Plateau since {since}: {watched.name} has stayed at {watched.said(watched.end)} for {percent(share)} of the run{ended}.",
        evidence=(
            Evidence("length", share, LENGTH, "share of the run", f"time since {since}, in which nothing moved"),
            Evidence("slope", slope, None, "share of progress per tenth of the run", f"the slope that is left (between {percent(low)} and {percent(high)}, at 95 %)"),
        ),
        series=(watched.name,),
        since=since,
        restore=watched.best_position,
        points=watched.n,
        against=(MOVES, *still),
        asks=not still and share >= RESTED and (run.finished or certain),
        causes=(SCHEDULE, *CAUSES[:1]) if stopped else (),
        fixes=tuple(fixes),
    )  # fmt: skip
