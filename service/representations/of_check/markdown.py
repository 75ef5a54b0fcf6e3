"""For a chat bot: the verdict, the loss, each finding with one line of evidence, the first thing to try, a link."""

from __future__ import annotations

from diagnosis.examining.check import CheckReport
from service.representations.markdown import SIGNS, drawn, listed, sentence
from service.representations.of_check.text import trained
from service.wording.escaping import plain

MEDIA_TYPE = "text/markdown"


def render(report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> str:  # noqa: ARG001 - nobody chats of it
    """Write one report."""
    told = trained(report)
    head = f"{SIGNS[report.status]} **{sentence(report.headline)}**"
    verdict = f"Verdict: {report.verdict.replace('_', ' ')}. {plain(told[:1].upper() + told[1:])}"
    curve = drawn(report.curve) if report.curve else ()
    return listed("\n\n".join((f"{head}\n{verdict}", *curve)), report, link) + "\n"
