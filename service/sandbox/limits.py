"""What a jailed process gives up, and in which order.

Memory, CPU time, files and their size are limited; privileges, the file system, the network and every other process
are out of reach. Each layer is there for the day on which another fails. The order matters: what sets up a layer needs
calls that the last one forbids.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from service.sandbox import kernel, landlock, seccomp

NOBODY = 65534
OPEN_FILES = 64
THREADS = 4096  # of the user, all processes together; a model that starts threads must not take every number there is
FILTER_MODE, ALL_THREADS = 1, 1  # of the call seccomp
MAX_MEMORY = 1 << 40  # bytes; a limit that cannot be meant is not passed on


@dataclass(frozen=True)
class Limits:
    """How much a jailed process may use: bytes beyond what it has when it begins, and seconds of CPU time."""

    memory: int
    cpu_s: int


@dataclass(frozen=True)
class Profile:
    """What a jailed process may still touch. `devices` of a GPU need files of the system, and so weaken the jail."""

    name: str
    readable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


CPU = Profile("cpu")


def cuda() -> Profile:
    """The profile for a GPU: its device files, and read-only what its libraries load as they go."""
    nodes = sorted(str(path) for path in Path("/dev").glob("nvidia*"))
    libraries = {"/lib", "/lib64", "/usr", "/opt/nvidia", "/etc/ld.so.cache", "/usr/local/cuda", sys.prefix}
    libraries |= {sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    system = ("/proc/driver", "/proc/devices", "/proc/modules", "/proc/cpuinfo", "/proc/meminfo", "/proc/self", "/sys")
    return Profile("cuda", (*sorted(libraries), *system), ("/dev/null", *nodes))


def close_all_but(kept: Iterable[int]) -> None:
    """Close every file but 0, 1, 2 and `kept`."""
    start = 3
    for number in sorted(kept):
        os.closerange(start, number)
        start = number + 1
    os.closerange(start, max(start, os.sysconf("SC_OPEN_MAX")))


def hide_files(profile: Profile) -> None:
    """Give up the file system, the network and signals to others; to be done before a driver starts threads."""
    kernel.no_new_privileges()
    landlock.restrict(profile.readable, profile.devices)


def lock(profile: Profile, limits: Limits, *, hidden: bool = False, trying: bool = False) -> None:
    """Give up everything else; `hidden` where `hide_files` was done, `trying` to survive every attempt to escape."""
    # A GPU's driver reserves far more addresses than it uses memory
    counted, column = (resource.RLIMIT_DATA, 5) if profile.devices else (resource.RLIMIT_AS, 0)
    used = int(Path("/proc/self/statm").read_bytes().split()[column]) * resource.getpagesize()
    kernel.private()
    bounds = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NPROC: THREADS, counted: min(used + limits.memory, MAX_MEMORY)}
    if not profile.devices:
        bounds |= {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_MEMLOCK: 0, resource.RLIMIT_NOFILE: OPEN_FILES}
    for name, value in bounds.items():
        _lower(name, value, value)
    _lower(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1)  # SIGXCPU, which says why; then SIGKILL
    if not hidden:
        hide_files(profile)
    steps = seccomp.program(os.getpid(), devices=bool(profile.devices), trying=trying)
    code = ctypes.create_string_buffer(steps, len(steps))
    kernel.no_new_privileges()
    described = struct.pack("HP", len(steps) // seccomp.STEP, ctypes.addressof(code))  # struct sock_fprog
    kernel.call(seccomp.seccomp_number(), FILTER_MODE, ALL_THREADS, described)


def _lower(name: int, soft: int, hard: int) -> None:
    """Set a limit, unless the process came with a stricter one."""
    _, given = resource.getrlimit(name)
    if given != resource.RLIM_INFINITY:
        soft, hard = min(soft, given), min(hard, given)
    resource.setrlimit(name, (soft, hard))


def drop_user() -> None:
    """Become nobody, where the service runs as root."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # a container may have no such user; the other layers do not need it
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)


def be_killed_first() -> None:
    """Where the machine runs out of memory, let the kernel take this process, not the service."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
