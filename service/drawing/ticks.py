"""Where an axis is marked, and in which numbers: few, round, and told apart by no more digits than they need."""

from __future__ import annotations

import math
from itertools import pairwise

from matplotlib.ticker import MaxNLocator

from service.chart.shapes import Panel

ROUND = (1, 2, 2.5, 5, 10)
SCIENTIFIC = (-4, 5)  # powers of ten outside of which a number is written with its exponent
LETTERS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
NO_NUMBER = {"nan": "NaN", "inf": "∞", "-inf": "−∞"}
PARTS = 30.0  # of a panel's height, of which one digit more tells a tenth
KILO = 1e4  # from here on positions are counted in thousands


def linear(low: float, high: float, most: int, *, whole: bool = False) -> tuple[list[float], list[str]]:
    """Round places between two values, and their words; `whole` ones, unless less than two of them lie between."""
    found = MaxNLocator(nbins=most, steps=list(ROUND), integer=whole, min_n_ticks=2).tick_values(low, high)
    ticks = [float(tick) for tick in found if low <= tick <= high]
    if whole and len(ticks) <= 1:
        return linear(low, high, most)
    step = min((second - first for first, second in pairwise(ticks)), default=0.0)
    return ticks, [position(tick, step) if whole else number(tick, step) for tick in ticks]


def logarithmic(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Powers of ten between two positive values; twos and fives as well where that is little."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors, stride in (((1, 2, 5), 1), ((1, 3), 1), *(((1,), stride) for stride in (1, 2, 3, 5, 10, 20, 50, 100))):
        ticks = [
            factor * 10.0**power for power in range(first - first % stride, last + 1, stride) for factor in factors
        ]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= most:
            break
    return ticks, [number(tick, tick) for tick in ticks]


def number(value: float, step: float) -> str:
    """A value, to the digit by which it differs from the next."""
    if value == 0.0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    finest = math.floor(math.log10(step)) if step > 0.0 else power - 2
    digits = max(power - finest + 1, 1)
    if SCIENTIFIC[0] <= power < SCIENTIFIC[1] or digits > SCIENTIFIC[1]:
        return f"{value:.{min(max(-finest + 1, 0), 12)}f}".rstrip("0").rstrip(".") if finest < 1 else f"{value:.0f}"
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def position(value: float, step: float = 0.0) -> str:
    """A place in the run: 400, 12k, 1.5M; to the digit by which it differs from the next, where that is told."""
    apart = math.floor(math.log10(abs(value) / step)) + 2 if value and step else 0
    for size, letter in LETTERS:
        if abs(value) >= max(size, KILO):
            return (
                f"{value / size:.{max(apart, 4)}g}{letter}"
                if abs(value) < KILO * size
                else number(value, step or abs(value) / PARTS)
            )
    return f"{value:.{max(apart, 6)}g}"


def beside(value: float, panel: Panel) -> str:
    """A value beside its curve, to the digit that can be seen in the panel."""
    if not math.isfinite(value):
        return NO_NUMBER[str(value)]
    outside = not panel.low <= value <= panel.high
    return number(value, (abs(value) if panel.log or outside else panel.high - panel.low) / PARTS)
