"""Evidence in numbers as people say them: `17 % of progress (bound 5 %)`, `18 standard errors (bound 4)`, `epoch 13`."""

from math import isfinite
from typing import get_args

from diagnosis.rule import Evidence
from diagnosis.run import Axis, number, spoken

SHARE = "share of "
# One of them is one spike.
COUNTED = (
    "spikes",
    "values",
    "bursts",
    "examples",
    "finite values",
    "standard errors",
    "noise levels",
    "standard deviations",
)
ITSELF = ("loss", "output")  # units that say no more than what is measured
BY_CHANCE = (
    "standard errors",
    "noise levels",
    "standard deviations",
)  # how these begin: of next to no noise any number may come
SURE = 1000.0  # of these; more is no surer
SMALL, LARGE = 1e-4, 1e6  # beyond, powers of ten
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
        return f"{evidence.unit} {spoken(number(evidence.value))}"
    if evidence.unit.startswith(SHARE):
        bound = "" if evidence.bound is None else f" (bound {_percent(evidence.bound)})"
        return f"{figure(evidence.value)} {evidence.unit.replace(SHARE, 'times ')}{bound}"
    unit = evidence.unit.removesuffix("s") if evidence.value == 1 and evidence.unit in COUNTED else evidence.unit
    unit = "" if evidence.unit in ITSELF else f" {unit}"
    bound = "" if evidence.bound is None else f" (bound {figure(evidence.bound)})"
    if evidence.unit.startswith(BY_CHANCE) and evidence.value > SURE:
        return f"more than {SURE:g}{unit}{bound}"
    return f"{figure(evidence.value)}{unit}{bound}"


def figure(value: float) -> str:
    """A number in three digits: `1000`, `0.744`, `1e6`; a ratio to next to nothing may be beyond all numbers: `∞`."""
    if not isfinite(value):
        return "∞" if value > 0.0 else f"{value:g}"
    if value and not SMALL <= abs(value) < LARGE:
        mantissa, _, power = f"{value:.1e}".partition("e")
        return f"{float(mantissa):g}e{int(power)}"
    return f"{float(f'{value:.3g}'):g}"


def _percent(share: float) -> str:
    percent = round(100 * share, 0 if abs(share) >= TENTH else 1) + 0.0  # never minus nothing
    return f"{percent:g} %"
