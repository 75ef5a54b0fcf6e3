"""Lists of numbers that a script prints, each after its name; and whether its lines say the numbers one by one instead."""

from __future__ import annotations

import re
from itertools import islice

from diagnosis.names import understand
from diagnosis.reading.console import lines_of
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import Numbers, from_json
from diagnosis.reading.phrases import NUMBER, phrase_of

LEAST = 3  # numbers in a list, and lines that say one
LOOKED_AT = 5000  # lines
LIST = re.compile(
    r"^[ \t]{0,8}([A-Za-z][\w ./-]{0,60}?)[ \t]{0,8}[:=]{1,2}[ \t]{0,8}(?:np\.array\(|array\(|tensor\()?\[([^\[\]{}]*)\]",
    re.MULTILINE,
)


def by_lines(document: Document) -> bool:
    """Whether several lines say a loss or a metric, lists set aside."""
    told = 0
    for _, line in islice(lines_of(document), LOOKED_AT):
        said = () if is_list(line) else phrase_of(line)[0].values
        told += any(understand(name).kind in {"loss", "metric"} for name, _ in said)
        if told >= LEAST:
            return True
    return False


def is_list(line: str) -> bool:
    """Whether a line is a name and a list of several numbers, and nothing else."""
    found = LIST.match(line) if "[" in line else None
    return found is not None and "," in found[2] and not line[found.end() :].strip(") ")


def lists(text: str) -> dict[str, Numbers]:
    """The lists of three numbers or more, by their names; of a name that comes twice, the last."""
    found = {}
    for match in LIST.finditer(text):
        cells = [cell for cell in match[2].replace("\n", ",").split(",") if cell.strip()]
        if len(cells) < LEAST:
            continue
        inside = [NUMBER.search(cell) for cell in cells]
        if all(inside):
            found[match[1].strip()] = from_json([float(number[1]) for number in inside if number])
    return found
