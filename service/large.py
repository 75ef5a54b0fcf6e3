"""Large questions wait for one another in a worker.

Together they would be no faster, for only one thread computes at a time; and each needs several times its size in memory,
so that a worker's is that of one of them, whatever its number of threads. An archive counts as large: what it unpacks to is
not known before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from service.containers import archive
from service.parts import Part

LARGE = 8 * 1024 * 1024  # bytes of a body: from there on it waits for its turn; some 200 000 points
_turn = threading.Lock()


def turn(files: Sequence[Part]) -> AbstractContextManager[object]:
    """What to hold while a question of these files is answered."""
    size = sum(len(file.body) for file in files)
    return _turn if size >= LARGE or any(archive.is_packed(file.body) for file in files) else nullcontext()
