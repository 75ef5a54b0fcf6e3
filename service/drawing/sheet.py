"""A sheet to draw on in pixels, counted from the top left as a screen does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from service.chart.canvas import Canvas
from service.drawing.lettering import font, plain
from service.drawing.library import Figure
from service.drawing.theme import THEMES, Colours

INCH = 72.0  # dots, so that a point is a pixel


@dataclass(frozen=True)
class Box:
    """A part of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Sheet:
    """A figure of a canvas's size, in its colours; `live` where its text stays text."""

    canvas: Canvas
    live: bool = False
    figure: Figure = field(init=False)

    def __post_init__(self) -> None:
        """Make the figure; its artists are its own, so that sheets can be drawn beside each other."""
        size = (self.canvas.width / INCH, self.canvas.height / INCH)
        object.__setattr__(self, "figure", Figure(figsize=size, dpi=INCH, facecolor=self.colours.paper))

    @property
    def colours(self) -> Colours:
        """Those of the theme."""
        return THEMES[self.canvas.theme]

    @property
    def letter(self) -> float:
        """The height of ordinary letters."""
        return self.canvas.letter

    def plain(self, text: str) -> str:
        """A text as it can be written here."""
        return plain(text, live=self.live)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        colour: str,
        *,
        size: float | None = None,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write one line around the height `y`."""
        self.figure.text(
            x / self.canvas.width,
            1.0 - y / self.canvas.height,
            text,
            color=colour,
            fontproperties=font(size or self.letter, bold=bold),
            ha=align,
            va="center_baseline",
            parse_math=False,
        )

    def fill(self, box: Box, colour: str, alpha: float = 1.0) -> None:
        """Fill a part of the sheet."""
        width, height = self.canvas.width, self.canvas.height
        corner = (box.left / width, 1.0 - box.bottom / height)
        patch = Rectangle(
            corner,
            box.width / width,
            box.height / height,
            facecolor=colour,
            alpha=alpha,
            linewidth=0.0,
            transform=self.figure.transFigure,
        )
        self.figure.add_artist(patch)

    def axes(self, box: Box) -> Axes:
        """Axes that fill a part of the sheet, bare."""
        width, height = self.canvas.width, self.canvas.height
        place = (box.left / width, 1.0 - box.bottom / height, box.width / width, box.height / height)
        axes = self.figure.add_axes(place, facecolor="none")
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(self.colours.faint)
            spine.set_linewidth(self.letter / 15)
        return axes
