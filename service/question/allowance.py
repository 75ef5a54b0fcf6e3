"""How long one question may be computed for, looked at between its files, pieces of its texts, and its runs.

A thread cannot be ended from outside. What one file or one run may cost is bounded by what it may hold (`schemas.limits`);
this bounds their sum. Counted is the thread's own time, so that neither a busy machine nor a changed clock refuses anybody.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from schemas.limits import TooMany


@dataclass(frozen=True)
class Allowance:
    """`seconds` of computing from now on, in the thread that made it."""

    seconds: float
    began: float = field(default_factory=time.thread_time)

    def look(self, doing: str) -> None:
        """Refuse to go on where it is spent; `doing` says with what."""
        if time.thread_time() - self.began > self.seconds:
            raise TooMany(
                f"{doing} takes more than the {self.seconds:g} s of computing that one question may have. "
                "Send fewer runs, files or lines, or ask in several requests."
            )


UNBOUNDED = Allowance(math.inf)  # where nobody waits: a command line
