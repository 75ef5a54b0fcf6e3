"""Validation gets worse while training keeps improving.

What it means
    Past its best epoch the model memorises its training set: every epoch after that one costs compute and makes it worse.

How it is detected
    The validation loss, at its end, has given back `GIVEN_BACK` of what it gained and stands `SIGMAS` standard errors above
    its best level, while the training loss has gone on falling since and has not turned itself; `HALVED` of that will do
    where the validation metric has clearly got worse as well. Where validation hardly ever improved, a tenth of what
    training gained is the measure; where nearly all of it came at once at the beginning, what came after. Of fewer than ten
    values nobody knows the noise: there the later half of those since the best, two at least, may all stand `STEADY` of it
    above, and of what training gained since. It begins at the best checkpoint, or after a flat bottom. While a run goes on,
    a rise must have lasted `LASTED` of it; training that learnt less than a tenth of what guessing scores knows nothing, nor does one whose metric never left chance.

When it is wrong
    The validation set is tiny and its loss jumps about by more than the noise between neighbours tells. Or validation accuracy
    still rises: then only the confidence of wrong answers grows, and the loss is not what ships. Where no loss of validation
    is logged its metric is judged, by `OF_METRIC`: it moves in steps, and is not what is trained.

Sources
    L. Prechelt, "Early stopping, but when?", 1998: the generalisation loss.
    Google, "Deep Learning Tuning Playbook": problematic overfitting is validation error that starts to increase.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
"""

from diagnosis.check_fixes import check_labels
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import GIVEN_BACK, SIGMAS, STEADY, Memorising
from diagnosis.features.outgrown import outgrown
from diagnosis.features.skill import as_good, guesses, worse
from diagnosis.features.turn import turn_of
from diagnosis.fixes import add_data, augment, regularize, restore, smaller_model, stop_early
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Run
from diagnosis.synthetic import falling, turning
from diagnosis.synthetic import run as logged

HALVED = 0.5  # of that will do where the validation metric has got worse as well: two witnesses
OF_METRIC = 0.20  # share of the progress of a metric that stands in for the loss: right answers come and go
UNSEEN = 0.7  # the most one can be sure without seeing what training did
SEVERE = 1.0  # share of validation's progress: all that was gained is lost again
SEVERE_LEARNT = 0.5  # share of what training learnt that must be lost as well: validation may have begun near its best
STILL_FALLING = 0.005  # share of training's progress made after validation's best
HARDLY = 0.1  # of what training learnt: a validation that gained less is best where next to nothing is learnt
LASTED = 0.20  # of an unfinished run; of the rises that passed within one epoch, most were shorter

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
    severity=("warning", "error"), about="validation", causes=CAUSES, examples=EXAMPLES, points=3, decides="stop", supersedes=("generalization_gap", "undertrained", "underfitting", "slow_convergence", "plateau"),
)  # fmt: skip
def check(validation: Measured, memorising: Memorising, val_metric: Measured | None, features: Features, run: Run) -> Finding | Skipped | None:  # fmt: skip
    """Compare where validation ended with where it was best, and what training did since."""
    context, gap, given_back = run.context, features.alongside, memorising.given_back
    val_metric = val_metric if val_metric is not validation else None
    early = memorising.best > (1.0 - LASTED) * validation.z.size or memorising.unsettled
    held = val_metric is not None and as_good(val_metric)
    severe = given_back >= SEVERE and memorising.rise >= SEVERE_LEARNT * memorising.learnt and not held
    bound = OF_METRIC if validation.curve.role == "val_metric" else GIVEN_BACK * (HALVED if val_metric and worse(val_metric) else 1.0)  # fmt: skip
    if given_back <= bound or (early and not run.finished) or memorising.answers_nothing:
        return None
    if not memorising.sure:
        too_few = f"{validation.n} values of {validation.name} are too few to tell its rise from noise"
        return Skipped(too_few) if memorising.few else None
    lost = memorising.lost
    at, turn, after = validation.best_position, turn_of(validation), 1 - (validation.best_checkpoint + 1) / validation.n
    evidence = [
        Evidence("rebound", given_back, bound, memorising.measure, f"{validation.name} went from {validation.said(memorising.low)} to {validation.said(validation.end)}"),
        Evidence("rebound_over_noise", memorising.sigmas, SIGMAS, ERRORS, "the same rise against the noise of the final level") if memorising.sigmas > SIGMAS
        else Evidence("rebound_at_least", memorising.steady, STEADY, PROGRESS, "by so much the later half of the values since then all stand above the best"),
        Evidence("cost", after, None, "share of the run", f"training after the best checkpoint, that of {at}"),
        Evidence("onset", turn.since.at, None, turn.since.axis, f"where the rise begins (beyond doubt from {turn.plain} on)"),
    ]  # fmt: skip
    against = ["Would be overturned by a larger validation set on which the loss does not rise."]
    meanwhile, training = "", []
    if gap:
        if memorising.share <= STILL_FALLING or not memorising.goes_on:
            return None
        training, falling = [gap.training.name], gap.training.went("falling", "rising")
        evidence.insert(2, Evidence("training_since", memorising.share, STILL_FALLING, PROGRESS, f"{training[0]} went on {falling} after {at}"))  # fmt: skip
        meanwhile = f" while {training[0]} kept {falling}"
    else:
        against.append("Training is not logged beside it: if that rises as well, this is divergence.")
    if val_metric and held:
        against.append(f"{val_metric.name} is as good as ever: if that is what ships, choose the checkpoint by it.")
    chance = val_metric is not None and guesses(val_metric, context)
    better = val_metric is not None and not chance and val_metric.progress > SIGMAS * val_metric.end_error
    labels = [check_labels(f"{validation.name} was never below where {training[0]} began: nothing of it carries over.", context)] if memorising.nothing_carries_over and not better else []  # fmt: skip
    ship = outgrown(at, val_metric) if validation.progress < HARDLY * memorising.learnt else at
    free = restore(ship or at, f"It is free: since then {validation.name} gave back {lost}." if ship == at else f"{validation.name} was best before next to anything was learnt; {val_metric.name if val_metric else ''} is best there.")  # fmt: skip
    first = (*labels, free) if chance and not validation.best_checkpoint else (free, *labels)  # nothing is in the first
    return Finding(
        summary=f"Overfitting since {turn.since}: {validation.name} gave back {lost}{meanwhile}.",
        evidence=tuple(evidence),
        series=(validation.name, *training),
        since=turn.since,
        restore=ship,
        points=validation.n,
        ceiling=0.99 if training else UNSEEN,
        asks=not (val_metric and held and context.monitor in {val_metric.name, val_metric.curve.metric}),
        severity="error" if severe and training else None,
        against=tuple(against),
        causes=CAUSES[::-1] if labels else CAUSES,
        fixes=(
            *first, stop_early(validation, f"{percent(after)} of the run came after the best point."),
            add_data("The most reliable remedy, where data can be had.", context), augment("The next best thing to more data.", run.epochs_logged),
            *regularize(context, "Makes memorising dearer than generalising."),
            *(() if features.answers_poorly else (smaller_model("Less room to memorise; try it after the others."),)),  # training's answers are poor enough
        ),
    )  # fmt: skip
