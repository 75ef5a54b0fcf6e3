"""The training loss never leaves its initial level.

What it means
    Nothing is learnt from the data: no step changes what the model answers. More epochs will not help.

How it is detected
    Either the loss is at chance level, ln C for C classes, and never was better by more than `CHANCE` of it, or by no
    more than its noise may be, by `NOISY` standard errors of the means of the halves, quarters and tenths of the run:

    - Where `num_classes` or `baseline` is given, it ends at ln C or at the baseline, or rests above it while no metric
      beats guessing; what came down to a baseline step by step has learnt. Of two classes, where the accuracy never
      moves, it may rest at what the base rates score.
    - Where the number of classes is not given, the loss betrays it: it never leaves ln C, or comes down to it and no
      further, beside accuracies of one in C, such as 0.693 and a half; or validation stays at ln C with it; or, where
      there is none, each of its values is ln C to within `EXACT`.
    - Without these, validation's R² is at most `NO_SKILL` while training gains only noise, or at most minus `RUINED`,
      has not come `CLIMBED` of the way from its first value to 0, and climbs no more.

    Or the loss never leaves its first level, whatever that is. No tenth of the run has a mean below that of the first
    tenth by `SIGMAS` standard errors, the whole is not below the first value by as many noise levels, and the trend
    neither falls nor rises. A fall counts for nothing in three cases:

    - The loss came down from a blow-up in the first `EARLY` of the run, `DWARFS` times as high as all it gained.
    - No accuracy ever got better, and validation did not gain what training did; or each only got worse, by far.
    - Validation moves by less than `STILL` of training's noise, and training hardly gains more than noise.

    Other signs of learning overturn it. A metric improved, or is good from the start; at chance level validation's
    counts, where it is logged, and must be `DRAW` standard errors above chance if it got no better. Validation is below
    guessing by `KNOWS` of it. A language model is below `AHEAD` of what guessing letters scores. At chance level
    training and validation fall in a straight line; elsewhere the loss repeats itself, lower each time, or validation
    falls by `NOTICEABLE` of the noise of one training value and by `JITTERS` of its own, all along or, from
    `BEGAN_ABOVE` times its end, by its first `AT_ONCE` values.

    Where neither chance level nor a metric confirms it, confidence is lower, and it is a warning, but where each
    value is the same to the last digit; it is information where the first value is far off all others and no accuracy
    is logged: all may have been learnt in one step. An accuracy that never moves does not confirm it above `GOOD`,
    where the loss is below the least that one answer scores which is right so often, or no loss tells: above `RARE`
    it is information then, and learnt below `AHEAD` of that. An accuracy of one in C that never got better confirms
    it below `ONE_IN_SEVEN`: above, it may be all there is to learn. An unfinished run may be slow to start: it is
    judged from `HALF` of its planned epochs on, or after `PATIENCE` epochs where no plan is known, and while its
    learning rate warms up only what is confirmed is told.

When it is wrong
    A model that had converged before its first logged value is flat too, at a good level: a metric or `num_classes`
    tells it apart. Adversarial and reinforcement-learning losses are flat by nature. Of a log that begins in the middle
    of a run nothing is said. Of a loss that is exactly 0 throughout, the finding says that nothing counts towards it.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: verify the loss at initialisation, overfit one batch.
    Stanford CS231n notes, "Sanity checks": ln 10 = 2.302 for ten classes.
"""

from diagnosis.advice.ladder import LABELS, RATE, WEIGHTS, carefully, ladder
from diagnosis.features import Features
from diagnosis.features.entropy import measure_collapse
from diagnosis.features.guessing import RARE, one_answer
from diagnosis.features.measured import Measured
from diagnosis.features.reason import why
from diagnosis.features.stuck import EARLY  # noqa: F401 - of several, the one that the page names
from diagnosis.features.unmoved import Unmoved, measure_unmoved, stuck_of
from diagnosis.findings.stuck_losses import evidence_of, said_of
from diagnosis.rule import Finding, Fires, Quiet, Severity, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged

HALF = 0.5  # share of the planned epochs: until then, a run may only be slow to start
PATIENCE = 50.0  # epochs, where no plan is known: of the slow starts of our corpus none was still to come by then
SURE, UNANCHORED = 0.99, 0.70  # highest confidence, and where nothing tells what a good level is
EXPLAINED = (
    *("plateau", "underfitting", "slow_convergence", "undertrained", "generalization_gap", "overfitting"),
    *("metric_loss_mismatch", "slow_start", "noisy_validation", "validation_better_than_training"),
)
MOVED = "Would be overturned if the weights of two checkpoints differ and a longer run leaves this level."
CONVERGED = "A model that had converged before its first value looks the same: log an accuracy, or send num_classes."
OFF_CHANCE = "A model that had converged before its first value looks the same: log an accuracy."
RIGHT = "A model that had converged before its first value looks the same: log the recall of each class."
WEIGHED = "Rare classes that are weighed more cost right answers as well: log the recall of each class."
PLAYS = "A policy that could do it from the start looks the same, and one that exploration has shown nothing yet."
MARGIN = "A hinge loss is exactly 0 once every margin is met: log an accuracy beside it."
GUESSES = logged(Context(num_classes=10), loss=flat(level=2.303), accuracy=flat(level=0.1, noise=0.004))
EXAMPLES = (
    Fires("flat at ln 10", GUESSES),
    Quiet("a slow but real fall", logged(loss=falling(start=2.3, floor=2.2))),
    Quiet("flat because it is done", logged(loss=flat(level=0.05), accuracy=flat(level=0.97, noise=0.002))),
)


@rule(
    severity=("error", "warning", "info"),
    about="learning",
    causes=(WEIGHTS, LABELS, RATE),
    examples=EXAMPLES,
    points=8,
    supersedes=EXPLAINED,
    decides="intervene",
    exempt={"offset": "a loss is at chance at ln C only without a constant added", "scale": "likewise"},
)
def check(train_loss: Measured, features: Features, context: Context, run: Run) -> Finding | Skipped | None:
    """Compare every tenth of the run with the first one, and its level with guessing."""
    if train_loss.before:
        return Skipped(train_loss.before)
    stuck = stuck_of(train_loss, features)
    if stuck is None:
        return None
    if (soon := _too_soon(run)) and not stuck.ruined:
        return Skipped(soon)
    unmoved = measure_unmoved(stuck, train_loss, features)
    if unmoved is None:
        return None
    anchored, schedule = unmoved.anchored, features.schedule
    if not (anchored or run.finished) and schedule and schedule.warming(train_loss, train_loss.x.size - 1):
        return Skipped("the learning rate was warming up until the end, or nearly")
    reason = why(stuck, train_loss, features)
    collapse = measure_collapse(features.curves)
    causes, advised = ladder(reason, train_loss, context, stuck.guessing, collapse)
    doubt = MARGIN if stuck.void else PLAYS if features.reward else OFF_CHANCE if stuck.guessing else CONVERGED
    doubt = WEIGHED if stuck.sank else RIGHT if unmoved.right else doubt
    severity = _severity(unmoved, train_loss)
    return Finding(
        summary=f"Not learning: {train_loss.name} {said_of(stuck, unmoved, train_loss)}.",
        evidence=evidence_of(stuck, unmoved, train_loss),
        series=(train_loss.name, *(m.name for m in features.metrics)),
        since=train_loss.position(0),
        points=train_loss.n,
        ceiling=SURE if anchored else UNANCHORED,
        severity=severity,
        asks=severity == "error",
        causes=causes,
        against=(MOVED,) if anchored else (doubt,),
        fixes=advised if anchored else carefully(advised, reason, run.context),
    )


def _severity(unmoved: Unmoved, loss: Measured) -> Severity:
    if unmoved.anchored:
        return "error"
    if unmoved.once or unmoved.right > RARE:
        return "info"
    return "error" if one_answer(loss) else "warning"


def _too_soon(run: Run) -> str:
    """Why an unfinished run has not come far enough to tell; empty where it has."""
    covered, planned = run.epochs_logged, run.context.planned_epochs
    if run.finished or (covered is not None and covered > (HALF * planned if planned else PATIENCE)):
        return ""
    far = "" if covered is not None else " (how many epochs it has had, steps_per_epoch would tell)"
    return f"the run is not finished: a slow start looks the same{far}"
