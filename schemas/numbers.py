"""A JSON list of numbers → a float64 array, strictly, and without a Python step per number.

NaN and Infinity are data, as bare literals and as the three strings; `null` is data too: not logged. They are never
merged. Anything else is refused at its place: `true` is not 1, and "2.5" is not 2.5.
"""

from __future__ import annotations

from operator import countOf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from diagnosis.run import FloatArray
from schemas.wire import refused, shown

SPELLED = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
NUMBERS = {float, int}
EXPECTED = 'a number, null, NaN or Infinity (bare, or as "NaN", "Infinity", "-Infinity")'


class Logged(NamedTuple):
    """A list as logged: `values` (n,), and a mask (n,) of what was not logged, or None where all was."""

    values: FloatArray
    missing: npt.NDArray[np.bool_] | None = None


def logged(values: object) -> Logged:
    """Read the values of a series."""
    if not isinstance(values, list):
        raise refused(((), f"Expected a list of numbers; got {shown(values)}."))
    if countOf(map(type, values), float) == len(values):  # as almost always, and sooner told than which types there are
        return Logged(np.fromiter(values, np.float64, len(values)))
    kinds = set(map(type, values))
    missing = None
    if not kinds <= NUMBERS:
        if str in kinds:
            values = [SPELLED.get(v, v) if type(v) is str else v for v in values]
            kinds = set(map(type, values))
        if not kinds <= NUMBERS | {type(None)}:
            raise _first_wrong(values, NUMBERS | {type(None)}, EXPECTED)
        if type(None) in kinds:
            missing = np.fromiter((v is None for v in values), np.bool_, len(values))
    return Logged(_array(values), missing)


def positions(values: object) -> FloatArray:
    """Turn a list of steps into an array (n,): finite numbers, nothing else."""
    if not isinstance(values, list):
        raise refused(((), f"Expected a list of numbers, one step for each value; got {shown(values)}."))
    if not set(map(type, values)) <= NUMBERS:
        raise _first_wrong(values, NUMBERS, "a finite number: the position at which the value was logged")
    steps = _array(values)
    if not np.isfinite(steps).all():
        index = int(np.flatnonzero(~np.isfinite(steps))[0])
        raise refused(
            ((index,), "Expected a finite number: the position at which the value was logged; got one that is not.")
        )
    return steps


def _array(values: list[Any]) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:  # an integer beyond the range of a float, which as 1e400 would have been read as infinite
        return np.array([_clipped(v) if type(v) is int else v for v in values], dtype=np.float64)


def _clipped(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _first_wrong(values: list[Any], allowed: set[type], expected: str) -> Exception:
    index = next(i for i, v in enumerate(values) if type(v) not in allowed)
    return refused(((index,), f"Expected {expected}; got {shown(values[index])}."))
