"""The loss has stopped moving.

What it means
    Nothing more is gained at this learning rate: either the run is done, or a smaller step would find a way down.

How it is detected
    The smoothed loss (validation's where logged) stays to the end within 2 % of its progress, or within its noise, for a
    fifth of the run at least, and the slope that is left would not carry it across that band in as long again.

When it is wrong
    A pause before a scheduled drop of the learning rate looks the same. A loss that rests while the metric still climbs
    is not done: watch the metric then.

Sources
    D. E. King, dlib, "Automatic learning rate scheduling that really works", 2018: rest as a slope without a sign.
    Google, "Deep Learning Tuning Playbook": saturated long before the end means fewer steps.
"""

from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, restore, scheduled, stop_early
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

LENGTH = 0.20  # of the run, as in features/plateau.py
LEARNT = 3.0  # noise levels of progress: what never moved has no plateau
DECAYED = 0.10  # of its highest: a learning rate this low has been lowered already
CLIMBING = 0.02  # share of a metric's progress in the last quarter: it is not at rest
DROP = 0.1  # the usual factor (Keras ReduceLROnPlateau)

CAUSES = (
    Cause("The run has converged.", "A tenth of the epochs at a tenth of the learning rate gains nothing."),
    Cause("The learning rate is too high to settle further.", "The same tenth of the epochs gains at once."),
)
EXAMPLES = (
    Fires("rests from the middle on", run(loss=falling(tau=0.08), val_loss=falling(tau=0.08, seed=1))),
    Quiet("still falling slowly", run(loss=falling(tau=0.4), val_loss=falling(tau=0.4, seed=1))),
)


@rule(severity="info", causes=CAUSES, examples=EXAMPLES, points=10, decides="stop")
def check(
    watched: Measured, val_metric: Measured | None, learning_rate: Measured | None, context: Context
) -> Finding | None:
    """Report since when the watched loss has been flat, and the slope that is left."""
    if watched.flat is None or watched.progress <= LEARNT * watched.grid_noise:
        return None
    index, left = watched.flat
    since, share = watched.position(index), 1.0 - index / watched.z.size
    tenth = float(watched.x[-1] - watched.x[0]) / 10
    slope, low, high = (watched.share(1.0) * s * tenth for s in (left.slope, left.low, left.high))
    fixes = [
        stop_early(watched, f"{percent(share)} of the run came after {since}."),
        restore(watched.best_position, "It is as good as the last checkpoint, or better."),
    ]
    rates = learning_rate.curve.values if learning_rate is not None else None
    if rates is None or rates[-1] > DECAYED * rates.max():
        advice = f"Or lower the learning rate tenfold at {since}."
        drop = {"kind": "step", "at": since.at, "factor": DROP}
        fixes.insert(1, Fix("schedule_learning_rate", advice, "A smaller step can settle where this one cannot.", drop))
    against = ["A drop of the learning rate that moves the loss would overturn it."]
    if scheduled(context):
        against.append("The schedule is still to lower the learning rate: wait for that before stopping.")
    if (
        val_metric
        and val_metric.curve is not watched.curve
        and val_metric.tail.falling
        and val_metric.share(-val_metric.tail.change) > CLIMBING
    ):
        against.append(f"{val_metric.name} still improves: it is not done if that is what ships.")
    return Finding(
        summary=f"Plateau since {since}: {watched.name} has stayed at {watched.said(watched.end)} for {percent(share)} of the run.",
        evidence=(
            Evidence("length", share, LENGTH, "share of the run", "the rest, in which nothing moved"),
            Evidence(
                "slope",
                slope,
                None,
                "share of progress per tenth of the run",
                f"the slope that is left, between {low:.2g} and {high:.2g}",
            ),
        ),
        series=(watched.name,),
        since=since,
        restore=watched.best_position,
        points=watched.n,
        against=tuple(against),
        asks=len(against) == 1,
        fixes=tuple(fixes),
    )
