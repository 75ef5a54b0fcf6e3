"""Lists as a script prints them at its end, each after its name.

    Train losses: [1.92, 1.41, 1.13, 0.98]
    Val losses: [1.85, 1.52, 1.34, 1.29]

Asked last, when no other format claims the document. Recognised by a known name before a list of three numbers or more.
A list may go over several lines; `tensor(…)` and `np.float64(…)` around its numbers are passed over.
"""

from __future__ import annotations

from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.printed import by_lines, lists
from diagnosis.reading.rows import side_by_side

LAST_RESORT = True
HEAD = 1 << 20  # characters in which a list must begin


def recognises(document: Document) -> bool:
    """Whether a known name stands before a list of numbers, and lines do not say them one by one."""
    if document.binary or document.header is not None or document.text[:1] in {"{", "["}:
        return False
    known = any(understand(name).kind in {"loss", "metric"} for name in lists(document.text[:HEAD]))
    return known and not by_lines(document)


def read(document: Document) -> Log:
    """Every list under its name; of a name that comes twice, the last."""
    return Log(side_by_side(lists(document.text)), "printed_lists")
