"""What is said of swings in a run of few values, by the witnesses of features/wander.py."""

from __future__ import annotations

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.rate import in_force, refuted
from diagnosis.features.stuck import gets_nowhere
from diagnosis.features.wander import WENT_UP, wanders
from diagnosis.fixes import cosine, larger_batch, lower
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Skipped, share_of

SURE = 0.9  # the most one can be sure, of so few values
PILED = Cause("Gradients are never reset: each step adds those before it.", "Log the gradient norm: it grows from step to step.")  # fmt: skip
SMALLER = "Swings shrink with the step."


def swings_of_few(
    loss: Measured, features: Features, causes: tuple[Cause, ...], against: tuple[str, ...], enough: int
) -> Finding | Skipped:
    """Training and validation that go up again and again, and right answers that come and go; else it takes `enough` values to tell."""
    validation, context = features.val_loss, features.context
    share = wanders(loss, validation, features.metrics, context)
    if share is None or validation is None or gets_nowhere(loss, features):
        return Skipped(f"too short: {loss.name} has {loss.n} points, {enough} are needed")
    went = f"{loss.name} went {loss.went('up', 'down')} again by {share_of(share, 'its progress')} in all, its highest move left out"
    idle = refuted(features.schedule, loss)
    return Finding(
        summary=f"Oscillation: {went}, and {validation.name} with it.",
        evidence=(
            Evidence("went_back", share, WENT_UP, PROGRESS, "all moves for the worse but the largest, against the way from the first value to the best"),
        ),
        series=(loss.name, validation.name),
        since=loss.position(0),
        points=loss.n,
        ceiling=SURE,
        causes=(*causes[1:], PILED, *causes[:1]) if idle else (*causes[:1], PILED, *causes[1:]),
        against=against,
        fixes=(
            *(() if idle else (lower(in_force(context, features.schedule), SMALLER),)),
            cosine("A falling rate settles by itself."),
            *larger_batch(context, "Swings shrink with the square root of its size."),
        ),
    )  # fmt: skip
