"""The sheet a picture is drawn on: how large, how dark, and how much has room on it.

A picture is looked at in a chat at half its size, so letters shrink more slowly than the sheet, and a smaller one shows less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
WIDTHS, HEIGHTS = (300, 2000), (200, 2000)  # pixels; below, nothing can be read, above, a process grows by as much
USUAL = (800, 450)  # pixels: what chats show whole
LETTERS, GROWTH = 15.0, 0.6  # pixels of a letter on the usual sheet, and the power of the sheet's size it grows with
PANEL, FINDING = 7.5, 10.0  # letters of height for each panel and each finding
PANELS, FINDINGS = 4, 4  # at most
CELL = (16.0, 9.0)  # letters of width and height that one run among several needs
CELLS = 16  # at most


@dataclass(frozen=True)
class Canvas:
    """`width` and `height` in pixels."""

    width: int = USUAL[0]
    height: int = USUAL[1]
    theme: Theme = "light"

    @property
    def letter(self) -> float:
        """The height of ordinary letters, in pixels."""
        size = min(self.width / USUAL[0], self.height / USUAL[1])
        return float(LETTERS * size**GROWTH)

    @property
    def panels(self) -> int:
        """How many panels of one run have room, one above the other."""
        free = self.height - 9.0 * self.letter
        return min(max(int(free / (PANEL * self.letter)), 1), PANELS)

    @property
    def findings(self) -> int:
        """How many findings have a line of their own."""
        return min(max(int(self.height / (FINDING * self.letter)), 1), FINDINGS)

    def grid(self, runs: int) -> tuple[int, int]:
        """Columns and rows in which several runs are drawn; the runs that have no place in it are left out."""
        free = self.height - 5.0 * self.letter
        most = min(max(int(self.width / (CELL[0] * self.letter)), 1), runs)
        rows = max(int(free / (CELL[1] * self.letter)), 1)
        while most * rows > CELLS:
            rows -= 1
        needed = min(-(-runs // most), rows)
        return -(-runs // needed) if runs <= most * needed else most, needed


CANVAS = Canvas()
