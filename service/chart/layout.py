"""A report, or several → all that a picture of it shows."""

from __future__ import annotations

import math
from dataclasses import replace

from diagnosis.across import Reports
from diagnosis.report import STATUSES, Report
from diagnosis.run import Axis
from service.chart.bounds import bounds_of, outside
from service.chart.canvas import Canvas
from service.chart.lines import line_of
from service.chart.marks import drops_of, lanes_of, marks_of
from service.chart.pairs import Pair, pairs_of
from service.chart.ruler import Ruler, ruler_of
from service.chart.shapes import Cell, Chart, Panel

FLATTENED = 3.0  # times its own range: a curve drawn on more of a scale is hard to read
EMPTY = "Nothing was logged that could be drawn."


def chart_of(report: Report | Reports, canvas: Canvas) -> Chart:
    """Lay out one run in panels, or several in a grid of small ones, the worst among them where not all have a place."""
    runs = (report,) if isinstance(report, Report) else report.runs
    if len(runs) == 1:
        pairs = pairs_of(runs[0].features, runs[0].findings)[: canvas.panels]
        drawn = {curve.name for pair in pairs for curve in pair.curves}
        hidden = sum(curve.name not in drawn for curve in runs[0].features.run.curves)
        return Chart(report.status, report.headline, (cell_of(runs[0], pairs, canvas),), 1, _more(hidden, "curve"))
    columns, rows = canvas.grid(len(runs))
    worst = sorted(range(len(runs)), key=lambda index: -STATUSES.index(runs[index].status))
    shown = [runs[index] for index in sorted(worst[: columns * rows])]
    cells = _alike([_small(run, canvas) for run in shown])
    return Chart(report.status, report.headline, cells, columns, _more(len(runs) - len(shown), "run"))


def _small(report: Report, canvas: Canvas) -> Cell:
    """One run among several: its first panel, and its findings by name."""
    return cell_of(report, pairs_of(report.features, report.findings)[:1], canvas, title=report.name or "")


def _alike(cells: list[Cell]) -> tuple[Cell, ...]:
    """Give all cells the same scale, so that they can be compared, unless that would flatten one of them."""
    panels = [panel for cell in cells for panel in cell.panels]
    low, high = (
        choose(bound, default=0.0)
        for choose, bound in ((min, [p.low for p in panels]), (max, [p.high for p in panels]))
    )
    if len({panel.log for panel in panels}) != 1 or any(
        FLATTENED * _range(p, p.low, p.high) < _range(p, low, high) for p in panels
    ):
        return tuple(cells)
    return tuple(
        replace(cell, panels=tuple(replace(panel, low=low, high=high) for panel in cell.panels)) for cell in cells
    )


def _range(panel: Panel, low: float, high: float) -> float:
    return math.log(high) - math.log(low) if panel.log else high - low


def cell_of(report: Report, pairs: tuple[Pair, ...], canvas: Canvas, title: str | None = None) -> Cell:
    """Draw these pairs of one run one above the other, on one axis."""
    if not pairs:
        axis: Axis = "epoch"
        lanes = lanes_of(report.findings, Ruler(axis), canvas.findings)
        return Cell(title, report.status, axis, 0.0, 1.0, (), lanes, note=EMPTY)
    features = report.features
    curves = [curve for pair in pairs for curve in pair.curves]
    ruler = ruler_of(curves, features)
    places = [ruler.places(curve) for curve in curves]
    low, high = min(float(x[0]) for x in places), max(float(x[-1]) for x in places)
    return Cell(
        title,
        report.status,
        ruler.axis,
        low,
        high,
        tuple(_panel(report, pair, ruler, high, canvas) for pair in pairs),
        lanes_of(report.findings, ruler, canvas.findings),
        tuple(drop for drop in drops_of(features, ruler) if low <= drop.at <= high),
    )


def _panel(report: Report, pair: Pair, ruler: Ruler, end: float, canvas: Canvas) -> Panel:
    measured = {m.name: m for m in report.features.curves}
    lines = tuple(line_of(curve, measured.get(curve.name), ruler, canvas.width) for curve in pair.curves)
    bounds = bounds_of(lines)
    above, below = outside(lines, bounds)
    marks = tuple(
        mark
        for index, judged in enumerate(report.findings)
        for mark in marks_of(judged, report.features, pair.curves, ruler, end, first=index == 0)
    )
    return Panel(pair.metric, lines, marks, bounds.log, bounds.low, bounds.high, above, below)


def _more(count: int, what: str) -> str | None:
    return f"{count} more {what}{'s are' if count > 1 else ' is'} not drawn" if count else None
