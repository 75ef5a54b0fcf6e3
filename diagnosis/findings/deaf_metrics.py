"""What is said of the metric of features/agreement.py that stays where it is, or gets worse, while losses fall."""

from __future__ import annotations

import numpy as np

from diagnosis.advice.check_fixes import check_labels, check_metric, overfit_one_batch
from diagnosis.advice.losses import move_threshold
from diagnosis.features.agreement import HALVED, THRESHOLDED, Dead, all_wrong, silenced
from diagnosis.features.disagreement import SIGMAS, due_by_half
from diagnosis.features.measured import Measured
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding

DEAF = (
    Cause(
        "The metric is computed wrongly: another axis, logits for probabilities.",
        "Compute it by hand on ten examples: it differs.",
    ),
    Cause(
        "One class is rare, and no score passes the threshold.",
        "Lower the threshold to the base rate: it leaves the bottom.",
    ),
)
PASSES = Cause(
    "The threshold is not where these scores part: too high, too low, or of probabilities that are none.",
    "Compute it at ten thresholds on validation: the best is far above.",
)
TERMS = Cause(
    "The loss holds more than its metric sees: a penalty on the weights, another term.",
    "Log the terms one by one: the one that falls is not that of the answers.",
)
AGAINST_IT = (
    Cause("The sign of the loss or of the metric is wrong.", "Take one step on one batch: both must get better."),
    Cause("They are of other data, or of another model.", "Compute both by hand on ten examples: one differs."),
)
BLANK = Cause("Nothing is answered: each answer is blank.", "Print ten of them: all are empty.")
PARTS = "Would be overturned if no other threshold gave a higher one on validation."
LEAVES = "Would be overturned if the metric left its level in a longer run."
TURNED_ROUND = "Would be overturned if the metric were logged with the other sign."


def deaf(found: Dead, loss: Measured, metric: Measured) -> Finding:
    """A metric that does not hear what is learnt, or goes against it."""
    rare = metric.curve.metric in THRESHOLDED and not found.opposed
    stays = f"{metric.name} stays at {metric.said(metric.end)} over all {metric.n} values"
    begins = int(np.flatnonzero(metric.curve.values)[-1]) + 1 if silenced(metric) and metric.curve.values.any() else 0
    since = metric.curve.position(begins)
    if begins:
        stays = f"{metric.name} is 0 from {since} on"
    early = None if found.opposed else due_by_half(found)
    if found.opposed:
        stays = f"and {metric.name} got worse, from {metric.said(metric.start)} to {metric.said(metric.end)}"
    far: tuple[Evidence, ...] = ()
    if found.beside is not None:
        ranks = f"{found.beside.name} {found.beside.said(found.beside.end)}"
        stays = f"{metric.name} has {metric.said(metric.end)} where {ranks} lets another threshold do better"
        share = metric.right(metric.end) / found.beside.right(found.beside.end)
        says = f"{metric.name} at the end, against {found.beside.name}"
        far = (Evidence("of_ranking", share, HALVED, f"share of {found.beside.name}", says, exceeds=False),)
    fell = f"how far {loss.name} fell, against the noise of its final level"
    return Finding(
        summary=f"Loss and metric disagree: {loss.name} falls, {stays}.",
        evidence=(
            Evidence("fell", found.sigmas, SIGMAS, ERRORS, fell),
            Evidence("early", found.early, early, PROGRESS, f"what {loss.name} gained in the first half of the run"),
            *far,
        ),
        series=(loss.name, metric.name, *((found.beside.name,) if found.beside else ())),
        since=since,
        points=metric.n,
        asks=False,
        causes=(BLANK, DEAF[0], TERMS) if all_wrong(metric) else _causes(found, rare=rare),
        against=(TURNED_ROUND if found.opposed else PARTS if found.beside else LEAVES,),
        fixes=(move_threshold(None),)
        if found.beside
        else (
            *((move_threshold(None),) if rare else ()),
            check_metric(metric.name),
            overfit_one_batch("The metric must reach its top there, as the loss its floor.", loss, untaught=loss.start),
            check_labels("A metric may be given other labels than the loss."),
        ),
    )


def _causes(found: Dead, *, rare: bool) -> tuple[Cause, ...]:
    if found.opposed:
        return AGAINST_IT
    if found.beside:
        return PASSES, DEAF[0]
    return *(DEAF[::-1] if rare else DEAF), TERMS
