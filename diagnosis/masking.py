"""Which condition explains which, and in which order that is looked at."""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter

from diagnosis.rule import SEVERITIES, Finding, all_rules


def grave(name: str, finding: Finding) -> int:
    """How grave a finding of a condition is, the gravest at 0."""
    return SEVERITIES.index(finding.severity or all_rules()[name].severity[0])


@cache
def explained_by(name: str) -> tuple[str, ...]:
    """The conditions that are masked where this one is found, unless they are worse."""
    return all_rules()[name].explains(all_rules())


@cache
def gravest(name: str) -> int:
    """How grave a finding of a condition may be at most."""
    return min(map(SEVERITIES.index, all_rules()[name].severity))


@cache
def order_of_judgement() -> tuple[str, ...]:
    """Explaining conditions before explained ones; a circle of explanations raises CycleError."""
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(sorted(all_rules()), ()))
    for name in sorted(all_rules()):
        for other in explained_by(name):
            sorter.add(other, name)
    return tuple(name for name in sorter.static_order() if name in all_rules())
