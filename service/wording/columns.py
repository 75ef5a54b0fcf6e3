"""Text in columns: as wide as a terminal shows it, wrapped and aligned, and harmless to the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

WIDTH = 80
WIDE = {"W", "F"}  # two columns, by Unicode's East Asian Width (UAX 11)
NO_COLUMN = {"Mn", "Me", "Cf"}  # general categories: marks drawn over the character before, and signs not drawn at all
JOINED_VOWELS = {chr(code) for code in range(0x1160, 0x1200)}  # Hangul jamo, drawn into the syllable before
AS_EMOJI = "\ufe0f"  # variation selector 16


def harmless(text: str) -> str:
    """One line, without what could steer a terminal or hide in a chat: controls, escapes, marks of direction."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text)


def width(text: str) -> int:
    """How many columns a terminal gives a text; where terminals differ, as many as any of them."""
    if text.isascii():
        return len(text)
    total = last = 0
    for character in text:
        if character == AS_EMOJI:  # the narrow sign before it is drawn as a picture, two columns wide
            total += 2 - last if last else 0
            continue
        last = _columns(character) or last
        total += _columns(character)
    return total


def _columns(character: str) -> int:
    if unicodedata.category(character) in NO_COLUMN or character in JOINED_VOWELS:
        return 0
    return 1 + (unicodedata.east_asian_width(character) in WIDE)


def cut(text: str, columns: int) -> str:
    """A text in at most so many columns, with a sign where something is left out."""
    return text if width(text) <= columns else _beginning(text, columns - 1) + "…"


def _beginning(text: str, columns: int) -> str:
    """As much of a text as stands in so many columns."""
    kept = ""
    for character in text:
        if width(kept + character) > columns:
            break
        kept += character
    return kept


def padded(text: str, columns: int) -> str:
    """A text in exactly so many columns."""
    text = cut(text, columns)
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Lines of at most so many columns, broken between words, inside of one only where it is longer than a line."""
    line = ""
    for word in text.split():
        rest = word
        if line and width(line) + 1 + width(rest) <= columns:
            line += " " + rest
            continue
        if line:
            yield line
        while width(rest) > columns:
            piece = _beginning(rest, columns) or rest[:1]
            yield piece
            rest = rest[len(piece) :]
        line = rest
    if line:
        yield line


def hanging(lead: str, text: str, total: int = WIDTH) -> Iterator[str]:
    """A text after its lead, the lines that follow indented by as much."""
    for index, line in enumerate(wrapped(text, total - width(lead))):
        yield (lead if index == 0 else " " * width(lead)) + line
