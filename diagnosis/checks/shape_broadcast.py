"""Output and targets have shapes that are silently broadcast against each other.

What it means
    (N, 1) against (N,) is compared as N × N: every output with every target. The best answer is then the mean of all
    targets, whatever the inputs are.

How it is detected
    The loss takes the two shapes only by repeating one along the other.

When it is wrong
    Never for a loss between outputs and their own targets.

Sources
    PyTorch documentation, "Broadcasting semantics", and mse_loss's own warning of it.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Asked, Batch, Output
from diagnosis.rule import Cause, Evidence, Finding

CAUSES = (
    Cause(
        "The last layer has one output, and targets have no dimension for it.", "Print output.shape and targets.shape."
    ),
)
REGRESSION = {"loss": "mse"}
EXAMPLES = (
    Fires(
        "(N, 1) against (N,)",
        examined(
            asked=REGRESSION,
            output={"shape": [32, 1], "broadcast": [32, 32]},
            batch={"targets": ["float32", 32], "fit": "broadcast"},
            attempts=[stuck()],
        ),
    ),
    Quiet(
        "(N,) against (N,)",
        examined(asked=REGRESSION, output={"shape": [32]}, batch={"targets": ["float32", 32], "fit": "same"}),
    ),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(output: Output, batch: Batch, asked: Asked, passed: bool) -> Finding | None:  # noqa: FBT001 - by the name of the field
    """Compare the shapes with what the loss made of them."""
    if output.broadcast is None:
        return None
    aim = tuple(size for size in batch.targets if isinstance(size, int))
    squeeze = len(output.shape) > len(aim) and output.shape[-1] == 1
    how = (
        "output.squeeze(-1)"
        if squeeze
        else "targets.reshape(output.shape)"
        if _numbers(output.shape) == _numbers(aim)
        else "one target for each output"
    )
    shape = list(aim if squeeze else output.shape)
    return found(
        f"{asked.loss} broadcasts an output of {output.shape} against targets of {aim} to {output.broadcast}.",
        Evidence("compared", _numbers(output.broadcast), _numbers(aim), "numbers", f"pairs, for {_numbers(aim)} targets"),
        fixes=(Fix("match_shapes", f"Use {how} before {asked.loss}.", "Each output is then compared with its own target.", {"shape": shape}),),
        severity="warning" if passed else "error",
    )  # fmt: skip


def _numbers(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
