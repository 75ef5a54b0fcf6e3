"""What was sent, as bytes, text, lines, JSON or a table's header: each found out when it is asked for, and once."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from diagnosis.lazy import lazy
from diagnosis.names import understand
from diagnosis.reading.eval_sets import is_of_boosting
from diagnosis.reading.header import Header, header_of
from diagnosis.reading.looks import binary
from diagnosis.reading.records import Records, of_json, of_lines, with_bare_nan

NOT_GIVEN: Any = object()
NOT_JSON: Any = object()
WRITTEN = "Send what json.dumps() writes: text in double quotes, numbers such as 0.5 or NaN, and all of it to the last bracket."
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


# `{'loss': [0.5, nan], 'lr': [np.float32(0.1)]}`, `[{'epoch': 1, 'loss': 0.5}]`
PRINTED = re.compile(r"\{\s*'[^'\n]{1,100}'\s*:\s*\[|\[\s*\{\s*'[^'\n]{1,100}'\s*:")
_WRAPPING = re.compile(r"\b(?:np\.|numpy\.)?float(?:16|32|64)\(([^()\s]{1,40})\)")
# Colours and moves of the cursor; bars that a table is drawn with.
_ANSI = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_DRAWN = re.compile(r"^[ \t]*[│┃║]", re.MULTILINE)
_BARS = str.maketrans("│┃║", "|||")
WORDS = {"nan": "NaN", "inf": "Infinity", "None": "null", "True": "true", "False": "false"}
_WORDS = re.compile(r"\b(?:nan|inf|None|True|False)\b")


def decode(body: bytes) -> str:
    """Text in the encoding its mark announces, else UTF-8, UTF-16 without a mark, or Latin-1.

    Every mark is taken out, for there may be several: a program that adds one to what has one, or files joined to one.
    """
    return _decoded(body).replace("\ufeff", "")


def _decoded(body: bytes) -> str:
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

    `roles` are the names that the caller gave a role: they count as known, however odd they are. `look` is called now and
    then while lines are read: a caller whose patience ends raises there. `notes` say what was taken off; `tabular` is
    false where its first line turned out to head nothing.
    """

    body: bytes
    filename: str | None = None
    parsed: Any = NOT_GIVEN
    roles: frozenset[str] = field(default_factory=frozenset)
    look: Callable[[], None] = lambda: None
    notes: tuple[str, ...] = ()
    tabular: bool = True

    @classmethod
    def of(
        cls,
        body: bytes,
        filename: str | None = None,
        parsed: Any = NOT_GIVEN,  # noqa: ANN401 - a JSON value
        roles: Iterable[str] | None = None,
        look: Callable[[], None] = lambda: None,
    ) -> Document:
        """Make a document; `parsed` is the JSON value of `body`, where that is known already."""
        return cls(body, filename, parsed, frozenset(roles or ()), look)

    @lazy
    def binary(self) -> str | None:
        """What kind of binary file this is; None for text."""
        return binary(self.body)

    @lazy
    def text(self) -> str:
        """The document as text, as a terminal would show it without colours; empty for a binary file."""
        text = "" if self.binary else decode(self.body)
        if "\x1b" in text:
            text = _ANSI.sub("", text)
        return text.translate(_BARS) if _DRAWN.search(text[:HEAD_BYTES]) else text

    @lazy
    def lines(self) -> list[str]:
        r"""All lines without their ends, which may be `\n`, `\r\n` or `\r`."""
        return _lines(self.text)

    @lazy
    def head(self) -> tuple[tuple[int, str], ...]:
        """The first lines that are not blank, each with its number from 1."""
        lines = _lines(self.text[:HEAD_BYTES])
        return tuple((at, line) for at, line in enumerate(lines, 1) if line.strip())[:HEAD]

    @lazy
    def json(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value, bare NaN and Infinity included; NOT_JSON where it is none."""
        return self._parsing[0] if self.parsed is NOT_GIVEN else self.parsed

    @lazy
    def records(self) -> Records | None:
        """Objects, one a row: JSON Lines or a list of objects; None where it is neither."""
        if self.json is not NOT_JSON:
            return of_json(self.json)
        return of_lines(self.text)

    @property
    def parsed_here(self) -> tuple[str, Any]:
        """The text and its JSON value, or the records in its lines, as far as it was not parsed before."""
        if self.parsed is not NOT_GIVEN or self.text[:HEAD_BYTES].lstrip()[:1] not in {"{", "["}:
            return "", None
        if self.json is NOT_JSON:
            return self.text, self.records.rows if self.records else None
        return self.text, self.json

    @property
    def broken(self) -> str | None:
        """Where the text stops being JSON; None where it is JSON, or was given as such."""
        unknown = self.parsed is NOT_GIVEN or self.parsed is NOT_JSON
        return self._parsing[1] if unknown else None

    @lazy
    def _parsing(self) -> tuple[Any, str | None]:
        """The JSON value, or NOT_JSON and why."""
        start = self.text[:HEAD_BYTES].lstrip()
        if start[:1] not in {"{", "["}:
            return NOT_JSON, "It is no JSON."
        if PRINTED.match(start):
            return _printed(self.text), "It is a Python dictionary as print() shows it, and breaks off."
        try:
            return json.loads(self.text), None
        except json.JSONDecodeError as broken:
            value = with_bare_nan(self.text)
            why = f"Line {broken.lineno}, column {broken.colno}: {_expected(broken.msg)}. {WRITTEN}"
            return (NOT_JSON, why) if value is None else (value, None)
        except RecursionError:
            return NOT_JSON, "It is nested too deeply to be read."
        except ValueError:  # Python refuses integers of thousands of digits
            return NOT_JSON, "A number in it has too many digits to be read."

    @lazy
    def header(self) -> Header | None:
        """The header, where this is a table with a column that is known."""
        no_table = not self.tabular or self.text[:100].lstrip()[:1] in {"{", "["}
        return None if no_table else header_of(self.head, self.knows)

    def knows(self, name: str) -> bool:
        """Whether a series of this name is a curve: by its name, or because the caller said so."""
        return name in self.roles or understand(name).kind not in {"clock", "other"} or is_of_boosting(name)


def _printed(text: str) -> Any:  # noqa: ANN401 - a JSON value
    """The value of a dictionary of lists, or a list of dictionaries, as Python prints it; NOT_JSON where it is anything else."""
    try:
        return json.loads(as_json(text))
    except (RecursionError, ValueError):
        return NOT_JSON


def as_json(text: str) -> str:
    """What Python prints of lists and dictionaries, as JSON writes it."""
    json_text = _WRAPPING.sub(r"\1", text.replace("'", '"'))
    return _WORDS.sub(lambda found: WORDS[found[0]], json_text)


def _expected(message: str) -> str:
    """What the parser says, as an error here begins."""
    return message.replace("Expecting", "expected").replace("Extra data", "something stands after the end")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
