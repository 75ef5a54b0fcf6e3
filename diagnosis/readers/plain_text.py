"""Any text that says its numbers: what a program prints of its training, line by line, with names and values.

    Epoch 1/10, train loss: 0.85, val loss: 0.91, acc=0.71
    Epoch 2/10, train loss: 0.61, val loss: 0.72, acc=0.78

Asked last, when no other format claims the document. Recognised by lines in which an epoch or step stands beside a known
name with a number, or by a known name that comes again and again. Keras' and tqdm's progress bars count in their last
state. A line that begins with `Validation` or `[Eval]` is validation's. Configurations between the lines are passed over.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from diagnosis.assemble import Log
from diagnosis.console import lines_of, on_one_axis
from diagnosis.document import Document
from diagnosis.names import understand
from diagnosis.phrases import phrase_of
from diagnosis.records import Columns, put

LAST_RESORT = True
LOOKED_AT = 5000  # lines
AGAIN = 3  # times a known name comes, from which it is no configuration
CURVES = {"loss", "metric"}
Row = tuple[int, dict[str, float], dict[str, float]]


def recognises(document: Document) -> bool:
    """Whether known names stand beside positions, or come again and again."""
    structured = document.text.lstrip()[:1] in {"{", "<"} or document.records is not None
    if document.binary or document.header is not None or structured:
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
    columns: Columns = {}
    lines = array("q")
    place: dict[str, float] = {}
    here: set[str] = set()  # the names in the row that is being gathered
    for line, said, values in _rows(lines_of(document)):
        if said and not place:  # what came before the first position is a configuration
            columns, lines = {}, array("q")
        place |= said
        if not values:
            continue
        if said or not here or here & values.keys():
            put(columns, len(lines), place | values)
            lines.append(line)
            here = set(values)
        else:  # one position over several lines
            put(columns, len(lines) - 1, values)
            here |= values.keys()
    return on_one_axis(columns, lines, "plain_text")


def _rows(lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    """Of every line its position, as far as it says one, and the known names in it with their numbers."""
    for at, line in lines:
        phrase, numbers = phrase_of(line)
        place = {}
        if phrase.epoch is not None:
            place["epoch"] = float(numbers[phrase.epoch])
        if phrase.step is not None:
            place["step"] = float(numbers[phrase.step])
        if place or phrase.values:
            yield at, place, {name: float(numbers[where]) for name, where in phrase.values}
