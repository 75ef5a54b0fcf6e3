"""Validation gets worse while training keeps improving.

What it means
    Past its best epoch the model memorises its training set; new data suffer. Every epoch after that one costs
    compute and makes the model worse.

How it is detected
    The validation loss, at its end, has given back `GIVEN_BACK` of what it gained and stands `SIGMAS` standard errors
    above its best level, while the training loss has gone on falling since that point and has not turned itself;
    `HALVED` of that will do where the validation metric has clearly got worse as well. Where validation hardly ever
    improved, a tenth of what training gained is the measure. It begins at the best checkpoint, or after a flat bottom. While a run
    goes on, a rise must have lasted `LASTED` of it; and training that learnt less than `LEARNT` of what guessing scores knows nothing by heart.

When it is wrong
    The validation set is tiny and its loss jumps about by more than the noise between neighbours tells. Or validation
    accuracy still rises: then only the confidence of wrong answers grows, and the loss is not what ships. Where no loss of
    validation is logged its metric is judged, by `OF_METRIC`: it moves in steps, and is not what is trained.

Sources
    L. Prechelt, "Early stopping, but when?", 1998: the generalisation loss.
    Google, "Deep Learning Tuning Playbook": problematic overfitting is validation error that starts to increase.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
"""

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.skill import as_good, worse
from diagnosis.features.turn import turn_of
from diagnosis.fixes import add_data, augment, regularize, restore, smaller_model, stop_early
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule, share_of
from diagnosis.run import Run
from diagnosis.synthetic import falling, turning
from diagnosis.synthetic import run as logged

GIVEN_BACK = 0.08  # share of validation's progress; set by benchmarks/ on really trained runs
HALVED = 0.5  # of that will do where the validation metric has got worse as well: two witnesses
OF_METRIC = 0.20  # share of the progress of a metric that stands in for the loss: right answers come and go
LEAST_PROGRESS = 0.10  # share of training's progress that stands in for validation's where that is smaller
UNSEEN = 0.7  # the most one can be sure without seeing what training did
SEVERE = 1.0  # share of validation's progress: all that was gained is lost again
SEVERE_LEARNT = 0.5  # share of what training learnt that must be lost as well: validation may have begun near its best
SIGMAS = 4.0  # standard errors of the final level; the best of many points is low by chance
STILL_FALLING = 0.005  # share of training's progress made after validation's best
LEARNT = 0.10  # of the cross-entropy of guessing, where `num_classes` tells it
LASTED = 0.20  # of an unfinished run; of the rises that passed within one epoch, most were shorter
TURNED = 0.5  # of that fall: training that has given back as much has turned as well

CAUSES = (
    Cause("More capacity than the data constrain.", "Train on half of the data: the turn comes earlier and steeper."),
    Cause("Nothing holds the weights back.", "Go on from the best checkpoint with augmentation and dropout for a tenth of the run: it does not rise."),
    Cause("Labels with errors are learnt by heart.", "Look at the 20 training examples with the highest loss at the best epoch: their labels are wrong."),
)  # fmt: skip
EXAMPLES = (
    Fires("turns at epoch 20", logged(loss=falling(), val_loss=turning(at=20))),
    Quiet("a gap, no rise", logged(loss=falling(), val_loss=falling(floor=0.5, seed=1))),
)


@rule(
    severity=("warning", "error"), about="validation", causes=CAUSES, examples=EXAMPLES, decides="stop",
    supersedes=("generalization_gap", "undertrained", "underfitting", "slow_convergence", "plateau"),
)  # fmt: skip
def check(validation: Measured, val_metric: Measured | None, features: Features, run: Run) -> Finding | None:
    """Compare where validation ended with where it was best, and what training did since."""
    rise, best, context, gap = validation.rebound, validation.best_index, run.context, features.alongside
    learnt = features.pair.learnt if features.pair else rise  # of another quantity, nothing is to be had
    guessing = context.guessing if validation.curve.metric == "loss" else None
    val_metric = val_metric if val_metric is not validation else None
    early = best > (1.0 - LASTED) * validation.z.size or (gap and guessing and learnt < LEARNT * guessing)
    unit = max(validation.progress, LEAST_PROGRESS * learnt, 1e-300)
    given_back, sigmas = rise / unit, rise / max(validation.end_error, 1e-300)
    held = val_metric is not None and as_good(val_metric)
    severe = given_back >= SEVERE and rise >= SEVERE_LEARNT * learnt and not held
    least = GIVEN_BACK * (HALVED if val_metric and worse(val_metric) else 1.0)
    bound = OF_METRIC if validation.curve.role == "val_metric" else least
    if given_back <= bound or sigmas <= SIGMAS or (early and not run.finished):
        return None
    trained = features.pair and validation.progress < LEAST_PROGRESS * learnt
    lost = share_of(rise / learnt, "what training learnt") if trained else share_of(given_back, "its progress")
    at, turn, after = validation.best_position, turn_of(validation), 1 - (validation.best_checkpoint + 1) / validation.n
    evidence = [
        Evidence("rebound", given_back, bound, PROGRESS, f"{validation.name} went from {validation.said(validation.best)} to {validation.said(validation.end)}"),
        Evidence("rebound_over_noise", sigmas, SIGMAS, ERRORS, "the same rise against the noise of the final level"),
        Evidence("cost", after, None, "share of the run", f"training after the best checkpoint, that of {at}"),
        Evidence("onset", turn.since.at, None, turn.since.axis, f"where the rise begins (beyond doubt from {turn.plain} on)"),
    ]  # fmt: skip
    against = ["Would be overturned by a larger validation set on which the loss does not rise."]
    meanwhile, training = "", []
    if gap:
        train_loss, fell = gap.training, gap.gained_after(best)
        since, falling = train_loss.share(fell), train_loss.went("falling", "rising")
        turned = float(gap.train[-1] - gap.train[best:].min()) > TURNED * fell
        if since <= STILL_FALLING or fell <= SIGMAS * gap.train_error or turned:
            return None
        evidence.insert(2, Evidence("training_since", since, STILL_FALLING, PROGRESS, f"{train_loss.name} went on {falling} after {at}"))  # fmt: skip
        meanwhile, training = f" while {train_loss.name} kept {falling}", [train_loss.name]
    else:
        against.append("Training is not logged beside it: if that rises as well, this is divergence.")
    if val_metric and held:
        against.append(f"{val_metric.name} is as good as ever: if that is what ships, choose the checkpoint by it.")
    return Finding(
        summary=f"Overfitting since {turn.since}: {validation.name} gave back {lost}{meanwhile}.",
        evidence=tuple(evidence),
        series=(validation.name, *training),
        since=turn.since,
        restore=at,
        points=validation.n,
        ceiling=0.99 if training else UNSEEN,
        asks=not (val_metric and held and context.monitor in {val_metric.name, val_metric.curve.metric}),
        severity="error" if severe and training else None,
        against=tuple(against),
        fixes=(
            restore(at, f"It is free: since then {validation.name} gave back {lost}."),
            stop_early(validation, f"{percent(after)} of the run came after the best point."),
            add_data("The most reliable remedy, where data can be had.", context),
            augment("The next best thing to more data.", run.epochs_logged),
            *regularize(context, "Makes memorising dearer than generalising."),
            smaller_model("Less room to memorise; try it after the others."),
        ),
    )
