"""Curves in few points and few digits, without what they are looked at for being lost.

Points are left out, so that noise stays noise, or averaged, where only that tells the same story. The first and the last, the best, spikes, the first that is not
finite, and every place that a finding names are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from diagnosis.names import understand
from diagnosis.report import Report
from diagnosis.roles import directed
from diagnosis.run import Curve, Direction, FloatArray, number
from schemas.curves import JUDGED

SPIKES = 12  # kept of one curve, the highest; a curve with more of them shows it without
WITHIN = (0.02, 0.98)  # of the values: the range that digits are counted in


class Way(NamedTuple):
    """How to thin: so many digits of each curve's range; values left out are dropped, or averaged into the one before."""

    digits: int
    averaged: bool = False


def written(report: Report, curves: Sequence[Curve], points: int, way: Way) -> dict[str, Any]:
    """The history of these curves in about so many points each."""
    shared: dict[bytes, set[int]] = {}
    for curve in curves:  # curves that were logged together are thinned together
        shared.setdefault(curve.steps.tobytes(), set()).update(landmarks(report, curve))
    kept = {steps: thinned(len(steps) // 8, marks, points) for steps, marks in shared.items()}
    history = {}
    for curve in curves:
        at = kept[curve.steps.tobytes()]
        values = _means(curve.values, at, shared[curve.steps.tobytes()]) if way.averaged else curve.values[at]
        history[curve.name] = _series(curve, at, _rounded(values, curve, way.digits))
    return history


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


def thinned(size: int, landmarks: set[int], points: int) -> list[int]:
    """Which of `size` values to keep: evenly about so many, each stretch by its landmarks where it has any."""
    if size <= points:
        return list(range(size))
    edges = np.linspace(0, size, points + 1).astype(np.intp)
    marked = {int(np.searchsorted(edges, mark, side="right")) - 1 for mark in landmarks}
    even = {int(edge) for stretch, edge in enumerate(edges[:-1]) if stretch not in marked}
    return sorted(even | landmarks)


def _means(values: FloatArray, kept: Sequence[int], landmarks: set[int]) -> FloatArray:
    """Each kept value with those that are left out after it, averaged; landmarks as they are."""
    ends = (*kept[1:], values.size)
    return np.array(
        [values[a] if a in landmarks else values[a:b].mean() for a, b in zip(kept, ends, strict=True)], dtype=np.float64
    )


def _series(curve: Curve, kept: Sequence[int], values: list[float | str]) -> list[Any] | dict[str, Any]:
    steps = curve.steps[list(kept)]
    way = untold_direction(curve)
    implied = curve.axis == "epoch" or understand(curve.name).view == "step"
    if np.array_equal(steps, np.arange(steps.size)) and implied and way is None:
        return values
    found: dict[str, Any] = {"values": values}
    if not np.array_equal(steps, np.arange(steps.size)):
        found["steps"] = [number(step) for step in steps.tolist()]
    if not implied or understand(curve.name).view == "step":
        found["axis"] = curve.axis
    return found | ({"direction": way} if way else {})


def untold_direction(curve: Curve) -> Direction | None:
    """Which way is better, where the name would not tell."""
    meaning = directed(curve.name, understand(curve.name), None)
    return curve.direction if curve.role in JUDGED and meaning.direction != curve.direction else None


def _rounded(values: FloatArray, curve: Curve, digits: int) -> list[float | str]:
    """Numbers with so many digits of the curve's range, and of their own where they are smaller."""
    finite = curve.values[curve.sound]
    low, high = np.quantile(finite, WITHIN) if finite.size else (0.0, 0.0)
    of_range = _places(high - low, digits) if high > low else -math.inf
    return [_written(value, max(of_range, _places(abs(value), digits - 1))) for value in values.tolist()]


def _places(amount: float, digits: int) -> float:
    """How many places after the point are so many digits of an amount."""
    return digits - 1 - math.floor(math.log10(amount)) if 0.0 < amount < math.inf else -math.inf


def _written(value: float, places: float) -> float | str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return number(round(value, int(places))) if math.isfinite(places) else number(value)
