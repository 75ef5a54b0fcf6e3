"""The lines that requests stand in, told from their heads before any of them is given a thread.

A large body is one that others of its kind wait for (`service.admission.large`), and whoever asks how the service is must not wait for
anybody: an answer that comes late is taken for a service that is gone.
"""

from __future__ import annotations

import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from service.admission.large import LARGE

Kind = Literal["ordinary", "bulky", "probe", "refused"]
REFUSING = 4  # threads that send clients away: one that drips holds its thread for some seconds
PROBES = (b"GET /healthz ", b"GET /readyz ", b"GET /metrics ")
BULKY = b"POST /diagnose"  # a model that is checked waits for none of these
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)


@dataclass(eq=False)
class Line:
    """Its threads, so many `places`; how many requests may stand in it, and how many do: those that are answered, and those that wait."""

    kind: Kind
    threads: ThreadPoolExecutor
    places: int
    most: float
    standing: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the next one is sent away."""
        return self.standing >= self.most

    @property
    def waits(self) -> bool:
        """Whether somebody in it waits for a thread."""
        return self.standing > self.places


def kind_of(head: bytes) -> Kind:
    """In which line a request stands; a body that comes in chunks does not say how large it is."""
    if head.startswith(PROBES):
        return "probe"
    length = LENGTH.search(head) if head.startswith(BULKY) else None
    return "bulky" if length and int(length[1]) >= LARGE else "ordinary"


def begin(threads: int, queue: int) -> dict[Kind, Line]:
    """Each line with its threads; RuntimeError where the system refuses one."""
    few = max(1, threads // 2)  # while one computes, another takes its body in
    return {
        "refused": Line("refused", begun(REFUSING), REFUSING, math.inf),
        "probe": Line("probe", begun(1), 1, math.inf),
        "bulky": Line("bulky", begun(few), few, few + queue),
        "ordinary": Line("ordinary", begun(threads), threads, threads + queue),
    }


def begun(threads: int) -> ThreadPoolExecutor:
    """A pool whose threads are there: one that the system refuses later would take its client's answer with it.

    RuntimeError where it refuses one now; those that were begun end.
    """
    pool, together = ThreadPoolExecutor(threads), threading.Barrier(threads + 1)
    try:
        for _ in range(threads):
            pool.submit(together.wait)
    except RuntimeError:
        together.abort()
        pool.shutdown(cancel_futures=True)
        raise
    together.wait()
    return pool
