"""An address that opens the page with a run in it: the history, thinned and rounded until it fits behind the `#`.

What stands behind the `#` is raw deflate (RFC 1951) of the JSON that `POST /diagnose` takes, in base64url without padding
(RFC 4648): `{"history": …, "context": …}`, and `roles` where a name does not tell. A browser never sends it to a server.
"""

from __future__ import annotations

import base64
import json
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from diagnosis import diagnose
from diagnosis.errors import DiagnosisError
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.run import Curve
from schemas.curves import JUDGED
from schemas.limits import Limits, TooMany
from schemas.question import question, read_document
from service.showing import chief_of
from service.thinning import Sketch, Way, sketched, untold_direction

PLACE = "/#run="
LONGEST = 1800  # characters of the whole address: what fits into a chat's message beside the message
SERIES = 12  # curves at most; more leave each too few points
MOST, LEAST = 600, 8  # points of a curve: more are not seen, fewer are no curve
WAYS = (Way(4), Way(3), Way(3, averaged=True))  # the most faithful first
SAID = 200  # characters of one entry of the context; a longer one is left out
RAW = -zlib.MAX_WBITS  # deflate without a wrapper
Body = dict[str, Any]


class Address(NamedTuple):
    """Where the page shows a run; `faithful`: whether it will come to the same main finding there."""

    url: str
    faithful: bool


def address(report: Report, link: str, most: int = LONGEST) -> Address | None:
    """Where the page shows this run; None where the service does not know its own address, or nothing fits in `most`.

    Of the ways to thin it, the first is taken from which the same comes out on the other end; where none does, the most
    faithful is still worth looking at.
    """
    room = most - len(link) - len(PLACE)
    if not link or room <= 0:
        return None
    fallback = None
    for curves in filter(None, dict.fromkeys((tuple(_worth_sending(report)), tuple(_judged(report))))):
        sketches, beside = sketched(report, curves), _beside(report, curves)
        for way in WAYS:
            body, letters = _largest(beside, sketches, way, room)
            if letters and _says_the_same(body, report):
                return Address(link + PLACE + letters, faithful=True)
            fallback = fallback or letters
    return Address(link + PLACE + fallback, faithful=False) if fallback else None


def opened(fragment: str) -> Body:
    """The body of a question that is packed in a fragment, as the page unpacks it."""
    found: Body = from_json(zlib.decompress(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)), RAW))
    return found


def packed(body: Body) -> str:
    """A body in the letters that an address may have."""
    pack = zlib.compressobj(9, zlib.DEFLATED, RAW, 9)
    raw = pack.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) + pack.flush()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _worth_sending(report: Report) -> Iterator[Curve]:
    """What was found first, then what is judged, then what explains it."""
    found = [name for judged in report.findings for name in judged.finding.series]
    judged = {curve.name for curve in _judged(report)}
    rank = {name: place for place, name in reversed(list(enumerate(found)))}
    curves = [curve for curve in report.features.run.curves if curve.role != "other"]
    curves.sort(key=lambda c: (c.name not in judged, rank.get(c.name, len(found)), c.role not in JUDGED))
    yield from curves[:SERIES]


def _judged(report: Report) -> Iterator[Curve]:
    """What the worst finding speaks of, and the losses and metrics that were chosen to be judged."""
    features, chosen = report.features, chief_of(report.features)
    names = {name for judged in report.findings[:1] for name in judged.finding.series}
    names |= {measured.name for measured in chosen}
    logged = {curve.name for curve in features.run.curves}
    summed = {measured.curve.role for measured in chosen if measured.name not in logged}
    yield from [curve for curve in features.run.curves if curve.name in names or curve.role in summed][:SERIES]


def _largest(beside: Body, sketches: Sequence[Sketch], way: Way, room: int) -> tuple[Body, str]:
    """The question with the most points that fits, and its letters; both empty where none does."""

    def body(points: int) -> Body:
        return {"history": {one.curve.name: one.written(points, way) for one in sketches}, **beside}

    def too_large(points: int) -> bool:
        return len(packed(body(points))) > room

    most = min(MOST, max(len(one.curve) for one in sketches))
    points = bisect_left(range(1, most), True, key=too_large) if too_large(most) else most  # noqa: FBT003 - what is looked for
    return (body(points), packed(body(points))) if points >= min(LEAST, most) else ({}, "")


def _beside(report: Report, curves: Sequence[Curve]) -> Body:
    """What is said beside the history: roles that a name does not tell, and the context without the caller's labels."""
    context = {name: value for name, value in vars(report.features.run.context).items() if _worth_saying(name, value)}
    said: dict[str, Body] = {"roles": _untold(curves), "context": context}
    return {name: told for name, told in said.items() if told}


def _untold(curves: Sequence[Curve]) -> dict[str, str]:
    """The roles that these curves have, and that their names would not give them."""
    series = tuple(Series(c.name, c.values, c.steps, c.axis, untold_direction(c)) for c in curves)
    try:
        told = assemble(Log(series, "json")).source.mapping
    except DiagnosisError:
        told = {}
    return {curve.name: curve.role for curve in curves if told.get(curve.name) != curve.role}


def _worth_saying(name: str, value: object) -> bool:
    if value is None or name == "labels":
        return False
    try:
        return len(json.dumps(value)) <= SAID
    except (TypeError, ValueError):
        return False


def _says_the_same(body: Body, report: Report) -> bool:
    """Whether the page will come to the same main finding."""
    try:
        asked, _ = read_document(body, Limits())
        there = diagnose(question(asked, many=False).runs[0])
    except (DiagnosisError, ValidationError, TooMany):
        return False
    return there.status == report.status and _main(there) == _main(report)


def _main(report: Report) -> str | None:
    return report.findings[0].condition if report.findings else None
