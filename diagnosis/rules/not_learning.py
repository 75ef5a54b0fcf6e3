"""The training loss never leaves its initial level.

What it means
    Nothing is learnt from the data: no step changes what the model answers. More epochs will not help.

How it is detected
    No tenth of the run has a mean training loss below that of the first tenth by more than `SIGMAS` standard errors,
    nor is the whole below the first value by as many noise levels, and the trend does not fall. Where `num_classes` is known, a cross-entropy that was never better than ln C by more
    than `CHANCE` of it, and ends there, is at chance even if it creeps. A metric that improves, or is good from the start, overturns it.

When it is wrong
    A model that had converged before its first logged value is flat too, at a good level: with a metric or
    `num_classes` that is told apart, without them it cannot be: then it is a warning, of low confidence. Adversarial and
    reinforcement-learning losses are flat by nature. A slow start is still to come.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: verify the loss at initialisation, overfit one batch.
    Stanford CS231n notes, "Sanity checks": ln 10 = 2.302 for ten classes.
"""

import math

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.skill import learns
from diagnosis.features.trend import bins
from diagnosis.fixes import check_labels, check_trainable, learning_rate, normalize_inputs, overfit_one_batch
from diagnosis.rule import ERRORS, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

SIGMAS = 4.0  # standard errors of a tenth's mean; the best of ten is low by chance
TENTHS = 10
HALF = 0.5  # of the planned epochs: until then, a run may only be slow to start
AHEAD = 0.8  # of ln C: a loss below did not come from guessing
CHANCE = 0.03  # of ln C; an untrained network starts within that
UNANCHORED = 0.70  # the most one can be sure without knowing what a good level is

CAUSES = (
    Cause("Parameters get no gradient or no step.", "Compare two checkpoints: have the weights moved at all?"),
    Cause("Labels do not belong to their inputs.", "Overfit one batch: if that works, the pairing is wrong."),
    Cause("The learning rate is off by orders of magnitude.", "Run 200 steps each at ×10 and ÷10."),
)
MOVED = "Would be overturned if the weights of two checkpoints differ and a longer run leaves this level."
CONVERGED = "A model that had converged before its first value looks the same: log an accuracy, or send num_classes."
EXAMPLES = (
    Fires(
        "flat at ln 10", logged(Context(num_classes=10), loss=flat(level=2.303), accuracy=flat(level=0.1, noise=0.004))
    ),
    Quiet("a slow but real fall", logged(loss=falling(start=2.3, floor=2.2))),
    Quiet("flat because it is done", logged(loss=flat(level=0.05), accuracy=flat(level=0.97, noise=0.002))),
)


@rule(
    severity=("error", "warning"),
    causes=CAUSES,
    examples=EXAMPLES,
    points=8,
    supersedes=(
        "plateau",
        "underfitting",
        "oscillation",
        "slow_convergence",
        "undertrained",
        "generalization_gap",
        "overfitting",
        "metric_loss_mismatch",
    ),
    decides="intervene",
    exempt={"offset": "a loss is at chance at ln C only without a constant added", "scale": "likewise"},
)
def check(
    train_loss: Measured, train_metric: Measured | None, val_metric: Measured | None, context: Context, run: Run
) -> Finding | Skipped | None:
    """Compare every tenth of the run with the first one."""
    covered, planned = run.epochs_logged, context.planned_epochs
    if not run.finished and (planned is None or covered is None or covered <= HALF * planned):
        return Skipped("the run is not finished: a slow start looks the same")
    course = train_loss.clean
    tenths, noise = bins(course, TENTHS), max(train_loss.grid_noise, 1e-300)
    fell = float(tenths[0] - tenths[1:].min()) / (noise * math.sqrt(2 * tenths.size / course.size))
    sigmas = max(fell, float(train_loss.z[0] - np.median(course)) / noise)
    chance = context.guessing if train_loss.curve.metric == "loss" else None
    never_better = chance is not None and train_loss.s.min() > chance * (1 - CHANCE)
    at_chance = chance is not None and never_better and train_loss.end < chance * (1 + CHANCE)
    ahead = chance is not None and train_loss.end < chance * AHEAD  # it had learnt before its first value
    if not at_chance and (sigmas > SIGMAS or train_loss.whole.falling or ahead):
        return None
    metrics = [m for m in (train_metric, val_metric) if m and m.curve is not train_loss.curve]
    if any(learns(metric, context) for metric in metrics):
        return None
    anchored = at_chance or bool(metrics)
    level = f"at {train_loss.said(train_loss.end)}"
    bound = None if at_chance else SIGMAS
    evidence = [Evidence("fall", sigmas, bound, ERRORS, "best tenth below the first", exceeds=False)]
    if chance and at_chance:
        level, off = f"at chance level (ln {context.num_classes} = {chance:.3g})", abs(train_loss.end / chance - 1)
        evidence.append(Evidence("off_chance", off, CHANCE, "share of ln C", "off guessing, at the end", exceeds=False))
    return Finding(
        summary=f"Not learning: {train_loss.name} stays {level} over all {train_loss.n} values.",
        evidence=tuple(evidence),
        series=(train_loss.name, *(m.name for m in metrics)),
        since=train_loss.position(0),
        points=train_loss.n,
        ceiling=0.99 if anchored else UNANCHORED,
        severity="error" if anchored else "warning",
        asks=anchored,
        against=(MOVED,) if anchored else (CONVERGED,),
        fixes=(
            overfit_one_batch("Tells a broken model from a data problem in a minute."),
            check_trainable("The most common reason for a loss that does not move at all."),
            check_labels("Random labels leave the loss at chance."),
            learning_rate(context, 10.0, "If the weights move but hardly, steps are too small."),
            learning_rate(context, 0.1, "If outputs are saturated or all units dead, steps were too large."),
            normalize_inputs("Large inputs saturate or kill the first layer."),
        ),
    )
