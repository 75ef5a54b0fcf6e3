"""Loss and metric disagree about the same model.

What it means
    Either the validation loss gets worse while the metric holds: answers stay right, the wrong ones only grow surer. Or
    the training loss falls while the metric never leaves the bottom: what is optimised is not what is measured.

How it is detected
    The validation loss has given back `GIVEN_BACK` of what it gained and stands `SIGMAS` standard errors above its best,
    while the training loss did not rise. The validation metric, which had learnt, has lost no more than `KEPT` of its
    gain, than its noise, or than `COUNTED` standard errors of a share of `val_size` examples.
    Or `EARLY` of the training loss's fall came in the first half, and a metric stayed within `BOTTOM` of guessing.

When it is wrong
    The metric is too coarse to move. Or the probabilities are what ships: then this is plain overfitting. A metric
    starts late, so a run that is not over is not told that its metric is dead.

Sources
    C. Guo et al., "On calibration of modern neural networks", 2017: the loss overfits while accuracy improves.
    Google ML course, "Interpreting loss curves": contradictory metrics.
"""

from diagnosis.features.gap import Gap, same_stretch
from diagnosis.features.measured import Measured
from diagnosis.features.skill import BOTTOM, COUNTED, KEPT, allowance, at_bottom, learns
from diagnosis.fixes import (
    calibrate,
    check_labels,
    check_metric,
    monitor,
    overfit_one_batch,
    regularize,
    restore,
    smooth_labels,
)
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat, turning
from diagnosis.synthetic import run as logged

GIVEN_BACK = 0.10  # share of validation's progress; as for overfitting
LEAST_PROGRESS = 0.10  # share of training's progress that stands in for validation's where that is smaller
SIGMAS = 4.0  # standard errors of the final level
EARLY = 0.75  # share of the training loss's fall in the first half: at a rate too small it falls in a straight line
VALUES = 10  # of the metric; fewer cannot be told to have held
RATES = {"error", "wer", "cer", "ter", "eer", "hamming"}  # mistakes counted; other minimised metrics are losses

SURE = (
    Cause("Wrong answers grow surer.", "Fit one temperature on validation logits: the loss falls, the metric stays."),
    Cause("A few wrong labels carry the loss.", "Look at the validation examples with the highest loss."),
)
DEAF = (
    Cause("The metric is computed wrongly: another axis, logits for probabilities.", "Compute it by hand on ten examples."),
    Cause("One class is rare, and no score passes the threshold.", "Lower the threshold to the base rate."),
)  # fmt: skip
RISING = 1.0 - falling(start=0.9, floor=0.2, tau=0.1, noise=0.003)
EXAMPLES = (
    Fires("accuracy holds, the loss turns", logged(loss=falling(), val_loss=turning(at=20), val_accuracy=RISING)),
    Fires("F1 stays at zero", logged(loss=falling(), val_f1=flat(level=0.0, noise=0.0))),
    Quiet("accuracy turns too", logged(loss=falling(), val_loss=turning(at=20), val_accuracy=1.0 - 0.3 * turning(at=20))),
    Quiet("good from the start", logged(loss=falling(), val_accuracy=flat(level=0.97, noise=0.002))),
)  # fmt: skip


@rule(severity="warning", causes=SURE, examples=EXAMPLES, points=VALUES, lowers=("overfitting",))
def check(
    train_loss: Measured, val_loss: Measured | None, train_metric: Measured | None, val_metric: Measured | None, gap: Gap | None, run: Run
) -> Finding | None:  # fmt: skip
    """Ask whether the metric followed the loss, upwards and downwards."""
    metrics = [m for m in (train_metric, val_metric) if m and m.n >= VALUES and m.curve not in (train_loss.curve, val_loss and val_loss.curve)]  # fmt: skip
    if val_loss and gap and val_metric in metrics and (sure := _sure(val_loss, val_metric, gap, run.context)):
        return sure
    dead = next((m for m in metrics if same_stretch(train_loss, m) and at_bottom(m, run.context)), None)
    middle = train_loss.s[train_loss.z.size // 2]
    early = train_loss.share(train_loss.start - float(middle)) if train_loss.whole.falling else 0.0
    fell = train_loss.progress / max(train_loss.end_error, 1e-300)
    if dead is None or not run.finished or early <= EARLY or fell <= SIGMAS:
        return None
    return Finding(
        summary=f"Loss and metric disagree: {train_loss.name} falls, {dead.name} stays at {dead.said(dead.end)} over all {dead.n} values.",
        evidence=(
            Evidence("fell", fell, SIGMAS, ERRORS, f"{train_loss.name} against the noise of its final level"),
            Evidence("early", early, EARLY, PROGRESS, f"{train_loss.name} in the first half of the run"),
        ),
        series=(train_loss.name, dead.name),
        since=dead.position(0),
        points=dead.n,
        causes=DEAF,
        against=("Would be overturned if the metric left the bottom in a longer run.",),
        fixes=(
            check_metric(dead.name),
            overfit_one_batch("The metric must reach its top there, as the loss its floor."),
            check_labels("A metric may be given other labels than the loss."),
        ),
    )


def _sure(loss: Measured, metric: Measured, gap: Gap, context: Context) -> Finding | None:
    unit = max(loss.progress, LEAST_PROGRESS * gap.learnt, 1e-300)
    given_back, sigmas = loss.rebound / unit, loss.rebound / max(loss.end_error, 1e-300)
    counts = metric.sign < 0 or metric.curve.metric in RATES
    if given_back <= GIVEN_BACK or sigmas <= SIGMAS or not counts or not same_stretch(loss, metric):
        return None
    allowed, rose = allowance(metric, context), gap.train[-1] > gap.train[loss.best_index]
    if rose or metric.rebound > allowed or not learns(metric, context) or metric.progress <= SIGMAS * metric.end_error:
        return None
    at, best, unit = loss.best_position, metric.best_position, max(metric.progress, 1e-300)
    went = f"{loss.name} went from {loss.said(loss.best)} to {loss.said(loss.end)}"
    kept = f"{metric.name} ended at {metric.said(metric.end)}, {metric.said(metric.best)} at its best"
    return Finding(
        summary=f"Loss and metric disagree since {at}: {loss.name} gave back {share_of(given_back, 'its progress')}, {metric.name} held.",
        evidence=(
            Evidence("rebound", given_back, GIVEN_BACK, PROGRESS, went),
            Evidence("rebound_over_noise", sigmas, SIGMAS, ERRORS, "the same rise against the noise of the final level"),
            Evidence("metric_lost", metric.rebound / unit, allowed / unit, PROGRESS, kept, exceeds=False),
        ),
        series=(loss.name, metric.name),
        since=at,
        restore=best,
        points=min(loss.n, metric.n),
        against=("Would be overturned if probabilities ship rather than answers: then it is overfitting.",),
        fixes=(restore(best, f"{metric.name} is best there."), *monitor(metric, context), smooth_labels("Keeps wrong answers from growing surer."), calibrate(), *regularize(context, "Keeps the logits small.")),
    )  # fmt: skip
