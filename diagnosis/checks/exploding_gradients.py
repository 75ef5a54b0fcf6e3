"""Gradients are far larger than what the loss can be worth.

What it means
    A step as small as the learning rate still throws the weights away: the loss jumps instead of falling.

How it is detected
    The gradient's norm times the norm of the weights, which is what the loss would change by if the weights doubled along
    it, is more than `MOST` times the loss of a constant answer.

When it is wrong
    Inputs that are not normalised, or a last layer that starts too large, give large gradients too, and are named besides.
    Adam divides by the size of gradients, and may train all the same.

Sources
    R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import clip, norms, scheme
from diagnosis.examining.sections import Gradients, Levels
from diagnosis.rule import Cause, Evidence, Finding

UNIT = 1.0  # the loss of answers of unit size: what a fresh network gives, however small the targets are
MOST = 1e5  # times the loss of a constant answer; sound networks have 10 to 1000

CAUSES = (
    Cause(
        "Weights start too large for the depth.", "Print the deviation of each layer's output: it grows layer by layer."
    ),
    Cause(
        "A recurrent weight amplifies step by step.",
        "Halve the length of the sequences: the norm falls by orders of magnitude.",
    ),
    Cause("Inputs or targets are huge.", "Standardise them: the norm falls by as much."),
)
LARGE = {"norms": [9e5, 2e5, 5e5, 1e4], "norm": 1.05e6}
EXAMPLES = (
    Fires("weights of size 10 in every layer", examined(gradients=LARGE, attempts=[stuck()])),
    Quiet("a gradient of 30", examined(gradients={"norms": [20.0, 5.0, 20.0, 1.0], "norm": 29.0})),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(gradients: Gradients, levels: Levels, examination: Examination) -> Finding | None:
    """Hold what a step along the gradient is worth against what there is to gain."""
    worth = sum((norm or 0.0) * (size or 0.0) for norm, size in zip(gradients.norms, gradients.sizes, strict=True))
    reference = max(levels.reference or levels.expected or 0.0, UNIT)
    if worth <= MOST * reference:
        return None
    norm, name = max((n or 0.0, name) for n, name in zip(gradients.norms, gradients.names, strict=True))
    return found(
        f"Gradients explode: the norm at step 0 is {gradients.norm:.3g}, most of it in {name} ({norm:.3g}).",
        Evidence("worth", worth / reference, MOST, "times the loss of a constant answer", "gradient norm times weight norm, layer by layer"),
        Evidence("norm", gradients.norm, None, "loss per unit of weight", "of all gradients together"),
        fixes=(scheme("kaiming_normal_", "Keeps the size of activations from layer to layer."), clip("Bounds what one step can do."), norms("Keep activations at unit size.")),
        severity="warning" if examination.passed else "error",
    )  # fmt: skip
