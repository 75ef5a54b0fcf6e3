"""The whole pipeline, top to bottom: measure, judge, rank."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from diagnosis.features import measure
from diagnosis.identity import VERSION, identify
from diagnosis.report import IGNORED, Report, decide, headline, one_checkpoint, outcomes, rank, status_of
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Run

Verdict = Finding | Skipped | Exception | None


def diagnose(run: Run, ignore: Collection[str] = ()) -> Report:
    """Judge one run by every rule but those in `ignore`."""
    features = measure(run)
    judged = {name: guarded(partial(rule.judge, features)) for name, rule in all_rules().items()}
    verdicts = {name: IGNORED if name in ignore else verdict for name, verdict in judged.items()}
    found = {name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Finding)}
    findings, masked = rank(found, features)
    became = outcomes(verdicts, masked, findings)
    short = isinstance(judged["insufficient_data"], Finding)  # though it may be ignored
    status = status_of(findings, enough=not short and bool(findings or became.clear))
    decision = decide(findings, features, status)
    return Report(
        status=status,
        headline=headline(status, findings, became.clear, features),
        decision=decision,
        findings=one_checkpoint(findings, decision.restore),
        outcomes=became,
        features=features,
        id=identify(run, ignore),
        version=VERSION,
        name=run.name,
        bugs={name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Exception)},
    )


def guarded(judge: Callable[[], Verdict]) -> Verdict:
    """One verdict; a rule that raises is a bug, and must not take the others down or pass for health."""
    try:
        return judge()
    except Exception as bug:  # noqa: BLE001 - the one place; the caller logs Report.bugs
        return bug
