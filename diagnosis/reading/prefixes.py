"""What stands before every line of a log without being of it: a logger's stamp and level, a process' name, a line's number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from diagnosis.names import understand

ALIKE = 0.9  # of the lines that are not blank, which begin alike: the last may be cut, and others continue one
MARKS = "-–|:,> \t"  # what may stand between a prefix and a line
SHOWN = 60  # characters
PIECES = 4  # of a prefix, one after the other
LEAST = 2  # lines that numbers count
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}\d{1,2}(?= \d\d?:))"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z\b|[+-]\d\d:?\d\d\b)?"
_STAMP = rf"[\[(]?(?:{_DATE}(?:[T ,]{{1,2}}{_CLOCK})?|{_CLOCK})[\])]?"
_LEVEL = r"[\[(<]?\b(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|NOTICE|SUCCESS|TRACE)\b[\])>]?"
# `[rank0]:`, `(RolloutWorker pid=123)` as Ray has it; `worker-0  |` as docker has it.
_WHO = r"\[(?:rank|default)\d{1,5}\]|\([\w ]{1,60} pid=\d{1,9}(?:, ip=[\d.]{7,15})?\)"
_CONTAINER = r"[A-Za-z][\w.-]{0,60} {0,30}\| "
_BETWEEN = r"[ \t]{0,20}+(?:(?:[|:,>]{1,2}+|[-–](?=[ \t]|$))[ \t]{0,20}+)?"
_PREFIX = re.compile(rf"(?:{_CONTAINER})?(?:(?:{_STAMP}|{_LEVEL}|{_WHO}){_BETWEEN}){{0,6}}")
_SPOKEN = re.compile(rf"{_STAMP}|{_LEVEL}")
# `root:`, `[__main__] - `, `train.py:45 - `: a source, of which the same stands in every line.
_SOURCE = re.compile(
    r"(?:[\[(][\w./$: -]{1,60}[\])][ \t]{0,20}[-|:>]{0,2}|[\w./$-]{3,60}(?::\d{1,6})?[ \t]{0,20}(?:-(?=[ \t])|[|:>]))[ \t]{0,20}"
)
_COUNT = re.compile(r"[ \t]{0,12}(\d{1,7})([:.|)]?)(?=[ \t]|$)")


def prefixed(lines: list[str]) -> tuple[list[str], str] | None:
    """Without all of this, as far as every line has it; None where the lines have nothing of the kind."""
    bare = _without(lines, _counts(lines)) or lines
    for _ in range(PIECES):
        bare = _without(bare, _stamps(bare)) or _without(bare, _sources(bare)) or bare
    if bare is lines:
        return None
    first, left = next((line, rest) for line, rest in zip(lines, bare, strict=True) if line != rest)
    return bare, f"every line begins as with {first.removesuffix(left).strip()[:SHOWN]!r}; that is taken off"


def begins(line: str) -> bool:
    """Whether a stamp, level or process stands before what a line says."""
    return _ends(_PREFIX, line) > 0


def common(lines: Sequence[str]) -> str:
    """What all lines begin with: it is what the first and the last of them do, in the order of the alphabet."""
    low, high = min(lines, default=""), max(lines, default="")
    return low[
        : next(
            (at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other),
            min(len(low), len(high)),
        )
    ]


def _stamps(lines: list[str]) -> list[int]:
    """Where the stamp, level or process ends that begins every line; none where several processes write."""
    first = next((line for line in lines if line.strip()), "")
    if not _ends(_PREFIX, first):
        return []
    ends = [_ends(_PREFIX, line) for line in lines]
    if len({line[end - 1] if line[end - 1] in MARKS else "" for line, end in zip(lines, ends, strict=True) if end}) > 1:
        ends = [
            len(line[:end].rstrip(MARKS)) for line, end in zip(lines, ends, strict=True)
        ]  # a line's own: `| loss | 0.3 |`
    who = {_SPOKEN.sub("", line[:end]).strip() for line, end in zip(lines, ends, strict=True) if end}
    return ends if len(who) == 1 else []


def _sources(lines: list[str]) -> list[int]:
    """Where a source ends that is the same in every line, as `root:` after a level, or `[main]` before it."""
    start = common([f"{line.rstrip()} " for line in lines if line.strip()])
    end = _ends(_SOURCE, start)
    meaning = understand(start[:end].strip("[(])-|:> \t"))
    if not end or meaning.kind != "other" or meaning.split is not None:  # `Epoch:`, `train |` say something
        return []
    return [end if line.strip() else 0 for line in lines]


def _counts(lines: list[str]) -> list[int]:
    """Where the numbers end that count the lines."""
    if not any(map(_COUNT.match, [line for line in lines[:LEAST] if line.strip()])):
        return []
    found = [_COUNT.match(line) for line in lines if line.strip()]
    counts = [int(match[1]) for match in found if match]
    steps = {after - before for before, after in pairwise(counts)}
    one_kind = len({match[2] for match in found if match}) == 1
    if len(counts) < LEAST or len(counts) < len(found) or steps != {1} or not one_kind:
        return []
    return [match.end() if (match := _COUNT.match(line)) else 0 for line in lines]


def _ends(pattern: re.Pattern[str], line: str) -> int:
    """Where the prefix of a line ends, without the blanks after it; 0 where there is none."""
    match = pattern.match(line)
    return len(match[0].rstrip()) if match else 0


def _without(lines: list[str], ends: list[int]) -> list[str] | None:
    """The lines without so much of each, and as many blanks as follow in all of them; None where too few begin so."""
    written = sum(bool(line.strip()) for line in lines)
    rests = [line[end:] for line, end in zip(lines, ends, strict=True) if end] if ends else []
    told = [rest for rest in rests if rest.strip()]
    if not told or len(rests) < ALIKE * written:
        return None
    margin = min(len(rest) - len(rest.lstrip(" \t")) for rest in told)
    return [line[end + margin :] if end else line for line, end in zip(lines, ends, strict=True)]
