"""Validation gets worse while training keeps improving.

What it means
    Past its best epoch the model memorises its training set; new data suffer. Every epoch after that one costs
    compute and makes the model worse.

How it is detected
    The validation loss, at its end, has given back `GIVEN_BACK` of what it gained and stands `SIGMAS` standard errors
    above its best level, while the training loss has gone on falling since that point.

When it is wrong
    The validation set is tiny and its loss jumps about by more than the noise between neighbours tells. Or validation
    accuracy still rises: then only the confidence of wrong answers grows, and the loss is not what ships.

Sources
    L. Prechelt, "Early stopping, but when?", 1998: the generalisation loss.
    Google, "Deep Learning Tuning Playbook": problematic overfitting is validation error that starts to increase.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
"""

from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, regularize, restore, significant
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, turning

GIVEN_BACK = 0.10  # share of validation's progress; set by benchmarks/ on really trained runs
SEVERE = 1.0  # share of validation's progress: all that was gained is lost again
SIGMAS = 4.0  # standard errors of the final level; the best of many points is low by chance
STILL_FALLING = 0.01  # share of training's progress made after validation's best
PATIENCE_SHARE = 0.10  # of the run, for a ready early-stopping rule

CAUSES = (
    Cause("More capacity than the data constrain.", "Train on half of the data: the turn comes earlier and steeper."),
    Cause("Trained for too long.", "Compare the test metric of the best and the last checkpoint."),
    Cause(
        "Labels with errors that are learnt by heart.",
        "Look at the training examples with the highest loss at the best epoch.",
    ),
)
EXAMPLES = (
    Fires("turns at epoch 20", run(loss=falling(), val_loss=turning(at=20))),
    Quiet("a gap, no rise", run(loss=falling(), val_loss=falling(floor=0.5, seed=1))),
)


@rule(
    severity=("warning", "error"),
    causes=CAUSES,
    examples=EXAMPLES,
    supersedes=("generalization_gap", "undertrained", "underfitting", "plateau"),
    decides="stop",
)
def check(
    train_loss: Measured, val_loss: Measured, gap: Gap, val_metric: Measured | None, context: Context
) -> Finding | None:
    """Compare where validation ended with where it was best, and what training did since."""
    rise, best = val_loss.rebound, val_loss.best_index
    since_best = (float(gap.train[best]) - float(gap.train[-1])) / max(train_loss.progress, 1e-300)
    given_back, sigmas = val_loss.share(rise), rise / max(val_loss.end_error, 1e-300)
    if given_back <= GIVEN_BACK or sigmas <= SIGMAS or since_best <= STILL_FALLING:
        return None
    at = val_loss.best_position
    against = ["Would be overturned by a larger validation set on which the loss does not rise."]
    if val_metric and val_metric.rebound <= 2 * val_metric.end_error:
        against.append(
            f"{val_metric.name} is not worse than at its best: if that is what ships, choose the checkpoint by it."
        )
    wait = max(3, round(val_loss.n * PATIENCE_SHARE))
    patience = {"patience": wait, "min_delta": significant(2 * val_loss.noise, 2)}
    return Finding(
        summary=f"Overfitting since {at}: {val_loss.name} gave back {given_back:.0%} of its progress while {train_loss.name} kept falling.",
        evidence=(
            Evidence("rebound", given_back, GIVEN_BACK, "share of progress", f"{val_loss.name} rose from {val_loss.said(val_loss.best)} to {val_loss.said(val_loss.end)}"),
            Evidence("rebound_over_noise", sigmas, SIGMAS, "standard errors", "the rise against the noise of the final level"),
            Evidence("training_since_best", since_best, STILL_FALLING, "share of progress", f"{train_loss.name} went on falling after {at}"),
        ),
        series=(val_loss.name, train_loss.name),
        since=at,
        points=val_loss.n,
        severity="error" if given_back >= SEVERE else None,
        against=tuple(against),
        fixes=(
            restore(at, f"It is free, and undoes the loss of {given_back:.0%} of the progress."),
            Fix("stop_early", f"Stop after {wait} validations without an improvement of {patience['min_delta']:g}.", f"{1 - (best + 1) / val_loss.z.size:.0%} of the run came after the best point.", patience),
            Fix("add_data", "Train on twice the data.", "The most reliable remedy, where data can be had.", {"factor": 2}),
            Fix("augment_data", "Augment the training data.", "The next best thing to more data."),
            regularize(context, "Makes memorising dearer than generalising."),
            Fix("decrease_capacity", "Halve the model's width.", "Less room to memorise; try it after the others.", {"factor": 0.5}),
        ),
    )  # fmt: skip
