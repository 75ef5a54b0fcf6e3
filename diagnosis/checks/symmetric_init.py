"""All units of a layer start alike, and stay alike.

What it means
    Units with the same weights get the same gradient, so a layer of them never becomes more than one unit.

How it is detected
    All rows of a weight are equal at step 0, and all rows of its gradient are too.

When it is wrong
    A weight that starts at zero on purpose (the last layer of a residual branch) gets gradients that differ from row to
    row, and is not named; nor is one whose gradient is zero at first, behind another that starts so, if the batch is learnt.

Sources
    I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning", 2016, 8.4: initial parameters must break symmetry.
"""

from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import scheme
from diagnosis.examining.sections import Symmetric
from diagnosis.rule import Cause, Evidence, Finding

TWO = 2  # units that can be alike

CAUSES = (
    Cause("Weights were filled with a constant, or with zeros.", "Print weight.std(0) of each layer: it is zero."),
)
ALIKE = [{"name": "0.weight", "units": 64, "constant": True, "gradient": 0.2}]
EXAMPLES = (
    Fires("weights of 0.5", examined(symmetric=ALIKE, attempts=[stuck()])),
    Quiet("random weights", examined()),
    Quiet(
        "zeros behind a gate that is shut at first", examined(symmetric=[ALIKE[0] | {"gradient": 0.0, "zero": True}])
    ),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(symmetric: tuple[Symmetric, ...], examination: Examination) -> Finding | None:
    """List the layers whose units are alike in weight and gradient."""
    learnt = (
        examination.passed
    )  # what starts at zero behind a gate that is shut has no gradient yet, and comes apart later
    alike = [s for s in symmetric if s.units >= TWO and (s.gradient > 0.0 or (s.constant and not (s.zero and learnt)))]
    if not alike:
        return None
    most = max(alike, key=lambda s: s.units)
    named = ", ".join(s.name for s in alike[:5])
    weights = "1 such weight" if len(alike) == 1 else f"{len(alike)} such weights"
    return found(
        f"All {most.units} units of {most.name} start alike, and their gradients are alike too ({weights}: {named}).",
        Evidence("alike", most.units, 1, "units", f"of {most.name} with the same weights and the same gradient"),
        fixes=(scheme("kaiming_uniform_ weights (torch's default), zero biases", "Random weights make units differ."),),
        severity="warning" if examination.passed else "error",
    )
