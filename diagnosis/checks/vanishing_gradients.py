"""The first layers get next to no gradient.

What it means
    What the loss says is lost on the way back: early layers hardly change, and the model learns with its last ones only.

How it is detected
    At step 0, of at least `LAYERS` layers, the gradient of a weight in the first third is below `LEAST` of the largest of
    all, both as root mean squares over their entries, and the layers between shrink too.

When it is wrong
    Adam divides by the size of a gradient and so learns with tiny ones too, down to about 1e-8. A gate that starts near
    zero (ReZero, fixup, LayerScale) makes them small at step 0 only.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    S. Hochreiter, "The vanishing gradient problem", 1998.
"""

import math

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import norms, scheme
from diagnosis.examining.sections import Gradients
from diagnosis.rule import Cause, Evidence, Finding, Skipped

LAYERS = 4  # weights on the way; fewer have no depth to vanish in
LEAST = 1e-5  # of the largest gradient
HEALTHY = 0.5  # the median early layer, not one odd one, must be that low

CAUSES = (
    Cause("Saturating activations (sigmoid, tanh) in a deep stack.", "Replace them by ReLU or GELU: the ratio rises."),
    Cause(
        "Weights start too small for the depth.", "Print the deviation of each layer's output: it falls layer by layer."
    ),
)


def deep(*norms_: float) -> dict[str, object]:
    """Gradients of a stack of weights with these norms."""
    n = len(norms_)
    names = [f"{i}.weight" for i in range(n)]
    return {
        "names": names,
        "norms": list(norms_),
        "sizes": [1.0] * n,
        "numbers": [100] * n,
        "dimensions": [2] * n,
        "last": names[-1:],
    }


EXAMPLES = (
    Fires("ten sigmoid layers", examined(gradients=deep(*(10.0 ** (i - 9) for i in range(10))), attempts=[stuck()])),
    Quiet("gradients fall tenfold", examined(gradients=deep(0.1, 0.2, 0.3, 0.5, 0.8, 1.0))),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(gradients: Gradients, examination: Examination) -> Finding | Skipped | None:
    """Compare the first third of the weights with the largest of all."""
    rows = list(zip(gradients.names, gradients.norms, gradients.numbers, gradients.dimensions, strict=True))
    sizes = [(name, (norm or 0.0) / math.sqrt(max(number, 1)), dimension) for name, norm, number, dimension in rows]
    weights = [(name, size) for name, size, dimension in sizes if dimension > 1 and size > 0.0]
    if len(weights) < LAYERS:
        return None
    largest = max(size for _, size, _ in sizes)
    early = sorted(weights[: len(weights) // 3 or 1], key=lambda w: w[1])
    name, size = early[int(HEALTHY * (len(early) - 1))]
    ratio = size / largest if largest > 0.0 else 1.0
    if ratio >= LEAST:
        return None
    relu = Fix(
        "change_activation",
        "Use ReLU or GELU between the layers.",
        "Their slope is 1 where they are open; a sigmoid's is at most 0.25.",
        {"to": "relu"},
    )
    kinds = {unit.kind for unit in examination.units}
    start = scheme("kaiming_normal_", "Keeps the size of activations and gradients from layer to layer.")
    between = norms("Give every layer inputs of unit size, whatever the depth.")
    return found(
        f"Gradients vanish: {name} gets {ratio:.1g} of the largest gradient, over {len(weights)} layers.",
        Evidence("ratio", ratio, LEAST, "share of the largest gradient", f"root mean square of {name}", exceeds=False),
        fixes=(relu, between, start) if kinds & {"sigmoid", "tanh"} else (start, between, relu),
        severity="warning" if examination.passed else "error",
        against=("Adam learns with small gradients too, as long as they are far above 1e-8.",),
        causes=CAUSES if kinds & {"sigmoid", "tanh"} else CAUSES[::-1],
    )
