"""Evidence in numbers as people say them: `17 % of progress (bound 5 %)`, `18 standard errors (bound 4)`, `epoch 13`.

The page puts the numbers of an answer into the same words (service/static/numbers.js); a test in a browser holds the two together.
"""

from math import inf, isfinite
from typing import get_args

from diagnosis.rule import BY_CHANCE, SURE, Evidence
from diagnosis.run import Axis, number, spoken
from diagnosis.shares import ALL
from schemas.finding import EvidenceOut

SHARE = "share of "
# One of them is one spike.
COUNTED = (
    "bursts",
    "conditions",
    "dtypes",
    "examples",
    "finite values",
    "inputs",
    "noise levels",
    "numbers",
    "operations",
    "parameters",
    "runs",
    "spikes",
    "standard deviations",
    "standard errors",
    "steps",
    "targets",
    "tensors",
    "units",
    "values",
)
ITSELF = ("loss", "output")  # units that say no more than what is measured
SMALL, LARGE = 1e-4, 1e6  # beyond, powers of ten
PLACES = get_args(Axis)  # a unit that is one says where, not how much
TENTH = 0.1  # below, a digit after the point
LEAST = 5e-4  # below, it would be 0.0 %: a bound that is none
TENFOLD = 10.0  # beyond, a share is a multiple


def amount(evidence: Evidence) -> str:
    """The value with its unit, and the bound it is held against."""
    fine = evidence.bound is not None and 0.0 < evidence.bound < LEAST
    if evidence.unit.startswith(SHARE) and abs(evidence.value) < TENFOLD:
        whole = evidence.unit.removeprefix(SHARE)
        bound = "" if evidence.bound is None else f" (bound {_percent(evidence.bound, fine=fine)})"
        return f"{_percent(evidence.value, fine=fine)} of {whole}{bound}"
    if evidence.unit in PLACES:
        return f"{evidence.unit} {spoken(number(evidence.value))}"
    if evidence.unit.startswith(SHARE):
        bound = "" if evidence.bound is None else f" (bound {_percent(evidence.bound, fine=fine)})"
        return f"{figure(evidence.value)} {evidence.unit.replace(SHARE, 'times ')}{bound}"
    unit = evidence.unit.removesuffix("s") if evidence.value == 1 and evidence.unit in COUNTED else evidence.unit
    unit = "" if evidence.unit in ITSELF else f" {unit}"
    bound = "" if evidence.bound is None else f" (bound {figure(evidence.bound)})"
    if evidence.unit.startswith(BY_CHANCE) and evidence.value >= SURE:  # an answer holds no more
        return f"more than {SURE:g}{unit}{bound}"
    return f"{figure(evidence.value)}{unit}{bound}"


def amount_shown(shown: EvidenceOut) -> str:
    """The same of evidence in an answer, where a number beyond all others is `null`."""
    value = inf if shown["value"] is None else shown["value"]
    return amount(Evidence(shown["name"], value, shown["bound"], shown["unit"], shown["says"]))


def figure(value: float) -> str:
    """A number in three digits: `1000`, `0.744`, `1e6`; a ratio to next to nothing may be beyond all numbers: `∞`."""
    if not isfinite(value):
        return "∞" if value > 0.0 else f"{value:g}"
    if value and not SMALL <= abs(value) < LARGE:
        mantissa, _, power = f"{value:.2e}".partition("e")
        return f"{float(mantissa):g}e{int(power)}"
    return f"{float(f'{value:.3g}'):g}"


def _percent(share: float, *, fine: bool) -> str:
    """A share in whole per cents, small ones in tenths; `fine` where it is held against less."""
    if fine:
        return f"{figure(100 * share)} %"
    coarse = abs(share) >= TENTH and not ALL <= share < 1.0
    percent = round(100 * share, 0 if coarse else 1) + 0.0  # never minus nothing
    return f"{percent:g} %"
