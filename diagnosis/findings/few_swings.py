"""What is said of swings in a run of few values, by the witnesses of features/wander.py."""

from __future__ import annotations

from diagnosis.advice.datasets import larger_batch
from diagnosis.advice.rates import cosine, lower
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.rate import in_force, refuted
from diagnosis.features.stuck import gets_nowhere
from diagnosis.features.swings import turned
from diagnosis.features.wander import WENT_UP, up_and_down, wanders
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Skipped, share_of

SURE = 0.9  # the most one can be sure, of so few values
PILED = Cause("Gradients are never reset: each step adds those before it.", "Log the gradient norm: it grows from step to step.")  # fmt: skip
SMALLER = "Swings shrink with the step."


def swings_of_few(
    loss: Measured, features: Features, causes: tuple[Cause, ...], against: tuple[str, ...], enough: int
) -> Finding | Skipped:
    """Training and validation that go up again and again, and right answers that come and go, or a loss that jumps at every value; else it takes `enough` values to tell."""
    validation, context = features.val_loss, features.context
    share = wanders(loss, validation, features.metrics, context)
    jumps = share is None and up_and_down(loss, features)
    if (share is None and not jumps) or gets_nowhere(loss, features):
        return Skipped(f"too short: {loss.name} has {loss.n} points, {enough} are needed")
    summary, evidence = _jumps(loss) if share is None else _wanders(loss, validation, share)
    idle = refuted(features.schedule, loss)
    return Finding(
        summary=f"Oscillation: {summary}.",
        evidence=(evidence,),
        series=(loss.name, *((validation.name,) if validation and not jumps else ())),
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
    )


def _jumps(loss: Measured) -> tuple[str, Evidence]:
    often = turned(loss.z) / (loss.n - 2)
    says = "how many values between the first and the last are above both neighbours, or below; of noise, two in three"
    summary = f"{loss.name} goes up and down from value to value, and gets nowhere"
    return summary, Evidence("turns", often, 2 / 3, "share of the values", says)


def _wanders(loss: Measured, validation: Measured | None, share: float) -> tuple[str, Evidence]:
    went = f"{loss.name} went {loss.went('up', 'down')} again by {share_of(share, 'its progress')} in all"
    says = "all moves for the worse but the largest, against the way from the first value to the best"
    beside = f", and {validation.name} with it" if validation else ""
    return f"{went}, its highest move left out{beside}", Evidence("went_back", share, WENT_UP, PROGRESS, says)
