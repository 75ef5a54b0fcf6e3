"""Loss and metric disagree about the same model.

What it means
    The validation loss gets worse while the metric holds: answers stay right, the wrong ones only grow surer. Or the
    training loss falls while the metric never leaves the bottom: what is optimised is not what is measured.

How it is detected
    The validation loss has given back `GIVEN_BACK` of what it gained and stands `SIGMAS` standard errors above its best,
    while the training loss went on falling. The validation metric, which had learnt, has lost no more than `KEPT` of its
    gain, than its noise, than `ONE_IN` of all answers, or than `COUNTED` standard errors of a share of `val_size` examples, and
    no chance allows it to lose `TELLING` of what it has gained since guessing.
    Or the training loss fell, and validation's with it, most of it (`EARLY`) in the first half, and a metric stayed within `BOTTOM` of guessing,
    though the loss, where `num_classes` is known, is below `AHEAD` of ln C.

When it is wrong
    The metric is too coarse to move; or probabilities are what ships: then the overfitting that is said after it counts. A metric
    starts late, and a loss may come down again: a run that is not over is not told that a metric is dead, nor one that recovers.

Sources
    C. Guo et al., "On calibration of modern neural networks", 2017: the loss overfits while accuracy improves.
    Google ML course, "Interpreting loss curves": contradictory metrics.
"""

from diagnosis.check_fixes import check_labels, check_metric, overfit_one_batch
from diagnosis.features import Features
from diagnosis.features.agreement import AHEAD, BOTTOM, COUNTED, KEPT, ONE_IN, TELLING, Dead, Held, dead, held  # noqa: F401 - the page names them
from diagnosis.features.measured import Measured
from diagnosis.features.skill import SHARES
from diagnosis.fixes import calibrate, monitor, move_threshold, regularize, restore, smooth_labels
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, turning
from diagnosis.synthetic import run as logged

GIVEN_BACK = 0.08  # share of validation's progress; as for overfitting
SIGMAS = 4.0  # standard errors of the final level
EARLY = 0.75  # share of the training loss's fall in the first half: at a rate too small it falls in a straight line
VALUES = 10  # of loss and metric; fewer cannot be told to have held

SURE = (
    Cause("Wrong answers grow surer.", "Fit one temperature on validation logits: the loss falls, the metric stays."),
    Cause("A few wrong labels carry the loss.", "Leave out the worst hundredth of validation: the rise goes."),
)
DEAF = (
    Cause("The metric is computed wrongly: another axis, logits for probabilities.", "Compute it by hand on ten examples: it differs."),
    Cause("One class is rare, and no score passes the threshold.", "Lower the threshold to the base rate: it leaves the bottom."),
)  # fmt: skip
EXAMPLES = (
    Fires("accuracy holds, the loss turns", logged(loss=falling(), val_loss=turning(at=20), val_accuracy=1.0 - falling(start=0.9, floor=0.2, tau=0.1, noise=0.003))),
    Fires("F1 stays at zero", logged(loss=falling(), val_f1=flat(level=0.0, noise=0.0))),
    Quiet("accuracy turns too", logged(loss=falling(), val_loss=turning(at=20), val_accuracy=1.0 - 0.3 * turning(at=20))),
    Quiet("good from the start", logged(loss=falling(), val_accuracy=flat(level=0.97, noise=0.002))),
)  # fmt: skip


@rule(severity="warning", about="validation", causes=SURE, examples=EXAMPLES, points=VALUES, lowers=("overfitting",))
def check(train_loss: Measured, features: Features) -> Finding | None:
    """Ask whether the metric followed the loss, upwards and downwards."""
    val_loss, val_metric, gap, run = features.val_loss, features.val_metric, features.gap, features.run
    losses = {id(m.curve) for m in (train_loss, val_loss) if m}  # a metric may stand in for a loss
    metrics = [m for m in (val_metric, features.train_metric) if m and m.n >= VALUES and id(m.curve) not in losses]
    if val_loss and val_metric and gap and val_metric in metrics:
        found = held(val_loss, val_metric, gap, run.context)
        settled = run.finished or not (features.memorising and features.memorising.recovers)
        shipped = run.context.monitor in {val_loss.name, val_loss.curve.metric}  # then it is the loss that counts
        if found and settled and not shipped and min(found.sigmas, found.training_sigmas) > SIGMAS and found.gave_back > GIVEN_BACK and found.lost <= found.allowed:  # fmt: skip
            return _sure(found, val_loss, val_metric, run.context)
    for metric in metrics if run.finished else ():
        apart = dead(train_loss, metric, run.context)
        beside = val_loss if metric is val_metric and val_loss else train_loss  # what is measured on the same examples
        if apart and apart.early > EARLY and min(apart.sigmas, _fell(beside)) > SIGMAS:
            return _deaf(apart, train_loss, metric)
    return None


def _fell(loss: Measured) -> float:
    """How far a loss came down in all, in standard errors of its best level."""
    return (loss.start - loss.best) / max(loss.end_error, 1e-300)


def _sure(found: Held, loss: Measured, metric: Measured, context: Context) -> Finding:
    at, best = loss.best_position, metric.best_position
    went = f"{loss.name} went from {loss.said(loss.best)} to {loss.said(loss.end)}"
    kept = f"{metric.name} ended at {metric.said(metric.end)}, {metric.said(metric.best)} at its best"
    free = (calibrate(),) if metric.curve.metric in SHARES else ()
    return Finding(
        summary=f"Loss and metric disagree since {at}: {loss.name} gave back {found.says}, {metric.name} held.",
        evidence=(
            Evidence("rebound", found.gave_back, GIVEN_BACK, found.measure, went),
            Evidence("rebound_over_noise", found.sigmas, SIGMAS, ERRORS, "the same rise against the noise of the end"),
            Evidence("metric_lost", found.lost, found.allowed, PROGRESS, kept, exceeds=False),
        ),
        series=(loss.name, metric.name),
        since=at,
        restore=best,
        points=min(loss.n, metric.n),
        against=("Would be overturned if probabilities ship rather than answers: then it is overfitting.",),
        fixes=(*free, restore(best, f"{metric.name} is best there."), *monitor(metric, context), *regularize(context, "Keeps the logits small.", drop=False), smooth_labels("No answer can grow as sure.")),
    )  # fmt: skip


def _deaf(apart: Dead, loss: Measured, metric: Measured) -> Finding:
    rare = metric.curve.metric in {"f1", "recall", "precision"}  # a threshold stands between the scores and these
    return Finding(
        summary=f"Loss and metric disagree: {loss.name} falls, {metric.name} stays at {metric.said(metric.end)} over all {metric.n} values.",
        evidence=(
            Evidence("fell", apart.sigmas, SIGMAS, ERRORS, f"how far {loss.name} fell, against the noise of its final level"),
            Evidence("early", apart.early, EARLY, PROGRESS, f"what {loss.name} gained in the first half of the run"),
        ),
        series=(loss.name, metric.name),
        since=metric.position(0),
        points=metric.n,
        causes=DEAF[::-1] if rare else DEAF,
        against=("Would be overturned if the metric left the bottom in a longer run.",),
        fixes=(*((move_threshold(None),) if rare else ()), check_metric(metric.name), overfit_one_batch("The metric must reach its top there, as the loss its floor.", loss), check_labels("A metric may be given other labels than the loss.")),
    )  # fmt: skip
