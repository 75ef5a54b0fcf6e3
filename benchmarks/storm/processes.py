"""The processes of a running service: who they are, what they hold, and how to end one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WARM = b"service.sandbox.warm"
PROC = Path("/proc")


@dataclass(frozen=True)
class Family:
    """Numbers of processes: gunicorn's workers, the warm process, and the children that run models."""

    master: int
    workers: tuple[int, ...]
    warm: tuple[int, ...]
    children: tuple[int, ...]

    @classmethod
    def of(cls, master: int) -> Family:
        """Look them up. The warm process is whose socket the master holds the other end of."""
        parents = dict(_parents())
        sockets = _sockets(master)
        warm = tuple(p for p in parents if WARM in _command(p) and parents[p] not in sockets and _sockets(p) & sockets)
        warm = tuple(p for p in warm if parents[p] not in warm)
        workers = tuple(p for p, parent in parents.items() if parent == master and p not in warm)
        return cls(master, workers, warm, tuple(p for p, parent in parents.items() if parent in warm))

    @property
    def all(self) -> tuple[int, ...]:
        """Every one."""
        return (self.master, *self.workers, *self.warm, *self.children)

    def memory(self) -> float:
        """MiB, what is shared counted once."""
        return sum(map(_share, self.all)) / 1024

    def files(self) -> int:
        """How many are open."""
        return sum(len(_files(process)) for process in self.all)


def _parents() -> Iterator[tuple[int, int]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    yield int(entry.name), int(parent)


def _command(process: int) -> bytes:
    with suppress(OSError):
        return (PROC / str(process) / "cmdline").read_bytes()
    return b""


def _files(process: int) -> list[str]:
    found = []
    with suppress(OSError):
        for entry in (PROC / str(process) / "fd").iterdir():
            with suppress(OSError):
                found.append(str(entry.readlink()))
    return found


def _sockets(process: int) -> set[str]:
    return {file for file in _files(process) if file.startswith("socket:")}


def _share(process: int) -> int:
    """KiB of a process, with its share of what several use."""
    with suppress(OSError):
        text = (PROC / str(process) / "smaps_rollup").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
    return 0
