"""What a printed line says: which of its numbers are a position, and which are values of a known name.

Lines of one kind differ in their numbers alone, so what stands between the numbers is understood once and remembered.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from diagnosis.names import SPLITS, understand, words

KNOWN = {"loss", "metric", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn"}
# Words in a name of a setting, or of a summary of what was logged before.
SETTINGS = {"weight", "weights", "scale", "coef", "coefficient", "type", "fn", "function", "name", "threshold", "smoothing", "interval",
            "every", "factor", "best", "far", "target", "patience", "delta", "lambda", "gamma", "ratio", "num", "min", "max", "decay", "init", "initial", "final"}  # fmt: skip
NUMBER = re.compile(
    r"((?<![\w.@])(?<![A-Za-z]-)[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\d_])|(?<![\w.])[-+]?(?:nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)(?!\w))"
)
_NAME = r"([A-Za-z][\w./@-]*(?:\([\w@.]+\))?(?: [A-Za-z@(][\w./@()-]*){0,4})"
_NAMED = re.compile(_NAME + r"[\"']?(?:\s*[:=]+\s*|\s+(?:is|reached):?\s+)[\"'\[]*(?:[\w.]+\()?$")
_BESIDE = re.compile(r"([A-Za-z][\w./@-]*(?: [A-Za-z][\w./@-]*){0,2})(?: \([a-z ]{1,20}\))?\s+$")
REACH = 300  # letters before a number in which its name begins: a search goes on from each of them
ESTIMATED = "Saving dict for"  # how TensorFlow's estimators begin a line with what an evaluation found
# Words beside a split in a line that announces it.
ANNOUNCING = {
    "set",
    "results",
    "result",
    "metrics",
    "phase",
    "stats",
    "summary",
    "performance",
    "scores",
    "error",
    "errors",
}
_ENDS = re.compile(r"\s*[,;|)\]%(]|\s|$")
_EPOCH = re.compile(r"(?i)\b(?:epochs?|ep)\b[\"'\s:=#\[(]*$")
_STEP = re.compile(
    r"(?i)(?<![\w./-])(?:(?:time|train)?[ _]?steps?|iter|iters|itr|iterations?|updates?|batch|it|rounds?|episodes?)\b[\"'\s:=#\[(]*$"
)
# What counts on over the epochs, whatever else the line counts.
_GLOBAL_STEP = re.compile(r"(?i)\b(?:num_updates|global[ _]?steps?|total[ _](?:time)?steps)\b[\"'\s:=#\[(]*$")
# What a line begins with, each number as `#`: an epoch and a batch of it, or one count.
_BOTH = re.compile(r"\W{0,3}\[\s*#(?:/#)?(?:\]\s*\[|,)\s*#(?:/#)?\s*\]\s|#\|#\|")
_ONE = re.compile(r"(?i)\W{0,3}\[\s*(?:(?:train|valid|val|test)\s*\|\s*)?#/#\s*\]\s")
_WITHIN = re.compile(r"\]\s*,?\s*\[\s*")  # `Epoch: [3][40/391]`
_COUNTED = re.compile(r"(epoch|batch)\b")  # `3epoch:train:1-50batch:`, as ESPnet writes
_ATTACHED = re.compile(r"[-_][A-Za-z]")  # `val_loss=0.31-epoch=4.ckpt` names a file
_TIME = re.compile(r"\s*(?:s|ms|sec|it)\b")
# Date and time that a logger puts in front of a line.
_DATE = r"(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4})"
_CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?(?:Z\b|[+-]\d\d:?\d\d\b)?"
_STAMP = re.compile(rf"\W{{0,3}}(?:{_DATE}(?:[T ]{{1,2}}{_CLOCK})?|{_CLOCK})(?=[\s\],:|;-]|$)")
# A split as a word of its own: what follows in the line is of it.
_SECTION = re.compile(
    r"(?i)(?<![\w./-])(train|training|val|valid|validation|eval|evaluation|dev|test|testing)(?![\w./-])"
)
_STEMS = tuple(word for word in SPLITS if not any(other in word for other in SPLITS if other != word))
_DIGIT = re.compile("[0-9]")
KEPT = 1000  # characters; of a longer line it is not kept what it says


@dataclass(frozen=True)
class Phrase:
    """Places among a line's numbers: of the `epoch`, the `step`, and of `values`, each with its name.

    Of the places in `shares` the number is a part of the one after it: `9838/10000`; of those in `means`, the one after it
    is the mean so far, which counts of an evaluation: `0.31 (0.35)`.
    """

    epoch: int | None
    step: int | None
    values: tuple[tuple[str, int], ...]
    shares: frozenset[int] = frozenset()
    means: frozenset[int] = frozenset()

    def read(self, numbers: list[str]) -> dict[str, float]:
        """The values by their names."""
        return {
            name: _share(numbers, at) if at in self.shares else float(numbers[at + (at in self.means)])
            for name, at in self.values
        }


def _share(numbers: list[str], at: int) -> float:
    whole = float(numbers[at + 1])
    return float(numbers[at]) / whole if whole else math.nan


def phrase_of(line: str) -> tuple[Phrase, list[str]]:
    """What a line says, and its numbers as they were written."""
    stamp = _STAMP.match(line)
    parts = NUMBER.split(line[stamp.end() :] if stamp else line)
    understood = (
        _understood if len(line) <= KEPT else _understood.__wrapped__
    )  # what is kept must not grow with the lines
    return understood(tuple(parts[::2])), parts[1::2]


@lru_cache(maxsize=4096)
def _understood(between: tuple[str, ...]) -> Phrase:
    """Understand the text between the numbers: `between[i]` stands before number i, the last piece after all of them."""
    counted = None
    values: dict[str, int] = {}
    shares: set[int] = set()
    means: set[int] = set()
    split = "val" if between and ESTIMATED in between[0] else ""
    epoch, step = _placed(between)
    for place, (before, after) in enumerate(pairwise(between)):
        section = _SECTION.findall(before)
        split = SPLITS[section[-1].lower()] if section else split
        if place in {epoch, step}:
            continue
        if epoch is None and _EPOCH.search(before):
            epoch = place
        elif _GLOBAL_STEP.search(before):
            counted = place
        elif (step is None and _STEP.search(before) and not _TIME.match(after)) or (
            step is None and epoch == place - (2 if between[place - 1] == "/" else 1) and _WITHIN.fullmatch(before)
        ):
            step = place
        elif not (after.startswith("=") or _ATTACHED.match(after)) and (name := _name(before, after)):
            meaning = understand(name)
            told = bool(meaning.split) or not split or meaning.kind == "learning_rate"
            values.setdefault(name if told else f"{split}/{name}", place)
            if meaning.kind == "metric" and after == "/" and place + 2 < len(between):
                shares.add(place)
            if (
                split in {"val", "test"}
                and after.strip() == "("
                and between[place + 2 :][:1]
                and between[place + 2].lstrip().startswith(")")
            ):
                means.add(place)
    step = counted if counted is not None else step
    return Phrase(epoch, step, tuple(values.items()), frozenset(shares), frozenset(means))


def _placed(between: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Places of the epoch and the step where a line begins with them, or each stands before its word."""
    counted = {found[1]: at for at, after in enumerate(between[1:]) if (found := _COUNTED.match(after))}
    if "epoch" in counted:
        return counted["epoch"], counted.get("batch")
    start = "#".join(between[:5])
    if _BOTH.match(start):
        return 0, 2 if between[1].startswith("/") else 1
    return None, 0 if _ONE.match(start) else None


def _name(before: str, after: str) -> str | None:
    """The known name that a number belongs to, without the words before it."""
    before = before[-REACH:]
    found = _NAMED.search(before)
    if found is None and _ENDS.match(after):
        found = _BESIDE.search(before)
    if found is None:
        return None
    name = found[1]
    if (SETTINGS & set(words(name)) and not _counts(name)) or understand(name).kind not in KNOWN:
        return None
    parts = name.split(" ")
    while len(parts) > 1 and understand(" ".join(parts[1:])).kind in KNOWN and not SPLITS.keys() & set(words(parts[0])):
        parts = parts[1:]
    return " ".join(parts)


def _counts(name: str) -> bool:
    """Whether it counts false negatives: `fn`, `val_fn`; `loss_fn` is a function."""
    return words(name)[-1] == "fn" and understand(name).kind == "fn"


def section_of(line: str) -> str | None:
    """The split that a line of its own announces for what follows: `Validation results:`; None for any other line."""
    low = line.lower()
    if _DIGIT.search(low) or not any(stem in low for stem in _STEMS):  # as nearly all lines: no such word has a digit
        return None
    named = words(line)
    splits = [SPLITS[word] for word in named if word in SPLITS]
    return splits[0] if splits and all(word in SPLITS or word in ANNOUNCING for word in named) else None
