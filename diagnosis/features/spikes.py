"""Jumps upwards that recover.

A point is a spike when it stands far above the median of its neighbours, measured by the noise and by the run's
progress at once (a noise hit is no spike, nor is a bump nobody would notice), and the curve comes back below half of
the jump's height soon after. Counted on the raw values: smoothing removes what is looked for.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from diagnosis.features.middle import median
from diagnosis.features.noise import MAD_TO_SD, noise_level
from diagnosis.run import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]

SIGMAS = 8.0  # noise levels; the healthiest public language-model runs reach 4.5 at most
SHARE = 0.20  # of the run's progress
TAIL, TAILS = 0.90, 5.5  # a jump is this many times what nine in ten values stay below (a normal's 7 noise levels)
LEAST = 10  # points: in fewer, every one of them is an event
NEAREST = (
    5  # points likewise: on a steep descent fifteen are no neighbours, and the jump is hidden by what it fell from
)
SURROUNDINGS = 50  # points to either side in which noise is measured: 100 in all, as trainers do
NEIGHBOURS = 15  # points in the local median: a spike of up to seven points does not move it
RECOVERY_SHARE = 0.05  # of the curve, at least RECOVERY_MIN points, to come back in
RECOVERY_MIN = 8  # points
REST = 0.1  # of a jump's height: less is gone
BEGUN = 2  # values before a jump: the first step of a run often goes up
APART, WIDELY = 1.5, 0.10  # times the highest value that is no jump, within this share of the curve
ONE_JUMP = 4  # points: what stands out again within as many is the same jump, ragged by noise
FREQUENT = 0.16  # of all values: where more jump, jumping is what the curve does
HIDING = 0.8  # of the share of values that is beyond `TAIL`: so many jumps begin to hide each other
FEW = 2  # jumps of single values: one shows by what surrounds it
PART = 0.34  # of all values at most: with more, jumping is what the curve does
OF_HIGHEST = 0.25  # of the highest of them: what is lower may be noise
CLEAR = 3.0  # times the highest rise of all other values: of 3000 falls with 5 to 35 % of noise, one has such peaks by chance
SHORT = 200  # values: in more, a tenth that jump are the noise
CANDIDATES = 512  # the tallest are looked at; a curve with more of them oscillates


@dataclass(frozen=True)
class Spike:
    """A jump at `index`: how far above its surroundings, how many points until half of it was gone, and the noise it stands out of."""

    index: int
    height: float
    recovery: int
    noise: float


def spikes(values: FloatArray, noise: float, progress: float) -> tuple[Spike, ...]:
    """Find the jumps of a finite curve (n,), lower is better; `noise` and `progress` in its units."""
    found = _among(values, noise, progress)
    lone = _lone(values, progress) if LEAST <= values.size <= SHORT and progress > 0.0 else ()
    return lone if len(lone) > len(found) else found


def _among(values: FloatArray, noise: float, progress: float) -> tuple[Spike, ...]:
    """The jumps out of what surrounds them, which is mostly calm."""
    n = values.size
    bar = max(SIGMAS * noise, SHARE * progress)
    if n < LEAST or bar <= 0.0 or not _may_jump(values, bar):
        return ()
    excess = np.maximum(_excess(values, NEIGHBOURS), _excess(values, NEAREST))
    above = np.flatnonzero(excess > bar)
    if above.size == 0:
        return ()
    if above.size > CANDIDATES:
        above = np.sort(above[np.argsort(excess[above])[-CANDIDATES:]])
    found: list[Spike] = []
    spans: list[tuple[int, int]] = []
    limit = max(RECOVERY_MIN, int(n * RECOVERY_SHARE))
    groups = np.split(above, np.flatnonzero(np.diff(above) > ONE_JUMP) + 1)
    ordinary = excess
    if (1.0 - TAIL) * HIDING * n < above.size <= FREQUENT * n and n <= SHORT:  # so many would hide each other
        ordinary = excess.copy()
        ordinary[above] = np.inf
    peaks = [int(group[np.argmax(excess[group])]) for group in groups]
    ways = _ways_back(peaks, excess)
    for group, peak in zip(groups, peaks, strict=True):
        height = float(excess[peak])
        calm = values[peak] - 0.5 * height
        after = values[peak + 1 : peak + 1 + limit]
        back = np.flatnonzero(after < calm)
        if peak >= BEGUN and back.size and height > _ordinary(peak, _gone(peak, height, excess), ordinary, ways):
            found.append(Spike(peak, height, int(back[0]) + 1, noise))
            spans.append((int(group[0]), max(int(group[-1]), peak + int(back[0]) + 1)))
    return tuple(spike for spike in found if spike.height > _tail(spike, spans, excess))


def _lone(values: FloatArray, progress: float) -> tuple[Spike, ...]:
    """The jumps of single values in a run so short that they are one another's surroundings: what is left without them must be calm."""
    heights = np.zeros(values.size)
    heights[BEGUN:-1] = values[BEGUN:-1] - np.maximum(values[BEGUN - 1 : -2], values[BEGUN + 1 :])
    peaks = np.flatnonzero(heights > max(SHARE * progress, OF_HIGHEST * float(heights.max())))
    if not max(FEW, (1.0 - TAIL) * HIDING * values.size) <= peaks.size <= PART * values.size:
        return ()
    rest = np.delete(values, peaks)
    noise = noise_level(rest)
    if float(heights[peaks].min()) <= max(SIGMAS * noise, CLEAR * float(np.diff(rest).max())):
        return ()
    return tuple(Spike(int(peak), float(heights[peak]), 1, noise) for peak in peaks)


def _excess(values: FloatArray, window: int) -> FloatArray:
    """How far each value stands above the median of its neighbours (n,).

    A descent's first points stand above theirs: only what also stands above the point before's can be a jump.
    """
    local = median_filter(values, size=window, mode="nearest")
    return values - np.maximum(local, np.concatenate(([np.inf], local[:-1])))


def _tail(spike: Spike, spans: list[tuple[int, int]], excess: FloatArray) -> float:
    """What a jump of one value must exceed: the top of a long tail is a hard batch, no event; `spans`: from where to where jumps go."""
    if spike.recovery > 1:
        return 0.0
    reach = max(int(excess.size * WIDELY), SURROUNDINGS)
    low = max(spike.index - reach, 0)
    near = excess[low : spike.index + reach].copy()
    for first, last in spans:
        near[max(first - ONE_JUMP - low, 0) : max(last + ONE_JUMP - low, 0)] = 0.0
    return APART * float(near.max())


def _gone(peak: int, height: float, excess: FloatArray) -> int:
    """How many values after a jump the rest of it is gone: until then the curve tells of the jump, not of its noise."""
    after = np.flatnonzero(excess[peak + 1 : peak + 1 + SURROUNDINGS] < REST * height)
    return int(after[0]) + 1 if after.size else 1


def _ways_back(peaks: list[int], excess: FloatArray) -> BoolArray:
    """Which values (n,) are on the way back from a jump: of what surrounds another jump it is one value, and no more."""
    ways = np.zeros(excess.size, dtype=np.bool_)
    for peak in peaks:
        ways[peak + 1 : peak + _gone(peak, float(excess[peak]), excess)] = True
    return ways


def _ordinary(peak: int, width: int, excess: FloatArray, ways: BoolArray) -> float:
    """What is still noise around a jump: a run calm at its end may be wild at its start, and losses have long tails."""
    low, high = max(peak - SURROUNDINGS, 0), peak + SURROUNDINGS
    near = np.where(ways, np.inf, excess)[low:high]
    near[max(peak - width - low, 0) : peak + width + 1 - low] = np.inf
    near = np.sort(near[np.isfinite(near)])  # the first value has none before it
    if not near.size:
        return 0.0
    scatter = MAD_TO_SD * median(np.abs(near - near[near.size // 2]))
    return max(SIGMAS * scatter, TAILS * float(near[int(near.size * TAIL)]))


def _may_jump(values: FloatArray, bar: float) -> bool:
    """A cheap look before the median filter: without a single rise of the bar's size in a few points, no spike."""
    return bool((values[1:] - values[:-1]).max() > 0.5 * bar)
