"""Large questions wait for one another in a worker.

Together they would be no faster, for only one thread computes at a time; and each needs several times its size in memory,
so that a worker's is that of one of them, whatever its number of threads.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext

LARGE = 8 * 1024 * 1024  # bytes of a body: from there on it waits for its turn; some 200 000 points
_turn = threading.Lock()


def turn(size: int) -> AbstractContextManager[object]:
    """What to hold while a body of so many bytes is answered."""
    return _turn if size >= LARGE else nullcontext()
