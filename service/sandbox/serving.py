"""The loop of the warm process: takes checks in, forks a child for each, ends it in time, says how it ended.

One thread, and nothing here reads a byte of what a stranger sent: a check is a few numbers of our own and open files.
What a child writes goes to the web worker past this process.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from service.sandbox import child, limits
from service.sandbox.orders import Orders
from service.sandbox.slots import Slots
from service.sandbox.spare import Spare, Spares

HEADER = 4096  # bytes
SPARE_CPU_S = 2  # seconds of CPU time beyond the deadline, after which the kernel itself ends a child


@dataclass(eq=False)
class Job:
    """One check."""

    reply: socket.socket
    upload: child.Upload
    allowed_s: float
    lane: str
    came: float = field(default_factory=time.monotonic)
    began: float = 0.0
    ends: float = math.inf
    pid: int = 0
    handle: int = -1
    killed: str = ""

    def say(self, **message: object) -> None:
        """Tell the web worker."""
        with contextlib.suppress(OSError):
            self.reply.send(json.dumps(message).encode(), socket.MSG_DONTWAIT)


class Serving:
    """What runs and what waits, until the last process of the service has gone."""

    def __init__(self, intake: socket.socket, orders: Orders, examine: child.Examine, spares: Spares) -> None:
        """Be ready."""
        self.intake, self.orders, self.examine, self.spares = intake, orders, examine, spares
        self.lanes: dict[str, Slots[Job]] = {
            "cpu": Slots(orders.at_once, orders.queue),
            "cuda": Slots(0, orders.queue),
        }
        self.poll = select.poll()
        self.handlers: dict[int, Callable[[], None]] = {}
        self.spare_files: list[int] = []
        self._watch(intake.fileno(), self._take)
        self._watch_spares()

    def serve(self) -> None:
        """Serve until nobody is left who could ask."""
        try:
            while True:
                ends = min((job.ends for job in self._running()), default=math.inf)
                wait = None if ends == math.inf else max(0.0, ends - time.monotonic()) * 1e3 + 1
                for file, _ in self.poll.poll(wait):
                    handler = self.handlers.get(file)  # one event's work may have taken away the next one's file
                    if handler is not None:
                        handler()
                now = time.monotonic()
                for job in self._running():
                    if now >= job.ends:
                        self._kill(job, "deadline")
                self._advance()
        except EOFError:
            self.spares.close()
            for job in self._running():
                os.kill(job.pid, signal.SIGKILL)
                os.waitpid(job.pid, 0)

    def _running(self) -> list[Job]:
        return [job for lane in self.lanes.values() for job in lane.running]

    def _take(self) -> None:
        try:
            data, files, _, _ = socket.recv_fds(self.intake, HEADER, 8, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not data and not files:
            raise EOFError
        try:
            header = json.loads(data)
            reply, answer, config, model, *batch = files
        except ValueError:  # files were lost on the way: too many are open
            for file in files:
                os.close(file)
            return
        upload = child.Upload(answer, config, model, batch[0] if batch else None)
        lane = "cuda" if header["device"] != "cpu" and self.spares.count else "cpu"
        job = Job(socket.socket(fileno=reply), upload, header["deadline"], lane)
        if header["device"] == "cuda" and lane == "cpu":
            job.say(declined=f"there is no GPU that a check may use: {self.spares.why}")
            self._forget(job)
            return
        place = self.lanes[lane].enter(job)
        if place == "full":
            job.say(busy=self.lanes[lane].retry_after())
            self._forget(job)
            return
        self._watch(job.reply.fileno(), lambda: self._gone(job), 0)
        job.say(waiting=True)
        if place == "run":
            self._start(job)

    def _start(self, job: Job) -> None:
        job.began = time.monotonic()
        bounds = limits.Limits(self.orders.memory, math.ceil(job.allowed_s) + SPARE_CPU_S)
        try:
            if job.lane == "cuda":
                job.pid = self.spares.give(job.upload, bounds)
                self._watch_spares()
            else:
                parent = os.getpid()
                job.pid = os.fork()
                if job.pid == 0:
                    self._in_child(parent, job, bounds)
            job.handle = os.pidfd_open(job.pid)
        except OSError as error:
            if job.pid:
                os.kill(job.pid, signal.SIGKILL)
                os.waitpid(job.pid, 0)
            job.say(lost=f"no process could be started: {error.strerror}")
            self._end(job, None)
            return
        _close(job.upload)
        job.ends = job.began + job.allowed_s
        job.say(started=(job.began - job.came) * 1e3)
        self._watch(job.handle, lambda: self._ended(job))

    def _in_child(self, parent: int, job: Job, bounds: limits.Limits) -> NoReturn:
        try:
            child.become_child(parent, job.upload.files)
            child.shut(parent, limits.CPU, bounds, insist=self.orders.unjailed)
        except BaseException:  # noqa: BLE001 - nothing of the upload has been read, and nothing will be
            os._exit(child.UNJAILED)
        child.run(job.upload, self.examine, "cpu")

    def _gone(self, job: Job) -> None:
        """The web worker has closed its end: nobody waits for this any more."""
        self._unwatch(job.reply.fileno())
        if job.pid:
            self._kill(job, "gone")
        else:
            self.lanes[job.lane].leave(job)
            self._forget(job)

    def _kill(self, job: Job, why: str) -> None:
        job.killed, job.ends = job.killed or why, math.inf
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(job.handle, signal.SIGKILL)

    def _ended(self, job: Job) -> None:
        _, status = os.waitpid(job.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self._unwatch(job.handle)
        os.close(job.handle)
        if code == child.UNJAILED:
            job.say(lost="the jail could not be shut")
        else:
            job.say(ended={"code": code, "killed": job.killed})
        self._end(job, time.monotonic() - job.began)

    def _end(self, job: Job, took_s: float | None) -> None:
        self._unwatch(job.reply.fileno())
        self.lanes[job.lane].leave(job, took_s)
        if took_s is None:
            _close(job.upload)
        job.reply.close()

    def _advance(self) -> None:
        cuda = self.lanes["cuda"]
        cuda.size = min(self.spares.count, len(cuda.running) + self.spares.ready)
        if not self.spares.count:
            for job in list(cuda.waiting):
                job.say(lost="the GPU is gone")
                self._unwatch(job.reply.fileno())
                cuda.leave(job)
                self._forget(job)
        for lane in self.lanes.values():
            for job in lane.next():
                self._start(job)

    def _watch_spares(self) -> None:
        """Listen to the spares there are now, and to no file that was one's."""
        for file in self.spare_files:
            self._unwatch(file)
        self.spare_files = [spare.control.fileno() for spare in self.spares.all]
        for spare in self.spares.all:
            self._watch(spare.control.fileno(), functools.partial(self._hear, spare))

    def _hear(self, spare: Spare) -> None:
        self.spares.hear(spare)
        self._watch_spares()

    def _forget(self, job: Job) -> None:
        _close(job.upload)
        job.reply.close()

    def _watch(self, file: int, handler: Callable[[], None], events: int = select.POLLIN) -> None:
        self.handlers[file] = handler
        self.poll.register(file, events)

    def _unwatch(self, file: int) -> None:
        if self.handlers.pop(file, None) is not None:
            self.poll.unregister(file)


def _close(upload: child.Upload) -> None:
    for file in upload.files:
        os.close(file)
