"""Whether there is room for what the service itself writes: its workers' counts.

Nothing of a client's is among it, and what is counted took its room at the start: a disk that fills up ends nobody. But a worker
that is started opens the files anew, and whoever finds the disk full should look before that, or the next start, fails.
"""

from __future__ import annotations

import os
import tempfile

from service import metrics

LEAST = 64 * 1024  # bytes, below which a disk is full


def obstacle() -> str | None:
    """What keeps a file from being made now; two questions to the kernel, without a byte written."""
    try:
        folder = os.environ.get(metrics.FOLDER) or tempfile.gettempdir()
        found = os.statvfs(folder)
    except OSError:
        return "is gone"
    if found.f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK | os.X_OK):
        return "cannot be written to"
    if found.f_bavail * found.f_frsize < LEAST:
        return "is full"
    if found.f_files and not found.f_favail:  # some file systems count none
        return "has no room for another file: its inodes are used up"
    return None
