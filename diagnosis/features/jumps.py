"""The jumps of a loss that recovered, taken together: how many, how often, how high, and whether the rate rose before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.rate import jump, raised, rate_at, restarted, says_restarts, withstood
from diagnosis.run import Context, FloatArray, Position, number

REPEATED = 3  # jumps; two may be chance
RARE = 0.002  # of all values: healthy public runs have up to as many jumps
ALIKE = 0.05  # of the least distance between two jumps, by which the others are off its multiples
SEEN = 1.5  # times as many as were seen, at most, where each distance had its jump
CHANCE = 1e-4  # that so many come at multiples of one distance wherever they may: then some may be missing
LEAPS, BEFORE = 2.0, 4  # times the moves before, of so many, by which something else got better where the loss jumped
CLEARLY = 4.0  # noise levels, likewise
LARGE = 1.0  # share of progress: a jump this high is back to where the run began


@dataclass(frozen=True)
class Jumps:
    """`height` of the tallest as a share of progress and `over_noise`; half of it was gone `recovery` values later.

    `at`: where each was, as logged. `rate`: of all values, how many begin one. `pushed`: the rate before, how many times that it was raised, and where;
    None where most jumped without. `withstood`: it was best at a rate no lower than that.
    """

    height: float
    over_noise: float
    recovery: int
    at: tuple[float, ...]
    rate: float
    first: Position
    middle: Position
    peak: Position
    last: Position
    pushed: tuple[float, float, Position] | None
    withstood: bool
    every: float | None  # positions from one to the next, where all come at like distances

    @property
    def repeated(self) -> bool:
        """Whether there are more of them than chance makes, and than healthy runs have."""
        return len(self.at) >= REPEATED and self.rate > RARE

    @property
    def large(self) -> bool:
        """Whether the tallest went back to where the run began."""
        return self.height >= LARGE


def measure_jumps(loss: Measured, learning_rate: Measured | None) -> Jumps | None:
    """All jumps but those at which a logged rate was just put back up; None where there are none."""
    if not loss.spikes:
        return None
    curve, rates = loss.curve, rate_at(learning_rate, loss.curve)
    found = [spike for spike in loss.spikes if not restarted(rates, spike.index)]
    if not found:
        return None
    tallest = max(found, key=lambda spike: spike.height)
    mostly = sum(raised(rates, spike.index) for spike in found) > len(found) / 2
    pushed = jump(learning_rate, curve, tallest.index) if mostly else None
    return Jumps(
        height=loss.share(tallest.height),
        over_noise=tallest.height / max(tallest.noise, 1e-300),
        recovery=tallest.recovery,
        at=tuple(number(curve.steps[spike.index]) for spike in found),
        rate=len(found) / loss.n,
        first=curve.position(found[0].index),
        middle=curve.position(found[len(found) // 2].index),
        peak=curve.position(tallest.index),
        last=curve.position(found[-1].index),
        pushed=pushed,
        withstood=pushed is not None and withstood(learning_rate, loss, pushed[0] * pushed[1]),
        every=_every(np.diff([spike.index for spike in found]), np.diff(curve.steps[[spike.index for spike in found]])),
    )


def announced(jumps: Jumps, learning_rate: Measured | None, context: Context) -> bool:
    """Whether the caller's scheduler restarts, and the jumps come as regularly; a rate that is logged tells by itself where it did."""
    return learning_rate is None and jumps.every is not None and says_restarts(context.scheduler)


def gained_there(at: Position, others: Iterable[Measured]) -> bool:
    """Whether what measures the model on other examples leapt for the better at that very place: training is fed something else, and learns by it."""
    return any(_fell_at(other, at) for other in others if other.curve.axis == at.axis)


def _fell_at(other: Measured, at: Position) -> bool:
    here = int(np.searchsorted(other.x, at.at))
    if not BEFORE < here < other.x.size or other.x[here] != at.at:
        return False
    gains = -np.diff(other.z[here - BEFORE - 1 : here + 1])
    stays = other.z[here:].max() < other.z[here - 1]
    return bool(stays and gains[-1] > max(LEAPS * float(np.abs(gains[:-1]).max()), CLEARLY * other.grid_noise))


def _every(values: FloatArray, apart: FloatArray) -> float | None:
    """The distance that all others are multiples of, `apart` as logged and in `values`; none, of fewer than `REPEATED` jumps."""
    if apart.size < REPEATED - 1:
        return None
    times = apart / apart.min()
    alike = np.abs(times - np.round(times)).max() <= ALIKE
    often = times.sum() <= SEEN * apart.size or float(values.min()) ** (1.0 - apart.size) < CHANCE
    return float(apart.min()) if alike and often else None
