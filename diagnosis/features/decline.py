"""Whether training and validation both ended worse than they had been, though each swings too widely to tell by itself.

The middle of the last quarter against that of the best quarter before it, by the scatter of both; of a short run, the losses and the
accuracies of both, all of which went back, or both losses, which left their first values by far. Or all of validation's second
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
from diagnosis.features.noise import MAD_TO_SD, noise_level
from diagnosis.features.rise import Rise, measure_rate
from diagnosis.features.turn import wins_back
from diagnosis.rewards import is_reward
from diagnosis.run import FloatArray

FEWEST = 20  # values; a quarter of fewer has no middle
GIVEN_BACK = 0.30  # of validation's progress
WON_BACK = 0.5  # of what validation lost
FEW, THREE = 10, 3  # values of a short run, and how many of these have a middle
GONE = 0.20  # of the progress of each curve of a short run, when all of them went back
# Standard errors of each split by itself, and of both together: of 3822 beginnings and ends of healthy runs of the corpus, of
# 10 to 19 values, none gave back as much in all curves.
SOME, BOTH = 1.0, 2.5
SIGMAS = 3.0  # standard errors of each; of both together that is more than four
SURELY = 4.0  # standard errors of the middle of the last quarter, and of three values, the best of many
LEAST, FIRST = 5, 2  # values of a short run, and those it began with
BEYOND = 15.0  # times what lay between these two, in both: noise of two values may be small by chance
TOGETHER = "the least of the second half, as validation's is,"
AGREE = "the middle of the last quarter, as that of all other curves is,"
OVER = "the middle of the last quarter, as validation's is,"
AFTERWARDS = "the middle of the last quarter, while validation is worse than at first,"
AROUND = 1  # values to either side of validation's best, of which training's level there is the middle
CLEAR = 2.0  # times their scatter above its first value, of the least of validation's second half


class _Decline(NamedTuple):
    best: float
    height: float
    errors: float
    lost: float = 0.0


def measure_decline(loss: Measured, validation: Measured | None, learning_rate: Measured | None) -> Rise | None:
    """By how much both got worse, as a rise of training; None where either did not."""
    if validation is None or validation.curve.axis != loss.curve.axis:
        return None
    if (trained := _decline(loss)) is None or (validated := _decline(validation)) is None:
        return None
    over = loss.tail.falling and wins_back(validation, validation.best_index, validation.best, WON_BACK)
    if over or validated.height <= GIVEN_BACK * validation.progress:
        return None
    floor = trained.best + trained.height
    height = floor - loss.best
    noise = height / math.hypot(trained.errors, validated.errors)
    return Rise(height, floor, noise, noise, OVER, recovering=False, rate=measure_rate(loss, learning_rate, floor))


def measure_collapse(
    loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], learning_rate: Measured | None
) -> Rise | None:
    """By how much training got worse in a run of few values, where validation, and the metrics of both, went back as well; else None.

    Each is too short to tell by itself; that all of them are unlucky at once, none is.
    """
    told = [m for m in metrics if m.curve.role == "val_metric"]
    if validation is None or not told or not FEW <= loss.z.size < FEWEST or loss.tail.falling:
        return None
    trained = [_middles(m) for m in (loss, *(m for m in metrics if m not in told))]
    validated = [_middles(m) for m in (validation, *told)]
    seen = [each for each in (*trained, *validated) if each is not None and each.lost > GONE]
    alike = all(m.curve.axis == loss.curve.axis for m in (validation, *metrics))
    if not alike or len(seen) < len(trained) + len(validated):
        return None
    sides = [float(np.mean([each.errors for each in part if each])) for part in (trained, validated)]
    if min(sides) <= SOME or sum(sides) <= BOTH * math.sqrt(len(sides)):
        return None
    floor = seen[0].best + seen[0].height
    height = floor - loss.best
    noise, rate, at = height / math.hypot(*sides), measure_rate(loss, learning_rate, floor), validation.best_position
    return Rise(height, floor, noise, noise, AGREE, recovering=False, rate=rate, best=at)


def measure_departure(
    loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], learning_rate: Measured | None
) -> Rise | None:
    """By how much both losses of a run of few values stand above their first ones in all of its second half; None where either does not, or right answers got better."""
    if validation is None or validation.curve.axis != loss.curve.axis or not LEAST <= loss.z.size < FEWEST:
        return None
    if loss.begin or loss.tail.falling or is_reward(loss.curve) or any(m.end < m.start for m in metrics):
        return None
    if min(_departure(loss), _departure(validation)) <= BEYOND:
        return None
    floor = float(loss.z[loss.z.size // 2 :].min())
    noise = float(np.ptp(loss.z[:FIRST]))
    rate = measure_rate(loss, learning_rate, floor)
    return Rise(
        floor - loss.best, floor, noise, noise, TOGETHER, recovering=False, rate=rate, best=validation.best_position
    )


def _departure(curve: Measured) -> float:
    """How far the second half of few values is above the first ones, in what lay between those."""
    first, later = curve.z[:FIRST], curve.z[curve.z.size // 2 :]
    between = float(np.ptp(first))
    return float(later.min() - first.max()) / between if later.size and between > 0.0 else 0.0


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
    height = floor - loss.best
    _, at = gap.validation.best_value  # by the noise of a calm end, any good value is a dip
    before = min(noise, noise_level(gap.level[:half]))  # what was thrown is less calm than what it left
    return Rise(height, floor, noise, before, AFTERWARDS, recovering=False, rate=rate, best=at)


def _decline(curve: Measured) -> _Decline | None:
    if curve.z.size - curve.begin < FEWEST or curve.rebound <= 0.0:
        return None
    found = _middles(curve)
    return found if found and found.errors > SIGMAS else None


def _middles(curve: Measured) -> _Decline | None:
    """How far the middle of the last quarter is above the lowest before it; None where it is not, or there are too few values."""
    z = curve.z[curve.begin :]
    size = max(int(TAIL * z.size), THREE)
    if z.size < FEW:
        return None
    middles = np.median(sliding_window_view(z, size), axis=1)
    at = int(middles[:-size].argmin())
    height = float(middles[-1] - middles[at])
    scatter = math.hypot(*(max(_scatter(part), curve.grid_noise) for part in (z[at : at + size], z[-size:])))
    errors = height / max(scatter * math.sqrt(0.5 * math.pi / size), 1e-300)
    gained = float(max(z[0], middles[0]) - middles[at])
    return _Decline(float(middles[at]), height, errors, height / gained if gained > 0.0 else math.inf)


def _scatter(part: FloatArray) -> float:
    return MAD_TO_SD * median(np.abs(part - median(part)))
