"""The training loss never leaves its initial level.

What it means
    Nothing is learnt from the data: no step changes what the model answers. More epochs will not help.

How it is detected
    No tenth of the run has a mean training loss below that of the first tenth by more than `SIGMAS` standard errors,
    nor is the whole below the first value by as many noise levels, and the trend does not fall (or it gains no more than
    its noise while validation all but stands still). Where `num_classes` is
    known, a cross-entropy that was never better than ln C by more than 3 % of it, and ends there (or above, at rest, with a
    metric at chance), has learnt nothing even if it creeps; nor has a model of two classes whose accuracy never moves and
    whose loss rests at what the base rates score. Where it is not known, a loss that never leaves ln C, or comes down to it
    and no further, beside accuracies of one in C tells it: 0.693 and a half. A `baseline` counts likewise, and so does an R² of
    nothing. A straight fall of training and validation overturns it, and so do a validation far below guessing and a metric that
    improves (validation's, where it is logged), or is good from the start, by more than `DRAW` standard errors of so many examples.
    What to try first is told by how far the learning rate is from the usual one, by a loss that sits on ln C from the
    first value, and by an accuracy so coarse that all answers must be the same.

When it is wrong
    A model that had converged before its first logged value is flat too, at a good level: with a metric or
    `num_classes` that is told apart, without them it cannot be: then it is a warning, of low confidence, and only worth knowing where the first
    value is far above all others. Adversarial and reinforcement-learning losses are flat by nature. A slow start is still to come: an unfinished
    run is judged from half of its plan on, and after 50 epochs where no plan is known. Of a log that begins in the middle of a run, or of one
    that goes on while its rate still warms up, nothing is said. A loss of exactly 0 throughout is flat too: then nothing counts, and that is said.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: verify the loss at initialisation, overfit one batch.
    Stanford CS231n notes, "Sanity checks": ln 10 = 2.302 for ten classes.
"""

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.reason import why
from diagnosis.features.rise import sinks
from diagnosis.features.skill import ANCHORED, SHARES
from diagnosis.features.stuck import DRAW, left_its_start, measure_stuck, speaks  # noqa: F401 - its page tells the number
from diagnosis.features.swings import MARKED, marked
from diagnosis.ladder import LABELS, RATE, WEIGHTS, carefully, ladder
from diagnosis.rule import ERRORS, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

SIGMAS = 4.0  # standard errors of a tenth's mean; the best of ten is low by chance
HALF = 0.5  # of the planned epochs: until then, a run may only be slow to start
PATIENCE = 50.0  # epochs, where no plan is known: of the slow starts of our corpus none was still to come by then
FAR = 5.0  # times what guessing scores, off it: no chance level
DOWN = 1.1  # times what guessing scores: a run that began above was sure of what is wrong, and unlearnt that
UNANCHORED = 0.70  # the most one can be sure without knowing what a good level is

EXPLAINED = ("plateau", "underfitting", "slow_convergence", "undertrained", "generalization_gap", "overfitting",
             "metric_loss_mismatch", "slow_start", "noisy_validation", "validation_better_than_training")  # fmt: skip
MOVED = "Would be overturned if the weights of two checkpoints differ and a longer run leaves this level."
CONVERGED = "A model that had converged before its first value looks the same: log an accuracy, or send num_classes."
PLAYS = "A policy that could do it before its first value looks the same, and so does one whom exploration has shown nothing yet."
MARGIN = "A hinge loss is exactly 0 once every margin is met: log an accuracy beside it."
EXAMPLES = (
    Fires("flat at ln 10", logged(Context(num_classes=10), loss=flat(level=2.303), accuracy=flat(level=0.1, noise=0.004))),
    Quiet("a slow but real fall", logged(loss=falling(start=2.3, floor=2.2))),
    Quiet("flat because it is done", logged(loss=flat(level=0.05), accuracy=flat(level=0.97, noise=0.002))),
)  # fmt: skip


@rule(
    severity=("error", "warning", "info"), about="learning", causes=(WEIGHTS, LABELS, RATE), examples=EXAMPLES, points=8, supersedes=EXPLAINED, decides="intervene",
    exempt={"offset": "a loss is at chance at ln C only without a constant added", "scale": "likewise"},
)  # fmt: skip
def check(train_loss: Measured, features: Features, context: Context, run: Run) -> Finding | Skipped | None:
    """Compare every tenth of the run with the first one, and its level with guessing."""
    if train_loss.before:
        return Skipped(train_loss.before)
    covered, planned = run.epochs_logged, context.planned_epochs
    metrics = features.metrics
    judged = metrics if train_loss.curve.metric not in SHARES else (train_loss,)  # that stands in for a loss
    # Of a policy, that is the critic's: what it explains is no better play.
    explained = (m for m in features.curves if m.curve.metric == "r2" and m not in metrics and not features.reward)
    stuck = measure_stuck(train_loss, features.val_loss, (*judged, *explained), context)
    if stuck is None or speaks(train_loss, context):
        return None
    soon = covered is None or covered <= (HALF * planned if planned else PATIENCE)
    if not run.finished and soon and not stuck.ruined:
        return Skipped("the run is not finished: a slow start looks the same")
    at_chance = stuck.at_chance
    moved = not stuck.for_nothing and (stuck.sigmas > SIGMAS or train_loss.whole.falling)
    cycled = features.period is not None and sinks(train_loss, features.period)  # that hides that it learns
    if stuck.metric_learns or (not at_chance and (moved or stuck.ahead or cycled or train_loss.whole.rising)):
        return None
    # A first value far off all others is a blow-up, or was measured before anything was learnt; a score that jumps guesses nothing.
    known = not (stuck.deaf or train_loss.begin) and marked(features) <= MARKED
    anchored = at_chance or stuck.told or (known and any(m.curve.metric in {*SHARES, *ANCHORED} for m in metrics))
    last, schedule = train_loss.x.size - 1, features.schedule
    if not anchored and not run.finished and schedule and schedule.warming(train_loss, last):
        return Skipped("the learning rate was warming up until the end, or nearly")
    bound = None if at_chance or stuck.for_nothing else SIGMAS
    evidence = [Evidence("fall", stuck.sigmas, bound, ERRORS, f"how far the best tenth of {train_loss.name} is {train_loss.went('below', 'above')} its first tenth", exceeds=False)]  # fmt: skip
    if at_chance:
        near = stuck.within if stuck.off_chance < stuck.within else None
        unit = "share of what guessing scores" if stuck.guessing else "share of the variance"
        evidence.append(Evidence("off_chance", stuck.off_chance, near, unit, "how far the end is from the level of guessing", exceeds=False))  # fmt: skip
    reason = why(stuck, train_loss, features)
    causes, advised = ladder(reason, train_loss, context)
    advised = advised if anchored else carefully(advised, reason, run.context)
    fell = train_loss.begin > 0 or (at_chance and stuck.guessing and train_loss.z[0] > DOWN * stuck.guessing)
    once = train_loss.begin > 0 and not any("acc" in m.curve.metric for m in metrics)  # then all was learnt, perhaps
    where = "at chance level" if stuck.off_chance < FAR else "far worse than guessing"
    level = f"{where} ({stuck.says})" if at_chance else f"at {train_loss.said(train_loss.end)}"
    how = f"came to rest {level}" if fell else f"stays {level} over all {train_loss.n} values"
    if not at_chance and left_its_start(train_loss):
        how = f"went from {train_loss.said(train_loss.start)} to {train_loss.said(train_loss.end)}, and {'no accuracy got better' if stuck.deaf else 'got nowhere'}"
    void = ": nothing counts towards it, or something else is logged" if stuck.void else ""
    return Finding(
        summary=f"Not learning: {train_loss.name} {how}{void}.",
        evidence=tuple(evidence),
        series=(train_loss.name, *(m.name for m in metrics)),
        since=train_loss.position(0), points=train_loss.n,
        ceiling=0.99 if anchored else UNANCHORED, severity="error" if anchored else "info" if once else "warning",
        asks=anchored, causes=causes,
        against=(MOVED,) if anchored else (MARGIN,) if stuck.void else (PLAYS if features.reward else CONVERGED,),
        fixes=advised,
    )  # fmt: skip
