"""What makes one answer of several findings: no fix of one contradicts, repeats or undoes that of another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from diagnosis.advice.fix import Fix
from diagnosis.advice.stopping import restore
from diagnosis.advice.useful import as_kept
from diagnosis.report import Decision, Judged
from diagnosis.run import Context, Position, Run

RESTORE, STOP, ON = "restore_best", "stop_early", "train_longer"


def reconciled(findings: tuple[Judged, ...], decision: Decision, run: Run) -> tuple[Judged, ...]:
    """The findings with the fixes that stand beside one another, and beside the decision."""
    back = unless_last(one_checkpoint(findings, decision.restore), run)
    return as_far_as_kept(one_number(not_on(back, decision)), run.context)


def one_checkpoint(findings: tuple[Judged, ...], chosen: Position | None) -> tuple[Judged, ...]:
    """Let a report send back to one checkpoint: the `chosen` one, else that of the worst and surest finding that asks for any."""
    asked = [fix.params for judged in findings for fix in judged.fixes if fix.action == RESTORE]
    if not asked:
        return findings
    kept = {chosen.axis: chosen.at} if chosen else asked[0]
    monitored = chosen if kept not in asked else None  # no finding looks at what is monitored
    agreed = []
    for judged in findings:
        elsewhere = any(fix.action == RESTORE and fix.params != kept for fix in judged.fixes)
        # a rule to stop that would have stopped at another checkpoint goes with it
        fixes = [
            fix for fix in judged.fixes if not elsewhere or fix.action not in {RESTORE, STOP} or fix.params == kept
        ]
        if monitored and len(fixes) < len(judged.fixes):
            fixes.insert(0, restore(monitored, "It is the best by what is monitored."))
            monitored = None
        agreed.append(_with(judged, tuple(fixes)))
    return tuple(agreed)


def unless_last(findings: tuple[Judged, ...], run: Run) -> tuple[Judged, ...]:
    """Let no fix send back to the last checkpoint: who has the model has that."""
    ends: dict[str, float] = {}
    for curve in run.curves:
        if len(curve):
            ends[curve.axis] = max(float(curve.steps[-1]), ends.get(curve.axis, -math.inf))
    last = [{axis: end} for axis, end in ends.items()]
    kept = ((j, (fix for fix in j.fixes if fix.action != RESTORE or fix.params not in last)) for j in findings)
    return tuple(_with(judged, tuple(fixes)) for judged, fixes in kept)


def one_number(findings: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Let a report give one verb one set of numbers: those of the finding that is said first; no finding loses its only fix.

    Before such an only fix a later one of another finding gives way, of the same numbers too: it is said there.
    """
    given: dict[str, Mapping[str, object]] = {}
    agreed = []
    for judged in findings:
        fixes = tuple(fix for fix in judged.fixes if given.get(fix.action, fix.params) == fix.params)
        agreed.append(_with(judged, fixes or judged.fixes[:1]))
        for fix in judged.fixes:
            if not fix.action.startswith("check_"):  # each looks elsewhere
                given.setdefault(fix.action, fix.params)
    only = {judged.fixes[0].action: judged.fixes[0].params for judged in agreed if len(judged.fixes) == 1}
    kept = ((j, [fix for fix in j.fixes[1:] if fix.action not in only]) for j in agreed)
    return tuple(_with(judged, (*judged.fixes[:1], *later)) for judged, later in kept)


def not_on(findings: tuple[Judged, ...], decision: Decision) -> tuple[Judged, ...]:
    """Let no finding go on with a run that another one stops, so long as it has something else to say."""
    if decision.action != "stop":
        return findings
    still = ((j, tuple(fix for fix in j.fixes if fix.action != ON)) for j in findings)
    return tuple(_with(j, fixes) if fixes and j.condition not in decision.because else j for j, fixes in still)


def as_far_as_kept(findings: tuple[Judged, ...], context: Context) -> tuple[Judged, ...]:
    """Let no fix send back to a checkpoint as if every one were kept."""
    return tuple(_with(judged, tuple(as_kept(fix, context) for fix in judged.fixes)) for judged in findings)


def _with(judged: Judged, fixes: tuple[Fix, ...]) -> Judged:
    return judged if fixes == judged.fixes else replace(judged, fixes=fixes)
