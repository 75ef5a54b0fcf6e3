"""The name of each line at its end, in its colour, with its last value; no legend to look things up in."""

from __future__ import annotations

import math

from service.chart.shapes import Line, Panel
from service.drawing import ticks
from service.drawing.lettering import shortened, width
from service.drawing.sheet import Box, Sheet

DISTANCE = 1.25  # letters from one name to the next
GAP = 0.5  # letters between a line and its name


def label_width(sheet: Sheet, line: Line, panel: Panel) -> float:
    """How wide a name would be, in full."""
    return width(sheet.plain(line.name), sheet.letter, bold=True) + width(_value(line, panel), sheet.letter)


def draw_labels(sheet: Sheet, panel: Panel, box: Box, room: float) -> None:
    """Write the names at the right of a panel, each as near to its line as the others let it be."""
    letter = sheet.letter
    ends = [(box.bottom - _share(panel, line.last) * box.height, line) for line in panel.lines]
    ends.sort(key=lambda entry: entry[0])
    heights = apart([at for at, _ in ends], DISTANCE * letter, box.top + 0.4 * letter, box.bottom - 0.4 * letter)
    for y, (_, line) in zip(heights, ends, strict=True):
        value = _value(line, panel) if label_width(sheet, line, panel) <= room else ""
        name = shortened(sheet.plain(line.name), letter, room)
        left = box.right + GAP * letter
        sheet.write(name, left, y, sheet.colours.split[line.split], bold=True)
        sheet.write(value.strip(), left + width(f"{name} ", letter, bold=True), y, sheet.colours.ink)


def apart(places: list[float], distance: float, top: float, bottom: float) -> list[float]:
    """Move ascending places as little as is needed for them to stand apart, between top and bottom."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + distance if found else top))
    for index in reversed(range(len(found))):
        found[index] = min(found[index], found[index + 1] - distance if index + 1 < len(found) else bottom)
    return found


def _value(line: Line, panel: Panel) -> str:
    return f"  {ticks.beside(line.final, panel)}"


def _share(panel: Panel, value: float | None) -> float:
    """How high a value lies in its panel, from 0 to 1."""
    if value is None:
        return 0.5
    if panel.log:
        low, high, at = (math.log(each) for each in (panel.low, panel.high, max(value, panel.low)))
        share = (at - low) / (high - low)
    else:
        share = (value - panel.low) / (panel.high - panel.low)
    return min(max(share, 0.0), 1.0)
