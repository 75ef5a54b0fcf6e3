"""What is said of a validation on a handful of examples, however calm its curve: the same few are asked each time."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.advice.datasets import enlarge_validation
from diagnosis.features.budget import HANDFUL
from diagnosis.features.measured import Measured
from diagnosis.rule import Cause, Evidence, Finding
from diagnosis.run import Context


def of_a_handful(
    validation: Measured, examples: int | None, causes: tuple[Cause, ...], against: str, context: Context
) -> Finding | None:
    """How few they are, and what that makes of the level; None where there are more, or nobody knows."""
    if examples is None:
        return None
    measured = f"Validation is measured on {examples} example{'s' * (examples > 1)}"
    says = "on how many examples validation is measured: fewer tell little of others"
    known, same = replace(context, val_size=examples), "Of the same few examples, chance is the same each time."
    return Finding(
        summary=f"{measured}: its level is partly luck, calm as {validation.name} is.",
        evidence=(Evidence("examples", examples, HANDFUL, "examples", says, exceeds=False),),
        series=(validation.name,),
        since=None,
        severity="info",
        points=validation.n,
        causes=causes,
        against=(against,),
        fixes=(enlarge_validation(known, HANDFUL / examples, same),),
    )
