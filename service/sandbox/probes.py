"""Attempts to escape, made by a jailed process itself when the service starts: a jail that lets one succeed is none.

An attempt counts as refused only where the kernel says that it is not permitted, or that it knows no such call. Any
other failure (no such file, nobody listens) means that the kernel had let it through.
"""

from __future__ import annotations

import errno
import mmap
import os
import platform
import resource
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from service.sandbox.kernel import call

REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS}
# Calls that Python has no name for: their numbers here, and on the other machine
CALLS: Mapping[str, tuple[int, int, tuple[int, ...]]] = {
    "ptrace": (101, 117, (2, 1, 0, 0)),
    "process_vm_readv": (310, 270, (1, 0, 0, 0, 0, 0)),
    "io_uring_setup": (425, 425, (8, 0)),
    "userfaultfd": (323, 282, (1,)),
    "unshare": (272, 97, (0x10000000,)),
    "setns": (308, 268, (-1, 0)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "keyctl": (250, 219, (0, 0, 0, 0, 0)),
    "shmget": (29, 194, (0, 4096, 0o1600)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "open_tree": (428, 428, (-100, 0, 0)),
    "pidfd_open": (434, 434, (1, 0)),
    "clone3": (435, 435, (0, 0)),
    "seccomp": (317, 277, (2, 0, 0)),
}
UNREACHABLE = ("127.0.0.1", 9)


def escapes(parent: int, memory: int) -> list[str]:
    """The names of the attempts that succeed; to be called in a jailed process, child of `parent`."""
    return [name for name, attempt in _attempts(parent, memory).items() if not _refused(attempt)]


def cannot_work() -> str | None:
    """What a jailed process must be able to do, and cannot."""
    try:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        mmap.mmap(-1, 1 << 20).close()
        os.urandom(8)
    except (OSError, RuntimeError) as error:
        return f"threads, memory or random numbers: {type(error).__name__}"
    return None


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in REFUSED
    except MemoryError:
        return True
    return False


def _write() -> None:
    """Leave nothing behind where it succeeds."""
    os.close(os.open("/tmp/escaped", os.O_CREAT | os.O_WRONLY, 0o600))  # noqa: S108
    Path("/tmp/escaped").unlink()  # noqa: S108


def _attempts(parent: int, memory: int) -> dict[str, Callable[[], object]]:
    column = 1 if platform.machine() == "aarch64" else 0
    named = {
        name: (lambda numbers=numbers, given=given: call(numbers[column], *given))
        for name, (*numbers, given) in CALLS.items()
    }
    return {
        "read a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "read a file of the service": lambda: os.open(f"/proc/{parent}/environ", os.O_RDONLY),
        "read memory of the service": lambda: os.open(f"/proc/{parent}/mem", os.O_RDONLY),
        "write a file": _write,
        "list a folder": lambda: list(Path("/etc").iterdir()),
        "change a mode": lambda: Path("/tmp/escape-from").chmod(0o600),  # noqa: S108
        "rename a file": lambda: os.rename("/tmp/escape-from", "/tmp/escape-to"),  # noqa: S108, PTH104
        "delete a file": lambda: os.unlink("/tmp/escape-from"),  # noqa: S108, PTH108
        "reach the network": lambda: socket.socket(socket.AF_INET).connect(UNREACHABLE),
        "reach the network by datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX),
        "make a pair of sockets": socket.socketpair,
        "fork": lambda: os.fork() or os._exit(0),
        "run a program": lambda: os.execv("/no-such-program", ["-"]),  # noqa: S606 - likewise
        "signal the service": lambda: os.kill(parent, 0),
        "signal everyone": lambda: os.kill(-1, 0),
        "signal a thread of the service": lambda: call(131 if column else 234, parent, parent, 0),
        "look into the service": lambda: os.pidfd_open(parent),
        "become another user": lambda: os.setuid(1),
        "raise a limit": lambda: call(
            261 if column else 302, 0, resource.RLIMIT_NOFILE, struct.pack("QQ", 1 << 16, 1 << 16), None
        ),
        "outlive its parent": lambda: call(167 if column else 157, 1, 0),
        "take too much memory": lambda: _take(memory + (1 << 20)),
        **named,
    }


def _take(size: int) -> None:
    try:
        mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise
