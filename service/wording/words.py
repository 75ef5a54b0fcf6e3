"""The words of evidence that a newcomer does not know, each explained once below the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnosis.features.memorising import AFTER_FALL
from diagnosis.report import Judged
from diagnosis.rule import ERRORS, NOISE, PROGRESS

# By the unit that holds the word: what is meant by it.
MEANINGS = {
    PROGRESS: "progress: what a curve gained from its start to its best value",
    NOISE: "noise level: by how much single values scatter around a curve's course (one standard deviation)",
    ERRORS: "standard error: by how much a level scatters that is averaged over several values",
    AFTER_FALL: "first fall: nearly all of a curve's progress, made within the first epochs",
}
BOUND = "bound: the threshold that it was held against"


def explained(findings: Iterable[Judged]) -> Iterator[str]:
    """A line for each such word in the evidence of these findings."""
    evidence = [one for found in findings for one in found.finding.evidence]
    units = " ".join(one.unit for one in evidence)
    yield from (says for unit, says in MEANINGS.items() if unit.removeprefix("share of ") in units)
    if any(one.bound is not None for one in evidence):
        yield BOUND
