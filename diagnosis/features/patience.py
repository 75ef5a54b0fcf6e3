"""Early stopping, replayed on the run it is advised for: a rule that would have stopped it too soon is no advice.

The rule is that of Keras, Lightning and Hugging Face alike: a value counts where it is below the last one that counted by more than
`min_delta`, and the run is stopped after `patience` values of which none did.
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import FloatArray

HALVED = (1.0, 0.5, 0.25, 0.0)  # of the change asked for, where a larger one would not have been met in time
LONGER = 2.0  # times the patience wished for: before more is asked for, a smaller change is
STEPS = 5000  # of such changes in the whole progress: a smaller one is none


def bear(curve: Measured, patience: int, least: float, until: int | None = None) -> tuple[int, float]:
    """The patience, in values, and the least change with which a run is not stopped before its `until`-th value.

    Those wished for where they do; else a smaller change, and as much more patience as the longest wait took. Where it is not
    said until when, the run goes on until all but the least change is gained.
    """
    best = np.minimum.accumulate(curve.sign * curve.curve.values)
    if until is None:
        until = int((best > curve.best + least).sum())
    gained = best[0] - best[: until + 1]
    changes = [least * share if least * share * STEPS > gained[-1] else 0.0 for share in HALVED]
    borne = [(max(patience, _longest(gained, change) + 1), change) for change in changes]
    return next((each for each in borne if each[0] <= LONGER * patience), min(borne))


def _longest(gained: FloatArray, least: float) -> int:
    """The longest wait, in values, for more than such a change in what was gained so far (n,); the last one may not have ended."""
    if least == 0.0:
        counted = np.flatnonzero(np.diff(gained)) + 1
    else:
        steps, at = [], 0
        while (at := int(np.searchsorted(gained, gained[at] + least, side="right"))) < gained.size:
            steps.append(at)
        counted = np.array(steps, dtype=int)
    return int(np.diff(np.concatenate(([0], counted, [gained.size - 1]))).max())
