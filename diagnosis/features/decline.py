"""Whether training and validation both ended worse than they had been, though each swings too widely to tell by itself.

The middle of the last quarter against that of the best quarter before it, by the scatter of both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import MAD_TO_SD
from diagnosis.features.rise import Rise, measure_rate
from diagnosis.run import FloatArray

FEWEST = 20  # values; a quarter of fewer has no middle
GIVEN_BACK = 0.30  # of validation's progress
SIGMAS = 3.0  # standard errors of each; of both together that is more than four
OVER = "the middle of the last quarter, as validation's is,"


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
