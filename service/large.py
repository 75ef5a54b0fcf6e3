"""Large questions wait for one another in a worker, and so do short ones, and pictures.

Large ones would be no faster together, for only one thread computes at a time; and each needs several times its size in memory,
so that a worker's is that of one of them, whatever its number of threads. An archive counts as large: what it unpacks to is
not known before. Short ones, of a few milliseconds, would only fight for the interpreter: taking turns, four clients that never pause
are answered a quarter to a third more often (`python -m benchmarks.served`). A picture takes ten times as long, and would hold
them up. What is between them waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from service.containers import archive
from service.parts import Part

LARGE = 8 * 1024 * 1024  # bytes of a body: from there on it waits for its turn; some 200 000 points
SMALL = 64 * 1024  # bytes: up to there it takes its turn as well, of a few milliseconds
_turn = threading.Lock()
_short = threading.Lock()
_drawing = threading.Lock()


def turn(files: Sequence[Part], *, drawn: bool = False) -> AbstractContextManager[object]:
    """What to hold while a question of these files is answered, or `drawn`."""
    size = sum(len(file.body) for file in files)
    if size >= LARGE or any(archive.is_packed(file.body) for file in files):
        return _turn
    if drawn:
        return _drawing
    return _short if size <= SMALL else nullcontext()
