"""Of several findings about a model, which one explains another: its advice comes first, general advice after it."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.examining.model_check import all_checks
from diagnosis.report import Judged
from diagnosis.rule import Cause

HARMLESS = frozenset(("batch_leakage",))  # errors that do not keep a batch from being learnt


def deferring(ranked: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """General advice comes after that of the finding that explains it, where there is one."""
    return tuple(_deferred(judged, ranked) for judged in ranked)


def explains(one: Judged, other: Judged) -> bool:
    """Whether one is why the other: any error is why a batch cannot be learnt."""
    fatal = one.severity == "error" and one.condition not in HARMLESS | {"cannot_overfit"}
    return (other.condition == "cannot_overfit" and fatal) or other.condition in all_checks()[one.condition].explains


def _deferred(judged: Judged, ranked: tuple[Judged, ...]) -> Judged:
    """One finding, with what explains it as its first cause, and the remedy of that as its first fix."""
    why = next((other for other in ranked if explains(other, judged)), None)
    if why is None:
        return judged
    first = _deferred(why, ranked).fixes[:1]
    rest = tuple(fix for fix in judged.fixes if fix.action not in {f.action for f in first})
    cause = Cause(f"{why.condition}: {why.finding.summary}", "Mend that first, and check again.")
    return replace(judged, fixes=first + rest, finding=replace(judged.finding, causes=(cause, *judged.causes)))
