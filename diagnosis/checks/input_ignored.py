"""The output does not depend on an input.

What it means
    Replacing that input by something else changes nothing: the model learns, at best, which answer is commonest.

How it is detected
    After training, each input in turn is replaced by other examples and noise; the output moves by less than rounding.
    The loss with inputs of zero is given beside it.

When it is wrong
    An input that is optional by design (a mask, a length) may change nothing on this batch.

Sources
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: input-independent baseline.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import After, Model
from diagnosis.rule import Cause, Evidence, Finding, Skipped

CAUSES = (
    Cause(
        "A variable in forward shadows the input, or it is multiplied by zero.",
        "Replace the input by noise and compare outputs layer by layer.",
    ),
    Cause("All units of an early layer are dead.", "Look at dead_relu."),
)
EXAMPLES = (
    Fires("the only input", examined(attempts=[stuck()], after={"ignored": [0], "spread": 0.0, "blind": 2.2})),
    Fires(
        "one of two",
        examined(
            model={"inputs": ["Tensor", "Tensor"], "arguments": ["a", "b"]}, after={"ignored": [1], "spread": 0.5}
        ),
    ),
    Quiet("it matters", examined(after={"ignored": [], "spread": 0.5})),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(after: After, model: Model, examination: Examination) -> Finding | Skipped | None:
    """Name the inputs that change nothing."""
    if after.ignored is None and after.loss is None:
        return Skipped("masked by what is not finite")
    if after.ignored is None:
        return None if examination.passed else Skipped("there was no time to ask")
    if not after.ignored:
        return None
    named = ", ".join(model.arguments[i] if 0 <= i < len(model.arguments) else f"inputs_{i}" for i in after.ignored)
    whole = len(after.ignored) >= len(examination.batch.inputs)
    fix = Fix(
        "use_inputs",
        f"Follow {named} through forward to where it is lost.",
        "It must reach the output to be learnt from.",
    )
    evidence = [
        Evidence("ignored", len(after.ignored), 0, "inputs", f"of {len(examination.batch.inputs)} change nothing")
    ]
    if after.blind is not None:
        evidence.append(
            Evidence(
                "blind_loss",
                after.blind,
                None,
                "loss",
                f"with inputs of zero; {after.loss if after.loss is not None else float('nan'):.4g} with the real ones",
            )
        )
    return found(
        f"The output does not depend on {named}.",
        *evidence,
        fixes=(fix,),
        severity="error" if whole and not examination.passed else "warning",
    )
