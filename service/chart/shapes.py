"""What is drawn: a chart holds a cell for each run, a cell its panels one above the other, a panel lines and marks.

Positions are those of the cell's axis, values those that were logged. Arrays are (n,), NaN where a line is broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnosis.report import Status
from diagnosis.rule import Severity
from diagnosis.run import Axis, FloatArray

Split = Literal["train", "val", "other"]
Kind = Literal["since", "interval", "spikes", "rest", "gap", "broken", "periods"]


@dataclass(frozen=True)
class Best:
    """The best single value, where it is drawn, and where it was logged, in words."""

    x: float
    y: float
    at: str


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: as logged (thinned, so that every pixel keeps its lowest and highest value), and without its noise."""

    name: str
    split: Split
    x: FloatArray
    y: FloatArray
    smooth_x: FloatArray
    smooth_y: FloatArray
    dots: bool  # so few that each is drawn
    best: Best | None  # None where nothing is better than the rest
    last: float | None  # the last number; None where there is none
    final: float  # the last value, which may be none
    broken: FloatArray  # where there is no number (k,)
    beside: FloatArray  # the height of the numbers before and after those places; NaN where there are none at all (k,)


@dataclass(frozen=True, eq=False)
class Mark:
    """A finding, where it happens in one panel; `first` is the one that the headline tells.

    `since` holds from `start` on, `interval` from `start` to `end`, `broken` likewise; `spikes` are points `at` of height
    `y`; `rest` stays at `level`; `gap` lies between the two lines of the panel; `periods` begin `at`.
    """

    kind: Kind
    severity: Severity
    first: bool
    start: float
    end: float
    at: FloatArray | None = None
    y: FloatArray | None = None
    level: float | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """What is measured alike: training and validation of one metric; `low` and `high` bound what is seen of it."""

    metric: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    log: bool
    low: float
    high: float
    above: tuple[tuple[float, float], ...] = ()  # places and values that lie outside, and are drawn at the edge
    below: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Lane:
    """A finding by name, when it is, and the stretch of the run it is about; None where it is about the whole."""

    name: str
    when: str
    severity: Severity
    start: float | None
    end: float | None


@dataclass(frozen=True)
class Drop:
    """Where the learning rate was changed at once, and by what factor."""

    at: float
    factor: float


@dataclass(frozen=True, eq=False)
class Cell:
    """One run. `low` and `high` bound its positions; without panels, `note` says why."""

    title: str | None
    status: Status
    axis: Axis
    low: float
    high: float
    panels: tuple[Panel, ...]
    lanes: tuple[Lane, ...]
    drops: tuple[Drop, ...] = ()
    note: str | None = None


@dataclass(frozen=True, eq=False)
class Chart:
    """The whole picture; `left_out` says what has no place on it."""

    status: Status
    headline: str
    cells: tuple[Cell, ...]
    columns: int
    left_out: str | None
