"""A place in a JSON document, as RFC 6901 writes it: `/history/loss/3`."""

from collections.abc import Iterable


def pointer(place: Iterable[str | int]) -> str:
    """Write a path of keys and indices as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
