"""Most units of a sigmoid or tanh layer are at their edge.

What it means
    At the edge a squashing function is flat: next to no gradient comes through, and the units stay where they are.

How it is detected
    At step 0, at least `MOST` of a hidden layer's values are within 1 % of the ends of their range. Of a regression that
    was not learnt, most of the squared error that is left comes of outputs at an end of the last activation's range,
    whose targets are elsewhere: an error where less than half of the batch is learnt.

When it is wrong
    Gates that are meant to be open or shut at first (a highway, a forget gate) are at their edge on purpose. The last
    operation before the output is not looked at before training.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
"""

from diagnosis.advice import losses
from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import MOSTLY, Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import norms, rate, scheme
from diagnosis.examining.sections import After, Output, Units
from diagnosis.rule import Cause, Evidence, Finding

COOLER = 0.3  # times the learning rate
MOST = 0.7  # of a layer's values
KINDS = ("sigmoid", "tanh", "hardsigmoid")

CAUSES = (
    Cause("Weights start too large.", "Halve them: the share falls."),
    Cause("Inputs are not normalised.", "Look at unnormalized_inputs."),
    Cause(
        "The first steps drove the last activation to an end.", "Count outputs within 1 % of its ends after 50 steps."
    ),
)
FULL = [{"place": "0", "kind": "tanh", "units": 64, "share": 0.95, "looks": 32}]
EXAMPLES = (
    Fires("weights of size 10", examined(units=FULL, attempts=[stuck()])),
    Fires(
        "outputs held at the ends of a last sigmoid",
        examined(
            asked={"loss": "mse"},
            output={"last": "sigmoid", "low": 0.3, "high": 0.7},
            attempts=[stuck()],
            after={"at_ends": 0.9},
        ),
    ),
    Quiet(
        "a tenth of a layer", examined(units=[{"place": "0", "kind": "tanh", "units": 64, "share": 0.1, "looks": 32}])
    ),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(units: tuple[Units, ...], output: Output, examination: Examination) -> Finding | None:
    """Take the worst layer that is not the last."""
    hidden = units[:-1] if output.last in KINDS and units and units[-1].kind == output.last else units
    if examination.held_at_ends and examination.after is not None:
        return _at_the_end(examination, output, examination.after)
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
        causes=CAUSES[:2],
    )


def _at_the_end(examination: Examination, output: Output, after: After) -> Finding:
    """The last activation, once training has driven it to its ends."""
    name, share = output.last or "activation", after.at_ends or 0.0
    bare = losses.drop_activation(
        name,
        "bce_with_logits" if name == "sigmoid" else examination.asked.loss,
        "A gradient then comes through however wrong an output is.",
    )
    return found(
        f"{100 * share:.0f} % of the squared error that is left is of outputs at an end of the last {name}, where next to no gradient is.",
        Evidence(
            "at_ends",
            share,
            MOSTLY,
            "share of the squared error",
            "of outputs within 1 % of an end, with targets elsewhere",
        ),
        fixes=(
            bare,
            rate(
                examination.asked, COOLER * examination.asked.lr, "Smaller first steps drive fewer outputs to the ends."
            ),
        ),
        severity="warning" if examination.nearly else "error",
        causes=(CAUSES[2], *CAUSES[:2]),
    )
