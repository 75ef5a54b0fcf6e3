"""Whether validation jumps from value to value far more than training does, and by how much of what was learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.schedule import Schedule
from diagnosis.features.swings import LEVELS

TIMES = 3.0  # times the noise of training
SHARE = 0.04  # share of what was learnt: less hides no best epoch
EARLY = 2.5  # times that share while training goes on: what there is to learn is not known yet
LEARNT = 5.0  # noise levels of training that must have been learnt: else training is not calm either
DWARFED = 10.0  # times that noise: what validation lost by so much is hidden by no jumps, which grow with a loss
CALMED, CALM = 4, 0.5  # values after the last drop of the rate, and of the noise, that they lie apart at most
MOST = 1000.0  # times the noise of training: beyond, training has no noise to speak of


@dataclass(frozen=True)
class Jitter:
    """The noise of validation: `times` that of training, and a `share` of what was learnt, which exceeds `bound`."""

    times: float
    share: float
    bound: float


def measure_jitter(validation: Measured, pair: Gap, schedule: Schedule | None, *, finished: bool) -> Jitter | None:
    """How much validation jumps, lone peaks and all; None where it is calm in the end, or training is not calm."""
    half = validation.index_after(0.5)
    unit = max(pair.learnt, validation.progress)
    bound = SHARE if finished else EARLY * SHARE
    jumps = noise_level(validation.z, peaks=True)
    if jumps <= bound * unit or min(pair.learnt, pair.training.progress) <= LEARNT * pair.train_noise:
        return None
    if np.unique(validation.z[half:]).size <= LEVELS:
        return None  # what was rounded away is not known
    noise = min(jumps, noise_level(validation.z[half:], peaks=True))
    times = min(noise / max(pair.train_jumps, noise / MOST, 1e-300), MOST)
    times = round(times, 9)  # rounded logs make exact multiples
    if times <= TIMES or noise <= bound * unit or validation.rebound > DWARFED * noise:
        return None
    return None if _calmed(validation, schedule, noise) else Jitter(times, noise / unit, bound)


def _calmed(validation: Measured, schedule: Schedule | None, noise: float) -> bool:
    """Whether the last drop of the rate has ended it: what came after lies close together."""
    if schedule is None or not schedule.drops:
        return False
    after = [i for i in range(validation.z.size) if schedule.share_at(validation, i) >= schedule.drops[-1].share]
    return len(after) >= CALMED and float(np.ptp(validation.z[after])) < CALM * noise
