"""What a printed line says: which of its numbers are a position, and which are values of a known name.

Lines of one kind differ in their numbers alone, so what stands between the numbers is understood once and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from diagnosis.names import SPLITS, understand, words

KNOWN = {"loss", "metric", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn"}
# Words in a name of a setting, or of a summary of what was logged before.
SETTINGS = {"weight", "weights", "scale", "coef", "coefficient", "type", "fn", "function", "name", "threshold", "smoothing", "interval",
            "every", "factor", "best", "far", "target", "patience", "delta", "lambda", "gamma", "ratio", "num", "min", "max", "decay", "init", "initial", "final"}  # fmt: skip
SPLIT_WORDS = 4  # at the start of a line, that may name its split
NUMBER = re.compile(
    r"((?<![\w.@])(?<![A-Za-z]-)[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\d_])|(?<![\w.])[-+]?(?:nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)(?!\w))"
)
_NAME = r"([A-Za-z][\w./@-]*(?:\([\w@.]+\))?(?: [A-Za-z@(][\w./@()-]*){0,4})"
_NAMED = re.compile(_NAME + r"[\"']?\s*[:=]+\s*[\"'\[]*(?:[\w.]+\()?$")
_BESIDE = re.compile(r"([A-Za-z][\w./@-]*(?: [A-Za-z][\w./@-]*){0,2})\s+$")
_ENDS = re.compile(r"\s*[,;|)\]%(]|\s|$")
_EPOCH = re.compile(r"(?i)\bepoch\b[\s:=#\[(]*$")
_STEP = re.compile(r"(?i)\b(?:global[ _]?steps?|step|iter|iteration|update|batch|it)\b[\s:=#\[(]*$")
_TIME = re.compile(r"\s*(?:s|ms|sec|it)\b")


@dataclass(frozen=True)
class Phrase:
    """Places among a line's numbers: of the `epoch`, the `step`, and of `values`, each with its name."""

    epoch: int | None
    step: int | None
    values: tuple[tuple[str, int], ...]


def phrase_of(line: str) -> tuple[Phrase, list[str]]:
    """What a line says, and its numbers as they were written."""
    parts = NUMBER.split(line)
    return _understood(tuple(parts[::2])), parts[1::2]


@lru_cache(maxsize=4096)
def _understood(between: tuple[str, ...]) -> Phrase:
    """Understand the text between the numbers: `between[i]` stands before number i, the last piece after all of them."""
    epoch = step = None
    values: dict[str, int] = {}
    split = _split(between[0]) if between else ""
    for place, (before, after) in enumerate(pairwise(between)):
        if epoch is None and _EPOCH.search(before):
            epoch = place
        elif step is None and _STEP.search(before) and not _TIME.match(after):
            step = place
        elif not after.startswith((":", "=")) and (name := _name(before, after)):
            values.setdefault(f"{split}/{name}" if split and understand(name).split is None else name, place)
    return Phrase(epoch, step, tuple(values.items()))


def _name(before: str, after: str) -> str | None:
    """The known name that a number belongs to, without the words before it."""
    found = _NAMED.search(before)
    if found is None and _ENDS.match(after):
        found = _BESIDE.search(before)
    if found is None:
        return None
    name = found[1]
    if SETTINGS & set(words(name)) or understand(name).kind not in KNOWN:
        return None
    parts = name.split(" ")
    while len(parts) > 1 and understand(" ".join(parts[1:])).kind in KNOWN and not SPLITS.keys() & set(words(parts[0])):
        parts = parts[1:]
    return " ".join(parts)


def _split(start: str) -> str:
    """The split that the first words name: `Validation: loss 0.3`, `[Eval] loss = 0.3`."""
    return next((SPLITS[word] for word in words(start)[:SPLIT_WORDS] if word in SPLITS), "")
