"""What a command line asks → an answer, without a server; the options are those of `POST /diagnose`."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from diagnosis.across import Reports
from diagnosis.errors import DiagnosisError
from diagnosis.report import Report
from diagnosis.rule import SEVERITIES
from schemas.limits import TooMany
from service.answering import Answer, answered
from service.question.documents import question_of
from service.question.parts import Part
from service.question.query import KNOWN, Query, said
from service.refusals import Refusal
from service.settings import InvalidSetting, Settings
from service.terminal import tell
from service.wording.sentences import about, of_validation

LEVELS = (*reversed(SEVERITIES), "never")
FINE, FOUND, UNJUDGED = 0, 1, 2  # exit codes
REFUSED = (DiagnosisError, Refusal, TooMany, ValidationError, InvalidSetting)
ADDRESSED = re.compile(r"\?(\w+)=(?=([\w\"]?))")  # a parameter as an address has it, and whether a value follows
OPTIONS = {"format": "log-format", "curves": "full"}  # parameters of an address that have another name here
PICTURE = ("width", "height", "theme")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What may be said beside a log, and which findings count."""
    parser.add_argument(
        "--context", action="append", default=[], metavar="KEY=VALUE",
        help="what the log does not say, such as num_classes=10 or learning_rate=0.001; again for more",
    )  # fmt: skip
    parser.add_argument(
        "--roles", action="append", default=[], metavar="NAME=ROLE",
        help="what a series is, where its name does not tell: my_metric=val_loss; again for more",
    )  # fmt: skip
    parser.add_argument("--ignore", default="", metavar="CONDITION,…", help="conditions to leave out")
    parser.add_argument(
        "--log-format", metavar="NAME", help="the format of the log, where the content could be several"
    )
    parser.add_argument("--filename", help="a label for the log, where its own name does not name the metric")
    parser.add_argument(
        "--fail-on",
        choices=LEVELS,
        default="warning",
        help="the least severity that makes the exit code 1 (%(default)s)",
    )


def query_of(arguments: argparse.Namespace, context: dict[str, Any] | None = None) -> Query:
    """The same question as an address would ask; `context` stands where nothing is said of it."""
    asked = {
        "context": json.dumps({**(context or {}), **_pairs("--context", arguments.context, parse=True)}),
        "roles": json.dumps(_pairs("--roles", arguments.roles, parse=False)),
        "ignore": arguments.ignore,
        "format": arguments.log_format,
        "filename": arguments.filename,
        "runs": getattr(arguments, "runs", None),
        "curves": "full" if getattr(arguments, "full", False) else None,
        "summary": "1" if getattr(arguments, "summary", False) else None,
        "color": "1" if arguments.color else None,
        **{name: getattr(arguments, name, None) for name in PICTURE if name in KNOWN},
    }
    return Query.of({name: value for name, value in asked.items() if value is not None})


def answer_to(parts: Sequence[Part], query: Query, settings: Settings) -> Answer:
    """Read and judge."""
    answer = answered(question_of(parts, query, said(query), settings.limits), query.ignore)
    for condition, _ in answer.bugs:
        tell(f"the rule {condition} failed; please report it.")
    return answer


def sentence(error: Exception) -> str:
    """An error in the words of a command line."""
    text = about(error) + (of_validation(error)[0] if isinstance(error, ValidationError) else str(error))
    text = text.replace("GET /formats", "`curve-diagnosis formats`")
    return ADDRESSED.sub(lambda found: f"--{OPTIONS.get(found[1], found[1])}{' ' * bool(found[2])}", text)


def exit_code(found: Report | Reports, level: str) -> int:
    """What a pipeline is told: findings go before what could not be judged."""
    reports: tuple[Report | Reports, ...] = (*found.runs, found) if isinstance(found, Reports) else (found,)
    counted = SEVERITIES[: SEVERITIES.index(level) + 1] if level != "never" else ()
    unjudged = [report for report in reports if report.status == "inconclusive"]
    # that there is too little to judge is itself a finding, of the least severity
    if any(j.severity in counted for report in reports if report not in unjudged for j in report.findings):
        return FOUND
    return UNJUDGED if unjudged else FINE


def _pairs(option: str, given: Sequence[str], *, parse: bool) -> dict[str, Any]:
    """`key=value` as often as it is given; a value of the context is read as JSON where it is that."""
    found: dict[str, Any] = {}
    for pair in given:
        key, equals, value = pair.rpartition("=") if not parse else pair.partition("=")
        if not equals or not key:
            raise Refusal(f"{option} {pair!r}: expected KEY=VALUE.")
        found[key] = _value(value) if parse else value
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - a JSON value
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)
