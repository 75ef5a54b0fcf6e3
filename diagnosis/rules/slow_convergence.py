"""The training loss falls steadily, but far too slowly.

What it means
    Every step goes the right way and none goes far: the curve is a straight line with no bend in sight. Steps are too
    small for the distance.

How it is detected
    Over a finished run the training loss falls significantly and nearly linearly: between `EVEN` and 1 − `EVEN` of the
    fall lies in the first half, a straight line leaves less than `BENT` of the smoothed variance unexplained, and, where ln C is known, most of
    the way from guessing is still ahead.

When it is wrong
    A long power-law tail (every healthy language model) is not linear, and is left alone. A warm-up that lasts the
    whole run, or a loss logged as a long running average, is linear without being ill.

Sources
    Stanford CS231n notes, "Babysitting the learning process": low learning rates look linear.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: Adam at 3e-4 as a safe beginning.
"""

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, longer, normalize_inputs
from diagnosis.fixes import learning_rate as change_rate
from diagnosis.rule import NOISE, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, linear
from diagnosis.synthetic import run as logged

EVEN = 0.37  # share of the fall in the first half; an exponential that levels out has over 0.8 there
BENT = 0.012  # share of the smoothed curve's variance off a straight line; an S-shaped fall has more
HARDLY_BENT = 0.002  # likewise: then a tenfold step is safe to try
SIGMAS = 6.0  # noise levels: less is not a steady fall
WARMED = 2.0  # times its first: a learning rate that much higher at the end was still being warmed up
ARRIVED = 0.30  # of ln C: a loss below has come most of the way, however straight

CAUSES = (
    Cause("The learning rate is too low.", "Run a tenth of the epochs at ×10: the fall should bend."),
    Cause(
        "Gradients are small: inputs not normalised, saturated units, poor initialisation.",
        "Log the gradient norm per layer for 100 steps.",
    ),
)
AGAINST = (
    "Would be overturned if ten times the learning rate diverged at once.",
    "A loss logged as a running average over the whole run looks straight by itself.",
)
EXAMPLES = (
    Fires("a straight line from 2.3 to 2.0", logged(loss=linear())),
    Quiet("a bend", logged(loss=falling(tau=0.3))),
)


@rule(severity="warning", causes=CAUSES, examples=EXAMPLES, points=10, supersedes=("undertrained",), decides="continue")
def check(train_loss: Measured, learning_rate: Measured | None, context: Context, run: Run) -> Finding | Skipped | None:
    """Ask whether the fall is a straight line."""
    if not run.finished:
        return Skipped("the run is not finished: its beginning may be straight by itself")
    fall = train_loss.start - train_loss.end
    sigmas = fall / max(train_loss.grid_noise, 1e-300)
    if sigmas <= SIGMAS or fall <= 0.0:
        return None
    first_half = (train_loss.start - float(train_loss.s[train_loss.s.size // 2])) / fall
    if not EVEN <= first_half <= 1 - EVEN or not train_loss.whole.falling:
        return None
    bend = 1.0 - float(np.corrcoef(train_loss.x, train_loss.s)[0, 1] ** 2)
    guessing = context.guessing if train_loss.curve.metric == "loss" else None
    arrived = guessing is not None and train_loss.end < ARRIVED * guessing
    rates = learning_rate.curve.values if learning_rate else None
    warming = rates is not None and rates[-1] > WARMED * rates[0]  # then the schedule explains the line
    if bend > BENT or arrived or warming:
        return None
    return Finding(
        summary=(
            f"Slow convergence: {train_loss.name} {train_loss.went('falls', 'rises')} in a straight line from {train_loss.said(train_loss.start)} "
            f"to {train_loss.said(train_loss.end)}, without a bend."
        ),
        evidence=(
            Evidence("bend", bend, BENT, "share of variance", "that a straight line leaves unexplained", exceeds=False),
            Evidence(
                "first_half",
                first_half,
                1 - EVEN,
                "share of the fall",
                "in the first half; a bend has more",
                exceeds=False,
            ),
            Evidence("fall_over_noise", sigmas, SIGMAS, NOISE, "the whole fall against the noise"),
        ),
        series=(train_loss.name,),
        since=train_loss.position(0),
        points=train_loss.n,
        ceiling=0.9,
        against=AGAINST,
        fixes=(
            change_rate(
                context, 10.0 if bend < HARDLY_BENT else 3.0, "A line without a bend: steps are far too small."
            ),
            Fix("change_optimizer", "Use Adam.", "Scales its steps to the gradients.", {"to": "adam"}),
            normalize_inputs("Badly scaled inputs make every safe step a small one."),
            longer(context, run.epochs_logged, 3, "If the learning rate cannot be raised, only time helps."),
        ),
    )
