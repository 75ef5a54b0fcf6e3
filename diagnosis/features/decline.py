"""Whether training and validation both ended worse than they had been, though each swings too widely to tell by itself.

The middle of the last quarter against that of the best quarter before it, by the scatter of both. Or all of validation's second
half is worse than its first value, and training no better than it was when validation was best: spikes of single batches
threw the weights, and a log may have missed them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import MAD_TO_SD
from diagnosis.features.rise import Rise, measure_rate
from diagnosis.run import FloatArray

FEWEST = 20  # values; a quarter of fewer has no middle
GIVEN_BACK = 0.30  # of validation's progress
SIGMAS = 3.0  # standard errors of each; of both together that is more than four
SURELY = 4.0  # standard errors of the middle of the last quarter, and of three values, the best of many
OVER = "the middle of the last quarter, as validation's is,"
AFTERWARDS = "the middle of the last quarter, while validation is worse than at first,"
AROUND = 1  # values to either side of validation's best, of which training's level there is the middle
CLEAR = 2.0  # times their scatter above its first value, of the least of validation's second half


class _Decline(NamedTuple):
    best: float
    height: float
    errors: float


def measure_decline(loss: Measured, validation: Measured | None, learning_rate: Measured | None) -> Rise | None:
    """By how much both got worse, as a rise of training; None where either did not."""
    if validation is None or validation.curve.axis != loss.curve.axis:
        return None
    if (trained := _decline(loss)) is None or (validated := _decline(validation)) is None:
        return None
    if validated.height <= GIVEN_BACK * validation.progress:
        return None
    floor = trained.best + trained.height
    height = floor - loss.best
    noise = height / math.hypot(trained.errors, validated.errors)
    return Rise(height, floor, noise, noise, OVER, recovering=False, rate=measure_rate(loss, learning_rate, floor))


def measure_fall_back(gap: Gap | None, learning_rate: Measured | None) -> Rise | None:
    """The rise of a training loss since validation was best, where all of validation's second half is worse than its first value."""
    if gap is None or gap.validation.z.size < FEWEST:
        return None
    loss, z, half = gap.training, gap.validation.z, gap.validation.z.size // 2
    best = int(z.argmin())
    if best >= half or float(z[half:].min()) - float(z[0]) <= CLEAR * _scatter(z[half:]):
        return None
    late = gap.level[-max(int(TAIL * z.size), 1) :]
    then, floor = median(gap.level[max(best - AROUND, 0) : best + AROUND + 1]), median(late)
    noise = max(_scatter(late), 1e-300)
    if floor - then <= SURELY * noise * math.sqrt(0.5 * math.pi * (1 / late.size + 1 / (2 * AROUND + 1))):
        return None
    rate = measure_rate(loss, learning_rate, floor)
    height, at = floor - loss.best, gap.validation.best_position
    return Rise(height, floor, noise, noise, AFTERWARDS, recovering=False, rate=rate, best=at)


def _decline(curve: Measured) -> _Decline | None:
    z = curve.z[curve.begin :]
    size = int(TAIL * z.size)
    if z.size < FEWEST or curve.rebound <= 0.0:
        return None
    middles = np.median(sliding_window_view(z, size), axis=1)
    at = int(middles[:-size].argmin())
    height = float(middles[-1] - middles[at])
    scatter = math.hypot(*(max(_scatter(part), curve.grid_noise) for part in (z[at : at + size], z[-size:])))
    errors = height / max(scatter * math.sqrt(0.5 * math.pi / size), 1e-300)
    return _Decline(float(middles[at]), height, errors) if errors > SIGMAS else None


def _scatter(part: FloatArray) -> float:
    return MAD_TO_SD * median(np.abs(part - median(part)))
