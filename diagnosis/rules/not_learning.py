"""The training loss never leaves its initial level.

What it means
    Nothing is learnt from the data: no step changes what the model answers. More epochs will not help.

How it is detected
    No tenth of the run has a mean training loss below that of the first tenth by more than `SIGMAS` standard errors,
    nor is the whole below the first value by as many noise levels, and the trend does not fall. Where `num_classes` is
    known, a cross-entropy that was never better than ln C by more than 3 % of it, and ends there (or above, at rest, with a
    metric at chance), has learnt nothing even if it creeps; nor has a model of two classes whose accuracy never moves and
    whose loss rests at what the base rates score. A straight fall of training and validation overturns it, and so does a
    metric that improves, or is good from the start.
    What to try first is told by how far the learning rate is from the usual one, by a loss that sits on ln C from the
    first value, and by an accuracy so coarse that all answers must be the same.

When it is wrong
    A model that had converged before its first logged value is flat too, at a good level: with a metric or
    `num_classes` that is told apart, without them it cannot be: then it is a warning, of low confidence. Adversarial and
    reinforcement-learning losses are flat by nature. A slow start is still to come.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: verify the loss at initialisation, overfit one batch.
    Stanford CS231n notes, "Sanity checks": ln 10 = 2.302 for ten classes.
"""

from diagnosis import fixes
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.skill import ANCHORED, SHARES
from diagnosis.features.stuck import Reason, measure_stuck, why
from diagnosis.rule import ERRORS, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

SIGMAS = 4.0  # standard errors of a tenth's mean; the best of ten is low by chance
HALF = 0.5  # of the planned epochs: until then, a run may only be slow to start
HIGH = 5.0  # times the usual learning rate, where answers do change: more likely the rate than the labels
UNANCHORED = 0.70  # the most one can be sure without knowing what a good level is

WEIGHTS = Cause("Parameters get no gradient or no step.", "Compare two checkpoints: have the weights moved at all?")
LABELS = Cause("Labels do not belong to their inputs.", "Overfit one batch: if that works, the pairing is wrong.")
RATE = Cause("The learning rate is off by orders of magnitude.", "Run 200 steps each at ×10 and ÷10.")
SIGNALS = Cause("Signals die between the layers: saturated or dead units, badly scaled weights.", "Print each layer's output scale over one batch: it shrinks, or sticks at its limits.")  # fmt: skip
EXPLAINED = ("plateau", "underfitting", "slow_convergence", "undertrained", "generalization_gap", "overfitting",
             "metric_loss_mismatch", "noisy_validation", "validation_better_than_training")  # fmt: skip
MOVED = "Would be overturned if the weights of two checkpoints differ and a longer run leaves this level."
CONVERGED = "A model that had converged before its first value looks the same: log an accuracy, or send num_classes."
EXAMPLES = (
    Fires("flat at ln 10", logged(Context(num_classes=10), loss=flat(level=2.303), accuracy=flat(level=0.1, noise=0.004))),
    Quiet("a slow but real fall", logged(loss=falling(start=2.3, floor=2.2))),
    Quiet("flat because it is done", logged(loss=flat(level=0.05), accuracy=flat(level=0.97, noise=0.002))),
)  # fmt: skip


@rule(
    severity=("error", "warning"), causes=(WEIGHTS, LABELS, RATE), examples=EXAMPLES, points=8, supersedes=EXPLAINED, decides="intervene",
    exempt={"offset": "a loss is at chance at ln C only without a constant added", "scale": "likewise"},
)  # fmt: skip
def check(train_loss: Measured, features: Features, context: Context, run: Run) -> Finding | Skipped | None:
    """Compare every tenth of the run with the first one, and its level with guessing."""
    covered, planned = run.epochs_logged, context.planned_epochs
    if not run.finished and (planned is None or covered is None or covered <= HALF * planned):
        return Skipped("the run is not finished: a slow start looks the same")
    metrics = tuple(m for m in (features.train_metric, features.val_metric) if m and m.curve is not train_loss.curve)
    stuck = measure_stuck(train_loss, features.val_loss, metrics, context)
    at_chance = stuck.at_chance
    moved = not (stuck.hump or stuck.deaf) and (stuck.sigmas > SIGMAS or train_loss.whole.falling)
    if stuck.metric_learns or (not at_chance and (moved or stuck.ahead)):
        return None
    anchored = at_chance or (not stuck.deaf and any(m.curve.metric in {*SHARES, *ANCHORED} for m in metrics))
    bound = None if at_chance or stuck.hump or stuck.deaf else SIGMAS
    evidence = [Evidence("fall", stuck.sigmas, bound, ERRORS, "best tenth below the first", exceeds=False)]
    if at_chance:
        near, unit = stuck.within if stuck.off_chance < stuck.within else None, "share of what guessing scores"
        evidence.append(Evidence("off_chance", stuck.off_chance, near, unit, "off it, at the end", exceeds=False))
    causes, advised = _advice(why(stuck, train_loss, features), context)
    level = f"at chance level ({stuck.says})" if at_chance else f"at {train_loss.said(train_loss.end)}"
    return Finding(
        summary=f"Not learning: {train_loss.name} stays {level} over all {train_loss.n} values.",
        evidence=tuple(evidence),
        series=(train_loss.name, *(m.name for m in metrics)),
        since=train_loss.position(0),
        points=train_loss.n,
        ceiling=0.99 if anchored else UNANCHORED,
        severity="error" if anchored else "warning",
        asks=anchored,
        causes=causes,
        against=(MOVED,) if anchored else (CONVERGED,),
        fixes=advised,
    )


def _advice(reason: Reason, context: Context) -> tuple[tuple[Cause, ...], tuple[fixes.Fix, ...]]:
    """Causes, likeliest first, and what to do about them in the same order."""
    times = fixes.times_usual(context)
    higher = fixes.learning_rate(context, 10.0, "If the weights move but hardly, steps are too small.")
    lower = fixes.learning_rate(context, 0.1, "If outputs are saturated or all units dead, steps were too large.")
    trainable = fixes.check_trainable("The most common reason for a loss that does not move at all.")
    labels = fixes.check_labels("Random labels leave the loss at chance.")
    overfit = fixes.overfit_one_batch("Tells a broken model from a data problem in a minute.")
    inputs = fixes.normalize_inputs("Large inputs saturate or kill the first layer.")
    layers = fixes.normalize_layers("Signals and gradients keep their size.")
    scheme = fixes.initialize("Units start alive, and tell inputs apart.")
    roomier = fixes.larger_model("A model without the right features or room guesses as well.")
    much = fixes.significant(times or 0.0, 2)
    says = f"It is {much:g} times what is usual." if much else "At next to nothing no step is taken."
    usual = fixes.set_usual_rate(context, says)
    if fixes.too_high(context) or fixes.too_low(context):
        reason = "off"
    if reason == "moves" and (times or 1.0) > HIGH:
        return (RATE, LABELS, WEIGHTS), (lower, labels, overfit, trainable, inputs)
    return {
        "off": ((RATE, SIGNALS, WEIGHTS), (usual, layers, scheme, trainable, overfit, inputs)),
        "blown": ((RATE, SIGNALS, WEIGHTS), (lower, layers, scheme, overfit, trainable, labels, inputs)),
        "mute": ((SIGNALS, RATE, WEIGHTS), (layers, scheme, lower, trainable, overfit, inputs)),
        "silent": ((SIGNALS, RATE, WEIGHTS), (scheme, layers, higher, trainable, overfit, inputs)),
        "held": ((WEIGHTS, SIGNALS, LABELS), (trainable, scheme, overfit, labels, higher, lower, inputs)),
        "moves": ((LABELS, RATE, WEIGHTS), (labels, overfit, higher, lower, roomier, trainable, inputs)),
    }[reason]
