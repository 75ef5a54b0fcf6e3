"""Large questions wait for one another in a worker, and so do short ones, and pictures.

Large ones would be no faster together, for only one thread computes at a time; and each needs several times its size in memory,
so that a worker's is that of one of them, whatever its number of threads. An archive counts as large: what it unpacks to is
not known before. Short ones, of a few milliseconds, would only fight for the interpreter: taking turns, four clients that never pause
are answered a quarter to a third more often (`python -m benchmarks.served`). A picture takes ten times as long, and would hold
them up. What is between them waits for nobody.

Whoever says its size in its head waits in a line of its own (`service.server.lines`). Of others, archives and bodies in chunks, only so many
may wait in a thread that answers short questions as well: the next is told to come back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from service.containers import archive
from service.question.parts import Part
from service.refusals import Overloaded

LARGE = 8 * 1024 * 1024  # bytes of a body: from there on it waits for its turn; some 200 000 points
SMALL = 64 * 1024  # bytes: up to there it takes its turn as well, of a few milliseconds


class OneByOne:
    """What questions of a kind hold one after the other, in a worker of so many `threads`."""

    def __init__(self, threads: int) -> None:
        """Half of the threads may be held by large questions that did not say so."""
        self.held = max(1, threads // 2)
        self._held = threading.Semaphore(self.held)
        self._large, self._short, self._drawing = threading.Lock(), threading.Lock(), threading.Lock()

    def turn(
        self, files: Sequence[Part], *, drawn: bool = False, in_line: bool = False
    ) -> AbstractContextManager[object]:
        """What to hold while a question of these files is answered, or `drawn`; Overloaded where too many hold threads that are not `in_line`."""
        size = sum(len(file.body) for file in files)
        if size >= LARGE or any(archive.is_packed(file.body) for file in files):
            return self._large if in_line else self._next_large()
        if drawn:
            return self._drawing
        return self._short if size <= SMALL else nullcontext()

    @contextmanager
    def _next_large(self) -> Iterator[None]:
        if not self._held.acquire(blocking=False):
            raise Overloaded(
                "As many large logs, or archives, as may are being read. Nothing is wrong with this one: send it again after "
                "Retry-After seconds, or with its Content-Length."
            )
        try:
            with self._large:
                yield
        finally:
            self._held.release()
