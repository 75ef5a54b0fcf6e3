"""A condition as a page, for people and for chat bots."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.catalogue import ConditionOut, ConditionsOut

MARKDOWN = "text/markdown"


def conditions_page(found: ConditionsOut) -> str:
    """Every condition, one a line."""
    lines = [f"- [{c.name}]({c.page}) ({' or '.join(c.severity)}): {c.title}" for c in found.conditions]
    return "\n".join(("# Conditions", "", *lines, ""))


def page(found: ConditionOut) -> str:
    """One condition, with everything there is to know about it."""
    return "\n".join((f"# {found.name}", "", found.title, *_sections(found), ""))


def _sections(found: ConditionOut) -> Iterator[str]:
    texts = (
        ("What it means", found.meaning),
        ("How it is detected", found.how),
        ("When it is wrong", found.when_wrong),
    )
    for title, text in texts:
        yield from ("", f"## {title}", "", text)
    yield from ("", "## Its numbers", "")
    yield from (f"- `{number.name}` = {number.value:g}: {number.says}" for number in found.thresholds)
    if found.supersedes:
        yield from ("", f"Where it is found, it explains {', '.join(f'`{name}`' for name in found.supersedes)}.")
    yield from ("", "## Causes, and what tells them apart", "")
    yield from (f"- {cause.cause} *Test:* {cause.test}" for cause in found.causes)
    yield from ("", "## What may be advised", "")
    for fix in found.fixes:
        params = ", ".join(f"`{name}` ({param.type}: {param.says})" for name, param in fix.params.items())
        yield f"- `{fix.action}`: {fix.says}" + (f" {params}" if params else "")
    if found.example:
        finding = found.example.finding
        yield from ("", f"## Example: {found.example.says}", "", finding.summary, "")
        for e in finding.evidence:
            bound = "" if e.bound is None else f", bound {e.bound:.3g}"
            yield f"- {e.says} ({e.name} {e.value:.3g} {e.unit}{bound})" if e.value is not None else f"- {e.says}"
        yield from ("", *(f"- speaks against it: {against}" for against in finding.against))
        yield from (
            f"- {'then' if index else 'try first'}: {fix.advice} {fix.because}"
            for index, fix in enumerate(finding.fixes)
        )
    if found.near_misses:
        yield from ("", f"Not taken for it: {'; '.join(found.near_misses)}.")
    yield from ("", "## Sources", "", found.sources.replace("\n", "  \n"))  # a source a line
