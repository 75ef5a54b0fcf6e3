"""The whole check of a model, top to bottom: ask every check, diagnose the curve, give the verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from diagnosis.confidence import confidence
from diagnosis.diagnose import diagnose, guarded
from diagnosis.examining.deferring import HARMLESS, deferring, explains
from diagnosis.examining.examination import Examination
from diagnosis.examining.model_check import all_checks
from diagnosis.examining.sections import FEW_STEPS, Attempt
from diagnosis.identity import VERSION
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Judged, Outcomes, Report, Status, outcomes, status_of
from diagnosis.rule import SEVERITIES, Finding, all_rules
from diagnosis.run import Context

ModelVerdict = Literal["overfits", "cannot_overfit", "inconclusive"]
# Where one of these is an error, no number of steps helps.
HOPELESS = frozenset((
    "no_trainable_parameters", "detached_graph", "non_finite_output", "non_finite_loss", "non_finite_gradients", "target_out_of_range", "target_dtype",
    "softmax_before_cross_entropy", "sigmoid_before_bce_with_logits", "shape_broadcast",
))  # fmt: skip
# What a curve of one batch can tell; the rest asks for validation, or for a run that was meant to last.
TOLD = frozenset(
    ("non_finite", "divergence", "not_learning", "oscillation", "loss_spike", "periodic_pattern", "plateau")
)
LEARNT = frozenset(("non_finite",))  # and where it reached its floor and stopped there
CLASSES = ("cross_entropy", "nll", "bce_with_logits")


@dataclass(frozen=True)
class LossFacts:
    """The loss: where it began, where it should have, where it ended, where it can end."""

    initial: float | None
    expected_initial: float | None
    final: float | None
    floor: float
    target: float | None


@dataclass(frozen=True)
class RateFacts:
    """Learning rates: the one given, the one judged by, all that were tried."""

    given: float
    used: float | None
    tried: tuple[Attempt, ...]


@dataclass(frozen=True)
class CheckReport:
    """One model, judged; `curve` is what the engine says of the check's own curve, None where it is too short."""

    verdict: ModelVerdict
    status: Status
    headline: str
    findings: tuple[Judged, ...]
    outcomes: Outcomes
    curve: Report | None
    loss: LossFacts
    metric: Mapping[str, float]
    learning_rate: RateFacts
    examination: Examination
    id: str
    version: str
    bugs: Mapping[str, Exception] = field(default_factory=dict)


def check(examination: Examination) -> CheckReport:
    """Judge one examination by every check."""
    verdicts = {name: guarded(one.judge, examination) for name, one in all_checks().items()}
    found = {name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Finding)}
    masked = {other: name for name in found for other in all_checks()[name].supersedes if other in found}
    findings = deferring(_ranked({name: finding for name, finding in found.items() if name not in masked}, examination))
    verdict = verdict_of(examination, findings)
    status = status_of(findings, enough=verdict != "inconclusive")
    return CheckReport(
        verdict=verdict,
        status="failing" if verdict == "cannot_overfit" else status,
        headline=headline(verdict, findings, examination),
        findings=findings,
        outcomes=outcomes(verdicts, masked, findings),
        curve=_curve(examination, verdict),
        loss=_loss(examination),
        metric=dict((examination.after and examination.after.metric) or {}),
        learning_rate=RateFacts(
            examination.asked.lr, examination.best.lr if examination.best else None, examination.attempts
        ),
        examination=examination,
        id=_identify(examination),
        version=VERSION,
        bugs={name: verdict for name, verdict in verdicts.items() if isinstance(verdict, Exception)},
    )


def _ranked(found: Mapping[str, Finding], examination: Examination) -> tuple[Judged, ...]:
    """Worst first; that it cannot be learnt comes after what says why."""
    context = Context(optimizer=examination.asked.optimizer, learning_rate=examination.asked.lr)
    judged = [
        Judged(one, finding, finding.severity or one.severity[0], confidence(finding), tuple(f for f in finding.fixes if not f.done(context)))
        for name, finding in found.items()
        for one in (all_checks()[name],)
    ]  # fmt: skip
    order = {name: place for place, name in enumerate(FIRST)}
    judged.sort(
        key=lambda j: (
            SEVERITIES.index(j.severity),
            order.get(j.condition, len(order)),
            j.condition == "cannot_overfit",
            -j.confidence,
            j.condition,
        )
    )
    return tuple(judged)


# Causes before what they cause.
FIRST = (
    "no_trainable_parameters", "detached_graph", "target_out_of_range", "target_dtype", "shape_broadcast", "non_finite_output", "non_finite_loss",
    "non_finite_gradients", "softmax_before_cross_entropy", "sigmoid_before_bce_with_logits", "relu_output", "symmetric_init", "dead_relu", "saturated_activations",
    "vanishing_gradients", "dead_parameters", "input_ignored", "constant_output", "unnormalized_inputs", "exploding_gradients", "bad_initial_loss",
)  # fmt: skip


def verdict_of(examination: Examination, findings: tuple[Judged, ...]) -> ModelVerdict:
    """Whether the model learns this batch by heart."""
    errors = {j.condition for j in findings if j.severity == "error"} - HARMLESS
    if not examination.bounded and not errors - {"target_out_of_range"}:
        return "inconclusive"
    if errors & HOPELESS:
        return "cannot_overfit"
    if examination.passed:
        return "overfits"
    if not examination.bounded:
        return "inconclusive"
    return "cannot_overfit" if errors and (examination.enough or examination.best is None) else "inconclusive"


def headline(verdict: ModelVerdict, findings: tuple[Judged, ...], examination: Examination) -> str:
    """One sentence: the verdict, and the worst finding."""
    worst = findings[0].finding.summary if findings and findings[0].severity != "info" else ""
    if findings and findings[0].condition == "cannot_overfit":
        why = next((j.finding.summary for j in findings if explains(j, findings[0])), "")
        worst = f"{worst} {why}".strip()
    best, target = examination.best, examination.levels.target
    if verdict == "overfits" and best is not None and best.final is not None:
        lowest = f" (no less than {floor:.2g} is possible)" if (floor := examination.levels.floor) > 0.0 else ""
        learnt = f"Overfits the batch: the loss falls to {best.final:.2g}{lowest} in {best.steps} steps at a learning rate of {best.lr:g}."
        return f"{learnt} {worst}".strip()
    if verdict == "cannot_overfit":
        as_it_is = " as it is" if examination.passed else ""  # it was learnt, but not as it came
        return f"Cannot overfit this batch{as_it_is}. {worst}".strip()
    if worst:
        return f"Inconclusive. {worst}"
    if best is None or best.final is None:
        return "Inconclusive: nothing was reached."
    if best.steps < FEW_STEPS:
        why = "too few steps to judge"
    elif not best.falling:
        why = "it stands still there"
    elif best.stopped == "deadline":
        why = "it was still falling when time was up: ask for a later deadline_s"
    else:
        why = "it was still falling at the last of them: ask for more steps"
    return f"Inconclusive: after {best.steps} step{'s' * (best.steps != 1)} the loss is {best.final:.3g}, and {target or 0:.2g} is needed; {why}."


def _curve(examination: Examination, verdict: ModelVerdict) -> Report | None:
    """The check's own curve under the engine's rules: those that a single batch can speak to."""
    losses = np.array([float(value) for value in examination.curve.loss])
    if losses.size < FEW_STEPS:
        return None
    asked, batch = examination.asked, examination.batch
    told = LEARNT if verdict == "overfits" else TOLD
    context = Context(
        task="classification" if asked.loss in CLASSES else "regression",
        num_classes=batch.classes if asked.loss == "cross_entropy" and batch.classes and batch.classes > 1 else None,
        batch_size=batch.examples or None, optimizer=asked.optimizer, learning_rate=examination.best.lr if examination.best else asked.lr, finished=True,
    )  # fmt: skip
    steps = np.array(examination.curve.steps, dtype=np.float64)
    run = assemble(Log((Series("loss", losses, steps, "step"),), "overfit-check"), context)
    return diagnose(run, set(all_rules()) - told)


def _loss(examination: Examination) -> LossFacts:
    levels, best = examination.levels, examination.best
    return LossFacts(levels.initial, levels.expected, best.final if best else None, levels.floor, levels.target)


def _identify(examination: Examination) -> str:
    """The same for the same facts, however long they took to find."""
    attempts = tuple(replace(attempt, seconds=0.0) for attempt in examination.attempts)
    timeless = replace(examination, timing={}, attempts=attempts)
    return hashlib.sha256(repr((VERSION, timeless)).encode()).hexdigest()[:32]
