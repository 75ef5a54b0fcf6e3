"""A condition as a page, for people and for chat bots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from diagnosis.rule import Severity
from schemas.catalogue import ConditionOut, ConditionsOut, Described, Subject
from service.wording.amounts import amount_shown

MARKDOWN = "text/markdown"
COSTS: dict[Severity, str] = {"error": "an error", "warning": "a warning", "info": "information"}


def cost(severities: Sequence[Severity]) -> str:
    """What a condition may be, in words: `an error, a warning or information`."""
    *others, last = (COSTS[severity] for severity in severities)
    return f"{', '.join(others)} or {last}" if others else last


def conditions_page(found: ConditionsOut) -> str:
    """Every condition, one a line."""
    listed: list[str] = []
    for subject in get_args(Subject):
        claims = ((one, one.claim_of(subject)) for one in found.conditions)
        lines = [
            f"- [{one.name}]({one.page}) ({cost(claim.severity)}): {claim.title}" for one, claim in claims if claim
        ]
        listed += [f"## Of a {subject}", "", *lines, ""]
    return "\n".join(("# Conditions", "", *listed))


def page(found: ConditionOut) -> str:
    """One condition, with everything there is to know about it."""
    parts = list(_sections(found))
    if found.in_model:
        parts += ["", "# The same in a model", *_sections(found.in_model)]
    return "\n".join((f"# {found.name}", *parts, ""))


def _sections(found: Described) -> Iterator[str]:
    yield from ("", found.title, "", f"Its severity: {cost(found.severity)}.")
    texts = (
        ("What it means", found.meaning),
        ("How it is detected", found.how),
        ("When it is wrong", found.when_wrong),
    )
    for title, text in texts:
        yield from ("", f"## {title}", "", text)
    if found.thresholds:
        yield from ("", "## Its numbers", "")
        yield from (f"- `{number.name}` = {number.value:g}: {number.says}" for number in found.thresholds)
    if found.supersedes:
        yield from ("", f"Where it is found, it explains {', '.join(f'`{name}`' for name in found.supersedes)}.")
    yield from ("", "## Causes, and what tells them apart", "")
    yield from (f"- {cause['cause']} *Test:* {cause['test']}" for cause in found.causes)
    yield from ("", "## What may be advised", "")
    for fix in found.fixes:
        params = ", ".join(f"`{name}` ({param.type}: {param.says})" for name, param in fix.params.items())
        yield f"- `{fix.action}`: {fix.says}" + (f" {params}" if params else "")
    if found.example:
        finding = found.example.finding
        yield from ("", f"## Example: {found.example.says}", "", finding["summary"], "")
        yield from (f"- {evidence['says']}: {amount_shown(evidence)}" for evidence in finding["evidence"])
        yield from ("", *(f"- speaks against it: {against}" for against in finding["against"]))
        yield from (
            f"- {'then' if index else 'try first'}: {advised['advice']} {advised['because']}"
            for index, advised in enumerate(finding["fixes"])
        )
    if found.near_misses:
        yield from ("", f"Not taken for it: {'; '.join(found.near_misses)}.")
    yield from ("", "## Sources", "", found.sources.replace("\n", "  \n"))  # a source a line
