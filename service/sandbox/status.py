"""One page of memory that the whole service shares: whether the warm process lives, and how it is.

The warm process holds a lock on it, which ends with it however it ends; so nobody needs to own it or wait for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import time
from dataclasses import asdict, dataclass
from typing import Literal

PAGE = 4096
LOCK = "hhqqi4x"  # struct flock: kind, origin, start, length, process


@dataclass(frozen=True)
class Status:
    """`why` says why a check cannot be made, or what a check here does without."""

    state: Literal["none", "starting", "ready", "broken"] = "none"
    why: str = ""
    device: str = "cpu"
    at: float = 0.0  # seconds of the machine's clock


def create() -> int:
    """Make the page."""
    page = os.memfd_create("overfit-status")
    os.truncate(page, PAGE)
    return page


def hold(page: int) -> bool:
    """Hold the lock until this process ends; False where another does."""
    try:
        fcntl.lockf(page, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def holder(page: int) -> int:
    """The process that holds the lock; 0 for none."""
    asked = struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = struct.unpack(LOCK, fcntl.fcntl(page, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)


def write(page: int, status: Status) -> None:
    """Say how it is."""
    text = json.dumps({**asdict(status), "why": status.why[:500], "at": time.monotonic()}).encode()
    os.pwrite(page, text.ljust(PAGE, b" "), 0)


def read(page: int) -> Status:
    """What was said last."""
    try:
        return Status(**json.loads(os.pread(page, PAGE, 0).strip(b" \0")))
    except (ValueError, TypeError):  # nothing yet, or half of it
        return Status()
