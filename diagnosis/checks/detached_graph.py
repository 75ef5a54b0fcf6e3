"""The loss has no path to any parameter.

What it means
    The output was cut off from the weights, so no gradient exists: an optimiser would fail, or do nothing.

How it is detected
    The loss does not require a gradient though parameters do, or every parameter's gradient is missing.

When it is wrong
    Never: autograd says so.

Sources
    PyTorch documentation, "Autograd mechanics": detach, no_grad, and operations that have no derivative.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Gradients, Model
from diagnosis.rule import Cause, Evidence, Finding

CAUSES = (
    Cause("detach(), .data or no_grad() in forward.", "Print output.requires_grad after each module."),
    Cause(
        "argmax, round, a comparison or a conversion to whole numbers before the loss.",
        "Look at the dtype of each intermediate result.",
    ),
)
EXAMPLES = (
    Fires("the output is detached", examined(attached=False, gradients=None, attempts=[], used=None, after=None)),
    Quiet("one layer is detached", examined(gradients={"missing": ["0.weight", "0.bias"]})),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES, supersedes=("dead_parameters", "vanishing_gradients"))
def check(attached: bool, model: Model, gradients: Gradients | None) -> Finding | None:  # noqa: FBT001 - by the name of the field
    """Ask whether anything leads back."""
    cut = not attached or (gradients is not None and not gradients.names)
    if not cut or model.trainable == 0:
        return None
    fix = Fix(
        "attach_graph",
        "Remove detach(), .data, no_grad() and argmax between the layers and the output.",
        "The loss must depend on the parameters through differentiable operations.",
    )
    reached = Evidence("reached", 0, 1, "parameters", f"of {model.names} that the loss leads back to", exceeds=False)
    return found(
        "The loss has no path to any parameter: the output is cut off from the weights.", reached, fixes=(fix,)
    )
