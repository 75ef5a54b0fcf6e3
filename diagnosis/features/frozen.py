"""A curve that was falling fast until its learning rate dropped, and stood still from there: the drop came too early."""

from dataclasses import dataclass

from diagnosis.features.measured import Measured
from diagnosis.features.schedule import Change, Schedule

BEFORE = 0.25  # of the stretch before the drop: over which its pace is measured
LEAST = 3  # points of it
STEEP = 0.15  # share of progress, gained over that stretch: the fall was far from over; healthy drops come below 0.11
PACE = 0.5  # of the stretch's, which the last step before the drop must have had: else it was coming to rest
COOLED = 0.3  # share of the highest rate, at which the run goes on and ends: more is a gentle step
AFTER = 2.0  # times that stretch: so long the loss could go on after the drop, and gained less than at the pace before


@dataclass(frozen=True)
class Frozen:
    """The drop, what the last stretch before it gained and all that came after (shares of progress)."""

    drop: Change
    before: float
    after: float


def measure_frozen(curve: Measured, schedule: Schedule | None) -> Frozen | None:
    """The first drop that takes most of the rate, and what it cost; None without one, or too close to either end."""
    if schedule is None or schedule.restarts or schedule.rates[-1] > COOLED * schedule.peak:
        return None
    # What comes to rest at half of the rate comes to rest by itself.
    drop = next((each for each in schedule.drops if schedule.level(each.share) <= COOLED), None)
    if drop is None:
        return None
    shares = (curve.x - curve.x[0]) / max(float(curve.x[-1] - curve.x[0]), 1e-300)
    at = int((shares < drop.share).sum())  # the first point logged at the lower rate
    wide = max(int(BEFORE * at), LEAST)
    if at <= wide or curve.s.size - at < AFTER * wide:
        return None
    level = float(curve.s[at - 1])
    before = curve.share(float(curve.s[at - 1 - wide]) - level)
    lately = curve.share(float(curve.s[at - 2]) - level)
    after = curve.share(level - min(curve.end, curve.best))
    # As much again, at the pace before, is what so long a time would have brought at least.
    steep = before > STEEP and lately > PACE * before / wide
    return Frozen(drop, before, after) if steep and after < AFTER * before else None
