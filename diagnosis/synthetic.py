"""A vocabulary of curves, for examples and tests: falling, turning, spiking, flat.

Noise is drawn from a fixed seed, so an example is the same curve everywhere.
"""

from __future__ import annotations

import numpy as np

from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, FloatArray, Run

EPOCHS = 60
NOISE = 0.01


def _jitter(n: int, noise: float, seed: int) -> FloatArray:
    return noise * np.random.default_rng(seed).standard_normal(n)


def falling(
    *, start: float = 2.3, floor: float = 0.1, tau: float = 0.15, n: int = EPOCHS, noise: float = NOISE, seed: int = 0
) -> FloatArray:
    """Exponential fall from `start` to `floor`, with time constant `tau` as a share of the run: (n,)."""
    return floor + (start - floor) * np.exp(-np.arange(n) / (tau * n)) + _jitter(n, noise, seed)


def turning(
    *, at: int = 20, rise: float = 0.02, floor: float = 0.8, n: int = EPOCHS, noise: float = NOISE, seed: int = 1
) -> FloatArray:
    """A fall that turns at index `at` and rises by `rise` a step from there: (n,)."""
    steps = np.arange(n)
    down = floor + (2.3 - floor) * np.exp(-steps / (0.25 * at))
    return down + rise * np.maximum(steps - at, 0) + _jitter(n, noise, seed)


def linear(
    *, start: float = 2.3, end: float = 2.0, n: int = EPOCHS, noise: float = NOISE / 5, seed: int = 2
) -> FloatArray:
    """A straight line: (n,)."""
    return np.linspace(start, end, n) + _jitter(n, noise, seed)


def flat(*, level: float = 2.3, n: int = EPOCHS, noise: float = NOISE, seed: int = 3) -> FloatArray:
    """A level with noise: (n,)."""
    return level + _jitter(n, noise, seed)


def growing(
    *, start: float = 1.0, times: float = 1e4, n: int = EPOCHS, noise: float = NOISE, seed: int = 4
) -> FloatArray:
    """Grow by the same factor at each step, to `times` the start; the noise is a share of the value: (n,)."""
    return start * times ** (np.arange(n) / (n - 1)) * np.exp(_jitter(n, noise, seed))


def shrinking(
    *, start: float = 1.0, times: float = 1e6, n: int = EPOCHS, noise: float = NOISE, seed: int = 5
) -> FloatArray:
    """Shrink by the same factor at each step, to the start divided by `times`; the noise is a share of the value: (n,)."""
    return growing(start=start, times=1.0 / times, n=n, noise=noise, seed=seed)


def spiked(values: FloatArray, *, at: tuple[int, ...], height: float) -> FloatArray:
    """The same curve with jumps of `height` that are half gone at the next point: (n,)."""
    raised = values.copy()
    for index in at:
        raised[index] += height
        if index + 1 < raised.size:
            raised[index + 1] += 0.3 * height
    return raised


def broken(values: FloatArray, *, at: slice) -> FloatArray:
    """The same curve, NaN at these indices: (n,)."""
    holed = values.copy()
    holed[at] = np.nan
    return holed


def counted(recall: FloatArray, *, share: float, examples: int = 1000) -> dict[str, FloatArray]:
    """Counts on validation where the positive class is a `share`, a `recall` (n,) of it is found, and one negative in a hundred is not."""
    positive = np.full(recall.size, round(share * examples), dtype=np.float64)
    found, wrong = np.round(recall * positive), np.round(0.01 * recall * (examples - positive))
    counts = {"tp": found, "fp": wrong, "tn": examples - positive - wrong, "fn": positive - found}
    return {f"val_{name}": values for name, values in counts.items()}


def run(context: Context | None = None, **series: FloatArray) -> Run:
    """A run of per-epoch series under their usual names: `run(loss=falling(), val_loss=turning())`."""
    return assemble(Log(tuple(Series(name, values) for name, values in series.items()), "example"), context)


def by_step(loss: FloatArray, val_loss: FloatArray, context: Context | None = None) -> Run:
    """A run that logs `loss` at every step and `val_loss` as often as its length allows, the last at the last step."""
    every = loss.size // val_loss.size
    steps, at = np.arange(loss.size, dtype=np.float64), np.arange(every - 1, loss.size, every, dtype=np.float64)
    series = (Series("loss", loss, steps, "step"), Series("val_loss", val_loss, at[: val_loss.size], "step"))
    return assemble(Log(series, "example"), context)
