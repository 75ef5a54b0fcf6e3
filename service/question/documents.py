"""Files, whatever they are → the question: canonical JSON by its models, any log by its reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from pydantic_core import from_json

from diagnosis.errors import DiagnosisError, Malformed, UnrecognisedFormat
from diagnosis.listed import listed
from diagnosis.reader import NOT_GIVEN, Document, decode, read_logs
from diagnosis.reading.pasted import is_pasted, unwrapped
from diagnosis.reading.repeated import refuse_repeated
from diagnosis.reading.within import history_within
from schemas.limits import Limits
from schemas.question import Asked, Question, Said, is_canonical, question, read_document, share
from schemas.run import FORMAT
from service.containers import Opened, opened
from service.question.allowance import UNBOUNDED, Allowance
from service.question.joining import distinct, join, longest
from service.question.parts import Part, reading
from service.question.query import Query
from service.refusals import InvalidQuery
from service.wording.sentences import of_json

READING = "Reading what was sent"
SHOWN, LETTERS = 5, 100  # names of what was set aside, and letters of each
Found = tuple[Part, tuple[Asked, ...], bool]
LIKE_JSON = re.compile(rb"\s*[\[{]")
TWO_BYTES = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
MARKED = re.compile(rb"(?:\s*" + UTF8_MARK + rb")+")


def question_of(
    files: Sequence[Part], query: Query, said: Said, limits: Limits, allowance: Allowance = UNBOUNDED
) -> Question:
    """Read every file, decide which of them are one run, and let what is said beside them stand where they say nothing."""
    asked: list[Asked] = []
    several = False
    look = partial(allowance.look, READING)
    folders = opened(files, limits, look)
    for folder in folders:
        found, aside = _each(folder, query, said, limits, allowance, several=folder.optional or len(files) > 1)
        if not found:
            continue
        several = several or any(many for _, _, many in found)
        if several and query.runs == "one":
            raise InvalidQuery('?runs=one, but the body asks about several with "runs". Leave one of the two out.')
        names = _names([file for file, _, _ in found])
        runs = join([_named(run, name) for (_, run, _), name in zip(found, names, strict=True)], query.runs, look)
        asked += [_from(one, folder, aside, len(runs)) for one in runs]
    if len(folders) > 1 and query.runs != "each":
        asked = list(longest(asked, look, copies=True))
    if not asked:
        raise UnrecognisedFormat(
            "The archive holds no training log that is recognised. Send the log itself, or see GET /formats."
        )
    asked = [_noted(one, said) for one in asked]
    limits.check_logs(one.log for one in asked)
    many = several or query.runs == "each" or len(asked) > 1
    return question(share(said, distinct(asked) if many else tuple(asked)), many=many)


def _each(
    folder: Opened, query: Query, said: Said, limits: Limits, allowance: Allowance, *, several: bool
) -> tuple[list[Found], list[str]]:
    """Read every file of a folder; what an archive holds beside its logs is set aside, and named."""
    found: list[Found] = []
    aside: list[str] = []
    for at, file in enumerate(folder.parts, 1):
        allowance.look(READING)
        try:
            with reading(file, at, several=several):
                runs, many = _read(file, query.format, said, limits, allowance)
        except DiagnosisError:
            if not folder.optional:
                raise
            aside.append(file.filename or "?")
        else:
            found.append((file, runs, many))
    return found, aside


def _noted(asked: Asked, beside: Said) -> Asked:
    """Say which of the facts beside a log do not stand, for it says otherwise itself."""
    overruled = asked.said.unlike(beside)
    notes = beside.notes
    if overruled:
        notes += (f"{listed(overruled, SHOWN)}: said in the log too, and otherwise; what the log says is used",)
    return replace(asked, log=replace(asked.log, notes=(*asked.log.notes, *notes))) if notes else asked


def _from(asked: Asked, folder: Opened, aside: Sequence[str], runs: int) -> Asked:
    """Name a run after its folder, and say what was set aside in it."""
    if not (folder.name or aside):
        return asked
    log = asked.log
    if folder.name:
        log = replace(log, name=f"{folder.name}/{log.name}" if runs > 1 and log.name else folder.name)
    if aside:
        shown = listed((name[-LETTERS:] for name in aside), SHOWN)
        log = replace(log, notes=(*log.notes, f"{shown}: in the archive, and no training logs; set aside"))
    return replace(asked, log=log)


def _read(
    file: Part, format_: str | None, said: Said, limits: Limits, allowance: Allowance
) -> tuple[tuple[Asked, ...], bool]:
    parsed = _parsed(file.body, limits)
    if parsed is NOT_GIVEN:
        limits.check_text(file.body)
    if format_ == FORMAT or (format_ is None and is_canonical(parsed)):
        return read_document(_object(parsed, file.body), limits)
    document = Document.of(file.body, file.filename, parsed, said.roles, partial(allowance.look, READING))
    ours = _ours_within(document) if format_ is None and parsed is NOT_GIVEN else None
    if ours is not None:
        return read_document(ours, limits)
    try:
        logs = read_logs(document, format_)
        if any(not _whole(series.name) for log in logs for series in log.series):
            raise Malformed("A name holds half a character (a lone surrogate such as \\ud800): send whole ones.")
        return tuple(Asked(log) for log in logs), False
    except UnrecognisedFormat:
        if format_ is None and isinstance(parsed, dict) and parsed.keys() & {"history", "runs"}:
            return read_document(parsed, limits)  # nobody's log: meant as ours, and its errors say what is wrong
        if format_ is None and is_canonical(document.json):  # Python reads what no strict parser does
            _object(parsed, file.body)
        raise


def _ours_within(document: Document) -> dict[str, Any] | None:
    """Canonical JSON with something around it."""
    held = history_within(document)
    for bare in chain([held] if held else [], unwrapped(document) if is_pasted(document) else []):
        if is_canonical(bare.json):
            refuse_repeated(bare.text, bare.json)
            found: dict[str, Any] = bare.json
            return found
    return None


def _whole(name: str) -> bool:
    """Whether a name can be written down: JSON lets halves of characters through."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _parsed(body: bytes, limits: Limits) -> object:
    """The JSON value of a body that starts like JSON, parsed once; NOT_GIVEN where it does not, or breaks off."""
    body = _unmarked(_utf8(body))
    if not LIKE_JSON.match(body):
        return NOT_GIVEN
    limits.check_json(body)
    try:
        value = from_json(body)
    except ValueError:
        return NOT_GIVEN
    refuse_repeated(body, value)
    return value


def _utf8(body: bytes) -> bytes:
    """The same text, where it is one in characters of two bytes."""
    two_bytes = body.startswith(TWO_BYTES) or b"\0" in body[:4]
    return decode(body).encode(errors="replace") if two_bytes else body


def _unmarked(body: bytes) -> bytes:
    """The same text without the marks it begins with; several programs may each have added one."""
    marked = MARKED.match(body)
    return marked[0].replace(UTF8_MARK, b"") + body[marked.end() :] if marked else body


def _object(parsed: object, body: bytes) -> dict[str, Any]:
    """The object of a body that is canonical JSON, or was said to be; raises Malformed."""
    if isinstance(parsed, dict):
        return parsed
    if parsed is NOT_GIVEN:
        text = _utf8(body)
        try:
            from_json(_unmarked(text))
        except ValueError as broken:
            raise Malformed(f"It is meant as JSON, and is not. {of_json(text, broken)}") from None
    raise Malformed('Expected a JSON object with "history" or "runs".')


def _names(files: Sequence[Part]) -> list[str]:
    """What each of several files is called: its name alone, with its folders where two have the same."""
    if len(files) == 1:
        return [""]
    paths = [PurePosixPath((file.filename or "").replace("\\", "/")) for file in files]
    short, long = [path.stem for path in paths], [str(path.with_suffix("")) if path.name else "" for path in paths]
    return long if len(set(short)) < len(set(long)) else short


def _named(asked: tuple[Asked, ...], name: str) -> tuple[Asked, ...]:
    """Call a run after its file, where there are several files and it has no name of its own."""
    if not name:
        return asked
    return tuple(one if one.log.name else replace(one, log=replace(one.log, name=name)) for one in asked)
