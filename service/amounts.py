"""Evidence in numbers as people say them: `17 % of progress (bound 5 %)`, `18 standard errors (bound 4)`, `epoch 13`."""

from typing import get_args

from diagnosis.rule import Evidence
from diagnosis.run import Axis

SHARE = "share of "
PLACES = get_args(Axis)  # a unit that is one says where, not how much
TENTH = 0.1  # below, a digit after the point
TENFOLD = 10.0  # beyond, a share is a multiple


def amount(evidence: Evidence) -> str:
    """The value with its unit, and the bound it is held against."""
    if evidence.unit.startswith(SHARE) and abs(evidence.value) < TENFOLD:
        whole = evidence.unit.removeprefix(SHARE)
        bound = "" if evidence.bound is None else f" (bound {_percent(evidence.bound)})"
        return f"{_percent(evidence.value)} of {whole}{bound}"
    if evidence.unit in PLACES:
        return f"{evidence.unit} {evidence.value:g}"
    unit = evidence.unit.replace(SHARE, "times ") if evidence.unit.startswith(SHARE) else evidence.unit
    bound = "" if evidence.bound is None else f" (bound {evidence.bound:.3g})"
    return f"{evidence.value:.3g} {unit}{bound}"


def _percent(share: float) -> str:
    percent = round(100 * share, 0 if abs(share) >= TENTH else 1) + 0.0  # never minus nothing
    return f"{percent:g} %"
