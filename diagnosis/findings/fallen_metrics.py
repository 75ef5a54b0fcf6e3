"""What is said of the metric of features/fallen.py, which got worse while its loss held."""

from __future__ import annotations

from diagnosis.advice.check_fixes import check_labels, check_metric
from diagnosis.advice.models import regularize
from diagnosis.advice.stopping import monitor, restore
from diagnosis.features.fallen import HOLDS, OF_METRIC, SIGMAS, Fallen
from diagnosis.features.measured import Measured
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, percent
from diagnosis.run import Context

CAUSES = (
    Cause(
        "It learns by heart: answers that were barely right turn wrong, which a mean loss hardly shows.",
        "Count at both checkpoints the answers of which the right one has 0.4 to 0.6: they moved below a half.",
    ),
    Cause(
        "Labels with errors are learnt by heart.",
        "Look at the 20 training examples with the highest loss at the best epoch: their labels are wrong.",
    ),
    Cause(
        "Loss and metric are of other data, or the metric is computed wrongly.",
        "Compute both by hand on ten examples: one differs.",
    ),
)


def let_go(found: Fallen, loss: Measured, metric: Measured, context: Context) -> Finding:
    """A metric that lost what it had gained, beside a loss that kept it."""
    at = metric.best_position
    went = f"{metric.name} went from {metric.said(metric.best)} to {metric.said(metric.end)}"
    kept = f"{loss.name} ended at {loss.said(loss.end)}, {loss.said(loss.best)} at its best"
    ships = context.monitor in {metric.name, metric.curve.metric}
    return Finding(
        summary=f"Loss and metric disagree since {at}: {metric.name} gave back {percent(found.lost)} of its progress, {loss.name} held.",
        evidence=(
            Evidence("metric_lost", found.lost, OF_METRIC, PROGRESS, went),
            Evidence("metric_lost_over_noise", found.sigmas, SIGMAS, ERRORS, "the same against the noise of the end"),
            Evidence("rebound", found.gave_back, HOLDS, PROGRESS, kept, exceeds=False),
        ),
        series=(loss.name, metric.name),
        since=at,
        restore=at,
        points=min(loss.n, metric.n),
        asks=ships or found.rests,
        against=("Would be overturned if probabilities ship rather than answers: the loss is as good as ever.",),
        causes=CAUSES,
        fixes=(
            restore(at, f"It is free: since then {went}."),
            *monitor(metric, context, "It tells of a turn that the loss does not show."),
            *regularize(context, "Makes memorising dearer than generalising.", drop=False),
            check_labels("Wrong labels learnt by heart cost answers first.", context),
            check_metric(metric.name),
        ),
    )
