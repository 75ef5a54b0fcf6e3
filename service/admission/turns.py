"""How many requests of one key are answered at once, counted over all workers.

Each turn is a byte of a file in memory that every worker inherits, locked by whoever takes it: what a worker held when
it was killed is free again, for the system lets go of its locks. (Locks of an open file, not of a process: two threads
of one worker keep each other out, as two workers do.)
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

LOCK = "hhqqi4x"  # struct flock of 64-bit Linux: type, whence, start, length, pid


@dataclass(frozen=True)
class Turn:
    """A turn that was taken; to be given back once."""

    lock: int

    def give_back(self) -> None:
        """Let another have it: closing the file unlocks its byte."""
        os.close(self.lock)


@dataclass(frozen=True)
class Turns:
    """`most` turns for each of `names`; made before the workers are forked."""

    names: Sequence[str]
    most: int
    file: int = field(default_factory=lambda: os.memfd_create("turns", os.MFD_CLOEXEC))

    def take(self, name: str) -> Turn | None:
        """Take a turn for `name`; None where all are taken."""
        lock = os.open(f"/proc/self/fd/{self.file}", os.O_RDWR | os.O_CLOEXEC)
        first = self.names.index(name) * self.most
        for byte in range(first, first + self.most):
            try:
                fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0))
            except (BlockingIOError, PermissionError):
                continue
            return Turn(lock)
        os.close(lock)
        return None
