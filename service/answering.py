"""A question → its answer, in whatever words are asked for: what `POST /diagnose` and the command line share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from diagnosis import diagnose
from diagnosis.across import Reports, answer_of
from diagnosis.report import Report
from schemas.question import Question
from service.question.allowance import UNBOUNDED, Allowance


@dataclass(frozen=True)
class Answer:
    """One report, or several together; each by itself; and the rules that failed on the way, for whoever logs them."""

    found: Report | Reports
    reports: tuple[Report, ...]
    bugs: tuple[tuple[str, Exception], ...]


def answered(asked: Question, ignore: Collection[str] = (), allowance: Allowance = UNBOUNDED) -> Answer:
    """Judge every run that is asked about, and what holds across them where they are several."""
    reports = []
    for run in asked.runs:
        allowance.look("Judging these runs")
        reports.append(diagnose(run, ignore))
    found = answer_of(reports, many=asked.many)
    bugs: list[Mapping[str, Exception]] = [judged.bugs for judged in reports]
    if asked.many:
        bugs.append(found.bugs)
    return Answer(found, tuple(reports), tuple(entry for failed in bugs for entry in failed.items()))
