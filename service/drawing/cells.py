"""One run: alone on the sheet with its findings in lines above the panels, or one of several, small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.chart.shapes import Cell, Lane, Panel
from service.drawing.labels import GAP, draw_labels, label_width
from service.drawing.lettering import SMALL, cut, shortened, width
from service.drawing.panel import draw_panel, scale, span
from service.drawing.sheet import Box, Sheet

NAMED = 0.5  # of a small run's width, at most, for its name
NAMES = 0.24  # of the width, at most, for the names at the right
APART = 0.9  # letters between panels
LANE = 1.35  # letters from one finding to the next
TINT, EDGE = 0.22, 0.2  # of a finding's colour in its stretch, and letters of the edge where it begins
FIRST = 1.35  # times the height of another panel
NUMBERS = 2.4  # letters below the last panel: its positions and their axis


def draw_cell(sheet: Sheet, cell: Cell, box: Box) -> None:
    """Draw a run that has the sheet for itself."""
    letter = sheet.letter
    if not cell.panels:
        for index, lane in enumerate(cell.lanes):
            sheet.write(
                lane.name, box.left, box.top + (index + 0.9) * LANE * letter, sheet.colours.severity[lane.severity]
            )
        middle = 0.5 * (box.top + box.bottom)
        sheet.write(cell.note or "", 0.5 * (box.left + box.right), middle, sheet.colours.faint, align="center")
        return
    room = min(
        max(label_width(sheet, line, panel) for panel in cell.panels for line in panel.lines),
        NAMES * sheet.canvas.width,
    )
    lanes = box.top + 0.2 * letter
    top = lanes + len(cell.lanes) * LANE * letter + 0.5 * letter
    stack = _stacked(
        cell.panels, Box(box.left, top, box.right - room - GAP * letter, box.bottom - NUMBERS * letter), letter
    )
    inner = [replace(part, left=box.left + _numbers(sheet, cell.panels, stack)) for part in stack]
    for index, lane in enumerate(cell.lanes):
        upper = lanes + index * LANE * letter
        _lane(sheet, cell, lane, replace(inner[0], top=upper, bottom=upper + LANE * letter))
    for panel, part in zip(cell.panels, inner, strict=True):
        draw_panel(sheet, cell, panel, part, last=panel is cell.panels[-1])
        draw_labels(sheet, panel, part, room)
    middle = 0.5 * (inner[0].left + inner[0].right)
    sheet.write(cell.axis, middle, box.bottom - 0.4 * letter, sheet.colours.faint, size=SMALL * letter, align="center")


def draw_small(sheet: Sheet, cell: Cell, box: Box) -> None:
    """Draw a run among others: its name and worst finding, and its first panel."""
    letter = sheet.letter
    colours = sheet.colours
    first = cell.lanes[0] if cell.lanes else None
    colour = colours.severity[first.severity] if first else colours.status[cell.status]
    name = shortened(sheet.plain(cell.title or ""), letter, NAMED * box.width)
    taken = width(f"{name}  ", letter, bold=True)
    said = f"{first.name} {first.when}".strip() if first else cell.status
    if first and width(said, SMALL * letter) > box.width - taken:
        said = first.name
    said = cut(said, SMALL * letter, box.width - taken)
    sheet.write(name, box.left, box.top + 0.6 * letter, colours.ink, bold=True)
    sheet.write(said, box.left + taken, box.top + 0.6 * letter, colour, size=SMALL * letter)
    inner = Box(box.left, box.top + 1.5 * letter, box.right, box.bottom - 1.2 * letter)
    if not cell.panels:
        sheet.write(
            cell.note or "", 0.5 * (box.left + box.right), 0.5 * (box.top + box.bottom), colours.faint, align="center"
        )
        return
    inner = replace(inner, left=box.left + _numbers(sheet, cell.panels, [inner]))
    draw_panel(sheet, cell, cell.panels[0], inner, last=True)


def _numbers(sheet: Sheet, panels: Sequence[Panel], boxes: Sequence[Box]) -> float:
    """The room that the numbers at the left need."""
    both = zip(panels, boxes, strict=True)
    words = [word for panel, box in both for word in scale(panel, box, sheet.letter)[1]]
    return max((width(word, SMALL * sheet.letter) for word in words), default=0.0) + 0.5 * sheet.letter


def _stacked(panels: Sequence[Panel], box: Box, letter: float) -> list[Box]:
    """A box for each panel, the first a little higher than the others."""
    each = (box.height - (len(panels) - 1) * APART * letter) / (FIRST + len(panels) - 1)
    found, top = [], box.top
    for index in range(len(panels)):
        bottom = top + each * (FIRST if index == 0 else 1.0)
        found.append(replace(box, top=top, bottom=bottom))
        top = bottom + APART * letter
    return found


def _lane(sheet: Sheet, cell: Cell, lane: Lane, box: Box) -> None:
    """Write a finding over its stretch, where that begins; before it where there is no room behind, or without its when."""
    letter, colour = sheet.letter, sheet.colours.severity[lane.severity]
    size, edge, middle = SMALL * letter, EDGE * letter, 0.5 * (box.top + box.bottom)
    both = f"{lane.name} {lane.when}".strip()
    if lane.start is None:
        sheet.write(cut(both, size, box.width), box.left, middle, colour, size=size)
        return
    low, high = span(cell)

    def across(place: float) -> float:
        return box.left + box.width * min(max((place - low) / (high - low), 0.0), 1.0)

    start = across(lane.start)
    end = box.right if lane.end is None else max(across(lane.end), start + edge)
    bar = replace(box, left=start, right=end, top=box.top + 0.1 * letter, bottom=box.bottom - 0.1 * letter)
    sheet.fill(bar, colour, TINT)
    sheet.fill(replace(bar, right=start + edge), colour)
    for words in (both, lane.name):
        long = width(words, size) + 0.4 * letter
        if start + edge + long <= box.right:
            sheet.write(words, start + edge + 0.3 * letter, middle, colour, size=size)
            return
        if start - long >= box.left:
            sheet.write(words, start - 0.3 * letter, middle, colour, size=size, align="right")
            return
    sheet.write(cut(lane.name, size, box.width), box.right, middle, colour, size=size, align="right")
