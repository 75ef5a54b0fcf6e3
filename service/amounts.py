"""Evidence in numbers as people say them: `17 % of progress (bound 5 %)`, `18 standard errors (bound 4)`."""

from diagnosis.rule import Evidence

SHARE = "share of "
TENTH = 0.1  # below, a digit after the point
TENFOLD = 10.0  # beyond, a share is a multiple


def amount(evidence: Evidence) -> str:
    """The value with its unit, and the bound it is held against."""
    if evidence.unit.startswith(SHARE) and abs(evidence.value) < TENFOLD:
        whole = evidence.unit.removeprefix(SHARE)
        bound = "" if evidence.bound is None else f" (bound {_percent(evidence.bound)})"
        return f"{_percent(evidence.value)} of {whole}{bound}"
    unit = evidence.unit.replace(SHARE, "times ") if evidence.unit.startswith(SHARE) else evidence.unit
    bound = "" if evidence.bound is None else f" (bound {evidence.bound:.3g})"
    return f"{evidence.value:.3g} {unit}{bound}"


def _percent(share: float) -> str:
    percent = round(100 * share, 0 if abs(share) >= TENTH else 1) + 0.0  # never minus nothing
    return f"{percent:g} %"
