"""What is said of a lead of features/lead.py by what else is known of the run: whether luck may be the reason, or a sum is."""

from __future__ import annotations

from diagnosis.features.lead import Lead
from diagnosis.rule import Cause
from diagnosis.run import Context

FEW = 300  # validation examples: of more, an accuracy is known to three points


def may_be_easy(context: Context, told: Lead) -> bool:
    """Whether luck of the draw is worth a larger set: not of so many examples, nor where the reason is known."""
    known = context.augmentation or context.dropout or told.times
    return not known and (context.val_size or 0) < FEW


def summed(times: int | None) -> tuple[Cause, ...]:
    """Of losses that differ by a whole number all along."""
    what = (
        f"The training loss is {times} times validation's all along: a sum over {times} accumulated batches, no mean."
    )
    alike = f"Divide it by {times}, or log a run without gradient accumulation: the two are alike."
    return (Cause(what, alike),) if times else ()
