"""For a chat bot: the verdict, the loss, each finding with one line of evidence, the first thing to try, a link."""

from __future__ import annotations

from collections.abc import Iterator

from diagnosis.check import CheckReport
from service.representations.markdown import SIGNS, drawn_curves, listed, plain
from service.representations.of_check.text import trained

MEDIA_TYPE = "text/markdown"


def render(report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> str:  # noqa: ARG001 - nobody chats of it
    """Write one report."""
    return "\n".join(_lines(report, link)) + "\n"


def _lines(report: CheckReport, link: str) -> Iterator[str]:
    yield f"{SIGNS[report.status]} **{plain(report.headline)}**"
    sentence = trained(report)
    yield f"Verdict: {report.verdict.replace('_', ' ')}. {plain(sentence[:1].upper() + sentence[1:])}"
    drawn = list(drawn_curves(report.curve)) if report.curve else []
    if drawn:
        yield from ("", "```text", *drawn, "```")
    if report.findings:
        yield ""
        yield from listed(report, link)
