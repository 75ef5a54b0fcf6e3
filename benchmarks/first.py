"""The first finding of a faulty run: it makes the headline, and for many readers it is the whole answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.intervals import share
from benchmarks.outcomes import ACROSS, Outcome

NOT_OF_A_RUN = {"healthy", "borderline", ACROSS}
INFORMATION = frozenset({"plateau", "insufficient_data", "incomparable_averaging"})  # never more than worth knowing


def due(outcome: Outcome) -> frozenset[str]:
    """What may stand first: the fault, where the log can show it, and what else is due and more than information."""
    return (outcome.expected & {outcome.fault}) | (outcome.expected - INFORMATION)


def is_due(outcome: Outcome) -> bool:
    """Whether the first finding is due; one that is merely tolerated is not."""
    return next(iter(outcome.found), None) in due(outcome)


def is_due_past_tolerated(outcome: Outcome) -> bool:
    """Whether the first finding is due that is not merely tolerated."""
    return next((c for c in outcome.found if c not in outcome.tolerated), None) in due(outcome)


def shows(outcome: Outcome) -> bool:
    """Whether the first finding is due, or shows in the run all the same, by the judge who knows the truth."""
    return next(iter(outcome.found), None) in due(outcome) | (outcome.shown - INFORMATION)


def is_true(outcome: Outcome) -> bool:
    """Whether the first finding is due or tolerated: nothing false is said first, though perhaps not the main thing."""
    return next(iter(outcome.found), None) in due(outcome) | outcome.tolerated


WAYS: dict[str, Callable[[Outcome], bool]] = {
    "faulty runs whose first finding is due": is_due,
    "the same, findings that are merely tolerated skipped": is_due_past_tolerated,
    "faulty runs whose first finding is due, or shows in them beside the fault": shows,
    "faulty runs whose first finding is due or tolerated: something is said, and nothing false first": is_true,
}


def faulty(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The runs in which a fault is due, by that fault: the one of the label, else the one that its log can show."""
    by_fault = defaultdict(list)
    for o in outcomes:
        if o.fault not in NOT_OF_A_RUN and due(o):
            by_fault[o.fault if o.fault in o.expected else min(due(o))].append(o)
    return by_fault


def firsts(outcomes: Sequence[Outcome]) -> list[str]:
    """One line of markdown for each way to count, with the mean over the faults."""
    by_fault = faulty(outcomes)
    lines = []
    for what, holds in WAYS.items():
        right = [[holds(o) for o in runs] for runs in by_fault.values()]
        mean = f"; mean over the faults {100 * np.mean([np.mean(each) for each in right]):.1f} %" if right else ""
        lines.append(f"- {what}: {share(sum(map(sum, right)), sum(map(len, right)))}{mean}")
    return lines
