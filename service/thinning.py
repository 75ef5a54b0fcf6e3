"""Curves in few points and few digits, without what they are looked at for being lost.

Points are left out, so that noise stays noise, or averaged, where only that tells the same story. The first and the last,
the best, spikes, the first that is not finite, and every place that a finding names are kept.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from diagnosis.names import understand
from diagnosis.report import Report
from diagnosis.roles import directed
from diagnosis.run import Curve, Direction, number
from schemas.curves import JUDGED

SPIKES = 12  # kept of one curve, the highest; a curve with more of them shows it without
WITHIN = (0.02, 0.98)  # of the values: the range that digits are counted in


class Way(NamedTuple):
    """How to thin: so many digits of each curve's range; values left out are dropped, or averaged into the one before."""

    digits: int
    averaged: bool = False


@dataclass(frozen=True, eq=False)
class Sketch:
    """A curve, and what is found out of it once: the indices that must stay, and the range that digits are counted in."""

    curve: Curve
    landmarks: frozenset[int]
    span: float

    def written(self, points: int, way: Way) -> list[Any] | dict[str, Any]:
        """The series in about so many points, as `POST /diagnose` takes it."""
        kept = thinned(len(self.curve), self.landmarks, points)
        values = self.curve.values[kept]
        if way.averaged:
            with np.errstate(invalid="ignore", over="ignore"):  # infinity is data, and its mean is what it is
                means = np.add.reduceat(self.curve.values, kept) / np.diff([*kept, len(self.curve)])
            values = np.where([at in self.landmarks for at in kept], values, means)
        of_range = _places(self.span, way.digits)
        numbers = [_written(value, max(of_range, _places(abs(value), way.digits - 1))) for value in values.tolist()]
        return _series(self.curve, kept, numbers)


def sketched(report: Report, curves: Sequence[Curve]) -> tuple[Sketch, ...]:
    """Look at every curve once; those that were logged together keep the same points."""
    together: dict[bytes, set[int]] = {}
    clocks = [hashlib.blake2b(curve.steps.data).digest() for curve in curves]
    for clock, curve in zip(clocks, curves, strict=True):
        together.setdefault(clock, set()).update(landmarks(report, curve))
    return tuple(
        Sketch(curve, frozenset(together[clock]), _span(curve)) for clock, curve in zip(clocks, curves, strict=True)
    )


def landmarks(report: Report, curve: Curve) -> Iterator[int]:
    """Indices of what must stay."""
    yield from (0, len(curve) - 1)
    broken = np.flatnonzero(~curve.sound)
    if broken.size:
        yield from (max(int(broken[0]) - 1, 0), int(broken[0]))
    for measured in report.features.curves:
        if measured.name == curve.name:
            spikes = sorted(measured.spikes, key=lambda spike: -spike.height)[:SPIKES]
            for index in (measured.best_logged, *(spike.index for spike in spikes)):
                yield int(np.searchsorted(curve.steps, measured.curve.steps[index]))
    places = [place for judged in report.findings for place in (judged.finding.since, judged.finding.until)]
    for place in (*places, report.decision.restore):
        if place is not None and place.axis == curve.axis:
            yield min(int(np.searchsorted(curve.steps, place.at)), len(curve) - 1)


def thinned(size: int, landmarks: frozenset[int], points: int) -> list[int]:
    """Which of `size` values to keep: evenly about so many, each stretch by its landmarks where it has any."""
    if size <= points:
        return list(range(size))
    edges = np.linspace(0, size, points + 1).astype(np.intp)
    marked = {int(np.searchsorted(edges, mark, side="right")) - 1 for mark in landmarks}
    even = {int(edge) for stretch, edge in enumerate(edges[:-1]) if stretch not in marked}
    return sorted(even | landmarks)


def untold_direction(curve: Curve) -> Direction | None:
    """Which way is better, where the name would not tell."""
    meaning = directed(curve.name, understand(curve.name), None)
    return curve.direction if curve.role in JUDGED and meaning.direction != curve.direction else None


def _series(curve: Curve, kept: Sequence[int], values: list[float | str]) -> list[Any] | dict[str, Any]:
    """A bare list where that says all: one value an epoch, from 0."""
    steps = curve.steps[list(kept)]
    way = untold_direction(curve)
    counted = np.array_equal(steps, np.arange(steps.size))
    named_step = understand(curve.name).view == "step"
    found: dict[str, Any] = {"values": values}
    if not counted:
        found["steps"] = [number(step) for step in steps.tolist()]
    if named_step != (curve.axis == "step"):
        found["axis"] = curve.axis
    if way:
        found["direction"] = way
    return found if len(found) > 1 else values


def _span(curve: Curve) -> float:
    """The range of nearly all values."""
    finite = curve.values[curve.sound]
    low, high = np.quantile(finite, WITHIN) if finite.size else (0.0, 0.0)
    return float(high - low)


def _places(amount: float, digits: int) -> float:
    """How many places after the point are so many digits of an amount."""
    return digits - 1 - math.floor(math.log10(amount)) if 0.0 < amount < math.inf else -math.inf


def _written(value: float, places: float) -> float | str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return number(round(value, int(places))) if math.isfinite(places) else number(value)
