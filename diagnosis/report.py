"""What became of every condition, ranked; the status, the headline and what to do now follow from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from diagnosis.advice.fix import Fix
from diagnosis.advice.stopping import restore
from diagnosis.advice.trees import in_words_of_trees
from diagnosis.advice.useful import as_kept, useful
from diagnosis.confidence import confidence
from diagnosis.examining.model_check import Check
from diagnosis.features import Features
from diagnosis.features.outgrown import outgrown
from diagnosis.masking import explained_by, grave, order_of_judgement
from diagnosis.rule import SEVERITIES, SUBJECTS, Cause, Finding, Rule, Severity, Skipped, Verdict, all_rules
from diagnosis.run import Context, Position, Run

Status = Literal["healthy", "attention", "failing", "inconclusive"]
Action = Literal["continue", "stop", "intervene", "none"]
STATUSES: tuple[Status, ...] = ("healthy", "inconclusive", "attention", "failing")  # ascending
_BY_SEVERITY: dict[Severity, Status] = {"error": "failing", "warning": "attention", "info": "healthy"}
RESTORE, STOP, ON = "restore_best", "stop_early", "train_longer"
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


def unless_last(decision: Decision, findings: tuple[Judged, ...], run: Run) -> tuple[Decision, tuple[Judged, ...]]:
    """Let nothing send back to the last checkpoint: who has the model has that."""
    ends: dict[str, float] = {}
    for curve in run.curves:
        if len(curve):
            ends[curve.axis] = max(float(curve.steps[-1]), ends.get(curve.axis, -math.inf))
    last = [{axis: end} for axis, end in ends.items()]
    if decision.restore and {decision.restore.axis: decision.restore.at} in last:
        decision = replace(decision, restore=None)
    kept = ((j, (fix for fix in j.fixes if fix.action != RESTORE or fix.params not in last)) for j in findings)
    return decision, tuple(_with(judged, tuple(fixes)) for judged, fixes in kept)


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


def monitored_best(features: Features) -> Position | None:
    """The best checkpoint by the curve that `monitor` names: that very curve, else validation's of that metric."""
    monitor = features.run.context.monitor
    if not monitor:
        return None
    named = [m for m in features.curves if m.name == monitor]
    named += [m for m in features.curves if m.curve.metric == monitor and m.curve.role.startswith("val_")]
    return named[0].best_position if named else None
