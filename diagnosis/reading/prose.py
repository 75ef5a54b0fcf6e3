"""What people say around a log when they ask about it, and a program's last words below it: neither says a value."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from diagnosis.reading.phrases import phrase_of

LEADING = 40  # lines in which what comes before a log ends
TRAILING = 12  # lines of a paragraph that comes after it
ENDING = 200  # lines at most in which a program says why it ended
LONGEST = 400  # characters of a line that are looked at
ENDED = "Traceback (most recent call last)"
# `history = {'loss': [0.5, 0.3]}`
_NAMED = re.compile(r"(?:[A-Za-z_][\w.]{0,60}(?:\(\))? ?[=:] ?)(?=\{)")


def broken_off(lines: list[str]) -> tuple[list[str], str] | None:
    """A traceback that ends a log, where nothing after it says a value."""
    end = max(len(lines) - ENDING, 0)
    at = next((place for place in range(len(lines) - 1, end - 1, -1) if ENDED in lines[place]), None)
    if at is None or not at or tells(lines[at:]):
        return None
    return [*lines[:at], *("" for _ in lines[at:])], f"a Python error follows from line {at + 1} on; set aside"


def addressed(lines: list[str]) -> tuple[list[str], str] | None:
    """A log between paragraphs: of those before it none says a value, and a blank line or a colon ends each."""
    start = _beginning(lines)
    end = _end(lines, start)
    first = _unnamed(lines[start])
    spoken = sum(bool(line.strip()) for line in (*lines[:start], *lines[end:]))
    if not spoken and first == lines[start]:
        return None
    kept = [*("" for _ in lines[:start]), first, *lines[start + 1 : end], *("" for _ in lines[end:])]
    if not spoken:
        return kept, "the name before the value is set aside"
    return kept, f"{spoken} line{'s' * (spoken > 1)} of prose around the log set aside"


def _beginning(lines: list[str]) -> int:
    """Where the log begins: below paragraphs, and lines that end in a colon, none of which says a value."""
    start = 0
    spoken = False  # whether anything stands above, since the last place at which the log may begin
    for place, line in enumerate(lines[:LEADING]):
        bare = line.strip()
        if bare and (_reads(line) or phrase_of(line[:LONGEST])[0].values):
            break
        spoken = spoken or bool(bare)
        if (
            spoken
            and (not bare or bare.endswith(":"))
            and any(following.strip() for following in lines[place + 1 : place + 2])
        ):
            start, spoken = place + 1, False
    return start


def _end(lines: list[str], start: int) -> int:
    """Where the log ends: a JSON value with its last bracket, anything else before a paragraph that says no value."""
    if lines[start : start + 1] and (found := _json_end(lines, start)) is not None:
        return found
    end = len(lines)
    while end > start and not lines[end - 1].strip():
        end -= 1
    blank = next((at for at in range(end - 1, max(end - TRAILING, start), -1) if not lines[at].strip()), None)
    return end if blank is None or tells(lines[blank:end]) or any(map(_reads, lines[blank:end])) else blank


def _json_end(lines: list[str], start: int) -> int | None:
    """The line after the one in which a JSON value that begins here ends; None where none does, or more follows than prose."""
    first = _unnamed(lines[start]).lstrip()
    if not first.startswith(("{", "[")):
        return None
    text = "\n".join([first, *lines[start + 1 :]])
    try:
        _, at = json.JSONDecoder().raw_decode(text)
    except (RecursionError, ValueError):
        at = text.rfind("}") + 1  # as Python prints it, perhaps
        if "'" not in first or not at:
            return None
    after = start + text.count("\n", 0, at) + 1
    rest = [text[at:].partition("\n")[0], *lines[after : after + ENDING]]
    more = after + ENDING < len(lines) or any(line.lstrip().startswith(("{", "[")) for line in rest)
    return None if more or tells(rest) else after


def _unnamed(line: str) -> str:
    """What follows `history = ` on a line."""
    named = _NAMED.match(line)
    return line[named.end() :] if named else line


def tells(lines: Sequence[str]) -> bool:
    """Whether a line says a value."""
    return any(phrase_of(line[:LONGEST])[0].values for line in lines)


def _reads(line: str) -> bool:
    """Whether a line has the look of a log's: mostly numbers, or a bracket in front."""
    words = line[:LONGEST].split()
    numbers = sum(any(map(str.isdigit, word)) for word in words)
    return line.lstrip()[:1] in {"{", "[", "|", "#"} or 2 * numbers > len(words)
