"""Validation is clearly worse than training, and stays so.

What it means
    The model knows its training data better than the world, by a constant amount. Stopping earlier gains nothing: what
    helps is data and regularisation.

How it is detected
    Over the last fifth of the run, validation stands above training by more than `SHARE` of what training gained and
    by `SIGMAS` noise levels, while validation itself has not turned upwards (that would be `overfitting`). A gap that
    was there before anything was learnt counts only once training has settled: while little is learnt, any difference
    between the splits is a large share of it. A gap that closes does not count, nor one that still widens in a run that
    goes on: it has not come to rest, and may yet be `overfitting`.

When it is wrong
    The two losses are not the same thing: one includes the regularisation term, label smoothing or augmentation, one
    is a sum. Or the splits differ (another time, another camera): then the gap is there from the first epoch; where it stood by
    `THROUGHOUT` of itself at every time, or from the second value on and training learnt less since, it is worth knowing, and no warning. Nor where
    answers are as right as training's to within what so many examples tell, nor of boosted trees, which
    learn their training data by heart while validation still gains. Where training itself is poor at a rate that is known to be far
    too high, that comes first.

Sources
    Google ML course, "Interpreting loss curves": splits that are not statistically equivalent, or not deduplicated.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
    A. J. Wyner et al., "Explaining the success of AdaBoost and random forests as interpolating classifiers", JMLR 18, 2017.
"""

import numpy as np

from diagnosis.boosting import boosted
from diagnosis.check_fixes import compare_treatment
from diagnosis.features import Features
from diagnosis.features.budget import by_luck
from diagnosis.features.gap import CLOSING, NARROWED, Gap  # noqa: F401 - its page tells the numbers
from diagnosis.features.measured import Measured
from diagnosis.fixes import add_data, augment, lower, regularize, too_high
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SHARE = 0.20  # of training's progress
SIGMAS = 3.0  # noise levels of one point of the difference
HALF = 0.5  # of the late gap: where it is taken to begin
LEARNT = 5.0  # noise levels of training that must have been learnt: else there is nothing to be a share of
SETTLED = 0.10  # share of what training learnt: a last quarter that brings more has not settled
# Of the late gap, from the first value on: of 76 gaps that clean test sets confirmed, none stood by half so early.
THROUGHOUT = 0.7
FROM_START = 0.5  # of the late gap already there in the first tenth: the splits differ, rather than the model memorises

ALIKE = "The gap was there before anything was learnt: a mean over other batches, a penalty or other weights look like that."
CAUSES = (
    Cause("Too little or too uniform training data for the model's size.", "Train on half of the data: the gap grows."),
    Cause(
        "The splits are not drawn alike, or share no duplicates where training does.",
        "Train a small classifier to tell by its inputs from which split an example is: its AUC is above one half.",
    ),
    Cause(
        "The two losses are computed differently.",
        "Evaluate the training split in evaluation mode with the validation code: the gap goes.",
    ),
)
HOT = Cause("The learning rate is too high for training to settle.", "Go on for a tenth of the epochs at the usual rate: training falls at once, and validation with it.")  # fmt: skip
EXAMPLES = (
    Fires("stable at 0.7 above", logged(loss=falling(), val_loss=falling(floor=0.8, seed=1))),
    Quiet("a small gap", logged(loss=falling(), val_loss=falling(floor=0.3, seed=1))),
)


@rule(
    severity=("warning", "info"), about="validation", causes=CAUSES, examples=EXAMPLES, points=10,
    not_of_rewards="episodes of training and of evaluation differ in more than what is learnt",
    exempt={"offset": "with num_classes, what was learnt is counted from ln C", "scale": "likewise"},
)  # fmt: skip
def check(validation: Measured, pair: Gap, features: Features, run: Run) -> Finding | None:
    """Compare the late gap with what training gained."""
    train_loss, share, sigmas = pair.training, pair.share_of_progress, pair.late / max(pair.noise, 1e-300)
    if share <= SHARE or sigmas <= SIGMAS or pair.learnt <= LEARNT * pair.train_noise:
        return None
    early = pair.early
    unsettled = train_loss.tail.falling and -train_loss.tail.change > SETTLED * pair.learnt
    if pair.closing or (unsettled and early > FROM_START * pair.late) or (pair.widening and not run.finished):
        return None
    below = np.flatnonzero(pair.difference <= HALF * pair.late)
    stands = min(early, float(pair.difference[0])) > THROUGHOUT * pair.late or pair.at_once(THROUGHOUT)
    lucky = None if pair.widening else by_luck(features.train_metric, features.val_metric, run.context)
    against = ["Would be overturned if training, evaluated in evaluation mode, had the same loss as validation."]
    if early > FROM_START * pair.late:
        against.append("The gap is there from the start: the splits, or how the loss is computed, may differ.")
    against += [lucky] if lucky else []
    change = pair.trend.change / pair.learnt
    hot = features.answers_poorly and too_high(features.context)
    causes = CAUSES[::-1] if stands else CAUSES
    return Finding(
        summary=(
            f"Generalization gap: {validation.name} ends {share_of(share, 'the training progress')} {train_loss.went('above', 'below')} "
            f"{train_loss.name}, {'and the gap still widens' if pair.widening else 'and the gap is stable'}."
        ),
        evidence=(
            Evidence("gap", share, SHARE, PROGRESS, f"median gap over the last fifth of the run, {pair.late:.4g}"),
            Evidence("gap_over_noise", sigmas, SIGMAS, NOISE, "the same gap against the noise of the two curves' difference"),
            Evidence("widening", change, None, PROGRESS, "by how much the gap grew over the second half of the run"),
        ),
        series=(validation.name, train_loss.name),
        since=validation.position(min(int(below[-1]) + 1, pair.difference.size - 1) if below.size else 0),
        points=validation.n,
        severity="info" if stands or lucky or boosted(run.context) else "warning",
        against=tuple(against),
        causes=(HOT, *causes) if hot else causes,
        fixes=(
            *((lower(features.context, "Training itself is poor: at a rate far beyond the usual one it does not settle."),) if hot else ()),
            *((compare_treatment(train_loss.name, validation.name, run.context, ALIKE),) if stands else ()),
            add_data("The gap shrinks with the amount of data.", run.context),
            *regularize(run.context, "Narrows the gap at the cost of some training loss.", drop=False),
            augment("Makes the data one has go further, most of all where validation is recorded otherwise.", run.epochs_logged),
        ),
    )  # fmt: skip
