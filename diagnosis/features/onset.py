"""When learning set in: a curve that stays where it began and then goes down.

What tells a late onset from a slow beginning is that nothing at all happens before it: half-way to the onset the curve
has not moved, and after it the fall is many times as fast. A curve that falls from its first value has no onset. The level is
the middle of the first few values, of which a single one may stand apart by its noise; from it they may not stray far.
"""

from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median

LEVEL = 5  # values: the middle of the first ones
MADE = 0.05  # share of progress: the first real gain, which is the onset
WELL_UNDER_WAY = 0.30  # share of progress: the descent after the onset is measured to there


@dataclass(frozen=True)
class Onset:
    """Grid `index` of the first gain, its `share` of the run, `moved` before (share of progress), `steeper` after.

    `begin`: the index from which it stood still until then.
    """

    index: int
    share: float
    moved: float
    steeper: float
    begin: int = 0


def measure_onset(curve: Measured, least: int = 0, after: int = 0) -> Onset | None:
    """Where the first twentieth of the progress was made; None where there is none, or it came within `least` values.

    `after`: the grid index from which it is looked for; what was gained before that does not count.
    """
    begin = max(curve.begin, after)
    s, progress = curve.s[begin:], gained_after(curve, after)
    start = min(float(s[0]) if after else curve.start, median(s[:LEVEL]))
    made = s <= start - MADE * progress
    if progress <= 0.0 or made[: least + 1].any():  # as in most runs: no need to look further
        return None
    index = int(made.argmax())
    if not index:  # never
        return None
    on = int((s <= start - WELL_UNDER_WAY * progress).argmax())
    early, late = float(curve.x[begin + index] - curve.x[begin]), float(curve.x[begin + on] - curve.x[begin + index])
    moved = max(start - float(s[: index // 2 + 1].min()), float(s[:index].max()) - start) / progress
    # The descent may be over within one point.
    steeper = (WELL_UNDER_WAY - MADE) * early / (MADE * max(late, early / index))
    share = early / max(float(curve.x[-1] - curve.x[0]), 1e-300)
    return Onset(begin + index, share, moved, steeper, begin)


def gained_after(curve: Measured, index: int) -> float:
    """What a run gained from a grid index on; all of it from the first."""
    return max(float(curve.s[index]) - min(curve.best, curve.end), 0.0) if index else curve.progress
