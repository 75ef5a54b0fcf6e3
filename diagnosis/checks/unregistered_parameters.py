"""Weights are hidden as constants, where no optimiser finds them.

What it means
    A layer in a plain list, or a tensor that is no nn.Parameter, becomes a constant of the graph: it is multiplied with,
    and never trained.

How it is detected
    A multiplication, a convolution or an embedding takes as weights a floating point constant of two dimensions or more,
    with values of both signs, that is neither parameter nor buffer nor made in forward.

When it is wrong
    A fixed projection that was meant as a constant (random features, a transform) looks the same; registered as a buffer
    it is not named.

Sources
    PyTorch documentation, nn.ModuleList and nn.Parameter: what a module registers.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Model
from diagnosis.rule import Cause, Evidence, Finding

SHOWN = 4  # constants

CAUSES = (
    Cause(
        "Layers in a plain Python list instead of nn.ModuleList.",
        "Compare len(list(model.parameters())) with what you count.",
    ),
    Cause("A tensor attribute that is no nn.Parameter.", "Look for self.w = torch.randn(…)."),
    Cause("The archive was frozen for inference.", "Export before torch.jit.freeze."),
)
HIDDEN = [{"place": "0", "shape": [64, 64], "operation": "addmm"}]
EXAMPLES = (
    Fires("a layer in a plain list", examined(model={"hidden": HIDDEN})),
    Quiet("a mask that is added", examined()),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(model: Model, passed: bool) -> Finding | None:  # noqa: FBT001 - by the name of the field
    """List the constants that are used as weights."""
    if not model.hidden:
        return None
    shown = "; ".join(
        f"{'×'.join(map(str, h.shape))} in {h.operation}{f' after {h.place}' if h.place else ''}"
        for h in model.hidden[:SHOWN]
    )
    count = len(model.hidden)
    fix = Fix(
        "register_parameters",
        "Hold layers in nn.ModuleList and tensors in nn.Parameter (or register_buffer, if they are meant to stay fixed).",
        "Only what is registered is trained, saved and moved to a GPU.",
    )
    return found(
        f"{count} constant{'s are' if count > 1 else ' is'} used as weights and can never be trained: {shown}.",
        Evidence("hidden", count, 0, "tensors", "used as weights, and neither parameter nor buffer"),
        fixes=(fix,), severity="warning" if passed else "error", against=("Constants that are meant to stay fixed are sound, as buffers.",),
    )  # fmt: skip
