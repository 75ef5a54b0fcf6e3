"""Log text → Runs: every reader is asked, and exactly one may claim a document."""

from __future__ import annotations

import codecs
import importlib
import inspect
import json
import pkgutil
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from diagnosis.assemble import Log, assemble
from diagnosis.errors import AmbiguousFormat, InvalidRun, Malformed, NoCurve, UnrecognisedFormat
from diagnosis.header import Header, header_of
from diagnosis.looks import binary, looks_like, meant_as_json
from diagnosis.names import understand
from diagnosis.run import Context, Role, Run

NOT_GIVEN: Any = object()
NOT_JSON: Any = object()
HEAD = 20  # lines
HEAD_BYTES = 1 << 17  # where the head ends at the latest: a header of thousands of columns fits
# A byte order mark, and what it announces; the longer ones first, as one begins like another.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(body: bytes) -> str:
    """Text in the encoding its mark announces, else UTF-8, UTF-16 without a mark, or Latin-1."""
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    if b"\0" in body[:64]:  # text in two-byte characters: every other byte of it is 0
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


@dataclass(frozen=True, eq=False)
class Document:
    """What was sent: bytes, perhaps a file name, perhaps already parsed; everything else is found out when asked.

    `roles` are the names that the caller gave a role: they count as known, however odd they are.
    """

    body: bytes
    filename: str | None = None
    parsed: Any = NOT_GIVEN
    roles: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(
        cls,
        body: bytes,
        filename: str | None = None,
        parsed: Any = NOT_GIVEN,  # noqa: ANN401 - a JSON value
        roles: Iterable[str] | None = None,
    ) -> Document:
        """Make a document; `parsed` is the JSON value of `body`, where that is known already."""
        return cls(body, filename, parsed, frozenset(roles or ()))

    @cached_property
    def binary(self) -> str | None:
        """What kind of binary file this is; None for text."""
        return binary(self.body)

    @cached_property
    def text(self) -> str:
        """The document as text; empty for a binary file."""
        return "" if self.binary else decode(self.body)

    @cached_property
    def lines(self) -> list[str]:
        r"""All lines without their ends, which may be `\n`, `\r\n` or `\r`."""
        return _lines(self.text)

    @cached_property
    def head(self) -> tuple[tuple[int, str], ...]:
        """The first lines that are not blank, each with its number from 1."""
        lines = _lines(self.text[:HEAD_BYTES])
        return tuple((at, line) for at, line in enumerate(lines, 1) if line.strip())[:HEAD]

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value, bare NaN and Infinity included; NOT_JSON where it is none."""
        return self._parsing[0] if self.parsed is NOT_GIVEN else self.parsed

    @property
    def broken(self) -> str | None:
        """Where the text stops being JSON; None where it is JSON, or was given as such."""
        unknown = self.parsed is NOT_GIVEN or self.parsed is NOT_JSON
        return self._parsing[1] if unknown else None

    @cached_property
    def _parsing(self) -> tuple[Any, str | None]:
        """The JSON value, or NOT_JSON and why."""
        if self.text.lstrip()[:1] not in {"{", "["}:
            return NOT_JSON, "It is no JSON."
        try:
            return json.loads(self.text), None
        except json.JSONDecodeError as broken:
            return NOT_JSON, f"Line {broken.lineno}, column {broken.colno}: {broken.msg}."
        except RecursionError:
            return NOT_JSON, "It is nested too deeply to be read."
        except ValueError:  # Python refuses integers of thousands of digits
            return NOT_JSON, "A number in it has too many digits to be read."

    @cached_property
    def header(self) -> Header | None:
        """The header, where this is a table with a column that is known."""
        return None if self.text[:100].lstrip()[:1] in {"{", "["} else header_of(self.head, self.knows)

    def knows(self, name: str) -> bool:
        """Whether a series of this name is a curve: by its name, or because the caller said so."""
        return name in self.roles or understand(name).kind not in {"clock", "other"}


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


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
    package = importlib.import_module("diagnosis.readers")
    found = {}
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        title, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n")
        sample = [line for line in rest.splitlines() if line.startswith("    ")]
        page = [line for line in rest.splitlines() if not line.startswith("    ")]
        found[entry.name] = Reader(
            name=entry.name,
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
    reader = _named(document, format) if format is not None else _claiming(document)
    logs = reader.read(document)
    return logs if isinstance(logs, tuple) else (logs,)


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
    if document.parsed is NOT_GIVEN and not document.body.strip():
        raise NoCurve(
            'The document is empty. Send the training log as the body, or JSON such as {"history": {"loss": [2.3, 1.7]}}.'
        )
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
    document = Document.of(body.encode() if isinstance(body, str) else body, filename, roles=roles)
    return tuple(assemble(log, context, roles) for log in read_logs(document, format))
