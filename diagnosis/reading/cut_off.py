"""A text that breaks off within its last number, as one that was copied by hand: `val_acc: 0.` of `val_acc: 0.9731`."""

from __future__ import annotations

import re

from diagnosis.names import understand, words

TAIL = 200  # characters in which the last number and its name stand
LOOKED_AT = 50  # numbers before it that have its name
SEEN = 5  # of those at least, and all with as many decimals, to say that it has too few
LOST = 3  # decimals; fewer are zeros that a program drops, once in a hundred runs
MANY = 3  # decimals, from which a column that drops zeros at the end has a whole number hardly ever
FULL = {"1", "100", "1.0", "100.0"}  # a full score, which some programs write whole
PLACES = {"epoch", "step", "iter", "iteration", "batch"}  # whose numbers are whole now and then
_LAST = re.compile(
    r"((?:[A-Za-z][\w'./@-]* ){0,3}[A-Za-z][\w'./@()-]*[\"']?[ \t]*[:=]?[ \t]*)(?<![\w.])([-+]?\d+(?:\.(\d*))?([eE][-+]?[0-2]?)?)\Z"
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.(\d*))?([eE][-+]?\d+)?")


def cut_off(text: str) -> tuple[str, str] | None:
    """The text before its last number and what to say of it, where that is cut off; None where it is whole.

    An end of the line behind it tells nothing: whoever saves a text adds one.
    """
    text = text.rstrip()
    found = _LAST.search(text[-TAIL:])
    if found is None:
        return None
    name, number, decimals, power = found.groups()
    others = _decimals(text, name, len(text) - len(number))
    if not PLACES.isdisjoint(words(name)):
        return None
    broken = number.endswith(".") or power is not None
    if not others or min(others) == 0 or not (broken or _short(name, number, len(decimals or ""), others)):
        return None
    said = f"the text breaks off within its last number ({name}{number}), which is left out"
    return text[: len(text) - len(number)], said


def _short(name: str, number: str, decimals: int, others: list[int]) -> bool:
    """Whether a number has fewer decimals than the program that wrote the others could give it."""
    even = len(set(others)) == 1
    if len(others) < SEEN:
        return False
    if number in FULL and understand(name).kind != "loss":
        return False
    if "." not in number:
        return even or min(others) >= MANY
    return even and decimals <= others[0] - LOST


def _decimals(text: str, name: str, end: int) -> list[int]:
    """How many decimals the numbers of this name have before the last one; those with a power of ten are passed over."""
    found: list[int] = []
    at = end - len(name)
    for _ in range(LOOKED_AT):
        at = text.rfind(name, 0, at)
        if at < 0:
            break
        number = _NUMBER.match(text, at + len(name))
        if number and not number[2] and not (at and (text[at - 1].isalnum() or text[at - 1] in "_./-")):
            found.append(len(number[1] or ""))
    return found
