"""For a chat bot: the headline, each finding with one line of evidence, the first thing to try, a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnosis.across import Reports
from diagnosis.check import CheckReport
from diagnosis.report import Judged, Report
from schemas.finding import page_of
from service.amounts import amount
from service.chart.canvas import CANVAS, Canvas
from service.columns import cut, harmless
from service.representations.text import decided, judged
from service.sparkline import sparkline

MEDIA_TYPE = "text/markdown"
FINDINGS = 5  # a message, not a page
RUNS = 20  # rows of a table; the rest is counted
DRAWING = 24  # columns; a telephone shows as many
CURVES = 2
SIGNS = {"healthy": "🟢", "attention": "🟡", "failing": "🔴", "inconclusive": "⚪"}
# What a name or a value must not be able to do: make markup, a link, a picture, a mention, a table's cell.
JOINER = "\u2060"  # shows as nothing, and keeps what stands before it from being a mention or an address
MARKUP = re.compile(r"([\\`*\[\]#|~<>&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def render(report: Report | Reports, link: str = "", *, full: bool = False, canvas: Canvas = CANVAS) -> str:  # noqa: ARG001 - a message has one size
    """Write one report, or several as a table."""
    lines = _several(report, link) if isinstance(report, Reports) else _one(report, link)
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """A text that shows as it is, whatever it holds."""
    marked = MARKUP.sub(r"\\\1", harmless(" ".join(text.split())))
    return marked.replace("@", f"@{JOINER}").replace("://", f":{JOINER}//")


def _several(reports: Reports, link: str) -> Iterator[str]:
    yield f"{SIGNS[reports.status]} **{plain(reports.headline)}**"
    yield f"Decision: {plain(decided(reports.decision))}."
    if reports.findings:
        yield ""
        yield from listed(reports, link)
    yield ""
    yield "| run | status | what |"
    yield "| --- | --- | --- |"
    for report in reports.runs[:RUNS]:
        name = plain(cut(report.name or "", 40))
        yield f"| {name} | {SIGNS[report.status]} {report.status} | {plain(report.headline)} |"
    if len(reports.runs) > RUNS:
        yield ""
        yield f"{len(reports.runs) - RUNS} more runs are not shown."
    worst = reports.worst
    if worst.findings:
        yield ""
        yield f"**{plain(cut(worst.name or '', 40))}**"
        yield ""
        yield from listed(worst, link)


def _one(report: Report, link: str) -> Iterator[str]:
    yield f"{SIGNS[report.status]} **{plain(report.headline)}**"
    yield f"Decision: {plain(decided(report.decision))}."
    drawn = list(drawn_curves(report))
    if drawn:
        yield from ("", "```text", *drawn, "```")
    if report.findings:
        yield ""
        yield from listed(report, link)


def listed(report: Report | Reports | CheckReport, link: str) -> Iterator[str]:
    """The first findings; the rest is counted."""
    for found in report.findings[:FINDINGS]:
        yield from one_finding(found, link)
    if len(report.findings) > FINDINGS:
        yield f"- and {len(report.findings) - FINDINGS} more"


def one_finding(found: Judged, link: str) -> Iterator[str]:
    """A finding, its first evidence, and what to try first."""
    finding = found.finding
    name = f"[{found.condition}]({page_of(found.condition, link)})"
    since = f", since {finding.since}" if finding.since else ""
    yield f"- **{name}** ({found.severity}, {found.confidence * 100:.0f} % sure{since}): {plain(finding.summary)}"
    if finding.evidence:
        first = finding.evidence[0]
        yield f"  - evidence: {plain(first.says)}: {plain(amount(first))}"
    if found.fixes:
        yield f"  - try first: {plain(found.fixes[0].advice)} {plain(found.fixes[0].because)}"


def drawn_curves(report: Report) -> Iterator[str]:
    """The curves that matter most, inside of a code block: a name must not end it."""
    measured = {m.name: m for m in report.features.curves}
    for curve in judged(report)[:CURVES]:
        found = measured.get(curve.name)
        drawing = sparkline(curve, found, DRAWING)
        best = f", best at {found.best_value[1]}" if found else ""
        name = cut(harmless(" ".join(curve.name.split())).replace("`", "'"), 20)
        yield f"{drawing.drawn} {name} {curve.values[0]:.4g} → {curve.values[-1]:.4g}{best}"
