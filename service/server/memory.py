"""What a request needed for a moment goes back to the machine.

The C library keeps what was freed, and for each of its arenas (it makes up to eight a core, for the threads), so that a worker
would stay as large as its largest questions and pictures together ever made it. GNU's has calls against both, others none:
https://man7.org/linux/man-pages/man3/mallopt.3.html, https://man7.org/linux/man-pages/man3/malloc_trim.3.html.
"""

from __future__ import annotations

import ctypes

ARENA_MAX = -8  # GNU's number for how many arenas there may be
_library = ctypes.CDLL(None)
_mallopt, _trim = getattr(_library, "mallopt", None), getattr(_library, "malloc_trim", None)


def use_one_arena() -> None:
    """Let all threads take from one: Python's take turns anyway. To be called before there are any."""
    if _mallopt is not None:
        _mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Hand back all that is free, in a millisecond or two; nothing, where the C library cannot."""
    if _trim is not None:
        _trim(0)
