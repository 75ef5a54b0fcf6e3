"""What a finding can point at on a curve, beside where it begins and ends: each spike, each cycle, the level it stays at.

Whoever draws a report draws these: the pictures of the service, and through `?curves=full` every other client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.period import period_of
from diagnosis.features.rate import rate_at, restarted
from diagnosis.features.schedule import Change
from diagnosis.report import Judged

Kind = Literal["spikes", "periods", "level"]
CYCLES = 60  # of a period that are marked; more are closer together than the eye can tell
CHANGES = 12  # of the learning rate that are marked, the strongest


@dataclass(frozen=True, eq=False)
class Mark:
    """Values of one curve: `at` are their indices (k,); `level` is a height, in the unit that was logged."""

    kind: Kind
    measured: Measured
    at: npt.NDArray[np.intp]
    level: float | None = None


def mark_of(judged: Judged, features: Features, names: frozenset[str] | None = None) -> Mark | None:
    """What a finding points at, on the first of its curves, of those `names` where some are given; None where at nothing."""
    told = judged.finding.series
    measured = next((m for m in features.curves if m.name in told and (names is None or m.name in names)), None)
    make = KINDS.get(judged.condition)
    return make(measured, features) if make and measured else None


def changes_of(features: Features) -> tuple[Change, ...]:
    """Where the learning rate went down, or back up, at once, in the order they come."""
    schedule = features.schedule
    if schedule is None:
        return ()
    strongest = sorted((*schedule.drops, *schedule.restarts), key=lambda change: -abs(np.log(change.factor)))
    return tuple(sorted(strongest[:CHANGES], key=lambda change: change.share))


def _level(measured: Measured, features: Features) -> Mark:  # noqa: ARG001 - one signature for all
    return Mark("level", measured, _indices([]), measured.sign * measured.end)


def _spikes(measured: Measured, features: Features) -> Mark:
    """The jumps that are counted: not those of a rate that was put back up."""
    rates = rate_at(features.learning_rate, measured.curve)
    return Mark("spikes", measured, _indices([s.index for s in measured.spikes if not restarted(rates, s.index)]))


def _periods(measured: Measured, features: Features) -> Mark | None:
    """Where each cycle begins, from the last that was seen whole backwards."""
    curve = measured.curve
    found = period_of(measured, features.run)
    if found is None or found.points < 1.0:
        return None
    starts = np.arange(min(found.origin, len(curve) - 1), 0.0, -found.points)[:CYCLES]
    return Mark("periods", measured, _indices(starts[::-1]))


def _indices(found: npt.ArrayLike) -> npt.NDArray[np.intp]:
    return np.asarray(found, dtype=np.intp)


# The conditions that are more than a stretch of the run.
KINDS: Mapping[str, Callable[[Measured, Features], Mark | None]] = {
    "plateau": _level,
    "loss_spike": _spikes,
    "periodic_pattern": _periods,
}
