"""Any text that says its numbers: what a program prints of its training, line by line, with names and values.

    Epoch 1/10, train loss: 0.85, val loss: 0.91, acc=0.71
    Epoch 2/10, train loss: 0.61, val loss: 0.72, acc=0.78

Asked last, when no other format claims the document. Recognised by lines in which an epoch or step stands beside a known
name with a number, or by a known name that comes again and again. Keras' and tqdm's progress bars count in their last
state. A line that begins with `Validation` or `[Eval]` is validation's. Configurations between the lines are passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from diagnosis.assemble import Log
from diagnosis.console import lines_of, on_one_axis, pairs
from diagnosis.document import Document
from diagnosis.names import SPLITS, understand, words
from diagnosis.records import Records

LAST_RESORT = True
LOOKED_AT = 5000  # lines
AGAIN = 3  # times a known name comes, from which it is no configuration
KNOWN = {"loss", "metric", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn"}
CURVES = {"loss", "metric"}
# Words in a name of a setting, or of a summary of what was logged before.
SETTINGS = {"weight", "weights", "scale", "coef", "coefficient", "type", "fn", "function", "name", "threshold", "smoothing", "interval",
            "every", "factor", "best", "far", "target", "patience", "delta", "lambda", "gamma", "ratio", "num", "min", "max", "decay", "init", "initial", "final"}  # fmt: skip
_EPOCH = re.compile(r"(?i)\bepoch\b[\s:=#\[(]*(\d+(?:\.\d+)?)")
_STEP = re.compile(r"(?i)\b(?:global[ _]?steps?|step|iter|iteration|update|batch|it)\b[\s:=#\[(]*(\d+)(?![\d.]*\s*(?:s|ms|it)\b)")
_STAMP = re.compile(r"^\W*(?:\d{2,4}[-/:.T ]){2,}[\d:.,]*\W*")
Row = tuple[int, dict[str, float], dict[str, float]]


def recognises(document: Document) -> bool:
    """Whether known names stand beside positions, or come again and again."""
    if document.binary or document.header is not None or document.text.lstrip()[:1] in {"{", "<"} or document.records is not None:
        return False
    seen: Counter[str] = Counter()
    for _, place, values in _rows(islice(lines_of(document), LOOKED_AT)):
        curves = [name for name in values if understand(name).kind in CURVES or name in document.roles]
        if place and curves:
            return True
        seen.update(curves)
        if seen and seen.most_common(1)[0][1] >= AGAIN:
            return True
    return False


def read(document: Document) -> Log:
    """Every known name at the last position that was said."""
    rows = list(_rows(lines_of(document)))
    if any(place for _, place, _ in rows):
        first = next(index for index, (_, place, _) in enumerate(rows) if place)
        rows = rows[first:]  # what comes before is a configuration
    place: dict[str, float] = {}
    found: list[dict[str, float]] = []
    lines: list[int] = []
    for line, said, values in rows:
        place |= said
        if found and not said and not found[-1].keys() & values.keys():
            found[-1] |= values  # one position over several lines
        elif values:
            found.append(place | values)
            lines.append(line)
    return on_one_axis(Records(found, lines), "plain_text")


def _rows(lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    """Of every line its position, as far as it says one, and the known names in it with their numbers."""
    for at, line in lines:
        text = _STAMP.sub("", line)
        epoch, step = _EPOCH.search(text), _STEP.search(text)
        place = {name: float(match[1]) for name, match in (("epoch", epoch), ("step", step)) if match}
        split = _split(text)
        values = {}
        for name, value in pairs(text).items():
            short = _shortened(name)
            if short:
                values[f"{split}/{short}" if split and understand(short).split is None else short] = value
        if values or place:
            yield at, place, values


def _split(line: str) -> str:
    """The split that the words before the first number name: `Validation: loss 0.3`, `[Eval] loss = 0.3`."""
    start = words(re.split(r"[\d=]", line, maxsplit=1)[0])[:4]
    found = next((SPLITS[word] for word in start if word in SPLITS), "")
    return found if found != "test" else "test"


def _shortened(name: str) -> str | None:
    """A known name without the words before it; None for a setting, a clock, or what is not known."""
    if SETTINGS & set(words(name)) or understand(name).kind not in KNOWN:
        return None
    parts = name.split(" ")
    while len(parts) > 1 and understand(" ".join(parts[1:])).kind in KNOWN and not SPLITS.keys() & set(words(parts[0])):
        parts = parts[1:]
    return " ".join(parts)
