"""train() and eval() have no effect: tracing wrote the mode into the graph.

What it means
    Dropout and batch norm stay for ever as they were when the model was traced: traced in eval mode they never train,
    traced in train mode they never rest.

How it is detected
    The graph has the shape of a trace, and a dropout or batch norm in it has its mode as a constant.

When it is wrong
    A traced model with neither is sound. A model that is only ever used in the mode it was traced in is, too.

Sources
    PyTorch documentation, torch.jit.trace: modules will run in the mode they were in during tracing.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Graph
from diagnosis.rule import Cause, Evidence, Finding

CAUSES = (
    Cause(
        "The model was exported by torch.jit.trace.",
        "Call eval() and ask twice; call train() and watch the running means of batch norm.",
    ),
)
EXAMPLES = (
    Fires(
        "traced in eval mode", examined(graph={"traced": True, "baked": [["batch_norm", False], ["dropout", False]]})
    ),
    Quiet("traced, without either", examined(graph={"traced": True, "baked": []})),
    Quiet("scripted", examined(graph={"traced": False, "baked": []})),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(graph: Graph) -> Finding | None:
    """List the operations whose mode is a constant of a trace."""
    if not graph.traced or not graph.baked:
        return None
    training = sum(bool(entry[-1]) for entry in graph.baked)
    mode = "train" if training > len(graph.baked) / 2 else "eval"
    named = ", ".join(sorted({str(entry[0]) for entry in graph.baked}))
    fix = Fix(
        "script_model",
        "Export by torch.jit.script(model) instead of torch.jit.trace.",
        "A scripted module follows train() and eval().",
    )
    return found(
        f"The model was traced in {mode} mode: train() and eval() have no effect on {named}.",
        Evidence("baked", len(graph.baked), 0, "operations", "whose mode is a constant of the graph"),
        fixes=(fix,),
    )
