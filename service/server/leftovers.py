"""Folders for counting, of services that were killed before they could take them away.

Whoever counts in a folder holds a lock on a file in it (flock(2)), and with it every worker that it forks: the system lets go of
it when the last of them has ended, however it did. A folder whose lock is free is nobody's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "curve-diagnosis-"
LOCK = "in-use"


def folder_in(where: str | None) -> Path:
    """Make a folder there, for as long as this process or a child of it lives; OSError where there is no room."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    try:
        lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        folder.rmdir()
        raise
    fcntl.flock(lock, fcntl.LOCK_EX)  # held until the process ends: nobody closes it
    return folder


def take_away(where: str | None) -> None:
    """Take away there what nobody holds; what has no lock yet is just being made, or a stranger's."""
    for folder in Path(where or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
