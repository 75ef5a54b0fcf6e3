"""Early stopping, replayed on the run it is advised for: a rule that would have stopped it too soon is no advice.

The rule is that of Keras, Lightning and Hugging Face alike: a value counts where it is below the last one that counted by more than
`min_delta`, and the run is stopped after `patience` values of which none did.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

from diagnosis.features.measured import Measured

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
    better = np.concatenate(([0], np.flatnonzero(np.diff(gained)) + 1))
    levels, last, borne = gained[better].tolist(), gained.size - 1, []
    for share in HALVED:
        change = least * share if least * share * STEPS > gained[-1] else 0.0
        borne.append((max(patience, _longest(better, levels, last, change) + 1), change))
        if borne[-1][0] <= LONGER * patience:
            return borne[-1]
    return min(borne)


def _longest(better: npt.NDArray[np.int64], levels: list[float], last: int, least: float) -> int:
    """The longest wait, in values, for more than such a change; the last one may not have ended.

    `better` (k,): where the run was better than ever, `levels` (k,): what it had gained there. `last`: its last value.
    """
    counted = better
    if least:
        kept, at = [0], 0
        while (at := bisect_right(levels, levels[at] + least, at)) < len(levels):
            kept.append(at)
        counted = better[kept]
    return int(np.diff(counted, append=last).max())
