"""Numbers as an answer writes them: six significant digits, and `null` for what is not finite."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator

from diagnosis.run import FloatArray

DIGITS = 6  # significant; more than any curve's noise leaves meaningful
SIGNIFICANT = f".{DIGITS}g"


def rounded(value: float | None) -> float | None:
    """One number; an integer is exact as it is."""
    if value is None:
        return None
    if type(value) is int:
        return float(value)
    number = float(format(float(value), SIGNIFICANT))
    return number if math.isfinite(number) else None


def rounded_within(value: object) -> object:
    """The numbers in a parameter of a fix, which may be a list; words stay as they are."""
    if isinstance(value, list | tuple):
        return [rounded_within(v) for v in value]
    return rounded(value) if isinstance(value, float) else value


def rounded_all(values: FloatArray) -> list[float | None]:
    """Every number of an array (n,), without a Python step for each."""
    finite = np.isfinite(values)
    magnitude = np.zeros(values.size)
    some = finite & (values != 0.0)
    magnitude[some] = np.floor(np.log10(np.abs(values[some])))
    places = DIGITS - 1 - magnitude
    # Dividing by a power of ten that a float holds exactly gives the float nearest to the decimal number.
    up, down = 10.0 ** np.clip(places, 0, 300), 10.0 ** np.clip(-places, 0, 300)
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.round(np.where(finite, values, 0.0) * up / down) * down / up
    near = np.where(np.isfinite(near), near, values)
    found: list[float | None] = near.tolist()
    if not finite.all():
        for index in np.flatnonzero(~finite).tolist():
            found[index] = None
    return found


Rounded = Annotated[float | None, BeforeValidator(rounded)]
