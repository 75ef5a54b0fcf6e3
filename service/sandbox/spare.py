"""Spare children that hold a GPU already: each is used once, and replaced when it is taken.

A driver cannot be woken before a fork, so the warm process never touches it; a child that has woken it waits, with
files out of reach since before the driver started its threads, and shuts the rest of its jail when it is given a check.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from dataclasses import dataclass, field
from typing import NoReturn

from service.sandbox import child, limits, proof, torch_warming
from service.sandbox.orders import Orders

CPU_S = 60  # seconds of CPU time to try the jail in
FAILURES = 3  # in a row, after which there is no GPU


@dataclass(eq=False)
class Spare:
    """One child, and our end of the line to it."""

    pid: int
    gpu: int
    control: socket.socket
    ready: bool = False


@dataclass
class Spares:
    """One for each GPU; `count` is 0 where there is none that could be used, and `why` says why."""

    orders: Orders
    examine: child.Examine
    count: int = 0
    why: str = "none was found"
    all: list[Spare] = field(default_factory=list)
    failures: int = 0

    def open(self) -> None:
        """Try the jail for a GPU, and start the first spares."""
        found = torch_warming.gpus() if self.orders.device != "cpu" else 0
        if not found:
            self.why = "none was found" if self.orders.device != "cpu" else "the operator has turned it off"
            return
        trial = proof.Trial(
            limits.cuda(),
            limits.Limits(self.orders.memory, CPU_S),
            before=lambda: torch_warming.train("cuda"),
            after=lambda: torch_warming.train("cuda"),
            escaping=not self.orders.unjailed,
            insist=self.orders.unjailed,
        )
        why = proof.why_not(trial)
        if why:
            self.why = why
            return
        self.count = found
        for gpu in range(found):
            self._spawn(gpu)

    @property
    def ready(self) -> int:
        """How many could begin now."""
        return sum(spare.ready for spare in self.all)

    def give(self, upload: child.Upload, bounds: limits.Limits) -> int:
        """Give a check to a spare, and start the next; the process that has it."""
        spare = next(spare for spare in self.all if spare.ready)
        self.all.remove(spare)
        header = json.dumps({"memory": bounds.memory, "cpu_s": bounds.cpu_s}).encode()
        try:
            socket.send_fds(spare.control, [header], list(upload.files))
        except OSError:
            os.kill(spare.pid, signal.SIGKILL)
            os.waitpid(spare.pid, 0)
            raise
        finally:
            spare.control.close()
            self._spawn(spare.gpu)
        return spare.pid

    def hear(self, spare: Spare) -> None:
        """Note that a spare is ready, or has died."""
        if spare.control.recv(16) == b"ready":
            spare.ready, self.failures = True, 0
            return
        self.all.remove(spare)
        spare.control.close()
        os.waitpid(spare.pid, 0)
        self.failures += 1
        if self.failures < FAILURES:
            self._spawn(spare.gpu)
        else:
            self.count, self.why = 0, "it could not be woken"

    def close(self) -> None:
        """End all of them."""
        for spare in self.all:
            with contextlib.suppress(ProcessLookupError):
                os.kill(spare.pid, signal.SIGKILL)
            os.waitpid(spare.pid, 0)

    def _spawn(self, gpu: int) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._wait(parent, theirs, gpu)
        theirs.close()
        self.all.append(Spare(pid, gpu, ours))

    def _wait(self, parent: int, control: socket.socket, gpu: int) -> NoReturn:
        profile = limits.cuda()
        try:
            child.become_child(parent, (control.fileno(),))
            visible = os.environ.get("CUDA_VISIBLE_DEVICES")
            os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[gpu] if visible else str(gpu)
            limits.hide_files(profile)
            torch_warming.train("cuda")
            control.send(b"ready")
            header, files, _, _ = socket.recv_fds(control, 4096, 8)
            if not files:
                os._exit(0)
            control.close()
            child.shut(parent, profile, limits.Limits(**json.loads(header)), insist=self.orders.unjailed)
        except BaseException:  # noqa: BLE001 - nothing of an upload has been read
            os._exit(child.UNJAILED)
        answer, config, model, *batch = files
        child.run(child.Upload(answer, config, model, batch[0] if batch else None), self.examine, "cuda")
