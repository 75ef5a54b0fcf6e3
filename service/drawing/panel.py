"""One panel: its axes, its lines, and what was found, where it happens."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from service.chart.shapes import Cell, Line, Mark, Panel
from service.drawing import ticks
from service.drawing.best import draw_best
from service.drawing.lettering import SMALL, font
from service.drawing.sheet import Box, Sheet
from service.drawing.theme import DASHES

RAW, SHADE, HATCH = 0.38, 0.10, 0.16  # how much of the colour is seen
STROKE, THIN = 0.17, 0.07  # letters: width of a smoothed line, and of the rest
BESIDE = 0.01  # of what the positions span: room before the first and behind the last
TOLD_APART = 1e-12  # of a position: a clock counts in such numbers that one more is none
SPOKEN = 3  # changes of the rate that are said
TICK, WIDE, MOST = 2.6, 6.0, 10  # letters for each number at the side and below, and how many of them at most


def scale(panel: Panel, box: Box, letter: float) -> tuple[list[float], list[str]]:
    """Where the side of a panel is marked, and in which numbers."""
    most = min(max(int(box.height / (TICK * letter)), 2), MOST)
    return (ticks.logarithmic if panel.log else ticks.linear)(panel.low, panel.high, most)


def draw_panel(sheet: Sheet, cell: Cell, panel: Panel, box: Box, *, last: bool) -> None:
    """Draw one panel into its box; the last of a cell carries the numbers of the positions."""
    axes = sheet.axes(box)
    if panel.log:
        axes.set_yscale("log")
    axes.set_xlim(*span(cell))
    axes.set_ylim(panel.low, panel.high)
    axes.minorticks_off()
    _grid(sheet, cell, panel, axes, box, last=last)
    _drops(sheet, cell, panel, axes)
    for mark in panel.marks:
        _mark(sheet, panel, mark, axes)
    for line in panel.lines:
        _line(sheet, panel, line, axes)
    _edges(sheet, panel, axes)
    draw_best(sheet, panel, axes, box, words=cell.title is None)
    if all(line.last is None for line in panel.lines):
        axes.set_yticks([])
        text = axes.text(0.5, 0.25, "no finite value", transform=axes.transAxes, ha="center", va="center")
        text.set(fontproperties=font(sheet.letter), color=sheet.colours.faint)


def span(cell: Cell) -> tuple[float, float]:
    """From where to where the positions reach; a single one has some room around it."""
    room = BESIDE * (cell.high - cell.low) or 1.0
    room = max(room, TOLD_APART * max(-cell.low, cell.high))
    return cell.low - room, cell.high + room


def _grid(sheet: Sheet, cell: Cell, panel: Panel, axes: Axes, box: Box, *, last: bool) -> None:
    small = font(SMALL * sheet.letter)
    at, words = scale(panel, box, sheet.letter)
    axes.set_yticks(at, words, fontproperties=small, color=sheet.colours.faint, parse_math=False)
    at, words = ticks.linear(*span(cell), min(max(int(box.width / (WIDE * sheet.letter)), 2), MOST), whole=True)
    if cell.low == cell.high:
        at, words = [cell.low], [ticks.position(cell.low)]
    words = words if last else [""] * len(at)
    axes.set_xticks(at, words, fontproperties=small, color=sheet.colours.faint, parse_math=False)
    axes.tick_params(
        length=0.25 * sheet.letter, width=sheet.letter / 15, color=sheet.colours.faint, pad=0.2 * sheet.letter
    )
    axes.grid(color=sheet.colours.grid, linewidth=sheet.letter / 15)


def _line(sheet: Sheet, panel: Panel, line: Line, axes: Axes) -> None:
    colour, thick = sheet.colours.split[line.split], STROKE * sheet.letter
    x, y = line.smooth_x, line.smooth_y
    axes.plot(line.x, line.y, color=colour, alpha=RAW, linewidth=THIN * sheet.letter, solid_joinstyle="round", zorder=2)
    if line.dots:
        x, y = line.x, line.y
    (strong,) = axes.plot(x, y, color=colour, linewidth=thick, solid_capstyle="round", zorder=4)
    if line.dots:
        strong.set(marker="o", markersize=2.2 * thick, markeredgewidth=0.0)
    if DASHES[line.split]:
        strong.set_dashes(DASHES[line.split])
    if line.broken.size:
        middle = panel.low**0.5 * panel.high**0.5 if panel.log else 0.5 * (panel.low + panel.high)
        heights = np.nan_to_num(line.beside, nan=middle)
        axes.plot(
            line.broken,
            heights,
            linestyle="none",
            marker="x",
            markersize=3.0 * thick,
            markeredgewidth=0.7 * thick,
            color=sheet.colours.severity["error"],
            zorder=6,
        )


def _mark(sheet: Sheet, panel: Panel, mark: Mark, axes: Axes) -> None:
    colour, thick = sheet.colours.severity[mark.severity], STROKE * sheet.letter
    low, high = axes.get_xlim()
    start, end = max(mark.start, low), min(mark.end, high) if mark.end < high - 0.02 * (high - low) else high
    if mark.kind in {"since", "interval", "broken"}:
        if mark.first:
            axes.axvspan(start, end, facecolor=colour, alpha=SHADE, linewidth=0.0, zorder=0)
        edges = (start, end) if mark.kind == "interval" and end < high else (start,)
        for edge in edges:
            axes.axvline(
                edge, color=colour, linewidth=0.6 * thick, linestyle="-" if mark.first else (0, (4, 3)), zorder=3
            )
    if mark.kind == "broken":
        axes.axvspan(start, end, facecolor="none", edgecolor=colour, alpha=HATCH, hatch="///", linewidth=0.0, zorder=0)
    if mark.kind == "gap":
        _between(panel, axes, start, colour)
    if mark.kind == "rest" and mark.level is not None:
        axes.plot(
            (start, end),
            (mark.level, mark.level),
            color=colour,
            alpha=0.35,
            linewidth=4.0 * thick,
            zorder=3,
            solid_capstyle="butt",
        )
    if mark.kind == "spikes" and mark.at is not None and mark.y is not None:
        lifted = np.clip(mark.y, panel.low, panel.high)
        axes.plot(
            mark.at, lifted, linestyle="none", marker="v", markersize=3.4 * thick, color=colour, zorder=6, clip_on=False
        )
    if mark.kind == "periods" and mark.at is not None:
        for place in mark.at:
            axes.axvline(place, color=colour, alpha=0.55, linewidth=0.4 * thick, zorder=1)


def _between(panel: Panel, axes: Axes, start: float, colour: str) -> None:
    """Shade what lies between training and validation, from there on."""
    first, second = panel.lines
    x = np.unique(np.concatenate((first.smooth_x, second.smooth_x, [start])))
    overlap = max(line.smooth_x[0] for line in panel.lines), min(line.smooth_x[-1] for line in panel.lines)
    x = x[np.isfinite(x) & (x >= max(start, overlap[0])) & (x <= overlap[1])]
    heights = [
        np.interp(x, line.smooth_x[ok], line.smooth_y[ok])
        for line in (first, second)
        for ok in [np.isfinite(line.smooth_y)]
    ]
    axes.fill_between(x, *heights, facecolor=colour, alpha=1.4 * SHADE, linewidth=0.0, zorder=1)


def _drops(sheet: Sheet, cell: Cell, panel: Panel, axes: Axes) -> None:
    """Where the learning rate changed at once, faintly; by how much is said where there are few, and room."""
    faint, low_high = sheet.colours.faint, axes.get_xlim()
    for drop in cell.drops:
        axes.axvline(drop.at, color=faint, linewidth=THIN * sheet.letter, linestyle=(0, (1, 3)), zorder=1)
        if cell.title is None and panel is cell.panels[0] and len(cell.drops) <= SPOKEN:
            left = drop.at < 0.5 * sum(low_high)
            says = f" lr ×{drop.factor:.2g} "
            text = axes.text(drop.at, 0.98, says, transform=axes.get_xaxis_transform(), parse_math=False, zorder=5)
            text.set(ha="left" if left else "right", va="top", color=faint, fontproperties=font(SMALL * sheet.letter))


def _edges(sheet: Sheet, panel: Panel, axes: Axes) -> None:
    """What lies outside is drawn at the edge, with the farthest value of it."""
    told = any(mark.kind == "spikes" for mark in panel.marks)
    for places, height, marker, side in (
        (panel.above, panel.high, "^", "top"),
        (panel.below, panel.low, "v", "bottom"),
    ):
        if not places:
            continue
        at = [x for x, _ in places]
        if not told:
            (ends,) = axes.plot(at, [height] * len(at), linestyle="none", marker=marker, zorder=6, clip_on=False)
            ends.set(color=sheet.colours.ink, markersize=0.4 * sheet.letter)
        x, value = max(places, key=lambda place: abs(place[1]))
        left = x < 0.5 * sum(axes.get_xlim())
        text = axes.text(x, height, f"  {ticks.beside(value, panel)}  ", parse_math=False, zorder=7)
        text.set(
            ha="left" if left else "right", va=side, color=sheet.colours.ink, fontproperties=font(SMALL * sheet.letter)
        )
