"""How sure a finding is: how far its evidence is past the bounds, and on how many points.

The weakest of the evidence decides: a chain of reasons is as strong as that. Half is a coin's word, the least a
finding can claim; certainty is never claimed. The shape (a bound just met is worth half a doubling, every doubling past it
removes the same share of the doubt) is checked against runs whose fault is known by benchmarks/.
"""

from diagnosis.rule import FACT, Finding

LEAST, MOST = 0.5, 0.99
# Set on the runs to tune on with benchmarks/calibration.py; a higher least fits no better on tasks it has not seen.
DOUBT_PER_DOUBLING = 0.1  # share of the doubt that a doubling past the bound leaves
HALF_SURE_POINTS = 1.0  # points at which the amount of data alone halves what the evidence claims
LOWERED = 0.8  # what a condition that speaks against it leaves of a finding's certainty above one half


def confidence(finding: Finding, *, lowered: bool = False) -> float:
    """Between one half and the finding's ceiling, rounded to two digits; a fact is as sure as anything."""
    if finding.points >= FACT:
        return MOST
    margins = [m for e in finding.evidence if (m := e.margin) is not None]
    margin = max(min(margins, default=0.0), 0.0)
    sure = 1.0 - float(DOUBT_PER_DOUBLING ** (margin + 0.5))
    data = finding.points / (finding.points + HALF_SURE_POINTS)
    certainty = sure * data * (LOWERED if lowered else 1.0)
    return round(min(LEAST + (MOST - LEAST) * certainty, finding.ceiling), 2)
