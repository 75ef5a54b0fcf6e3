"""The loss has stopped moving.

What it means
    Nothing more is gained at this learning rate: either the run is done, or a smaller step would find a way down.

How it is detected
    The loss that is watched is validation's, or training's where none is logged. All of this must hold:

    - It made progress, by more than `LEARNT` noise levels.
    - Smoothed, it stays within `BAND` of its progress to the end, or within its noise where that is more, for `LENGTH`
      of the run at least. The slope that is left would not carry it across that band in as long again.
    - It does not fall by factors. A positive loss still moves, however small it is, if its second half began at
      `HALVED` times its final level or more and it falls on.
    - Where the noise of one point is over `NOISY` of the progress, a rest proves nothing. Training must then have come
      to rest as well: over the same stretch it does not fall by more than `TRAINING_RESTS` of its progress.

    A stop is advised to a pipeline only after a rest of `RESTED` of the run. A run that goes on must also have rested
    for `VALUES` values and `PLANNED` of its planned epochs, where these are known, and even the steepest slope within
    its bounds would gain no more than `GAIN` of the progress in as long again. No stop is advised in three cases, and
    the finding says why: the schedule is still to lower the learning rate; validation's metric still gained `CLIMBING`
    of its progress in the last quarter; the run goes on, and the level is less than `POOR` of the way from guessing to
    perfect. Where no classes are learnt, and the loss was `CREPT` times its final level when it came to rest and lately
    fell by `ON` of it, that is said as well, and smaller changes are worth waiting for.

When it is wrong
    A pause before a scheduled drop of the learning rate looks the same, and a rate that has run out ends in one: both
    are said. A loss that rests while the metric still climbs is not done: watch the metric then.

Sources
    D. E. King, dlib, "Automatic learning rate scheduling that really works", 2018: rest as a slope without a sign.
    Google, "Deep Learning Tuning Playbook": saturated long before the end means fewer steps.
"""

import numpy as np

from diagnosis.advice import rates, stopping
from diagnosis.advice.fix import Fix
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.outgrown import at_rest
from diagnosis.features.rest import LENGTH, Rest, measure_rest
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Position, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

HARDLY = 0.01  # share of progress: less is not worth another epoch
POOR = 0.40  # share of the way from guessing to perfect, as in `underfitting`
CLIMBING = 0.02  # share of a metric's progress in the last quarter of the run: it is not at rest
RESTED = 0.50  # share of the run so far: after shorter rests too many runs moved again (benchmarks/prefixes, `tune`)
DROP = 0.1  # factor on the learning rate: the usual one (Keras ReduceLROnPlateau)
SETTLES = "A smaller step can settle where this one cannot."
MOVES = "A drop of the learning rate that moves the loss would overturn it."
CREEPS = "By its own level it still comes down: of targets far from 0 that is what is left to learn."
WAIT = "The schedule is still to lower the learning rate: wait for that before stopping."
CONVERGED = Cause("The run has converged.", "A tenth of the epochs at a tenth of the learning rate gains nothing.")
TOO_HIGH = Cause("The learning rate is too high to settle further.", "The same tenth of the epochs gains at once.")
SCHEDULE = Cause(
    "The schedule has run out: hardly a step is taken any more.",
    "A tenth of the epochs at a tenth of the first learning rate moves the loss.",
)
EXAMPLES = (
    Fires("rests from the middle on", logged(loss=falling(tau=0.08), val_loss=falling(tau=0.08, seed=1))),
    Quiet("still falling slowly", logged(loss=falling(tau=0.4), val_loss=falling(tau=0.4, seed=1))),
)


@rule(
    severity="info",
    about="rest",
    causes=(CONVERGED, TOO_HIGH),
    examples=EXAMPLES,
    points=10,
    decides="stop",
    exempt={"offset": "that a loss still comes down by factors is seen without a constant only"},
)
def check(watched: Measured, features: Features, run: Run) -> Finding | None:
    """Report since when the watched loss has been flat, and the slope that is left."""
    rest = measure_rest(watched, features)
    if rest is None:
        return None
    since, share = watched.position(rest.index), percent(rest.share)
    best = at_rest(watched, features.val_metric)
    still = _still(watched, features)
    ended = "; the learning rate is next to nothing there: the schedule ended the run" if rest.stopped else ""
    return Finding(
        summary=f"Plateau since {since}: {rest.around(watched)} for {share} of the run{ended}.",
        evidence=_evidence(rest, since),
        series=(watched.name,),
        since=since,
        restore=best[0],
        points=watched.n,
        against=(MOVES, *((CREEPS,) if rest.creeps else ()), *still),
        asks=not still and rest.share >= RESTED and (run.finished or rest.certain),
        causes=(SCHEDULE, CONVERGED) if rest.stopped else (),
        fixes=_fixes(watched, since, stopping.restore(*best), rest, features),
    )


def _fixes(watched: Measured, since: Position, back: Fix, rest: Rest, features: Features) -> tuple[Fix, ...]:
    val_metric = features.val_metric
    drop = () if _annealed(features) else (rates.drop(since, DROP, SETTLES),)
    came, at = f"{percent(rest.share)} of the run came after {since}.", np.searchsorted(watched.curve.steps, since.at)
    if val_metric is not None and _climbs(val_metric, watched):
        on = stopping.monitor(val_metric, features.run.context, f"It still improves, though {watched.name} rests.")
        return (*on, stopping.stop_early(val_metric, "Until then it is not done."), *drop)
    worth = HARDLY * (min(watched.progress, abs(watched.end)) if rest.creeps else watched.progress)
    stop = stopping.stop_early(watched, came, least=worth, until=int(at))
    saves = stop.params["patience"] < watched.n - at
    return *((stop,) if saves else ()), back, *drop


def _annealed(features: Features) -> bool:
    return features.schedule is not None and features.schedule.annealed


def _still(watched: Measured, features: Features) -> tuple[str, ...]:
    """Why it is not over, though it rests."""
    val_metric, skill = features.val_metric, features.skill
    still = []
    if not features.run.finished and skill is not None and skill.share < POOR:
        still.append(f"The level is poor yet ({skill.says}): a run that rests there wants a change, not an end.")
    falls = features.schedule is not None and features.schedule.falling and not features.run.finished
    if (rates.scheduled(features.run.context) or falls) and not _annealed(features):
        still.append(WAIT)
    if val_metric and _climbs(val_metric, watched):
        still.append(f"{val_metric.name} still improves: it is not done if that is what ships.")
    return tuple(still)


def _climbs(metric: Measured, watched: Measured) -> bool:
    """Whether validation's metric, which is another curve than the one that rests, still gains."""
    gains = metric.tail.falling and metric.share(-metric.tail.change) > CLIMBING
    return gains and metric.curve is not watched.curve


def _evidence(rest: Rest, since: Position) -> tuple[Evidence, Evidence]:
    unit = "share of progress per tenth of the run"
    held = f"time since {since}, in which its smoothed course did not move"
    left = f"the slope that is left (between {percent(rest.low)} and {percent(rest.high)}, at 95 %)"
    return (
        Evidence("length", rest.share, LENGTH, "share of the run", held),
        Evidence("slope", rest.slope, None, unit, left),
    )
