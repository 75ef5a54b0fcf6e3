"""Most units of a sigmoid or tanh layer are at their edge.

What it means
    At the edge a squashing function is flat: next to no gradient comes through, and the units stay where they are.

How it is detected
    At step 0, at least `MOST` of a hidden layer's values are within 1 % of the ends of their range.

When it is wrong
    Gates that are meant to be open or shut at first (a highway, a forget gate) are at their edge on purpose. The last
    operation before the output is not looked at.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import norms, scheme
from diagnosis.examining.sections import Output, Units
from diagnosis.rule import Cause, Evidence, Finding

MOST = 0.7  # of a layer's values
KINDS = ("sigmoid", "tanh", "hardsigmoid")

CAUSES = (
    Cause("Weights start too large.", "Halve them: the share falls."),
    Cause("Inputs are not normalised.", "Look at unnormalized_inputs."),
)
FULL = [{"place": "0", "kind": "tanh", "units": 64, "share": 0.95, "looks": 32}]
EXAMPLES = (
    Fires("weights of size 10", examined(units=FULL, attempts=[stuck()])),
    Quiet(
        "a tenth of a layer", examined(units=[{"place": "0", "kind": "tanh", "units": 64, "share": 0.1, "looks": 32}])
    ),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(units: tuple[Units, ...], output: Output, examination: Examination) -> Finding | None:
    """Take the worst layer that is not the last."""
    hidden = units[:-1] if output.last in KINDS and units and units[-1].kind == output.last else units
    full = [u for u in hidden if u.kind in KINDS and u.share >= MOST]
    if not full:
        return None
    worst = max(full, key=lambda u: u.share)
    start = scheme("xavier_uniform_", "Keeps what goes into each layer at unit size.")
    relu = Fix("change_activation", "Use ReLU or GELU.", "They do not saturate.", {"to": "relu"})
    return found(
        f"{100 * worst.share:.0f} % of the {worst.kind} values after {f'layer {worst.place!r}' if worst.place else 'the first layer'} are saturated at step 0.",
        Evidence("saturated", worst.share, MOST, "share of a layer's values", "within 1 % of the end of the range"),
        fixes=(start, norms("Keep what goes into each layer at unit size."), relu),
        severity="warning" if examination.passed else "error",
    )
