"""Shares for people to read."""

import math

from diagnosis.run import spoken

TENFOLD, LEAST = 10.0, 0.005  # beyond the one it is told in times, below the other with one digit
ALL = 1.0 - LEAST  # from here on a digit after the point tells that it is not all
HUGE = 1e6  # a number of three hundred digits tells nothing


def percent(share: float) -> str:
    """A share for people: `38 %`; of less than half a percent, one digit of it, and as fine just below all; of nothing, any is beyond counting."""
    if math.isinf(share):
        return f"over {100 * HUGE:.0e} %"
    if ALL <= share < 1.0:
        return f"{round(100 * share, 1):g} %"
    return f"{_rounded(100 * share)} %" if abs(share) >= LEAST or not share else f"{100 * share:.1g} %"


def share_of(share: float, whole: str) -> str:
    """A share of something for people: `38 % of its progress`, and beyond tenfold `23 times its progress`; of nothing, any is more than all of it."""
    if math.isinf(share):
        return f"more than all of {whole}"
    return f"{percent(share)} of {whole}" if share < TENFOLD else f"{_rounded(share)} times {whole}"


def _rounded(value: float) -> str:
    return f"{value:.0f}" if abs(value) < HUGE else f"{value:.0e}"


def stretch(length: float, axis: str) -> str:
    """A length for people: `61 steps`, and `epoch` for one."""
    return axis if length == 1 else f"{spoken(length)} {axis}s"
