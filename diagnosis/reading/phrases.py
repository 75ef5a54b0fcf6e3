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
from diagnosis.reading.numbers import as_python

KNOWN = {"loss", "metric", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn"}
# Words in a name of a setting, or of a summary of what was logged before.
SETTINGS = {"weight", "weights", "scale", "coef", "coefficient", "type", "fn", "function", "name", "threshold", "smoothing", "interval",
            "every", "factor", "best", "far", "patience", "delta", "lambda", "gamma", "ratio", "num", "min", "max", "decay", "init", "initial", "final"}  # fmt: skip
# What a word of them leads to is no value of what stands before it: "improved from 0.5 to 0.4", "the loss and 3 plots".
LEADING = {"and", "or", "to", "from", "than", "at", "by", "after", "until", "below", "above", "under", "over"}
AIM = "target"  # a setting, but for a split of a domain that is adapted to: `target_val_acc`
NUMBER = re.compile(
    r"((?<![\w.@])(?<![A-Za-z]-)[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\d_])|(?<![\w.])[-+]?(?:nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)(?!\w))"
)
# `1,703.49` is one number, and so are `Step 12,000`, `1,200/10,000` and `1,200,000`. Elsewhere `1,200` may be two, or one
# and a fifth as Germans write it.
_GROUP = re.compile(r",\d{3}(?!\d)")
_COUNTER = r"(?:(?:time|global|train|total|env)?[ _]?(?:time)?steps?|iter|iters|itr|iterations?|(?:num_|n)?updates?|batch|it|rounds?|episodes?)"
_THOUSANDS = re.compile(
    rf"(?i)((?<![\w./-]){_COUNTER}[ :=]{{1,3}})?(?<![\w.,\[])([1-9]\d{{0,2}}(?:,\d{{3}})+)(\.\d+|(?!,? ?\d))(?!\d|[.,]\d)"
)
_OF_THOUSANDS = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})*)( ?/ ?)([1-9]\d{0,2}(?:,\d{3})+)(?!\d|[.,]\d)")
_NAME = r"([A-Za-z][\w./@-]*(?:\([\w@.]+\))?(?: [A-Za-z@(][\w./@()-]*){0,4})"
# `ppl = exp(0.31)` says a loss, and not that of which it is a function.
_NAMED = re.compile(_NAME + r"[\"']?(?:\s*[:=]+\s*|\s+(?:is|reached):?\s+)[\"'\[]*(?:(?!(?:exp|log)\()[\w.]+\()?$")
_BESIDE = re.compile(r"([A-Za-z][\w./@-]*(?: [A-Za-z][\w./@-]*){0,2})(?: \([a-z ]{1,20}\))?\s+$")
REACH = 300  # letters before a number in which its name begins: a search goes on from each of them
ESTIMATED = "Saving dict for"  # how TensorFlow's estimators begin a line with what an evaluation found
_ENDS = re.compile(r"\s*[,;|)\]%(\uff0c\uff1b\u3001]|\s|$")  # also as Chinese commas are
_EPOCH = re.compile(r"(?i)\b(?:epochs?|ep)\b(?:\.\.\.)?[\"'\s:=#\[(]*$")
_STEP = re.compile(
    r"(?i)(?<![\w./-])(?:(?:time|train)?[ _]?steps?|iter|iters|itr|iterations?|n?updates?|batch|it|rounds?|episodes?|(?:game|frame) number)\b[\"'\s:=#\[(]*$"
)
# What counts on over the epochs, whatever else the line counts.
_GLOBAL_STEP = re.compile(r"(?i)\b(?:num_updates|global[ _]?steps?|total[ _](?:time)?steps)\b[\"'\s:=#\[(]*$")
# What a line begins with, each number as `#`: an epoch and a batch of it, or one count.
_BOTH = re.compile(r"\W{0,3}\[\s*#(?:/#)?(?:\]\s*\[|,)\s*#(?:/#)?\s*\]\s|#\|#\|")
_ONE = re.compile(r"(?i)\W{0,3}\[\s*(?:(?:train|valid|val|test)\s*\|\s*)?#/#\s*\]\s")
_OF_ALL = re.compile(r"\W{0,3}# / #\s+(?!correct\b)[A-Za-z]")  # `5000 / 100000 eps 0.9`
_WITHIN = re.compile(r"\]\s*,?\s*\[\s*")  # `Epoch: [3][40/391]`
_COUNTED = re.compile(r"(epoch|batch)\b")  # `3epoch:train:1-50batch:`, as ESPnet writes
_ATTACHED = re.compile(r"[-_][A-Za-z]")  # `val_loss=0.31-epoch=4.ckpt` names a file
# Behind a number that is no position: it took so long, or so much of it is done. `3 seconds: 12` names what comes.
_MEASURED = re.compile(r"\s*(?:%|(?:s|ms|secs?|seconds?|mins|minutes?|hours?|it/s)\b(?!\s*[:=]\s*$|\s+$))")
_DONE = re.compile(r"%\|[^|]*\|\s*$")  # between the percentage of a bar and its count: ` 38%|###8     | 36/96`
# Date and time that a logger puts in front of a line.
DATE = r"(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4})"
CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?(?:Z\b|[+-]\d\d:?\d\d\b)?"
_STAMP = re.compile(rf"\W{{0,3}}(?:{DATE}(?:[T ]{{1,2}}{CLOCK})?|{CLOCK})(?=[\s\],:|;-]|$)")
# A split as a word of its own: what follows in the line is of it.
_SECTION = re.compile(
    r"(?i)(?<![\w./-])(train|training|val|valid|validation|eval|evaluation|dev|test|testing)(?![\w./-])"
)
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
    said = unstamped(line)
    if _GROUP.search(said):
        said = _THOUSANDS.sub(_joined, _OF_THOUSANDS.sub(_joined_of, said))
    parts = NUMBER.split(as_python(said))
    understood = (
        _understood if len(line) <= KEPT else _understood.__wrapped__
    )  # what is kept must not grow with the lines
    return understood(tuple(parts[::2])), parts[1::2]


def unstamped(line: str) -> str:
    """A line without the date and time that a logger puts in front of it."""
    stamp = _STAMP.match(line)
    return line[stamp.end() :] if stamp else line


def _joined(found: re.Match[str]) -> str:
    """A number without the commas between its thousands, where it cannot be several."""
    certain = found[1] or found[3] or (found[2].count(",") > 1 and ",0" in found[2])  # no list has numbers such as 000
    return found[0].replace(",", "") if certain else found[0]


def _joined_of(found: re.Match[str]) -> str:
    """`1,200/10,000` without its commas; of `3,200/1,000`, which is no part of it, as it is."""
    part, of, whole = found[1].replace(",", ""), found[2], found[3].replace(",", "")
    return f"{part}{of}{whole}" if int(part) <= int(whole) else found[0]


@lru_cache(maxsize=4096)
def _understood(between: tuple[str, ...]) -> Phrase:
    """Understand the text between the numbers: `between[i]` stands before number i, the last piece after all of them."""
    counted = None
    values: dict[str, int] = {}
    shares: set[int] = set()
    means: set[int] = set()
    split = "val" if between and ESTIMATED in between[0] else ""
    epoch, step = _placed(between)
    names = _names(between)
    for place, (before, after) in enumerate(pairwise(between)):
        section = _SECTION.findall(before)
        split = SPLITS[section[-1].lower()] if section else split
        if place in {epoch, step}:
            continue
        if epoch is None and _EPOCH.search(before) and not _MEASURED.match(after):
            epoch = place
        elif _GLOBAL_STEP.search(before):
            counted = place
        elif step is None and _counts(between, place, epoch):
            step = place
        elif not (after.startswith("=") or _ATTACHED.match(after)) and (name := names.get(place)):
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


def _counts(between: tuple[str, ...], place: int, epoch: int | None) -> bool:
    """Whether a number is a step: by the word before it, by its place behind an epoch, or as the count of a bar."""
    before, after = between[place], between[place + 1]
    if place == 0:
        return _STEP.search(before) is not None and not _MEASURED.match(after)
    last = between[place - 1]
    if _WITHIN.fullmatch(before) and epoch == place - (2 if last == "/" else 1):
        return True
    if _DONE.fullmatch(before) and _STEP.search(last):
        return True
    # A word glued to the number before it is the unit of that: `12it [00:17`.
    return _STEP.search(f"0{before}") is not None and not _MEASURED.match(after)


def _placed(between: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Places of the epoch and the step where a line begins with them, or each stands before its word."""
    counted = {found[1]: at for at, after in enumerate(between[1:]) if (found := _COUNTED.match(after))}
    if "epoch" in counted:
        return counted["epoch"], counted.get("batch")
    start = "#".join(between[:5])
    if _BOTH.match(start):
        return 0, 2 if between[1].startswith("/") else 1
    return None, 0 if _ONE.match(start) or _OF_ALL.match(start) else None


def _names(between: tuple[str, ...]) -> dict[int, str]:
    """The known name of every number that has one, without the words before it, unless only they tell two apart."""
    whole = {place: name for place, (before, after) in enumerate(pairwise(between)) if (name := _name(before, after))}
    short = {place: _shortened(name) for place, name in whole.items()}
    said: dict[str, set[str]] = {}
    for place, name in short.items():
        said.setdefault(name, set()).add(whole[place])
    return {
        place: name if name in said[name] or len(said[name]) == 1 else whole[place] for place, name in short.items()
    }


def _name(before: str, after: str) -> str | None:
    """The known name that a number belongs to."""
    before = before[-REACH:]
    found = _NAMED.search(before)
    if found is None and _ENDS.match(after):
        found = _BESIDE.search(before)
    if found is None:
        return None
    name = found[1]
    named = words(name)
    if (named and named[-1] in LEADING) or (AIM in named and SPLITS.keys().isdisjoint(named)):
        return None
    if (SETTINGS & set(named) and not _false_negatives(name)) or understand(name).kind not in KNOWN:
        return None
    return name


def _shortened(name: str) -> str:
    """A name without the words before it."""
    parts = name.split(" ")
    while len(parts) > 1 and understand(" ".join(parts[1:])).kind in KNOWN and not SPLITS.keys() & set(words(parts[0])):
        parts = parts[1:]
    return " ".join(parts)


def _false_negatives(name: str) -> bool:
    """Whether it counts false negatives: `fn`, `val_fn`; `loss_fn` is a function."""
    return words(name)[-1] == "fn" and understand(name).kind == "fn"
