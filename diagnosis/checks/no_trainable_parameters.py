"""Nothing in the model can be trained.

What it means
    No parameter asks for a gradient, so an optimiser has nothing to move: the archive was frozen, or every layer was.

How it is detected
    The number of parameters with requires_grad is zero.

When it is wrong
    Never: it is counted. That it was meant, as for a model to be used and not trained, is possible.

Sources
    PyTorch documentation, torch.jit.freeze: parameters become constants of the graph.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import NAMED, reach
from diagnosis.examining.sections import Model
from diagnosis.rule import Cause, Evidence, Finding

LEAST = 1  # trainable parameters

CAUSES = (
    Cause(
        "The archive was frozen for inference: weights are constants of its graph.",
        "List dict(model.named_parameters()) before export.",
    ),
    Cause("requires_grad is False everywhere.", "Print [n for n, p in model.named_parameters() if p.requires_grad]."),
)
EXAMPLES = (
    Fires(
        "a frozen archive",
        examined(
            model={"parameters": 0, "trainable": 0, "names": 0},
            attempts=[],
            used=None,
            after=None,
            attached=False,
            gradients=None,
        ),
    ),
    Quiet("a frozen encoder, a head that trains", examined(model={"frozen": ["0.weight", "0.bias"], "trainable": 650})),
)


@model_check(severity="error", causes=CAUSES, examples=EXAMPLES, supersedes=("detached_graph",))
def check(model: Model, examination: Examination) -> Finding | None:
    """Count them."""
    if model.trainable >= LEAST:
        return None
    if model.parameters == 0:
        summary = "The archive holds no parameters: there is nothing to train."
        fix = Fix(
            "check_trainable_parameters",
            "Export before torch.jit.freeze or optimize_for_inference: torch.jit.script(model).save(path).",
            "Freezing turns weights into constants.",
        )
        if examination.model.hidden:
            fix = Fix(
                "register_parameters",
                "Make the weights nn.Parameter or nn.Module attributes (nn.ModuleList for a list of layers).",
                "The graph holds weights as constants.",
            )
    else:
        summary, held = f"None of {model.parameters} parameters has requires_grad.", list(model.frozen)
        fix = Fix(
            "check_trainable_parameters",
            f"Set requires_grad_(True) before export on what is to be trained: {reach(held, model.names)}, lack it.",
            "An optimiser moves only parameters that ask for a gradient.",
            {"names": held[:NAMED]},
        )
    return found(
        summary,
        Evidence("trainable", model.trainable, LEAST, "parameters", f"of {model.parameters}", exceeds=False),
        fixes=(fix,),
        causes=CAUSES if model.parameters == 0 else CAUSES[::-1],
    )
