"""Some of many, for a sentence."""

from collections.abc import Iterable


def listed(each: Iterable[object], most: int) -> str:
    """The first of them with commas between, and how many more there are: `a, b, c and 4 more`."""
    named = [str(one) for one in each]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more
