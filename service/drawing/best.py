"""The best point: a ring, and what it is beside it, where the words cover least of the curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from diagnosis.run import FloatArray
from service.chart.shapes import Line, Panel
from service.drawing import ticks
from service.drawing.lettering import SMALL, font, width
from service.drawing.sheet import Box, Sheet

Points = tuple[FloatArray, FloatArray]

AWAY = (1.05, -1.05, 2.2, -2.2)  # letters from the point to the middle of its words
ENDS = 0.97  # of the width: a best value so late is told by the name at the end
LOOKED_AT = 9  # places across the words where a curve may pass
RING, EDGE = 0.62, 0.16  # letters: across, and of its line
VEIL = 0.7  # of the paper, behind words that have to stand on a curve


def draw_best(sheet: Sheet, panel: Panel, axes: Axes, box: Box, *, words: bool) -> None:
    """Mark the best value of validation, or of training where there is no other, and say what it is."""
    line = panel.lines[-1]
    if line.best is None:
        return
    best, colour, letter = line.best, sheet.colours.split[line.split], sheet.letter
    (ring,) = axes.plot(
        [best.x], [best.y], linestyle="none", marker="o", markersize=RING * letter, zorder=7, clip_on=False
    )
    ring.set(markerfacecolor=sheet.colours.paper, markeredgecolor=colour, markeredgewidth=EDGE * letter)
    x, y = _pixels(axes, box, np.array([best.x]), np.array([best.y]))
    if not words or x[0] > ENDS * box.width:
        return
    says = f"best {ticks.beside(best.y, panel)} at {best.at}"
    drawn = [_pixels(axes, box, *_taken(line)) for line in panel.lines]
    across, up = _least_covering(drawn, box, (float(x[0]), float(y[0])), width(says, SMALL * letter), letter)
    text = axes.text(across / box.width, up / box.height, says, transform=axes.transAxes, parse_math=False, zorder=8)
    text.set(ha="center", va="center", color=colour, fontproperties=font(SMALL * letter))
    text.set_bbox({"facecolor": sheet.colours.paper, "alpha": VEIL, "linewidth": 0.0, "pad": 0.0})


def _least_covering(
    drawn: Sequence[Points], box: Box, point: tuple[float, float], long: float, letter: float
) -> tuple[float, float]:
    """Where the middle of words so long stands best: above or below the point, or to a side of that, or farther away."""
    x, y = point
    half, high = 0.5 * long, 0.6 * letter
    places = [(x + side * (half + 0.3 * letter), y + way * letter) for way in AWAY for side in (0, 1, -1)]
    inside = [(min(max(a, half), box.width - half), b) for a, b in places if high <= b <= box.height - high] or [
        (min(max(x, half), box.width - half), min(max(y, high), box.height - high))
    ]

    def covered(place: tuple[float, float]) -> int:
        look = np.linspace(place[0] - half, place[0] + half, LOOKED_AT)
        passing = [np.interp(look, a, b, left=np.nan, right=np.nan) for a, b in drawn if a.size]
        return sum(int((np.abs(heights - place[1]) < high).sum()) for heights in passing)

    return min(inside, key=covered)


def _taken(line: Line) -> Points:
    """The places that a line takes: its values, and the crosses where there is none."""
    x, y = np.concatenate((line.x, line.broken)), np.concatenate((line.y, line.beside))
    order = np.argsort(x, kind="stable")
    there = order[np.isfinite(y[order])]
    return x[there], y[there]


def _pixels(axes: Axes, box: Box, x: FloatArray, y: FloatArray) -> Points:
    """Places in a panel, in pixels from its lower left (n,), (n,)."""
    shares = axes.transLimits.transform(axes.transScale.transform(np.column_stack((x, y))))
    return shares[:, 0] * box.width, shares[:, 1] * box.height
