"""The whole pipeline, top to bottom: measure, judge, rank."""

from __future__ import annotations

from collections.abc import Callable, Collection

from diagnosis.features import Features, measure
from diagnosis.features.unmasked import unmasked
from diagnosis.findings.suspect import suspected
from diagnosis.headline import headline
from diagnosis.identity import VERSION, identify
from diagnosis.masking import explained_by, grave, gravest, order_of_judgement
from diagnosis.reconcile import reconciled
from diagnosis.report import IGNORED, Report, decide, outcomes, rank, status_of
from diagnosis.rule import SUBJECTS, Finding, Rule, Skipped, all_rules
from diagnosis.run import Run

OF_A_TRAINING = frozenset(SUBJECTS) - {"values", "logging"}
BLOWN = "non_finite"  # how a range test ends; some loggers hide it
Verdict = Finding | Skipped | Exception | None


def diagnose(run: Run, ignore: Collection[str] = ()) -> Report:
    """Judge one run by every rule but those in `ignore`."""
    features = measure(run)
    judged = _judged(features, ignore)
    verdicts = {name: IGNORED if name in ignore else judged.get(name) for name in all_rules()}
    found = {name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Finding)}
    findings, masked = rank(found, features)
    findings = suspected(findings, features)
    became = outcomes(verdicts, masked, findings)
    short = isinstance(judged.get("insufficient_data"), Finding)  # though it may be ignored
    status = status_of(findings, enough=not short and bool(findings or became.clear))
    decision = decide(findings, features, status)
    return Report(
        status=status,
        headline=headline(status, findings, became, features),
        decision=decision,
        findings=reconciled(findings, decision, run),
        outcomes=became,
        features=unmasked(features) if BLOWN in found else features,
        id=identify(run, ignore),
        version=VERSION,
        name=run.name,
        bugs={name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Exception)},
    )


def _judged(features: Features, ignore: Collection[str]) -> dict[str, Verdict]:
    """What the rules say, but of what is masked whatever it would say: a condition as grave as it can be explains it."""
    judged: dict[str, Verdict] = {}
    explained: dict[str, int] = {}  # how grave the gravest is that explains it
    for name in order_of_judgement():
        masking = explained.get(name)
        if masking is not None and masking <= gravest(name):
            continue
        judged[name] = verdict = guarded(_judge, all_rules()[name], features)
        if not isinstance(verdict, Finding) or name in ignore:
            continue
        at = grave(name, verdict)
        if masking is None or masking > at:  # what is masked itself explains nothing
            explained.update((other, min(at, explained.get(other, at))) for other in explained_by(name))
    return judged


def _judge(rule: Rule, features: Features) -> Verdict:
    """One rule's verdict; of a range test only what holds of any log, but for the blow-up that ends it."""
    if (rule.about in OF_A_TRAINING or rule.name == BLOWN) and features.range_test:
        return Skipped("the learning rate rises over the whole log: a range test, and no training")
    return rule.judge(features)


def guarded(judge: Callable[..., Verdict], *asked: object) -> Verdict:
    """One verdict; a rule that raises is a bug, and must not take the others down or pass for health."""
    try:
        return judge(*asked)
    except Exception as bug:  # noqa: BLE001 - the one place; the caller logs Report.bugs
        return bug
