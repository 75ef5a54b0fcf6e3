"""How many examples a share of right answers was counted on, told from the steps it moves in.

Of n examples a share can only be k/n. Where all values that were logged are such shares of one n, closer than numbers of so many
digits are by chance, that n is known though nobody said it. A multiple of it fits as well; the smallest is the likeliest, for
with more values fewer of them share a factor. Rounding sets the limit: of shares with four digits, some thousand examples.
"""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.run import FloatArray

MOST = 20_000  # examples; on more, chance moves a share by less than anybody asks about
DIGITS = 8  # after the point; numbers with more are as exact as a float of 32 bits
ROUNDED, SINGLE = 0.51, 1.2e-7  # of the last digit; of a float of 32 bits
NARROW = 0.2  # of a step, which a value must lie closer to: else nearly every number fits
LEAST = 3  # different values
TRIED = 16  # values for the first look
BY_CHANCE = 1e-6  # numbers of examples that would fit as well if there were none


def counted_on(metric: Measured) -> int | None:
    """The smallest number of examples that all values of a share are shares of; None where they tell none."""
    logged = np.unique(np.abs(metric.curve.finite.values))
    logged = logged[(logged > 0.0) & (logged < metric.scale)]
    if logged.size < LEAST:
        return None
    shares, off = logged / metric.scale, off_by(logged) / metric.scale
    numbers = np.arange(2, 1 + int(min(MOST, NARROW / off)))
    for tried in (shares[:: -(-shares.size // TRIED)], shares):
        steps = numbers[:, None] * tried
        numbers = numbers[np.abs(steps - np.round(steps)).max(axis=1) <= numbers * off]
    return next((int(n) for n in numbers[:1] if n * (2.0 * n * off) ** shares.size < BY_CHANCE), None)


def off_by(values: FloatArray) -> float:
    """How far a value as it was logged may lie from what was meant."""
    rounded = (np.round(values, digits) for digits in range(1 + DIGITS))
    digits = next((k for k, near in enumerate(rounded) if np.allclose(near, values, rtol=0.0, atol=1e-12)), None)
    return SINGLE * float(np.abs(values).max()) if digits is None else ROUNDED * 10.0**-digits
