"""What the first layer is given is far from unit size.

What it means
    Weights are initialised for inputs of about zero mean and unit variance. Pixels of 0 to 255 or raw amounts make the
    first gradients as much larger, so that no learning rate suits all layers.

How it is detected
    The root mean square of what the first layer with weights is given lies above `MOST`, or its largest number below
    `LEAST`. A model that normalises its inputs itself is judged after that.

When it is wrong
    Counts and rare large features can be right as they are.

Sources
    Y. LeCun et al., "Efficient BackProp", 1998, 4.3: normalizing the inputs.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Batch, Operand
from diagnosis.rule import Cause, Evidence, Finding, Skipped

MOST = 10.0  # root mean square; standardised inputs have 1
LEAST = 1e-2  # of the largest number

CAUSES = (
    Cause(
        "The batch holds raw values: pixels of 0 to 255, amounts, timestamps.",
        "Print x.mean() and x.std() of one batch.",
    ),
)
EXAMPLES = (
    Fires("pixels of 0 to 255", examined(operand={"rms": 147.0, "largest": 255.0})),
    Fires("tiny amounts", examined(operand={"rms": 1e-5, "largest": 4e-5})),
    Quiet("pixels of 0 to 1", examined(operand={"rms": 0.58, "largest": 1.0})),
)


@model_check(
    severity="warning",
    causes=CAUSES,
    examples=EXAMPLES,
    explains=("exploding_gradients", "bad_initial_loss", "dead_relu", "saturated_activations", "cannot_overfit"),
)
def check(operand: Operand, batch: Batch) -> Finding | Skipped | None:
    """Look at the size of the numbers."""
    if batch.made:
        return Skipped("the batch was made here")
    large, small = operand.rms > MOST, 0.0 < operand.largest < LEAST
    if not (large or small):
        return None
    pixels = operand.largest in (255.0, 254.0)
    fix = Fix(
        "normalize_inputs",
        "Divide by 255."
        if pixels
        else "Subtract the mean and divide by the deviation of each feature, taken from the training data.",
        "Weights are initialised for inputs of unit size.",
    )
    size = Evidence("rms", operand.rms, MOST, "input", "root mean square of what the first layer is given")
    tiny = Evidence(
        "largest", operand.largest, LEAST, "input", "largest number that the first layer is given", exceeds=False
    )
    return found(
        f"Inputs are not normalised: the first layer is given numbers of size {operand.rms:.3g} (at most {operand.largest:.3g}).",
        size if large else tiny,
        fixes=(fix,),
    )
