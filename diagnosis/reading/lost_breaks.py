"""Lines that lost their ends on the way, as a page joins what is pasted: `Epoch 1, loss: 0.9 Epoch 2, loss: 0.7`.

One line then holds the same counter, or the date and time of a logger, several times, and each time the same words
behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from diagnosis.reading.phrases import CLOCK, DATE

LONG = 60  # characters, from which a line may be several
HEAD = 1 << 17  # characters in which it must turn up
SEVERAL = 3  # lines in one
NEAR = 40  # characters in which a line's first counter stands, and in which lines of one kind are alike
_LINE = re.compile(rf"[^\r\n]{{{LONG},}}")
_STAMPED = re.compile(rf"(?<!\S)\[?{DATE}[T ]{CLOCK}")
_COUNTED = re.compile(r"(?i)(?<![\w./-])(epoch|step|iter|iteration)\b\W{0,3}(\d{1,15})(?![\d.])")
_DIGITS = re.compile(r"[\d.]+")
# Between the lines of Keras: an epoch, and its bar.
_BAR = re.compile(r" (?=\d+/\d+ \[[=>.]{3})")


def with_breaks(text: str) -> str | None:
    """The text with the ends of its lines; None where none is lost."""
    if text[:100].lstrip()[:1] in {"{", "<"} or not any(map(_starts, _LINE.findall(text[:HEAD]))):
        return None
    return _LINE.sub(lambda line: "\n".join(_cut(line[0])), text)


def _cut(line: str) -> list[str]:
    starts = _starts(line)
    if not starts:
        return [line]
    ends = [*starts[1:], len(line)]
    return [line[: starts[0]], *(_BAR.sub("\n", line[at:end].rstrip()) for at, end in zip(starts, ends, strict=True))]


def _starts(line: str) -> list[int]:
    """Where the lines begin that this one was; nowhere where it is one."""
    if '{"' in line or "{'" in line:  # records, which say themselves where each begins
        return []
    stamps = [found.start() for found in _STAMPED.finditer(line)]
    if len(stamps) >= SEVERAL:
        return stamps if _alike(line, stamps) else []
    counters = list(_COUNTED.finditer(line))
    if len(counters) < SEVERAL or counters[0].start() > NEAR or _DIGITS.search(line[: counters[0].start()]):
        return []
    first = [at for at, found in enumerate(counters) if found[1] == counters[0][1]]
    ends = [*first[1:], len(counters)]
    places = [tuple(int(found[2]) for found in counters[at:end]) for at, end in zip(first, ends, strict=True)]
    starts = [counters[at].start() for at in first]
    rising = all(before < after for before, after in pairwise(places))
    return starts if len(starts) >= SEVERAL and rising and _alike(line, starts) else []


def _alike(line: str, starts: list[int]) -> bool:
    """Whether most of the pieces that begin there begin alike, but for their numbers."""
    ends = [*starts[1:], len(line)]
    pieces = (line[at : min(end, at + 2 * NEAR)].rstrip() for at, end in zip(starts, ends, strict=True))
    kinds = Counter(_DIGITS.sub("#", piece)[:NEAR] for piece in pieces)
    times = kinds.most_common(1)[0][1]
    return times >= SEVERAL and 2 * times > len(starts)
