"""The system calls that a jailed process may make, and the program that tells them to the kernel.

An allow-list by number, for the kernel knows no names: those that computing, memory and threads need, and writing an
answer to what is open already. None that opens, connects, starts, signals or looks at anything else. A call that is
not listed fails with EPERM, which libraries take as "not there". What no library does by itself, opening a file to
write it or starting a program, ends the process, for torch would go on as if it had written; so does a call of
another architecture.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

# fmt: off
X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98,
    "sysinfo": 99, "times": 100, "sigaltstack": 131, "arch_prctl": 158, "gettid": 186, "time": 201, "futex": 202,
    "sched_getaffinity": 204, "set_tid_address": 218, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "set_robust_list": 273, "getcpu": 309, "getrandom": 318, "membarrier": 324,
    "rseq": 334,
}
X86_64_DEVICES = {
    "stat": 4, "lstat": 6, "ioctl": 16, "access": 21, "dup": 32, "fcntl": 72, "getcwd": 79, "readlink": 89, "getuid": 102,
    "getgid": 104, "geteuid": 107, "getegid": 108, "sched_setaffinity": 203, "getdents64": 217, "openat": 257,
    "newfstatat": 262, "readlinkat": 267, "ppoll": 271, "eventfd2": 290, "pipe2": 293, "statx": 332, "faccessat2": 439,
}
AARCH64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "ppoll": 73, "fstat": 80,
    "exit": 93, "exit_group": 94, "set_tid_address": 96, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124,
    "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153,
    "uname": 160, "getrusage": 165, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "gettid": 178, "sysinfo": 179,
    "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
    "membarrier": 283, "rseq": 293,
}
AARCH64_DEVICES = {
    "getcwd": 17, "eventfd2": 19, "dup": 23, "fcntl": 25, "ioctl": 29, "faccessat": 48, "openat": 56, "pipe2": 59,
    "getdents64": 61, "readlinkat": 78, "newfstatat": 79, "sched_setaffinity": 122, "getuid": 174,
    "geteuid": 175, "getgid": 176, "getegid": 177, "statx": 291, "faccessat2": 439,
}
# fmt: on
@dataclass(frozen=True)
class Machine:
    """A processor's number in the audit log, and the calls that depend on their arguments."""

    audit: int
    clone: int
    clone3: int
    tgkill: int
    prlimit: int
    openat: int
    execve: int
    seccomp: int


MACHINES = {
    "x86_64": Machine(0xC000003E, 56, 435, 234, 302, 257, 59, 317),
    "aarch64": Machine(0xC00000B7, 220, 435, 131, 261, 56, 221, 277),
}
TABLES = {"x86_64": (X86_64, X86_64_DEVICES), "aarch64": (AARCH64, AARCH64_DEVICES)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # instructions of classic BPF
NUMBER, ARCHITECTURE, FIRST, THIRD_LOW, THIRD_HIGH = 0, 4, 16, 32, 36  # offsets in struct seccomp_data
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
CLONE_THREAD = 0x10000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
STEP = 8  # bytes of an instruction
X32 = 0x40000000  # the first number of x86-64's second table


class UnknownMachine(OSError):
    """There is no table of system calls for this processor."""


def seccomp_number() -> int:
    """The number of seccomp itself."""
    return _machine().seccomp


def program(pid: int, *, devices: bool = False, trying: bool = False) -> bytes:
    """Write the filter for the process `pid`.

    With `devices`, for one that talks to a GPU; `trying` refuses what would end the process, so that it can go on trying.
    """
    machine = _machine()
    plain, more = TABLES[platform.machine()]
    refused = FAIL | errno.EPERM
    fatal = refused if trying else KILL
    parts = [
        [_step(LOAD, ARCHITECTURE), _step(EQUAL, machine.audit, 1, 0), _return(KILL)],
        [_step(LOAD, NUMBER)],
        [_step(AT_LEAST, X32, 0, 1), _return(KILL)] if machine.audit == MACHINES["x86_64"].audit else [],
        # glibc falls back to clone, whose flags a filter can see: threads, but no processes
        [_step(EQUAL, machine.clone3, 0, 1), _return(FAIL | errno.ENOSYS)],
        _when(
            machine.clone, [_step(LOAD, FIRST), _step(ANY_BIT, CLONE_THREAD, 0, 1), _return(ALLOW), _return(refused)]
        ),
        # abort() signals its own threads; the same call could signal the service
        _when(machine.tgkill, [_step(LOAD, FIRST), _step(EQUAL, pid, 0, 1), _return(ALLOW), _return(refused)]),
        # reading a limit, not setting one: the third argument, of 64 bits, is null
        _when(
            machine.prlimit,
            [
                *(_step(LOAD, THIRD_LOW), _step(EQUAL, 0, 0, 3), _step(LOAD, THIRD_HIGH), _step(EQUAL, 0, 0, 1)),
                *(_return(ALLOW), _return(refused)),
            ],
        ),
        [] if devices else _when(machine.openat, [_step(LOAD, THIRD_LOW), *_any(WRITING, fatal), _return(refused)]),
        [_step(EQUAL, machine.execve, 0, 1), _return(fatal)],
        *([_step(EQUAL, number, 0, 1), _return(ALLOW)] for number in _numbers(plain, more if devices else {})),
        [_return(refused)],
    ]
    return b"".join(step for part in parts for step in part)


def _machine() -> Machine:
    name = platform.machine()
    if name not in MACHINES:
        raise UnknownMachine(errno.ENOSYS, f"no list of system calls is kept for {name}")
    return MACHINES[name]


def _numbers(*tables: dict[str, int]) -> Iterable[int]:
    return sorted(number for table in tables for number in table.values())


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _return(value: int) -> bytes:
    return _step(RETURN, value)


def _any(bits: int, value: int) -> list[bytes]:
    return [_step(ANY_BIT, bits, 0, 1), _return(value)]


def _when(number: int, body: list[bytes]) -> list[bytes]:
    """Run `body`, which returns, for the call `number`; the number stays loaded for what follows."""
    return [_step(EQUAL, number, 0, len(body)), *body]
