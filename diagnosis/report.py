"""What became of every condition, ranked; the status, the headline and what to do now follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from diagnosis.advice.fix import Fix
from diagnosis.advice.trees import in_words_of_trees
from diagnosis.advice.useful import useful
from diagnosis.confidence import confidence
from diagnosis.examining.model_check import Check
from diagnosis.features import Features
from diagnosis.features.outgrown import outgrown
from diagnosis.masking import explained_by, grave, order_of_judgement
from diagnosis.rule import SEVERITIES, SUBJECTS, Cause, Finding, Rule, Severity, Skipped, Verdict, all_rules
from diagnosis.run import Position

Status = Literal["healthy", "attention", "failing", "inconclusive"]
Action = Literal["continue", "stop", "intervene", "none"]
STATUSES: tuple[Status, ...] = ("healthy", "inconclusive", "attention", "failing")  # ascending
_BY_SEVERITY: dict[Severity, Status] = {"error": "failing", "warning": "attention", "info": "healthy"}
IGNORED = Skipped("ignored, as asked")
_STRONGEST: tuple[Verdict, ...] = ("intervene", "stop", "continue")


@dataclass(frozen=True)
class Judged:
    """A finding with its name and standing."""

    rule: Rule | Check
    finding: Finding
    severity: Severity
    confidence: float
    fixes: tuple[Fix, ...]

    @property
    def condition(self) -> str:
        """The word for it."""
        return self.rule.name

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why, likeliest first."""
        return self.finding.causes or self.rule.causes


@dataclass(frozen=True)
class Outcomes:
    """Every condition that was not found, in exactly one of three places."""

    clear: tuple[str, ...]
    skipped: Mapping[str, str]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What a pipeline should do now; `restore` is the best point, where going back makes sense."""

    action: Action
    restore: Position | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """One run, judged."""

    status: Status
    headline: str
    decision: Decision
    findings: tuple[Judged, ...]
    outcomes: Outcomes
    features: Features
    id: str
    version: str
    name: str | None = None
    bugs: Mapping[str, Exception] = field(default_factory=dict)


def rank(found: Mapping[str, Finding], features: Features) -> tuple[tuple[Judged, ...], dict[str, str]]:
    """Fold what another condition explains, weigh the rest and order it; also say who masks whom.

    Worst first; of those as severe, what the others rest on, what speaks against another, and the surest.
    """
    masked: dict[str, str] = {}
    standing = []
    for name in order_of_judgement():
        if name not in found or name in masked:
            continue
        standing.append(name)
        for other in explained_by(name):
            worse = other in found and grave(other, found[other]) < grave(name, found[name])
            if not worse:
                masked.setdefault(other, name)
    standing = [name for name in standing if name not in masked]
    doubted = {other for name in standing for other in all_rules()[name].lowers}
    judged = []
    for name in standing:
        finding, rule = found[name], all_rules()[name]
        finding = in_words_of_trees(name, finding, features)
        fixes = tuple(fix for fix in finding.fixes if useful(fix, features))
        judged.append(
            Judged(
                rule, finding, finding.severity or rule.severity[0], confidence(finding, lowered=name in doubted), fixes
            )
        )
    judged.sort(
        key=lambda j: (
            SEVERITIES.index(j.severity),
            SUBJECTS.index(j.finding.about or all_rules()[j.condition].about),
            j.condition in doubted,
            -j.confidence,
            j.condition,
        )
    )
    return tuple(judged), masked


def outcomes(
    verdicts: Mapping[str, Finding | Skipped | Exception | None],
    masked: Mapping[str, str],
    standing: tuple[Judged, ...],
) -> Outcomes:
    """Put every condition in exactly one place."""
    shown = {j.condition for j in standing}
    clear, failed, skipped = [], [], {}
    for name, verdict in verdicts.items():
        if isinstance(verdict, Exception):
            failed.append(name)
        elif name in masked and verdict is not IGNORED:
            skipped[name] = f"masked by {masked[name]}"
        elif isinstance(verdict, Skipped):
            skipped[name] = verdict.why
        elif name not in shown:
            clear.append(name)
    return Outcomes(tuple(clear), skipped, tuple(failed))


def status_of(findings: tuple[Judged, ...], *, enough: bool) -> Status:
    """The worst of the findings; too little to see one is worse than nothing found."""
    statuses: list[Status] = [_BY_SEVERITY[j.severity] for j in findings]
    if not enough:
        statuses.append("inconclusive")
    return max(statuses, key=STATUSES.index, default="healthy")


def decide(findings: tuple[Judged, ...], features: Features, status: Status) -> Decision:
    """The strongest thing any finding asks for; without one, an unfinished run goes on.

    What is merely worth knowing asks nothing of a run that is over; what is broken always asks.
    """
    finished = features.run.finished
    asking: dict[Verdict, list[Judged]] = {}
    for judged in findings:
        wish = judged.rule.decides if judged.finding.asks or judged.severity == "error" else None
        if wish and not (finished and judged.severity == "info"):
            asking.setdefault(wish, []).append(judged)
    verdict = next((v for v in _STRONGEST if v in asking), None)
    if verdict is None:
        return Decision("none") if finished or status == "inconclusive" else Decision("continue")
    restore = monitored_best(features) if verdict == "stop" else None
    if restore is None and verdict != "continue":
        restore = next((j.finding.restore for j in asking[verdict] if j.finding.restore), None)
        if any(j.condition == "metric_loss_mismatch" for j in findings):
            restore = outgrown(restore, features.val_metric)
    return Decision(verdict, restore, tuple(j.condition for j in asking[verdict]))


def monitored_best(features: Features) -> Position | None:
    """The best checkpoint by the curve that `monitor` names: that very curve, else validation's of that metric."""
    monitor = features.run.context.monitor
    if not monitor:
        return None
    named = [m for m in features.curves if m.name == monitor]
    named += [m for m in features.curves if m.curve.metric == monitor and m.curve.role.startswith("val_")]
    return named[0].best_position if named else None
