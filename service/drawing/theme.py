"""Colours, of paper and of night.

Training is blue and dashed, validation orange and whole: apart for every eye (M. Okabe, K. Ito, "Color Universal Design", 2008),
and in black and white.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnosis.report import Status
from diagnosis.rule import Severity
from service.chart.shapes import Split

DASHES: Mapping[Split, tuple[float, ...]] = {"train": (3.2, 1.2), "val": (), "other": (1.0, 1.0)}  # widths of the line


@dataclass(frozen=True)
class Colours:
    """What each thing is drawn in."""

    paper: str
    ink: str
    faint: str  # letters that matter less
    grid: str
    split: Mapping[Split, str]
    severity: Mapping[Severity, str]
    status: Mapping[Status, str]


THEMES = {
    "light": Colours(
        paper="#ffffff",
        ink="#1f2328",
        faint="#646c76",
        grid="#e4e7eb",
        split={"train": "#0072b2", "val": "#d55e00", "other": "#00815c"},
        severity={"error": "#b00046", "warning": "#8a6500", "info": "#646c76"},
        status={"healthy": "#00734f", "attention": "#8a6500", "failing": "#b00046", "inconclusive": "#646c76"},
    ),
    "dark": Colours(
        paper="#14171c",
        ink="#e8ebef",
        faint="#9aa3ae",
        grid="#2c323a",
        split={"train": "#56b4e9", "val": "#ff9e4a", "other": "#2fc295"},
        severity={"error": "#ff6f9f", "warning": "#f0d060", "info": "#9aa3ae"},
        status={"healthy": "#3fcf8e", "attention": "#f0d060", "failing": "#ff6f9f", "inconclusive": "#9aa3ae"},
    ),
}
