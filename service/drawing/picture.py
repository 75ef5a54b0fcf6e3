"""A chart → the bytes of an SVG or a PNG: the headline on top, then the findings over their stretch, then the panels."""

from __future__ import annotations

import gc
from dataclasses import replace
from io import BytesIO
from threading import Lock
from typing import Literal
from xml.sax.saxutils import escape

from service.chart.canvas import Canvas
from service.chart.shapes import Chart, Split
from service.drawing.cells import draw_cell, draw_small
from service.drawing.lettering import LEADING, SMALL, width, wrapped
from service.drawing.library import FigureCanvasAgg, FigureCanvasSVG
from service.drawing.sheet import Box, Sheet
from service.server.memory import give_back
from service.wording.columns import harmless

# One picture at a time in a process: threads would only take turns at the interpreter, and each hold a sheet in memory.
DRAWING = Lock()
Kind = Literal["svg", "png"]
HEADLINE = 1.12  # letters
SPLITS: dict[Split, str] = {"train": "╌╌ training", "val": "── validation"}  # said once, where names have no room


def draw(chart: Chart, canvas: Canvas, kind: Kind) -> bytes:
    """Draw it; the same chart gives the same bytes."""
    with DRAWING:
        written = _drawn(chart, canvas, kind)
        gc.collect()  # the parts of a figure hold each other, and it its pixels, 1 MB and more
        give_back()
    return written


def _drawn(chart: Chart, canvas: Canvas, kind: Kind) -> bytes:
    sheet = Sheet(canvas, live=kind == "svg")
    _compose(sheet, chart)
    return _svg(sheet, chart) if kind == "svg" else _png(sheet)


def _png(sheet: Sheet) -> bytes:
    written = BytesIO()
    FigureCanvasAgg(sheet.figure).print_png(written, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return written.getvalue()


def _svg(sheet: Sheet, chart: Chart) -> bytes:
    """Without a document type, which would name an address; in pixels, not in points; and with words for who cannot see."""
    written = BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(sheet.figure).print_svg(written, metadata=nothing)  # type: ignore[no-untyped-call]
    tag, _, rest = written.getvalue().decode().partition("<svg ")[2].partition(">")
    for name, size in (("width", sheet.canvas.width), ("height", sheet.canvas.height)):
        tag = tag.replace(f'{name}="{size}pt"', f'{name}="{size}"')
    title = escape(f"{chart.status}: {harmless(chart.headline)}")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<svg role="img" {tag}>\n <title>{title}</title>{rest}'.encode()


def _compose(sheet: Sheet, chart: Chart) -> None:
    letter, canvas = sheet.letter, sheet.canvas
    side = 0.8 * letter
    page = Box(side, 0.6 * letter, canvas.width - side, canvas.height - 0.5 * letter)
    page = replace(page, top=_headline(sheet, chart, page))
    foot, small = page.bottom - 0.4 * letter, SMALL * letter
    if chart.left_out:
        sheet.write(chart.left_out, page.right, foot, sheet.colours.faint, size=small, align="right")
    if chart.cells[0].title is None:
        draw_cell(sheet, chart.cells[0], page)
        return
    left = page.left
    for split, words in SPLITS.items():
        sheet.write(words, left, foot, sheet.colours.split[split], size=small, bold=True)
        left += width(f"{words}   ", small, bold=True)
    rows = -(-len(chart.cells) // chart.columns)
    wide, high = page.width / chart.columns, (page.bottom - 1.2 * letter - page.top) / rows
    for index, cell in enumerate(chart.cells):
        row, column = divmod(index, chart.columns)
        left, upper = page.left + column * wide, page.top + row * high
        draw_small(sheet, cell, Box(left, upper, left + wide - letter, upper + high - 0.4 * letter))


def _headline(sheet: Sheet, chart: Chart, page: Box) -> float:
    """Write the status and the headline; give where the rest begins."""
    size = HEADLINE * sheet.letter
    status = chart.status.upper()
    indent = width(f"{status}  ", size, bold=True)
    y = page.top + 0.5 * size
    sheet.write(status, page.left, y, sheet.colours.status[chart.status], size=size, bold=True)
    for line in wrapped(sheet.plain(chart.headline), size, page.width - indent, 2, bold=True):
        sheet.write(line, page.left + indent, y, sheet.colours.ink, size=size, bold=True)
        y += LEADING * size
    return y
