"""Whether repeated runs end far apart, and in which way: some never learnt, one is far off, or all are scattered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnosis.features.siblings import Siblings

Way = Literal["idle", "single", "spread"]

SPREAD = 0.10  # share of the median progress, as standard deviation; repeats of benchmarks/ have up to 0.07
SIGMAS = 5.0  # noise levels of one value within a run, that the same spread must exceed
APART = 0.35  # share of the median progress, of one run from the middle of the others
SURELY = 2.0  # times the bound on deviations of the others: a run that is off by more need not be `APART`
ENOUGH = 0.15  # share of the median progress, that such a run is off by
AGREE = 0.10  # share of their progress, as standard deviation: runs whose training losses are that close trained alike


@dataclass(frozen=True)
class Scattered:
    """How far the best values of repeated runs are apart, and in which way.

    `spread`: their standard deviation as a share of progress; `noise`: in noise levels. `distance`: that of the oddest
    run from the middle of the others, positive where it is worse, and `apart` how far is too far; `times`: in standard
    deviations of the others, with its `bound`. `idle`: the runs that never learnt. `single`: the oddest run stands apart, whatever else is so.
    `alike`: training losses agree, so that the difference is in what was validated.
    """

    way: Way
    spread: float
    noise: float
    distance: float
    apart: float
    times: float
    bound: float
    idle: tuple[str, ...]
    single: bool
    alike: bool


def measure_scattered(siblings: Siblings) -> Scattered | None:
    """Hold runs against each other; None where they agree."""
    distance, times, spread = siblings.distance, siblings.times, siblings.spread / siblings.gained
    noise = siblings.spread / max(siblings.noise, 1e-300)
    apart = ENOUGH if times > SURELY * siblings.bound else APART
    wide, single = spread > SPREAD and noise > SIGMAS, abs(distance) > apart and times > siblings.bound
    if not wide and not single:
        return None
    idle, alike = siblings.never_learnt, siblings.trained is not None and siblings.trained < AGREE
    return Scattered(
        _way(idle, single=single), spread, noise, distance, apart, times, siblings.bound, idle, single, alike
    )


def _way(idle: tuple[str, ...], *, single: bool) -> Way:
    """One run that never learnt is the one that stands apart, where there is one; several are no outlier."""
    if len(idle) > 1 or (idle and not single):
        return "idle"
    return "single" if single else "spread"
