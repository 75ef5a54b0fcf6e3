"""A fall that goes on as evenly as steps are taken: what is learnt is set by the rate, and nothing there is to learn runs out yet.

What comes to rest by itself slows from the first: of an exponential, each quarter of the run has the same small share of the one before.
Under a constant rate that is far too low all quarters are alike; under a cosine, logged or not, they go as 1, 0.7, 0.3 and 0.05.
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import FloatArray

LASTING = 0.6  # of the first quarter's fall, at least, in the second
SMOOTHLY = 0.2  # of the second's, at least, in the third; where a rate is dropped at once, it has next to nothing
SLACK = 0.35  # of the second's, at most, in the last, where a rate came down
SURELY = 6.0  # standard errors of the final level, by which it fell in all; noise has quarters of any kind


def evenly(curve: Measured) -> bool:
    """Whether a curve went on falling as evenly as steps are taken."""
    first, second, third, last = _quarters(curve)
    fell = curve.start - curve.end > SURELY * curve.end_error
    return bool(fell and second > LASTING * first > 0.0 and third > SMOOTHLY * second and last >= 0.0)


def slackens(curve: Measured) -> bool:
    """Whether it did until its second half, and then less and less."""
    _, second, third, last = _quarters(curve)
    return evenly(curve) and bool(third < second and last < SLACK * second)


def _quarters(curve: Measured) -> FloatArray:
    """What each quarter of a run brought (4,)."""
    at = np.linspace(curve.x[curve.begin], curve.x[-1], 5)
    return -np.diff(np.interp(at, curve.x, curve.s))
