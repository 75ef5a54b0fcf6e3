"""Nothing is learnt for a good part of the run, then learning sets in.

What it means
    The training works, but its beginning is lost: the first steps change next to nothing. A better beginning gives the
    same model earlier, or a better one in the same time.

How it is detected
    The first twentieth of the progress is made only after `LATE` of the run (of the planned one, where it is not
    finished) and `POINTS` logged values; before, the training loss had not moved by more than `MOVED` of its progress,
    and after it the fall is at least `STEEPER` times as fast. A training loss that sinks meanwhile, because a few examples are learnt
    by heart, is no start either: then validation is judged alike, where it stood still for `ALONE` of the run.

When it is wrong
    A learning rate that is still warming up explains it: then it is only said, and only where the warm-up takes more than
    `LONG` of the run. A drop of the rate that sets the fall off explains it as well. A loss logged as a long running
    average starts slowly by itself. A steep fall from the first value on is the opposite. A log that begins in the middle
    of a run has no beginning to judge. Where validation never gets better than training began, it is memorising that sets in.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: initialise well, look at the loss at the start.
"""

import numpy as np

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.onset import Onset, measure_onset
from diagnosis.fixes import (
    add_data,
    initialize,
    learning_rate,
    normalize_inputs,
    regularize,
    shorten_warm_up,
    times_usual,
)
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

LATE, POINTS = 0.10, 5  # of the run, and values: an onset before is an ordinary beginning
MOVED, STEEPER = 0.022, 4.0  # share of progress, half-way to the onset, and times the pace before it
SIGMAS = 8.0  # noise levels of progress: less has no onset that can be placed
ALONE, VALUES = 0.25, 8  # of the run, and values, that validation stood still while training sank by heart
USUAL = 1.5  # times the usual learning rate: beyond, larger steps may not be borne, and the start is mended first
LONG = 0.20  # of the run: a warm-up that takes more is worth shortening

WARM_UP = Cause("The warm-up is too long.", "Warm up over a quarter of the steps: the onset comes as much earlier.")
SIGNALS = Cause("Initial weights are too small, or signals die on their way.", "Print each layer's output scale at the start: it shrinks.")  # fmt: skip
RATE = Cause("The learning rate is too low to leave the initial level.", "Run to the onset at ×3: it comes in a third of the time.")  # fmt: skip
HEART = Cause("The training examples are learnt by heart before what they share.", "Train a third of the run on twice the data: validation moves earlier.")  # fmt: skip
CAUSES = (RATE, SIGNALS, HEART, WARM_UP)
EXAMPLES = (
    Fires("flat for a third of the run", logged(loss=np.concatenate((flat(n=20), falling(n=40))))),
    Quiet("falls from the first value on", logged(loss=falling())),
)


@rule(severity=("warning", "info"), about="learning", causes=CAUSES, examples=EXAMPLES, points=10, supersedes=("slow_convergence",), not_of_rewards="none comes until exploration finds it")  # fmt: skip
def check(train_loss: Measured, features: Features, context: Context) -> Finding | Skipped | None:
    """Ask when the first real gain was made, and what came before and after."""
    if train_loss.before:
        return Skipped(train_loss.before)
    judged = ((train_loss, LATE, POINTS), (features.val_loss, ALONE, VALUES))
    found = [(loss, late, onset) for loss, late, points in judged if loss and (onset := _onset(loss, points, late))]
    if not found or (features.memorising and features.memorising.only_by_heart):
        return None
    loss, late, onset = found[0]
    sigmas, share = loss.progress / max(loss.grid_noise, 1e-300), onset.share
    if not features.run.finished:
        covered, planned = features.run.epochs_logged, context.planned_epochs
        if not covered or not planned:
            return Skipped("the run is not finished, and how long it will be is not known")
        share *= min(covered / planned, 1.0)
    if share <= late:
        return None
    schedule = features.schedule
    warm = schedule.warm_up_end if schedule and schedule.warming(loss, onset.index) else None
    if schedule and (warm <= LONG if warm is not None else schedule.explains(loss, onset.index)):
        return None
    at = loss.position(onset.index)
    scheme = initialize("Signals keep their size from layer to layer.")
    faster = learning_rate(context, 3.0, "Larger steps leave the initial level sooner, whatever holds it there.")
    inputs = normalize_inputs("Small or shifted inputs make the first layers start slowly.")
    fast = (times_usual(context) or 1.0) > USUAL
    fixes = [scheme, faster, inputs] if fast else [faster, scheme, inputs]
    causes = (SIGNALS, RATE) if fast else (RATE, SIGNALS)
    if heart := loss is not train_loss:
        weights = regularize(context, "What they share costs smaller weights than each by heart.")
        fixes, causes = [faster, *weights, add_data("There is less to be learnt by heart.", context)], (HEART, RATE)
    if schedule and schedule.warm_up_end:
        shorter = shorten_warm_up(schedule, context, "The rate is too low for too long.")
        fixes.insert(0 if warm is not None else 1, shorter)
    return Finding(
        summary=f"Slow start: {loss.name} stays at {loss.said(loss.start)} for {percent(share)} of the run{f', while {train_loss.name} sinks' if heart else ''}; learning sets in at {at}.",
        evidence=(
            Evidence("onset", share, late, "share of the run", "time until the first twentieth of the progress was made"),
            Evidence("moved", onset.moved, MOVED, PROGRESS, "what was gained half-way to there", exceeds=False),
            Evidence("steeper", onset.steeper, STEEPER, "times", "the pace of learning from there on, against before"),
            Evidence("progress_over_noise", sigmas, SIGMAS, NOISE, "the whole fall against the noise"),
        ),
        series=(loss.name,),
        since=loss.position(0),
        until=at,
        points=loss.n,
        severity="info" if warm is not None else "warning",
        causes=(WARM_UP, *causes) if warm is not None else (*causes, WARM_UP),
        against=("Would be overturned if another seed or initialisation set in just as late at any learning rate.",),
        fixes=tuple(fixes),
    )  # fmt: skip


def _onset(loss: Measured, points: int, late: float) -> Onset | None:
    """A late onset that cannot be chance; None where nothing stood still, or too few values did."""
    onset = measure_onset(loss, points - 1 - loss.begin)
    if onset is None or onset.share <= late or loss.progress <= SIGMAS * loss.grid_noise:
        return None
    return onset if onset.moved <= MOVED and onset.steeper >= STEEPER else None
