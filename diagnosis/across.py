"""Several runs, judged together: each by itself, then what holds across them; the worst of all decides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from diagnosis.diagnose import Verdict, guarded
from diagnosis.features.siblings import Siblings, measure_siblings
from diagnosis.identity import VERSION
from diagnosis.report import (
    IGNORED,
    STATUSES,
    Action,
    Decision,
    Judged,
    Outcomes,
    Report,
    Status,
    outcomes,
    rank,
    status_of,
)
from diagnosis.rule import Finding, Rule, Skipped, all_rules

STRONGEST: tuple[Action, ...] = ("none", "continue", "stop", "intervene")  # ascending
ELSEWHERE = "judged across runs, see across"
BEHIND = "not by itself; beside the other runs, which learnt, it has learnt nothing: see across"
_ARE = {"attention": "need attention", "failing": "are failing", "inconclusive": "are inconclusive"}
_IS = {"attention": "needs attention", "failing": "is failing", "inconclusive": "is inconclusive"}


@dataclass(frozen=True)
class Reports:
    """The reports of runs that were asked about together, in the order they were sent, and what holds across them.

    `outcomes` holds only the conditions that are judged across runs: what became of the others is each run's own.
    """

    runs: tuple[Report, ...]
    findings: tuple[Judged, ...] = ()
    outcomes: Outcomes = field(default_factory=lambda: Outcomes((), {}, ()))
    bugs: Mapping[str, Exception] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The worst of the runs, or of what was found across them."""
        found = status_of(self.findings, enough=True)
        return max((found, *(report.status for report in self.runs)), key=STATUSES.index)

    @property
    def worst(self) -> Report:
        """The first of the worst runs."""
        return max(self.runs, key=lambda report: STATUSES.index(report.status))

    @property
    def headline(self) -> str:
        """What is wrong across the runs, how many of them are how bad, and the worst run's own headline."""
        across = self.findings[0].finding.summary if self.findings else ""
        worst = self.worst
        count, all_of = sum(report.status == worst.status for report in self.runs), len(self.runs)
        if worst.status == "healthy":
            alone = {1: "The one run is healthy.", 2: "Both runs are healthy."}.get(
                count, f"All {count} runs are healthy."
            )
            behind = any(report.outcomes.skipped.get("not_learning") == BEHIND for report in self.runs)
            each = "No run by itself would have told." if behind else "Each run by itself is healthy."
            return f"{across} {each}" if across else alone
        verb = (_IS if count == 1 else _ARE)[worst.status]
        of_all = f"{count} of {all_of} runs" if all_of > 1 else "The one run"
        each = f"{of_all} {verb}. {worst.name}: {worst.headline}"
        if not across:
            return each
        graver = STATUSES.index(worst.status) > STATUSES.index(status_of(self.findings, enough=True))
        return f"{each} {across}" if graver else f"{across} {each}"

    @property
    def decision(self) -> Decision:
        """The strongest that any run asks for; where to go back to is each run's own."""
        action = max((report.decision.action for report in self.runs), key=STRONGEST.index)
        asking = [report.decision.because for report in self.runs if report.decision.action == action]
        return Decision(action, None, tuple(dict.fromkeys(name for because in asking for name in because)))

    @property
    def id(self) -> str:
        """The same runs in the same order have the same id."""
        return hashlib.blake2b(" ".join(report.id for report in self.runs).encode(), digest_size=16).hexdigest()

    @property
    def version(self) -> str:
        """The version that judged."""
        return VERSION


@cache
def rules_across() -> Mapping[str, Rule]:
    """The rules that judge runs together, none by itself."""
    return {name: rule for name, rule in all_rules().items() if "siblings" in rule.needs}


def compare(reports: Sequence[Report]) -> Reports:
    """Judge what holds across runs that were each judged before."""
    rules = rules_across()
    verdicts = {name: guarded(_judge, rule, reports) for name, rule in rules.items()}
    findings, masked = rank({n: v for n, v in verdicts.items() if isinstance(v, Finding)}, reports[0].features)
    siblings = measure_siblings([report.features for report in reports]) if findings else None
    idle = siblings.never_learnt if isinstance(siblings, Siblings) else ()
    return Reports(
        runs=tuple(_referred(report, rules, behind=report.name in idle) for report in reports),
        findings=findings,
        outcomes=outcomes(verdicts, {name: by for name, by in masked.items() if name in rules}, findings),
        bugs={name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Exception)},
    )


def answer_of(reports: Sequence[Report], *, many: bool) -> Report | Reports:
    """One report as it is, or several together."""
    return compare(reports) if many else reports[0]


def _judge(rule: Rule, reports: Sequence[Report]) -> Verdict:
    if all(report.outcomes.skipped.get(rule.name) == IGNORED.why for report in reports):
        return IGNORED
    siblings = measure_siblings([report.features for report in reports])
    if isinstance(siblings, str):
        return Skipped(siblings)
    return rule.judge(replace(reports[0].features, siblings=siblings))


def _referred(report: Report, rules: Iterable[str], *, behind: bool) -> Report:
    """The same report, which says of what is judged across runs that it is, and whether it fell behind the others there."""
    skipped, clear = dict(report.outcomes.skipped), report.outcomes.clear
    skipped.update({name: ELSEWHERE for name in rules if skipped.get(name) not in {None, IGNORED.why}})
    told = {judged.condition for judged in report.findings}
    if behind and "not_learning" not in told and skipped.get("not_learning") != IGNORED.why:
        skipped["not_learning"] = BEHIND
        clear = tuple(name for name in clear if name != "not_learning")
    return replace(report, outcomes=replace(report.outcomes, skipped=skipped, clear=clear))
