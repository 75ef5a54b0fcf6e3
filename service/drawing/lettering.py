"""Text of strangers, made fit to be drawn: how wide it is, in how many lines, and in letters that can be shown.

A sign that the font lacks (CJK, most emoji) is written by its number where it would be drawn with the font, so that names
stay different. Text that stays text (an SVG's) keeps it: whoever shows that has other fonts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

from service.drawing.library import FONTS
from service.wording.columns import harmless

REPLACED = "�"  # what `harmless` writes for a control
WIDE = {"W", "F"}  # East Asian widths of signs that are as wide as high
JOINER = "\u200d"  # between signs that are one picture together
ENDING = 0.4  # of the room for a name: its last letters
FILES = {False: FONTS / "DejaVuSans.ttf", True: FONTS / "DejaVuSans-Bold.ttf"}
SMALL = 0.87  # of a letter: numbers, and what matters less
LEADING = 1.3  # heights of a letter from line to line
UNKNOWN = 0.6  # heights that a letter of other fonts is taken to be wide
LONGEST = 600  # characters looked at; nothing longer fits on any sheet


def font(size: float, *, bold: bool = False) -> FontProperties:
    """The font in a size, in pixels."""
    return FontProperties(family="sans-serif", weight="bold" if bold else "normal", size=size, fname=str(FILES[bold]))


def plain(text: str, *, live: bool = False) -> str:
    """A text on one line, in letters that can be drawn; or in all there are, where it stays text (`live`)."""
    line = unicodedata.normalize("NFC", " ".join(text[:LONGEST].replace(JOINER, "").split()))
    return re.sub(f"{REPLACED}+", REPLACED, "".join(_shown(sign, live=live) for sign in harmless(line)))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in pixels."""
    return size * sum(_advance(character, bold=bold) for character in text)


def cut(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """A text in at most so many pixels, with a sign where something is left out."""
    if width(text, size, bold=bold) <= room:
        return text
    kept, free = "", room - width("…", size, bold=bold)
    for character in text:
        free -= width(character, size, bold=bold)
        if free < 0.0:
            break
        kept += character
    return kept.rstrip(" ,;:(") + "…"


def wrapped(text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
    """At most so many lines of so many pixels, broken between words; what is left over is cut."""
    lines, words = [""], text.split()
    for index, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= room or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = " ".join((lines[-1], *words[index:]))
            break
    return [cut(line, size, room, bold=bold) for line in lines]


def shortened(name: str, size: float, room: float) -> str:
    """A name, bold, in at most so many pixels: names are told apart by their ends as well, so its middle is left out."""
    if width(name, size, bold=True) <= room:
        return name
    ending, kept = "", ""
    for character in reversed(name):
        if width(ending + character, size, bold=True) > ENDING * room:
            break
        ending = character + ending
    kept = cut(name, size, room - width(ending, size, bold=True), bold=True)
    return kept + ending.lstrip()


def _shown(character: str, *, live: bool) -> str:
    """The letter, or what stands for it: nothing for a mark upon the letter before, or one that joins two."""
    if ord(character) in _letters():
        return character
    kind = unicodedata.category(character)[0]
    if kind == "C" or (kind == "M" and not live):
        return ""
    return character if live else ascii(character)[1:-1]


@cache
def _face(*, bold: bool) -> FT2Font:
    return FT2Font(str(FILES[bold]))


@cache
def _letters() -> frozenset[int]:
    return frozenset(_face(bold=False).get_charmap()) & frozenset(_face(bold=True).get_charmap())


@cache
def _advance(character: str, *, bold: bool) -> float:
    """The width of a letter, in its height."""
    if ord(character) not in _letters():
        return 1.0 if unicodedata.east_asian_width(character) in WIDE else UNKNOWN
    face = _face(bold=bold)
    return face.load_char(ord(character), LoadFlags.NO_SCALE).horiAdvance / face.units_per_EM
