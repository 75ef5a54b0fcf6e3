"""Whether a policy came to do one thing only: its entropy, where that is logged, is all but gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.names import words
from diagnosis.run import Position

GONE = 0.05  # of what it was at first: one action is taken nineteen times in twenty, or surer
OTHERS = {"cross", "coef", "coefficient", "target"}  # words of what is no policy's entropy, but named for one
LASTS = 0.2  # of the run, up to its end: less may be a stretch of luck


@dataclass(frozen=True, eq=False)
class Collapse:
    """The entropy that `began` at so much, in its own unit and without a sign, and was all but gone `since`."""

    curve: Measured
    began: float
    since: Position


def measure_collapse(curves: Iterable[Measured]) -> Collapse | None:
    """By the first curve that is called one; some log it as a loss, with a minus."""
    named = (c for c in curves if "entropy" in (said := set(words(c.name))) and not OTHERS & said)
    for curve in (c for c in named if c.curve.role == "other"):
        sizes = np.abs(curve.curve.values)
        (kept,) = (sizes > GONE * sizes[0]).nonzero()
        gone = int(kept[-1]) + 1 if kept.size else 0
        if 0 < gone <= (1.0 - LASTS) * curve.n:
            return Collapse(curve, float(sizes[0]), curve.curve.position(gone))
    return None
