"""Nothing is learnt for a good part of the run, then learning sets in.

What it means
    The training works, but its beginning is lost: the first steps change next to nothing. A better beginning gives the
    same model earlier, or a better one in the same time.

How it is detected
    Learning sets in where `MADE` of the progress is made. The training loss must show all of this:

    - The onset comes after more than `LATE` of the run, and at least `POINTS` logged values.
    - Nothing happened before: half-way to the onset the smoothed loss had not fallen by more than `MOVED` of its
      progress, and up to the onset it never rose by more.
    - From the onset until `WELL_UNDER_WAY` of the progress is made, the loss falls at least `STEEPER` times as fast.
      Where it falls `ABRUPT` times as fast, it may have strayed by `NOISY` noise levels more.
    - The whole progress is more than `SIGMAS` noise levels.

    Where training shows no late onset, as where it sinks by heart, validation is judged in the same way: it must have
    stood still for over `ALONE` of the run, and for `VALUES` values. So may training, after a first step that was over
    by `FIRST_STEP` of the run, with `STILL_AHEAD` of its progress to come, `ABRUPT` times as fast.
    Of a run that goes on the onset is a share of the planned epochs; without a plan nothing is said. A start that took
    at most `LONG` of the run is information only. The learning rate may explain it. Where the onset lies in its
    warm-up, or soon after, the finding is information only, and is told only if the warm-up takes more than `LONG` of
    the run. Where the rate drops or restarts at the onset, nothing is said.

When it is wrong
    A warm-up or a drop that was not logged cannot be taken into account. A long running average starts slowly itself.
    A log that begins in the middle of a run has no beginning. Where validation hardly improves and never gets better
    than training began, it is memorising that sets in: nothing is said then.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: initialise well, look at the loss at the start.
"""

import numpy as np

from diagnosis.advice import datasets, models, rates, usual_rates, warm_ups
from diagnosis.advice.fix import Fix
from diagnosis.advice.ladder import OFFSET
from diagnosis.features import Features
from diagnosis.features.late_start import SIGMAS, STEEPER, LateStart, measure_late_start
from diagnosis.features.measured import Measured
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

USUAL = 1.5  # times the usual learning rate: beyond, larger steps may not be borne, and the start is mended first
LONG = 0.20  # share of the run: a start, or a warm-up, that takes more is worth shortening

WARM_UP = Cause("The warm-up is too long.", "Warm up over a quarter of the steps: the onset comes as much earlier.")
SIGNALS = Cause(
    "Initial weights are too small, or signals die on their way.",
    "Print each layer's output scale at the start: it shrinks.",
)
RATE = Cause(
    "The learning rate is too low to leave the initial level, or so high that its first steps ruin the weights.",
    "Run to the onset at ×3, and at the usual rate: one of them is there in a third of the time.",
)
HEART = Cause("Examples are memorised before what they share.", "Train as long on twice the data: it is earlier.")
AGAINST = "Would be overturned if another seed or initialisation set in just as late at any learning rate."
EXAMPLES = (
    Fires("flat for a third of the run", logged(loss=np.concatenate((flat(n=20), falling(n=40))))),
    Quiet("falls from the first value on", logged(loss=falling())),
)


@rule(
    severity=("warning", "info"),
    about="learning",
    causes=(RATE, SIGNALS, HEART, WARM_UP),
    examples=EXAMPLES,
    points=10,
    supersedes=("slow_convergence",),
    not_of_rewards="none comes until exploration finds it",
)
def check(train_loss: Measured, features: Features) -> Finding | Skipped | None:
    """Ask when the first real gain was made, and what came before and after."""
    if train_loss.before:
        return Skipped(train_loss.before)
    start = measure_late_start(train_loss, features)
    if start is None:
        return None
    part = _part(features)
    if part is None:
        return Skipped("the run is not finished, and how long it will be is not known")
    loss, index, share = start.loss, start.onset.index, start.onset.share * part
    if share <= start.bound:
        return None
    schedule = features.schedule
    warm = schedule.warm_up_end if schedule and schedule.warming(loss, index) else None
    if schedule and (warm <= LONG if warm is not None else schedule.explains(loss, index)):
        return None
    at, meanwhile = loss.position(index), f", while {train_loss.name} sinks" if start.by_heart else ""
    stays = f"{loss.name} stays at {start.stands} for {percent(share)} of the run{meanwhile}"
    causes, advised = _remedies(features, by_heart=start.by_heart, warming=warm is not None)
    return Finding(
        summary=f"Slow start: {stays}; learning sets in at {at}.",
        evidence=_evidence(start, share),
        series=(loss.name,),
        since=start.since,
        until=at,
        points=loss.n,
        severity="info" if warm is not None or share <= LONG else "warning",
        causes=causes,
        against=(AGAINST,),
        fixes=advised,
    )


def _part(features: Features) -> float | None:
    """How much of the planned run is logged; None where that is not known of a run that goes on."""
    if features.run.finished:
        return 1.0
    covered, planned = features.run.epochs_logged, features.context.planned_epochs
    return min(covered / planned, 1.0) if covered and planned else None


def _evidence(start: LateStart, share: float) -> tuple[Evidence, ...]:
    made = "time until the first twentieth of the progress was made"
    pace = "the pace of learning from there on, against before"
    strayed = "how far the loss strayed before the onset"
    return (
        Evidence("onset", share, start.bound, "share of the run", made),
        Evidence("moved", start.onset.moved, start.allowed, PROGRESS, strayed, exceeds=False),
        Evidence("steeper", start.onset.steeper, STEEPER, "times", pace),
        Evidence("progress_over_noise", start.sigmas, SIGMAS, NOISE, "the whole fall against the noise"),
    )


def _remedies(features: Features, *, by_heart: bool, warming: bool) -> tuple[tuple[Cause, ...], tuple[Fix, ...]]:
    """Causes, likeliest first, and what to do about them in the same order."""
    schedule, context = features.schedule, features.context
    scheme = models.initialize("Signals keep their size from layer to layer.")
    hot, thrown = usual_rates.too_high(context), "First steps so far beyond what is usual ruin the weights."
    sooner = "Larger steps leave the initial level sooner, whatever holds it there."
    step = rates.set_usual_rate(context, thrown) if hot else rates.learning_rate(context, 3.0, sooner)
    inputs = datasets.normalize_inputs("Small or shifted inputs make the first layers start slowly.")
    causes, advised = (RATE, SIGNALS), [step, scheme, inputs]
    if by_heart:
        weights = models.regularize(context, "What they share costs smaller weights than each by heart.")
        more = datasets.add_data("There is less to be learnt by heart.", context)
        causes, advised = (HEART, RATE), [step, *weights, more]
    elif (usual_rates.times_usual(context) or 1.0) > USUAL and not hot:
        causes, advised = (SIGNALS, RATE), [scheme, step, inputs]
    if schedule and schedule.warm_up_end:
        shorter = warm_ups.shorten_warm_up(schedule, context, "The rate is too low for too long.")
        advised.insert(0 if warming else 1, shorter)
    first = (*((OFFSET,) if features.offset else ()), *((WARM_UP,) if warming else ()))
    mean = datasets.standardize_targets(features.offset)
    return (*first, *causes, *(() if warming else (WARM_UP,))), (*mean, *advised)
