"""What people paste around a log, and loggers before its lines: fences, quotation marks, prompts, stamps, numbers of lines, prose.

Each step takes one of them off; what is taken off leaves its line behind, blank where nothing else stood there, so that lines
keep their numbers. A step that finds nothing to take off says None, and no step takes off what says a value.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from diagnosis.reading.document import HEAD_BYTES, NOT_GIVEN, NOT_JSON, Document
from diagnosis.reading.prefixes import common, prefixed
from diagnosis.reading.prose import ENDED, addressed, broken_off, tells

MOST = 4 << 20  # characters of a paste: more is a file, whose JSON may need more memory than is known to be there
START = 1 << 16  # characters by which a long text is tried
WRAPPED = 0.9  # of the lines that are not blank, which begin alike: others were cut, or continued
END = 8192  # characters in which a program says why it ended
Lines: TypeAlias = list[str]
Step: TypeAlias = Callable[[Lines], "tuple[Lines, str] | None"]

FENCE = re.compile(r"^[ \t]{0,8}(?:```|~~~)", re.MULTILINE)
_TAG = re.compile(r"(?i)</?(?:pre|code|samp|kbd|p|br|div|span|blockquote|html|body)\b[^<>\n]{0,300}>")
_BREAK = re.compile(
    r"(?i)<(?:br ?/?|/p|/div|/pre|/blockquote)>(?!\s*\Z|[ \t]*\n)"
)  # ends a line where none ends in the source
_ENTITY = re.compile(r"&(?:gt|lt|quot|amp|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_COMMAND = (
    r"(?:[A-Z_]{2,40}=\S{1,80} ){0,4}(?:python[\d.]{0,5}|torchrun|accelerate|deepspeed|bash|sh|srun|cat|tail|head) \S"
)
_HOST = r"(?:\([\w.-]{1,40}\) ?)?(?:\[?[\w.-]{1,40}@[\w.-]{1,60}(?:[: ][^$#%>\n]{0,100})?\]?)"
# `$ python train.py`, `(base) me@box:~$ …`, `>>> history.history`, `In [3]: …`, `!python …`, `C:\work> …`
_PROMPT = re.compile(
    rf"(?:(?:\([\w.-]{{1,40}}\) )?\$ ?[\w./!~-]|{_HOST}[$#%] |(?:>>>|\.\.\.)(?: |$)|In ?\[\d{{0,5}}\]:|!\w|(?:PS )?[A-Z]:\\[^>\n]{{0,200}}>|{_COMMAND})"
)
_OPTION = re.compile(r"(?<!\S)--?[A-Za-z][\w.-]*(?:[= ][^\s-]\S*)?")
_PLACE = re.compile(r"(?i)\b(?:epoch|step|iter|iteration)\b\W{0,3}\d")
_OUT = re.compile(r"Out ?\[\d{0,5}\]: ?")


def is_pasted(document: Document) -> bool:
    """Whether a text begins as no log does: with a mark of quotation, a fence, a prompt; or a table goes on to a traceback."""
    if document.binary or document.json is not NOT_JSON or not document.head or len(document.text) > MOST:
        return False
    first = document.head[0][1].lstrip()
    if first.startswith((">", "`", "~~~", "<")) or _PROMPT.match(first) or _OUT.match(first):
        return not first.startswith("<") or _TAG.match(first) is not None
    if any(FENCE.match(line) for _, line in document.head):
        return True
    if document.header is None:
        return False
    head = [line for _, line in document.head]
    return (document.header.delimiter != "|" and prefixed(head) is not None) or ENDED in document.text[-END:]


def unwrapped(document: Document) -> Iterator[Document]:
    """The document with ever more taken off, as far as anything is found to take off."""
    if document.binary or len(document.text) > MOST or document.json is not NOT_JSON:
        return
    lines, notes, left = document.lines, document.notes, list(STEPS)
    while taken := next(((step, *found) for step in left if (found := step(lines))), None):
        step, lines, note = taken
        left.remove(step)
        notes = (*notes, note)
        yield replace(document, body="\n".join(lines).encode(errors="replace"), parsed=NOT_GIVEN, notes=notes)


def start_of(document: Document) -> Document | None:
    """The first lines of a long text, by which it is tried whether anything can be taken off; None where they tell too little."""
    if len(document.text) <= START or document.text[:HEAD_BYTES].lstrip()[:1] in {"{", "["}:
        return None
    whole = document.text.rfind("\n", 0, START)
    return replace(document, body=document.text[: whole if whole > 0 else START].encode(errors="replace"))


def _fenced(lines: Lines) -> tuple[Lines, str] | None:
    """What stands in fences; what stands around it is for people, unless it says more."""
    if not any(FENCE.match(line) for line in lines):
        return None
    inside, inner, outer, told = False, 0, 0, 0
    kept = []
    for line in lines:
        fence = FENCE.match(line) is not None
        inside ^= fence
        within = inside and not fence
        kept.append(line if within else "")
        inner += within and bool(line.strip())
        if not (within or fence) and line.strip():
            outer += 1
            told += tells([line])
    if inner < max(told, 1):
        return None
    around = f"; {outer} line{'s' * (outer > 1)} around it set aside" if outer else ""
    return kept, f"the log stands in a fence (```), which is taken off{around}"


def _marked_up(lines: Lines) -> tuple[Lines, str] | None:
    """Text out of a page's source: its tags taken out, its entities put back."""
    text = "\n".join(lines)
    if not _TAG.match(text.lstrip()) and not _ENTITY.search(text):
        return None
    text = _TAG.sub("", _BREAK.sub("\n", text))
    plain = html.unescape(text).replace("\xa0", " ").split("\n")
    if len(plain) != 1 + text.count("\n"):  # an entity that was a line's end
        return None
    return plain, "HTML's tags and entities are taken out"


def _quoted(lines: Lines) -> tuple[Lines, str] | None:
    """Every line of a quotation begins with its mark, and none of a quotation with bars ends with one, as those of a table do."""
    written = [line.strip() for line in lines if line.strip()]
    mark = written[0][0] if written else ""
    if mark not in {">", "|"} or sum(line.startswith(mark) for line in written) < WRAPPED * len(written):
        return None
    if written[0].startswith(">>> ") or (mark == "|" and any(len(line) > 1 and line.endswith("|") for line in written)):
        return None
    return [_unquoted(line, mark) for line in lines], f"every line is quoted with {mark}; the marks are taken off"


def _unquoted(line: str, mark: str) -> str:
    bare = line.lstrip()
    return bare[1:].removeprefix(" ") if bare.startswith(mark) else line


def _backticked(lines: Lines) -> tuple[Lines, str] | None:
    first = next((line.lstrip() for line in lines if line.strip()), "")
    if not first.startswith("`"):
        return None
    return [line.replace("`", "") for line in lines], "it stands in backticks, which are taken off"


def _prompted(lines: Lines) -> tuple[Lines, str] | None:
    """The commands that a log was shown with, and what Python says before a value."""
    kept, at = list(lines), []
    for place, line in enumerate(lines):
        bare = line.strip()
        if out := _OUT.match(bare):
            kept[place] = bare[out.end() :]
            at.append(place + 1)
            break
        if bare and not (_PROMPT.match(bare) or (bare.startswith("> ") and len(lines) > 1)):
            break
        if _says(bare):
            break
        if bare:
            kept[place] = ""
            at.append(place + 1)
    if not at:
        return None
    says = f"line {at[0]} is a command" if len(at) == 1 else f"lines {at[0]} to {at[-1]} are commands"
    return kept, f"{says}; set aside"


def _says(line: str) -> bool:
    """Whether a line says a value, or a position that what follows belongs to; what a program is told to do is neither."""
    told = _OPTION.sub("", line)
    return tells([told]) or _PLACE.search(told) is not None


def _indented(lines: Lines) -> tuple[Lines, str] | None:
    margin = common([line for line in lines if line.strip()])
    margin = margin[: len(margin) - len(margin.lstrip())]
    if not margin:
        return None
    return [line.removeprefix(margin) for line in lines], "every line is set in; the blanks are taken off"


STEPS: tuple[Step, ...] = (
    _fenced,
    _marked_up,
    _quoted,
    _backticked,
    _prompted,
    broken_off,
    prefixed,
    _indented,
    addressed,
)
