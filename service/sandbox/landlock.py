"""Landlock: a process gives up the file system, and what it may reach beyond itself, for good.

Kernels know more or less of it; what they do not know is left out, and with none of it nothing happens: the probes
then decide whether the other layers hold alone. It holds for the thread that calls and those it starts later.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from service.sandbox.kernel import call, no_new_privileges

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # the same on every machine
WRITE_FILE, READ_FILE, READ_DIR, IOCTL_DEVICE = 1 << 1, 1 << 2, 1 << 3, 1 << 15
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}  # by version
NETWORK, SCOPED = 0b11, 0b11  # bind and connect (version 4); abstract sockets and signals (version 6)
NEWEST = 6


def version() -> int:
    """The version that the kernel speaks; 0 for none."""
    try:
        return call(CREATE, None, 0, 1)
    except OSError:
        return 0


def restrict(readable: Iterable[str] = (), devices: Iterable[str] = ()) -> int:
    """Keep reading of `readable` and use of `devices`, and nothing else; give the version used."""
    for spoken in range(min(version(), NEWEST), 0, -1):
        try:
            rules = _create(spoken)
        except OSError:  # some kernels claim a version whose last part they lack
            continue
        try:
            for paths, rights in ((readable, READ_FILE | READ_DIR), (devices, READ_FILE | WRITE_FILE | IOCTL_DEVICE)):
                for path in paths:
                    _allow(rules, path, rights & FILE_RIGHTS[min(spoken, 5)])
            no_new_privileges()
            call(RESTRICT, rules, 0)
        finally:
            os.close(rules)
        return spoken
    return 0


def _create(spoken: int) -> int:
    size = 24 if spoken >= 6 else 16 if spoken >= 4 else 8  # noqa: PLR2004 - the versions that added a field
    fields = struct.pack("QQQ", FILE_RIGHTS[min(spoken, 5)], NETWORK, SCOPED)[:size]
    return call(CREATE, fields, size, 0)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= ~READ_DIR
        call(ADD_RULE, rules, 1, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
