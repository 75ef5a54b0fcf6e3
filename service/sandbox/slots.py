"""How many checks run at once, how many wait, and when to come back where neither is possible."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
FIRST_GUESS = 5.0  # seconds a check takes, before any has ended
WEIGHT = 0.2  # of the latest duration in the average
LONGEST = 120  # seconds; nobody waits longer before trying again


@dataclass
class Slots(Generic[T]):
    """Places to run in, and a short line before them. It holds what it is given, and starts nothing itself."""

    size: int
    line: int
    running: set[T] = field(default_factory=set)
    waiting: deque[T] = field(default_factory=deque)
    usual_s: float = FIRST_GUESS

    def enter(self, job: T) -> Literal["run", "wait", "full"]:
        """Give `job` a place, a place in the line, or none."""
        if len(self.running) < self.size and not self.waiting:
            self.running.add(job)
            return "run"
        if len(self.waiting) < self.line:
            self.waiting.append(job)
            return "wait"
        return "full"

    def leave(self, job: T, took_s: float | None = None) -> None:
        """Take `job` out, wherever it is; `took_s` if it ran."""
        self.running.discard(job)
        if job in self.waiting:
            self.waiting.remove(job)
        if took_s is not None:
            self.usual_s += WEIGHT * (took_s - self.usual_s)

    def next(self) -> Iterator[T]:
        """Move those at the head of the line into free places."""
        while self.waiting and len(self.running) < self.size:
            job = self.waiting.popleft()
            self.running.add(job)
            yield job

    def retry_after(self) -> int:
        """Seconds until a place in the line is likely to be free."""
        return max(1, min(math.ceil(self.usual_s / max(self.size, 1)), LONGEST))


def cores() -> int:
    """How many processors this process may use, by its affinity and its container's quota."""
    count = len(os.sched_getaffinity(0))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        count = min(count, max(1, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no quota, or none that is told
        pass
    return count
