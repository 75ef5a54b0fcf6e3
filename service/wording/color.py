"""Colour for a terminal: the words of the layout are painted, after everything of the client's was made harmless."""

from __future__ import annotations

import re

# Select Graphic Rendition (ECMA-48): codes that every terminal knows.
BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
OF = {"FAILING": RED, "ATTENTION": YELLOW, "HEALTHY": GREEN, "INCONCLUSIVE": CYAN, "error": RED, "warning": YELLOW, "info": CYAN}  # fmt: skip
STATUS = re.compile(r"^(FAILING|ATTENTION|HEALTHY|INCONCLUSIVE)\b")
FINDING = re.compile(r"^(\d+\. )(\w+)(: )(error|warning|info)\b")
FIRST = re.compile(r"^( *)(try first)(?=  )")
# The words at the left; what stands beside them is read, not they.
WORDS = re.compile(r"^( *)(decision|evidence|against|cause|then|more|clear|not judged|failed|read|note|id)(?= )")
DRAWN = re.compile(r"[▁▂▃▄▅▆▇█]{2,}")
BROKEN = re.compile(r"×+")


def painted(line: str) -> str:
    """One line in colour; it is as wide as before."""
    line = STATUS.sub(lambda found: paint(found[1], BOLD, OF[found[1]]), line)
    line = FINDING.sub(lambda f: f"{f[1]}{paint(f[2], BOLD)}{f[3]}{paint(f[4], OF[f[4]])}", line)
    line = FIRST.sub(lambda found: found[1] + paint(found[2], BOLD, GREEN), line)
    line = WORDS.sub(lambda found: found[1] + paint(found[2], DIM), line)
    drawn = DRAWN.search(line)
    if drawn:
        line = BROKEN.sub(lambda found: paint(found[0], RED), line)
        line = DRAWN.sub(lambda found: paint(found[0], CYAN), line)
    return line


def paint(text: str, *codes: str) -> str:
    """A text in colour, and back to ordinary after it."""
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"
