"""What is said of single validations that stand far above their neighbours, while training is calm there."""

from __future__ import annotations

from diagnosis.advice.rates import cosine
from diagnosis.advice.stopping import stop_early
from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, share_of
from diagnosis.run import spoken

ARGUABLE = 0.85  # highest confidence, as for the jumps of a training loss
SEVERAL = 2  # validations: a single one may be anything
TALL = 0.5  # of what was learnt, by training or by validation: lower ones come with batch normalisation in most runs
LISTED = 8  # of them


def of_lone_values(validation: Measured, pair: Gap, causes: tuple[Cause, ...], against: str) -> Finding | None:
    """Where they are, and how tall; None with fewer than several, or where training jumped as well: that is `loss_spike`."""
    jumps = [jump for jump in validation.spikes if jump.height > TALL * max(validation.progress, pair.learnt)]
    if len(jumps) < SEVERAL or pair.training.spikes or validation.curve.role != "val_loss":
        return None
    at = [validation.curve.position(jump.index) for jump in jumps]
    tallest = max(range(len(jumps)), key=lambda i: jumps[i].height)
    height = validation.share(jumps[tallest].height)
    named = f"{', '.join(str(spoken(each.at)) for each in at[:LISTED])}{' …' if len(at) > LISTED else ''}"
    where = f"the tallest of {len(at)}, above its neighbours ({at[0].axis} {named})"
    return Finding(
        summary=f"{len(at)} single values of {validation.name} jump, by up to {share_of(height, 'its progress')}, at {at[tallest]}; {pair.training.name} shows nothing there.",
        evidence=(Evidence("tallest", height, TALL, PROGRESS, where),),
        series=(validation.name, pair.training.name),
        since=at[0],
        until=at[-1],
        severity="info",
        points=validation.n,
        ceiling=ARGUABLE,
        causes=causes,
        against=(against,),
        fixes=(
            stop_early(validation, "A single jump must not end a run, nor be kept."),
            cosine("Small late steps keep the model where it is."),
        ),
    )
