"""Log text → Runs: every reader is asked, and exactly one may claim a document."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from diagnosis.errors import (
    AmbiguousFormat,
    DiagnosisError,
    InvalidRun,
    Malformed,
    NoCurve,
    UnreadableLog,
    UnrecognisedFormat,
)
from diagnosis.listed import listed
from diagnosis.reading.assemble import Log, assemble
from diagnosis.reading.begun import just_begun
from diagnosis.reading.cut_off import cut_off
from diagnosis.reading.document import NOT_GIVEN, NOT_JSON, Document, decode
from diagnosis.reading.header import unknown_names
from diagnosis.reading.looks import EXPECTED, known_by_sight, looks_like, meant_as_json
from diagnosis.reading.lost_breaks import with_breaks
from diagnosis.reading.pasted import is_pasted, start_of, unwrapped
from diagnosis.reading.repeated import refuse_repeated
from diagnosis.reading.within import history_within
from diagnosis.run import Context, Role, Run
from diagnosis.units import modules_of

__all__ = ["NOT_GIVEN", "NOT_JSON", "Document", "Reader", "all_readers", "decode", "read", "read_logs"]

# What Python says of a number that is too long to be read, and of one that is no number where a whole one is needed.
NO_NUMBER = ("integer string conversion", "cannot convert float")
EMPTY = 'The document is empty. Send the training log as the body, or JSON such as {"history": {"loss": [2.3, 1.7]}}.'
TAB = "⇥"  # as samples show it: from Python 3.13 on a docstring has blanks in its place
SHOWN = 6  # names of a table


@dataclass(frozen=True)
class Reader:
    """One log format: its page is the module's docstring, whose indented part is the sample."""

    name: str
    title: str
    sample: str
    page: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document], Log | tuple[Log, ...]]
    last_resort: bool = False


@cache
def all_readers() -> Mapping[str, Reader]:
    """Every reader, by name: the modules of `diagnosis.readers`."""
    found = {}
    for name, module in modules_of("diagnosis.readers").items():
        title, _, rest = (module.__doc__ or "").strip().replace(TAB, "\t").partition("\n")
        sample = [line for line in rest.splitlines() if line.startswith("    ")]
        page = [line for line in rest.splitlines() if not line.startswith("    ")]
        found[name] = Reader(
            name=name,
            title=title,
            sample=textwrap.dedent("\n".join(sample)),
            page="\n".join(page).strip(),
            recognises=module.recognises,
            read=module.read,
            last_resort=getattr(module, "LAST_RESORT", False),
        )
    return found


def read_logs(document: Document, format: str | None = None) -> tuple[Log, ...]:  # noqa: A002 - as the query says
    """Let the one reader that claims a document read it; raises a DiagnosisError that says what would do."""
    refused: DiagnosisError | None = None
    try:
        for reader, bare in _claims(_mended(document), format):
            whole = _whole(bare)
            refuse_repeated(*whole.parsed_here)
            try:
                return _noted(reader.read(whole), whole.notes)
            except UnreadableLog as error:  # what claims another form of it may fare better
                refused = refused or error
    except (OverflowError, ValueError) as error:
        if isinstance(error, ValueError) and not any(said in str(error) for said in NO_NUMBER):
            raise
        raise Malformed(
            "It holds a position that is not finite, or a whole number of hundreds of digits; expected numbers up to 1e308."
        ) from None
    assert refused is not None  # noqa: S101 - else nobody claims it, and that was said
    raise refused


def _noted(logs: Log | tuple[Log, ...], notes: tuple[str, ...]) -> tuple[Log, ...]:
    """Say with every log what was taken off."""
    logs = logs if isinstance(logs, tuple) else (logs,)
    return tuple(replace(log, notes=(*notes, *log.notes)) for log in logs) if notes else logs


def _mended(document: Document) -> Document:
    """The document with the ends of its lines, where it lost them."""
    whole = document.parsed is not NOT_GIVEN or document.json is not NOT_JSON
    text = None if whole else with_breaks(document.text)
    if text is None:
        return document
    note = "several lines of the log stand in one, and are read as several"
    return replace(document, body=text.encode(), notes=(*document.notes, note))


def _whole(document: Document) -> Document:
    """The document without its last number, where it breaks off within that; a table and JSON have cells of their own."""
    tabular = document.parsed is not NOT_GIVEN or document.binary or document.header
    cut = None if tabular or document.json is not NOT_JSON else cut_off(document.text)
    return replace(document, body=cut[0].encode(), notes=(*document.notes, cut[1])) if cut else document


def _claims(document: Document, format: str | None) -> Iterator[tuple[Reader, Document]]:  # noqa: A002 - as the query says
    """Who reads a document, and as what, best first: as it is, without what was pasted around it, as one record of a log.

    What any text passes for is tried after what a format claims. Raises why, where nobody claims it at all.
    """
    refused: DiagnosisError | None = None
    plain: list[tuple[Reader, Document]] = []
    if (held := history_within(document)) is not None:
        yield from _of(held, format)
    try:
        reader = _named(document, format) if format is not None else _claiming(document)
        if not reader.last_resort and not is_pasted(document):
            yield reader, document
            yield from (claim for claim in _bare(document, format, anybody=False) if not claim[0].last_resort)
            return
        plain.append((reader, document))
    except UnrecognisedFormat as error:
        refused = error
        begun = just_begun(document)
        if begun is not None:
            plain += _of(begun, format)
    except (Malformed, NoCurve) as error:
        refused = error
    pasted = is_pasted(document)
    bare: list[tuple[Reader, Document]] = []
    for claim in _bare(document, format, anybody=pasted or not plain):
        refused = None
        if claim[0].last_resort or is_pasted(claim[1]):  # a form with less around it may say more
            bare.append(claim)
        else:
            yield claim
    bare.sort(key=lambda claim: claim[0].last_resort)
    lines = _untabled(document) if plain and format is None and document.header is not None else ()
    yield from chain(bare, plain, lines) if pasted else chain(plain, lines, bare)
    if refused is not None and not plain:
        raise refused


def _untabled(document: Document) -> Iterator[tuple[Reader, Document]]:
    """Who claims a table whose rows do not fit as lines; asked only then, as all readers look at it anew."""
    yield from _of(replace(document, tabular=False), None)


def _bare(document: Document, format: str | None, *, anybody: bool) -> Iterator[tuple[Reader, Document]]:  # noqa: A002 - as the query says
    """Who claims a document without what was pasted around it; a long one is only taken apart where that serves its start.

    It does where that is JSON then, or somebody claims it: `anybody`, or a format.
    """
    start = start_of(document)
    if start is not None and not any(
        less.text.lstrip()[:1] in {"{", "["}
        or any(anybody or not reader.last_resort for reader, _ in _of(less, format))
        for less in unwrapped(start)
    ):
        return
    for less in unwrapped(document):
        yield from _of(less, format)


def _of(document: Document, format: str | None) -> list[tuple[Reader, Document]]:  # noqa: A002 - as the query says
    """Who claims a form of a document; nobody where that is in doubt."""
    try:
        return [(_named(document, format) if format is not None else _claiming(document), document)]
    except DiagnosisError:
        return []


def _named(document: Document, name: str) -> Reader:
    reader = all_readers().get(name)
    if reader is None:
        raise InvalidRun(f"format: there is no {name!r}; expected one of {', '.join(all_readers())}.", "/format")
    if not reader.recognises(document):
        sample = "\n".join(reader.sample.splitlines()[:3])
        raise UnrecognisedFormat(
            f"It was said to be {name}, and does not look like it. {reader.title} Like this:\n{sample}"
        )
    return reader


def _claiming(document: Document) -> Reader:
    if document.parsed is NOT_GIVEN and (not document.body or document.body.isspace()):
        raise NoCurve(EMPTY)
    for last_resort in (False, True):
        claims = [r for r in all_readers().values() if r.last_resort == last_resort and r.recognises(document)]
        if len(claims) > 1:
            names = " and ".join(reader.name for reader in claims)
            raise AmbiguousFormat(f"{names} all recognise this document. Say which it is with ?format=.")
        if claims:
            return claims[0]
    raise _refusal(document)


def _refusal(document: Document) -> Malformed | NoCurve | UnrecognisedFormat:
    """Why nobody reads this document, and what would do."""
    if document.json is NOT_JSON and document.broken is not None and meant_as_json(document.text):
        return Malformed(f"It starts like JSON and is not. {document.broken}")
    if document.json is not NOT_JSON and not document.json:
        return NoCurve('The JSON is empty. Expected a history such as {"history": {"loss": [2.3, 1.7]}}.')
    if document.json is NOT_JSON and not document.binary and not document.head:
        return NoCurve(EMPTY)  # but for the mark of its encoding
    if names := () if known_by_sight(document.head) else unknown_names(document.head):
        return NoCurve(
            f"This is a table, but not a training log: none of its columns ({listed(names, SHOWN)}) is named as a log names its "
            f"curves. Rename one, or say its role with roles. {EXPECTED}"
        )
    return UnrecognisedFormat(
        looks_like(document.binary, None if document.json is NOT_JSON else document.json, document.head)
    )


def read(
    body: bytes | str,
    filename: str | None = None,
    roles: Mapping[str, Role] | None = None,
    context: Context | None = None,
    format: str | None = None,  # noqa: A002 - as the query says
) -> tuple[Run, ...]:
    """Read a training log, whatever wrote it: one Run, or as many as are in it.

    Raises a DiagnosisError that says what came, what was expected and what to do.
    """
    data = body.encode(errors="replace") if isinstance(body, str) else body  # half of a surrogate pair has no bytes
    document = Document.of(data, filename, roles=roles)
    return tuple(assemble(log, context, roles) for log in read_logs(document, format))
