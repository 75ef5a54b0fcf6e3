"""For a chat bot: the headline, each finding with one line of evidence, the first thing to try, links.

The Markdown is what GitHub, GitLab, Teams, Discord, Mattermost and Slack's `markdown` block all show: bold, links, flat
lists, one block of code; no tables, headings, pictures, nested lists or HTML. The picture is a second request, with
`Accept: image/png`, to be attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnosis.across import Reports
from diagnosis.examining.check import CheckReport
from diagnosis.report import STATUSES, Judged, Report
from schemas.finding import page_of
from service.fragment import LONGEST, address
from service.representations.text import decided
from service.showing import worth_showing
from service.wording.amounts import amount
from service.wording.escaping import coded, plain
from service.wording.sparkline import sparkline

MEDIA_TYPE = "text/markdown"
# Characters of a message: a section of Slack's Block Kit takes so many. Its `markdown` block takes 12 000, Teams 28 KB,
# GitHub 65 536.
MESSAGE = 3000
WORDS = 1800  # of them, where an address follows that needs the rest
REST = 20  # of them, to say how much is left out
SENTENCE, NAME, ROW = 300, 60, 120  # characters of a sentence, of a name, of a run's headline
FINDINGS = 5  # a message, not a page
RUNS = 20  # told in a line each; the rest is counted
DRAWING = 24  # columns; a telephone shows as many
CURVES = 2
OPEN = "\n\n[Open this run in the page]({})"
DOUBTFUL = " (thinned to fit a link, which changes the verdict)"
SIGNS = {"healthy": "🟢", "attention": "🟡", "failing": "🔴", "inconclusive": "⚪"}


def render(report: Report | Reports, link: str = "", *, summary: bool = False) -> str:
    """Write one report, or several; at most `MESSAGE` characters. `summary` is the first line alone."""
    head = f"{SIGNS[report.status]} **{sentence(report.headline)}**"
    if summary:
        return head + "\n"
    head += f"\nDecision: {plain(decided(report.decision))}."
    most = WORDS if link else MESSAGE
    written = _several(head, report, link, most) if isinstance(report, Reports) else _one(head, report, link, most)
    room = min(LONGEST, MESSAGE - size(written) - size(OPEN + DOUBTFUL))
    opens = address(report.worst if isinstance(report, Reports) else report, link, room)
    if opens:
        written += OPEN.format(opens.url) + ("" if opens.faithful else DOUBTFUL)
    return written + "\n"


def sentence(text: str, most: int = SENTENCE) -> str:
    """A text which shows as it is, in at most so many characters."""
    longest = most
    while size(shown := plain(text if len(text) <= longest else f"{text[: longest - 1]}…")) > most:
        longest = longest * 4 // 5
    return shown


def fitted(kept: str, blocks: Sequence[str], all_of: int, most: int, *, between: str = "\n\n") -> str:
    """What is kept already, and of these blocks the first that fit; those of `all_of` that are left out are counted."""
    shown = 0
    for block in blocks:
        if size(kept + between + block) + REST > most:
            break
        kept += between + block
        shown += 1
    return kept + (f"{between}- and {all_of - shown} more" if shown < all_of else "")


def size(text: str) -> int:
    """Characters as chats count them, in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _one(head: str, report: Report, link: str, most: int) -> str:
    return listed("\n\n".join((head, *drawn(report))), report, link, most)


def _several(head: str, reports: Reports, link: str, most: int) -> str:
    """What holds across the runs, a line for each of them, the worst first, and the worst one's first finding."""
    text = listed(head, reports, link, most)
    worst = reports.worst
    found = [one_finding(found, link, told=found.finding.summary in reports.headline) for found in worst.findings[:1]]
    if found and reports.status != "healthy":
        text = fitted(text, [f"In **{sentence(worst.name or '', NAME)}**: {found[0]}"], 1, most)
    ordered = sorted(reports.runs, key=lambda report: -STATUSES.index(report.status))
    rows = [
        f"- {SIGNS[run.status]} **{sentence(run.name or '', NAME)}**: {sentence(run.headline, ROW)}" for run in ordered
    ]
    return fitted(text + "\n", rows[:RUNS], len(rows), most, between="\n")


def drawn(report: Report) -> Iterator[str]:
    """The curves that matter most, in a block of code."""
    lines = list(_curves(report))
    if lines:
        yield "\n".join(("```", *lines, "```"))


def listed(text: str, report: Report | Reports | CheckReport, link: str, most: int = MESSAGE) -> str:
    """The text and, below it, the first findings; the rest is counted."""
    findings = [one_finding(found, link, told=found.finding.summary in report.headline) for found in report.findings]
    return fitted(text, findings[:FINDINGS], len(findings), most)


def one_finding(found: Judged, link: str, *, told: bool) -> str:
    """A finding, its first evidence, and what to try first; its summary is left out where it was `told`."""
    finding = found.finding
    since = f", since {finding.since}" if finding.since else ""
    says = "" if told else f": {sentence(finding.summary)}"
    name = f"**[{found.condition}]({page_of(found.condition, link)})**"
    lines = [f"{name} ({found.severity}, {found.confidence * 100:.0f} % sure{since}){says}"]
    if finding.evidence:
        first = finding.evidence[0]
        lines.append(f"- Evidence: {sentence(f'{first.says}: {amount(first)}')}")
    if found.fixes:
        first_fix = found.fixes[0]
        lines.append(f"- Try first: {sentence(f'{first_fix.advice} {first_fix.because}')}")
    return "\n".join(lines)


def _curves(report: Report) -> Iterator[str]:
    measured = {m.name: m for m in report.features.curves}
    for curve in worth_showing(report, CURVES):
        found = measured.get(curve.name)
        drawing = sparkline(curve, found, DRAWING)
        best = f", best at {found.best_value[1]}" if found and drawing.best is not None else ""
        ends = f"{curve.values[0]:.4g} → {curve.values[-1]:.4g}"
        yield f"{drawing.drawn} {coded(curve.name, NAME // 3)} {ends}{best}"
