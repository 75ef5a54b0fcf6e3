"""For a terminal: at most 80 columns, the verdict first, then the curves, what was found, and what was checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnosis.across import Reports
from diagnosis.features.measured import Measured
from diagnosis.report import Decision, Judged, Outcomes, Report
from diagnosis.run import Curve, spoken
from schemas.finding import page_of
from service.showing import curves_of, worth_showing
from service.wording.amounts import amount
from service.wording.color import painted
from service.wording.columns import WIDTH, cut, hanging, harmless, padded, width
from service.wording.sparkline import Sparkline, sparkline
from service.wording.words import explained

MEDIA_TYPE = "text/plain"
CURVES = 8  # shown of one run; the rest is counted
RUNS = 50  # shown of many; the rest is counted
NAME, DRAWING = 22, 30  # columns
LEAD = 14  # columns of the words at the left
INSET = 11  # columns of the words at the left of a finding


def render(report: Report | Reports, link: str = "", *, summary: bool = False, color: bool = False) -> str:
    """Write one report, or several with what they have in common first; `summary` is one line, which is not broken."""
    if summary:
        lines = iter([f"{report.status.upper()}: {report.headline}"])
    else:
        lines = _several(report, link) if isinstance(report, Reports) else _one(report, link)
    written = (harmless(line).rstrip() for line in lines)
    return "\n".join(map(painted, written) if color else written) + "\n"


def _several(reports: Reports, link: str) -> Iterator[str]:
    yield from _verdict(reports)
    yield from _across(reports, link)
    for report in reports.runs[:RUNS]:
        title = f"── {cut(report.name or '', WIDTH - 8)} "
        yield ""
        yield title + "─" * (WIDTH - width(title))
        yield from _briefly(report)
    if len(reports.runs) > RUNS:
        yield ""
        yield f"{len(reports.runs) - RUNS} more runs are not shown; the JSON answer has them all."
    yield ""
    yield f"id {reports.id} · version {reports.version}"


def _across(reports: Reports, link: str) -> Iterator[str]:
    """What holds across the runs, or why that could not be judged."""
    for number, found in enumerate(reports.findings, 1):
        yield ""
        yield from one_finding(number, found, link, told=reports.headline.startswith(found.finding.summary))
    for line in _became(reports.outcomes):
        yield from hanging(padded("across", LEAD), line)


def _became(outcomes: Outcomes) -> Iterator[str]:
    """What was judged or not, a line each but for what is clear."""
    if outcomes.clear:
        yield f"{', '.join(outcomes.clear)}: clear"
    yield from _skipped(outcomes)
    for condition in outcomes.failed:
        yield f"{condition}: a bug of this service, which was logged"


def _skipped(outcomes: Outcomes) -> Iterator[str]:
    """What could not be judged, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for condition, why in outcomes.skipped.items():
        reasons.setdefault(why, []).append(condition)
    for why, conditions in reasons.items():
        said = why.replace("lacks ", "lack ", 1) if len(conditions) > 1 and why.startswith("lacks ") else why
        yield f"{', '.join(conditions)}: {said}"


def _one(report: Report, link: str) -> Iterator[str]:
    yield from _verdict(report)
    yield ""
    yield from drawn_curves(report)
    for number, found in enumerate(report.findings, 1):
        yield ""
        yield from one_finding(number, found, link, told=found.finding.summary == report.headline)
    yield ""
    for says in explained(report.findings):
        yield from hanging(padded("in words", LEAD), says)
    outcomes, source = report.outcomes, report.features.run.source
    yield from hanging(padded("clear", LEAD), ", ".join(outcomes.clear) or "nothing")
    for says in _skipped(outcomes):
        yield from hanging(padded("not judged", LEAD), says)
    for condition in outcomes.failed:
        yield from hanging(padded("failed", LEAD), f"{condition}: a bug of this service, which was logged")
    read = ", ".join(f"{name} as {role}" for name, role in source.mapping.items())
    yield from hanging(padded("read", LEAD), f"{source.format}: {read}")
    for note in (*source.notes, *report.features.notes):
        yield from hanging(padded("note", LEAD), note)
    yield f"{padded('id', LEAD)}{report.id} · version {report.version}"


def _briefly(report: Report) -> Iterator[str]:
    """One run among several: the verdict, the curves, and of each finding what to try first."""
    yield from _verdict(report)
    yield from drawn_curves(report)
    for found in report.findings:
        if found.finding.summary != report.headline:
            yield from hanging(padded(found.severity, LEAD), found.finding.summary)
        if found.fixes:
            yield from hanging(padded("try first", LEAD), found.fixes[0].advice)


def _verdict(report: Report | Reports) -> Iterator[str]:
    yield from hanging(padded(report.status.upper(), LEAD), report.headline)
    yield from hanging(padded("decision", LEAD), decided(report.decision))


def decided(decision: Decision) -> str:
    """A decision in words."""
    said = {"none": "nothing to decide", "continue": "go on training", "stop": "stop", "intervene": "intervene"}
    back = f"; best checkpoint: {decision.restore}" if decision.restore else ""
    why = f" (because of {', '.join(decision.because)})" if decision.because else ""
    return said[decision.action] + back + why


def drawn_curves(report: Report) -> Iterator[str]:
    """The curves that matter, one a line, the best value of each marked below it; the rest is counted."""
    measured = {m.name: m for m in report.features.curves}
    drawn = worth_showing(report, CURVES)
    column = min(max((width(curve.name) for curve in drawn), default=0), NAME)
    for curve in drawn:
        found = measured.get(curve.name)
        drawing = sparkline(curve, found, DRAWING)
        ends = f"{curve.values[0]:.4g} → {curve.values[-1]:.4g}"
        yield f"{padded(' '.join(curve.name.split()), column)}  {padded(drawing.drawn, DRAWING)}  {ends}"
        yield from _marked(column + 2, marks(report, curve, drawing, found))
    others = len(curves_of(report.features)) - len(drawn)
    if others:
        yield f"{others} more {'curve is' if others == 1 else 'curves are'} not drawn; the JSON answer has them all."


def marks(report: Report, curve: Curve, drawing: Sparkline, found: Measured | None) -> dict[int, str]:
    """What is worth a mark below a curve, by its column: the best value, and where what was found in it begins."""
    marked: dict[int, list[str]] = {}
    best = None
    if found is not None and drawing.best is not None:
        value, best = found.best_value
        marked[drawing.best] = [f"best {value:.4g} at {best}"]
    for judged in report.findings:
        since = judged.finding.since
        begins = since and since.axis == curve.axis and since.at > curve.steps[0]  # from the start on there is no onset
        if since and begins and judged.finding.series[:1] == (curve.name,):
            says = f"{judged.condition} since" + ("" if since == best else f" {since}")
            marked.setdefault(drawing.column(curve, since.at), []).append(says)
    return {column: "; ".join(says) for column, says in sorted(marked.items())}


def _marked(start: int, marked: Mapping[int, str]) -> Iterator[str]:
    """An arrow under each marked column, and beside it what is there; on the left where the right has no room."""
    for column, says in marked.items():
        at = start + column
        if at + 2 + width(says) <= WIDTH:
            yield f"{' ' * at}↑ {says}"
        elif width(says) < at:
            yield f"{' ' * (at - width(says) - 1)}{says} ↑"
        else:
            yield f"{' ' * at}↑"
            yield from hanging(" " * start, says)


def one_finding(number: int, found: Judged, link: str, *, told: bool) -> Iterator[str]:
    """A finding in full; its summary is left out where it was `told` at the top."""
    finding = found.finding
    since = f", since {finding.since}" if finding.since else ""
    until = f" until {finding.until}" if finding.until else ""
    lead = f"{number}. "
    inset = " " * width(lead)

    def entry(word: str, text: str) -> Iterator[str]:
        return hanging(inset + padded(word, INSET), text)

    yield from hanging(lead, f"{found.condition}: {found.severity}, {found.confidence * 100:.0f} % sure{since}{until}")
    if not told:
        yield from hanging(inset, finding.summary)
    for e in finding.evidence:
        yield from entry("evidence", f"{e.says}: {amount(e)}")
    for against in finding.against:
        yield from entry("against", against)
    for cause in found.causes:
        yield from entry("cause", f"{cause.cause} Test: {cause.test}")
    for index, fix in enumerate(found.fixes):
        params = "".join(f" {name}={_written(value)}" for name, value in fix.params.items())
        yield from entry("then" if index else "try first", f"{fix.advice} {fix.because}")
        yield from entry("", f"[{fix.action}{params}]")
    yield from entry("more", page_of(found.condition, link))


def _written(value: object) -> str:
    """A parameter of a fix; JSON has all the digits of a long number."""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return spoken(value) if isinstance(value, int | float) else str(value)
