"""A training loss that is validation's with the sign turned, as a finding (features/mirrored.py)."""

from diagnosis.advice.check_fixes import flip_sign
from diagnosis.features.gap import Gap
from diagnosis.rule import Cause, Evidence, Finding, percent

MINUS = Cause(
    "What is minimised is minus the loss.",
    "Compute the loss of one batch as validation does: it is the logged one with the other sign.",
)
OTHERS = "Would be overturned if the two losses were never meant to be the same quantity."


def turned_sign(gap: Gap) -> Finding:
    """Ascent on what validation measures: nothing that was trained is worth keeping."""
    training, validation = gap.training, gap.validation
    both = f"{validation.name} rises from {validation.said(validation.start)} to {validation.said(validation.end)}"
    falls = f"{training.name} falls to {training.said(training.end)}"
    off = abs(training.end + validation.end) / abs(validation.end)
    return Finding(
        summary=f"Diverging from the start: {both} as {falls}: the sign of what is minimised is wrong.",
        evidence=(
            Evidence("mirrored", off, None, "share of validation", f"how far {training.name} is off its negative"),
        ),
        series=(training.name, validation.name),
        since=validation.position(0),
        points=validation.n,
        causes=(MINUS,),
        against=(OTHERS,),
        fixes=(flip_sign(validation, f"{training.name} is off its negative by {percent(off)}."),),
    )
