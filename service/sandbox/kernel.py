"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
SET_PARENT_DEATH_SIGNAL, SET_DUMPABLE, SET_NO_NEW_PRIVILEGES = 1, 4, 38  # of prctl


def call(number: int, *arguments: bytes | ctypes.Array[ctypes.c_char] | int | None) -> int:
    """Make the system call `number`, or raise OSError."""
    passed = [ctypes.c_long(given) if isinstance(given, int) else given for given in arguments]
    found: int = _libc.syscall(ctypes.c_long(number), *passed)
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return found


def control(option: int, value: int) -> None:
    """Set `option` of this process by prctl, or raise OSError."""
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def no_new_privileges() -> None:
    """Let no program that this process starts have more rights than it has."""
    control(SET_NO_NEW_PRIVILEGES, 1)


def die_with_parent(parent: int) -> None:
    """End with the process `parent`, at once if it has gone already."""
    control(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def private() -> None:
    """Let no process of the same user look into this one."""
    control(SET_DUMPABLE, 0)
