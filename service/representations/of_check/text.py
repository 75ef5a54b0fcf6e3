"""For a terminal: at most 80 columns, the verdict first, then the loss, what was found, and what was checked."""

from __future__ import annotations

from collections.abc import Iterator

from diagnosis.examining.check import CheckReport
from service.representations.text import LEAD, drawn_curves, one_finding
from service.wording.columns import hanging, harmless, padded

MEDIA_TYPE = "text/plain"


def render(report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> str:
    """Write one report."""
    return "\n".join(harmless(line).rstrip() for line in _lines(report, link, queued_ms)) + "\n"


def trained(report: CheckReport) -> str:
    """What the loss did, in one sentence."""
    loss, best = report.loss, report.examination.best
    if best is None:
        return "Nothing was trained."
    counted = "1 step" if best.steps == 1 else f"{best.steps} steps"
    metric = "".join(f", {name} {value:.4g}" for name, value in report.metric.items())
    went = f"loss {_number(loss.initial)} → {_number(loss.final)} in {counted} at a learning rate of {best.lr:g}"
    return f"{went}; lowest possible {_number(loss.floor)}, learnt at {_number(loss.target)}{metric}."


def _spent(report: CheckReport) -> str:
    """Where the time went."""
    timing = report.examination.timing
    whole, loading, training = (timing.get(f"{name}_ms", 0.0) for name in ("all", "load", "train"))
    return f"{whole:.0f} ms: {loading:.0f} loading, {training:.0f} training, {max(whole - loading - training, 0.0):.0f} asking"


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"


def _lines(report: CheckReport, link: str, queued_ms: float) -> Iterator[str]:
    examination = report.examination
    yield from _entry(report.verdict.upper().replace("_", " "), report.headline)
    yield from _entry("training", trained(report))
    others = [f"{attempt.lr:g} ({_number(attempt.final)})" for attempt in report.learning_rate.tried]
    if len(others) > 1:
        yield from _entry("tried", f"learning rates, and the loss each ended at: {', '.join(others)}")
    if report.curve:
        yield ""
        yield from drawn_curves(report.curve)
    for number, found in enumerate(report.findings, 1):
        yield ""
        yield from one_finding(number, found, link, told=False)
    yield ""
    yield from _entry("clear", ", ".join(report.outcomes.clear) or "nothing")
    for condition, why in report.outcomes.skipped.items():
        yield from _entry("not judged", f"{condition}: {why}")
    for condition in report.outcomes.failed:
        yield from _entry("failed", f"{condition}: a bug of this service, which was logged")
    model = examination.model
    yield from _entry("model", f"{model.parameters} parameters, {model.trainable} of them trainable")
    for note in examination.notes:
        yield from _entry("note", note)
    yield from _entry("device", f"{examination.device}, {_spent(report)}, after {queued_ms:.0f} ms in the queue")
    yield f"{padded('id', LEAD)}{report.id} · version {report.version}"


def _entry(word: str, text: str) -> Iterator[str]:
    """A line with its word at the left; a word that is too long for its column stands in front of the text."""
    return hanging(padded(word, LEAD) if len(word) < LEAD else f"{word}  ", text)
