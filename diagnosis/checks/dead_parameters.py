"""Some parameters never get a gradient.

What it means
    They are not on the way from the inputs to the loss, or something cuts it: training leaves them as they were drawn.

How it is detected
    At step 0 their gradient is missing or exactly zero, and they have not moved by a bit when training is over. More
    than `MOST` of all parameters dead is an error where the batch is not learnt.

When it is wrong
    A branch that this batch does not take (a second head, an expert that was not chosen) is dead here and alive elsewhere.
    Parameters behind a gate that starts at zero are alive after the first step, and are not counted; nor is a bias that
    cancels where its weight does not. Of a model with several outputs, the loss here reaches one: the rest is information.

Sources
    PyTorch documentation, DistributedDataParallel: find_unused_parameters.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import NAMED, one_output, reach
from diagnosis.examining.sections import After, Gradients
from diagnosis.listed import listed
from diagnosis.rule import Cause, Evidence, Finding

MOST = 0.5  # of the parameters; with more of them dead, hardly anything learns
CLASSES = ("cross_entropy", "nll")
SHOWN = 5  # names
STEPS = 3  # after which a gate that starts at zero has opened

CAUSES = (
    Cause(
        "detach(), .data, argmax, round or no_grad() cuts the graph after them.",
        "Look for the first module after which gradients exist.",
    ),
    Cause("They are not used in forward.", "Delete them: the output stays the same."),
    Cause("The units after them are dead.", "Look at dead_relu."),
)
EXAMPLES = (
    Fires(
        "a layer that forward does not use",
        examined(gradients={"missing": ["aux.weight", "aux.bias"]}, after={"unmoved": ["aux.weight", "aux.bias"]}),
    ),
    Fires(
        "the whole first layer",
        examined(
            gradients={"zero": ["0.weight", "0.bias"]},
            after={"unmoved": ["0.weight", "0.bias"], "steps": 200},
            attempts=[stuck()],
        ),
    ),
    Quiet("a gate that starts at zero", examined(gradients={"zero": ["0.weight", "0.bias"]})),
)


@model_check(severity=("warning", "error", "info"), causes=CAUSES, examples=EXAMPLES)
def check(gradients: Gradients, after: After | None, examination: Examination) -> Finding | None:
    """Take those without a gradient that did not move."""
    still = list(gradients.missing)
    alive = {
        name.rpartition(".")[0]
        for name, norm, dimension in zip(gradients.names, gradients.norms, gradients.dimensions, strict=True)
        if norm and dimension > 1 and name not in gradients.zero
    }
    if after is None or after.steps >= STEPS:
        unmoved = set(after.unmoved) if after else set(gradients.zero)
        still += [name for name in gradients.zero if name in unmoved and name.rpartition(".")[0] not in alive]
    trainable = examination.model.names - len(examination.model.frozen)
    if not still or trainable <= 0:
        return None
    share = len(still) / trainable
    named = listed(still, SHOWN)
    shut = [name for name in still if name not in gradients.missing]
    fixes = (*_attached(list(gradients.missing), trainable), *_awake(shut, trainable))
    if examination.batch.classes == 1 and examination.asked.loss in CLASSES:
        fixes = one_output(examination.asked)
    return found(
        f"{len(still)} of {trainable} parameters never get a gradient: {named}.",
        Evidence("dead", share, MOST if share > MOST else 0.0, "share of parameters", "never move"),
        fixes=fixes,
        severity="info"
        if examination.model.outputs > 1
        else "error"
        if share > MOST and not examination.passed
        else "warning",
        against=("A branch that this batch does not take would be alive with another.",),
    )


def _attached(names: list[str], of: int) -> tuple[Fix, ...]:
    """For those that no path leads to."""
    if not names:
        return ()
    advised = f"Remove what cuts the gradient after {names[-1]}, or delete what forward does not use."
    return (
        Fix("attach_graph", advised, f"No path leads from the loss to {reach(names, of)}.", {"names": names[:NAMED]}),
    )


def _awake(names: list[str], of: int) -> tuple[Fix, ...]:
    """For those that a path leads to, and nothing comes through."""
    if not names:
        return ()
    advised = f"See why the gradient of {names[0]} is exactly zero: dead units, a step (round, sign) or a factor of zero after it."
    because = f"A path leads there, but nothing comes through to {reach(names, of)}."
    return (Fix("check_trainable_parameters", advised, because, {"names": names[:NAMED]}),)
