"""The loss does not approach its floor at any learning rate tried.

What it means
    A sound model learns one batch by heart. One that cannot has a defect in the model, the loss or the batch, or is too
    small for it; training it on all data would not do better.

How it is detected
    No attempt came to the target, which lies a hair above the lowest loss this batch allows, and none was still falling
    when it ended. With fewer than thirty steps, or still falling when time was up, nothing is claimed. Where another
    finding says why, its fix comes first; then what the model itself tells: targets that its last activation cannot give,
    parameters nearly all frozen, layers with nothing between them that bends, scores that cannot grow, a state that is
    kept from call to call with its graph.

When it is wrong
    A model that is too small for the batch (a linear one and labels without a rule) is sound, and cannot either. Strong
    randomness that nothing switches off hides that it could.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: overfit a single batch of a few examples.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import attempt, examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import FEW_STEPS, Attempt, Batch, Levels, Model
from diagnosis.examining.why_not import aims, general, reasons, standard
from diagnosis.rule import Cause, Evidence, Finding, Skipped

ENOUGH = 1.0  # share of the way to the target; less is not there
ROOMY = 1.0  # parameters for each label: with fewer, a model may just be too small

CAUSES = (
    Cause(
        "Labels do not belong to their inputs, or nothing of the inputs reaches the output.",
        "Replace the inputs by noise: the loss stays the same.",
    ),
    Cause("The model is too small for this batch.", "Halve the batch until it can be learnt."),
)
EXAMPLES = (
    Fires(
        "flat at every rate",
        examined(attempts=[stuck(), stuck(1e-2), stuck(1e-4)], after={"metric": {"accuracy": 0.1}}),
    ),
    Quiet(
        "still falling when time was up",
        examined(attempts=[attempt(final=0.9, stopped="deadline", falling=True)], settled=False),
    ),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES)
def check(
    examination: Examination, best: Attempt, batch: Batch, model: Model, levels: Levels
) -> Finding | Skipped | None:
    """Compare the best that was reached with the target."""
    if examination.passed:
        return None
    if not examination.bounded:
        return Skipped("the loss has no floor on this batch")
    if best.steps < FEW_STEPS and best.stopped != "failed":
        return Skipped(f"too few steps: {best.steps} were made, {FEW_STEPS} are needed")
    if examination.nearly:
        return Skipped("most of it is learnt, and the rest is held at the ends of the last activation")
    if not examination.enough:
        return Skipped("the loss was still falling when it ended: more steps, or more time")
    small = model.trainable < ROOMY * aims(examination)
    rates = sorted({a.lr for a in examination.attempts})
    tried = ", ".join(f"{rate:g}" for rate in rates)
    final = best.final if best.final is not None else float("nan")
    why = reasons(examination)
    fixes = (
        *(reason.fix for reason in why),
        *standard(batch),
        *(() if why or examination.held_at_ends else general(examination, small=small)),
    )
    said = "".join(f" {reason.says}" for reason in why) or (best.says and f" Torch said: {best.says}")
    ended = f"The loss ends at {final:.4g}, not at {levels.target or 0:.4g}, at every learning rate tried ({tried})."
    if best.stopped == "failed":
        ended = f"Training stops after {best.steps} step{'s' * (best.steps != 1)}."
    return found(
        f"{ended}{said}",
        Evidence("final_loss", final, levels.target, "loss", f"loss at the end; the lowest possible is {levels.floor:.4g}, a constant answer has {levels.reference or 0:.4g}"),
        Evidence("progress", examination.progress, ENOUGH, "share of the way to the floor", "how far the best attempt came", exceeds=False),
        fixes=fixes, causes=(*(reason.cause for reason in why), *(CAUSES[::-1] if small else CAUSES)),
        against=("A smaller batch that can be learnt would overturn it: then the model is only too small.",),
    )  # fmt: skip
