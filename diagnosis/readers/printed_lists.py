"""Lists as a script prints them at its end, each after its name.

    Train losses: [1.92, 1.41, 1.13, 0.98]
    Val losses: [1.85, 1.52, 1.34, 1.29]

Asked last, when no other format claims the document. Recognised by a known name before a list of three numbers or more.
A list may go over several lines; `tensor(…)` and `np.float64(…)` around its numbers are passed over.
"""

from __future__ import annotations

import re

from diagnosis.assemble import Log
from diagnosis.document import Document
from diagnosis.names import understand
from diagnosis.numbers import Numbers, from_json
from diagnosis.phrases import NUMBER
from diagnosis.rows import side_by_side

LAST_RESORT = True
LEAST = 3  # numbers in a list
HEAD = 1 << 20  # characters in which a list must begin
_LIST = re.compile(
    r"^[ \t]{0,8}([A-Za-z][\w ./-]{0,60}?)[ \t]{0,8}[:=]{1,2}[ \t]{0,8}(?:np\.array\(|array\(|tensor\()?\[([^\[\]{}]*)\]",
    re.MULTILINE,
)


def recognises(document: Document) -> bool:
    """Whether a known name stands before a list of numbers, and lines do not say them one by one."""
    if document.binary or document.header is not None or document.text[:1] in {"{", "["}:
        return False
    return any(understand(name).kind in {"loss", "metric"} for name in _lists(document.text[:HEAD]))


def read(document: Document) -> Log:
    """Every list under its name; of a name that comes twice, the last."""
    return Log(side_by_side(_lists(document.text)), "printed_lists")


def _lists(text: str) -> dict[str, Numbers]:
    found = {}
    for match in _LIST.finditer(text):
        cells = [cell for cell in match[2].replace("\n", ",").split(",") if cell.strip()]
        if len(cells) < LEAST:
            continue
        inside = [NUMBER.search(cell) for cell in cells]
        if all(inside):
            found[match[1].strip()] = from_json([float(number[1]) for number in inside if number])
    return found
