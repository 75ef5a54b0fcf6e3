"""One axis for all that is drawn of a run, where some of it was logged by step and some by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnosis.features import Features
from diagnosis.run import Axis, Curve, FloatArray, Position


@dataclass(frozen=True)
class Ruler:
    """The axis that is drawn, and the line on it along which positions of the other axis lie."""

    axis: Axis
    offset: float = 0.0
    scale: float = 1.0

    def places(self, curve: Curve) -> FloatArray:
        """Where the values of a curve are drawn (n,)."""
        return self._on(curve.steps, curve.axis)

    def place(self, position: Position) -> float:
        """Where a position is drawn."""
        return float(self._on(np.array([position.at], dtype=np.float64), position.axis)[0])

    def _on(self, at: FloatArray, axis: Axis) -> FloatArray:
        return at if axis == self.axis else self.offset + self.scale * at


def ruler_of(curves: Sequence[Curve], features: Features) -> Ruler:
    """The axis of the first curve; the other is laid along it as the gap was measured, else so that both end together.

    A finding may be told in positions of a curve that is not drawn.
    """
    axis = curves[0].axis
    other = next((curve for curve in (*curves, *features.run.curves) if curve.axis != axis and len(curve)), None)
    if other is None:
        return Ruler(axis)
    here = _ends(curves[0].steps)
    there = _ends(other.steps)
    gap = features.gap
    if gap is not None and gap.training.curve.axis == axis != gap.validation.curve.axis and gap.at.size:
        here, there = _ends(gap.at), _ends(gap.validation.x)
    if there[1] <= there[0]:
        return Ruler(axis, here[1] - there[1])
    scale = (here[1] - here[0]) / (there[1] - there[0])
    return Ruler(axis, here[0] - scale * there[0], scale)


def _ends(steps: FloatArray) -> tuple[float, float]:
    return float(steps[0]), float(steps[-1])
