"""Targets have a dtype that the loss does not take.

What it means
    Class indices must be whole numbers (int64), binary and regression targets floating point. torch stops with an error,
    or, on some devices, with an assert.

How it is detected
    The dtype of the array is compared with what the loss takes. JSON has no dtypes, and float64 is numpy's own: neither is
    named. The rest of the check goes on with converted targets.

When it is wrong
    Never: torch refuses them. A loop that converts them itself is sound.

Sources
    PyTorch documentation, CrossEntropyLoss ("class indices … long"), BCEWithLogitsLoss.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Asked, Batch
from diagnosis.rule import Cause, Evidence, Finding

CLASSES = ("cross_entropy", "nll")
NARROW = ("int32", "int16", "int8")  # whole numbers all the same: a conversion loses nothing

CAUSES = (
    Cause(
        "Labels were read from a file of floating point numbers, or binary ones from whole numbers.",
        "Print targets.dtype.",
    ),
)
EXAMPLES = (
    Fires("labels of floating point", examined(batch={"refused_dtype": "float32"})),
    Quiet("labels of int64", examined()),
)


@model_check(severity=("error", "warning"), causes=CAUSES, examples=EXAMPLES)
def check(batch: Batch, asked: Asked, examination: Examination) -> Finding | None:
    """Name what was given, and what is taken."""
    if batch.refused_dtype is None:
        return None
    to = "int64" if asked.loss in CLASSES and batch.fit != "soft" else "float32"
    fix = Fix(
        "cast_targets",
        f"Convert: targets = targets.{'long' if to == 'int64' else 'float'}().",
        f"{asked.loss} takes {to}.",
        {"to": to},
    )
    return found(
        f"torch stops at targets of {batch.refused_dtype}: {asked.loss} takes {to}.{_converted(examination)}",
        Evidence("refused", 1, 0, "dtypes", f"{batch.refused_dtype} instead of {to}"),
        fixes=(fix,), severity="warning" if batch.refused_dtype in NARROW else "error",
    )  # fmt: skip


def _converted(examination: Examination) -> str:
    """What became of the batch once its targets were converted."""
    best = examination.best
    if best is None or best.final is None:
        return ""
    learnt = "is learnt" if examination.passed else "is not learnt either"
    return f" Converted for this check, the batch {learnt}: the loss ends at {best.final:.3g}."
