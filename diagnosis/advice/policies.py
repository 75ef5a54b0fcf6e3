"""Fixes of a policy: what it tries out before it knows what pays."""

from __future__ import annotations

from diagnosis.advice.fix import Fix, significant
from diagnosis.features.entropy import Collapse

KEPT = 0.5  # of the entropy that a policy began with: it still tries most of what it can do


def explore(collapse: Collapse | None) -> Fix:
    """More of it; where the entropy is logged and went, how much there was when it began."""
    if collapse is None:
        because = "Where nothing that pays was ever tried, no gradient points to it."
        return Fix("explore_more", "Let the policy try more: a bonus for entropy, or noise on its actions.", because)
    kept, name = significant(KEPT * collapse.began, 2), collapse.curve.name
    advice = (
        f"Keep the policy's entropy above {kept:g}, half of its first: raise its bonus, or add noise to the actions."
    )
    because = f"{name} was all but gone from {collapse.since} on: nothing else is tried since."
    return Fix("explore_more", advice, because, {"entropy": kept})
