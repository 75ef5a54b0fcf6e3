"""The jail as the web workers see it. It never imports torch.

A socket pair and a page of shared memory, made before the server forks its workers, belong to all of them alike.
Whoever finds the warm process missing starts one; of two started at once, the lock on the page lets one live. It ends
when the last process of the service closes its end of the pair, however that happens. So nobody owns it, and there is
nothing to forget at a reload, a crash or a shutdown.
"""

from __future__ import annotations

import importlib.util
import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from service.refusals import Refusal
from service.sandbox import starting, status, upload
from service.sandbox.check import LOST, Check, Terms, hear
from service.sandbox.orders import Orders
from service.sandbox.outcomes import Broken, Busy, NotInstalled
from service.sandbox.slots import cores
from service.settings import Overfit

AGAIN = 2.0  # seconds between two attempts to start it
AGAIN_BROKEN = 60.0  # likewise, where it has said that there can be no jail
PATIENCE = 60.0  # seconds for it to come up and take a check
GLANCE = 200  # milliseconds between two looks at whether it still lives
FAREWELL = 5.0  # seconds for it to end
BUSY_S = 5  # seconds; where this worker's own threads are all busy, nothing better is known


class Jail:
    """One for each application; made before the server forks, it is the same one in every worker."""

    def __init__(self, overfit: Overfit, places: int = 3) -> None:
        """At most `places` threads of one worker wait for checks; the others go on answering."""
        self._overfit = overfit
        self._places = threading.Semaphore(places)
        self._mutex = threading.Lock()
        self._link: socket.socket | None = None
        self._intake: socket.socket | None = None
        self._page = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._next = 0.0

    def prepare(self) -> int:
        """Make what all workers share; to be called before they are forked. The page, for whoever looks."""
        with self._mutex:
            if self._link is None:
                self._link, self._intake = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self._page = status.create()
        return self._page

    def available(self) -> Refusal | None:
        """Why no check can be made now, if so."""
        obstacle = self._obstacle()
        if obstacle is None and not self._is_up():
            return Broken("The jail is being started. Try again in a few seconds.")
        return obstacle

    def says(self) -> str:
        """What `/readyz` tells."""
        obstacle = self.available()
        if obstacle is not None:
            return f"unavailable: {obstacle.detail}"
        found = status.read(self._page)
        return f"available on {found.device}" + (f" ({found.why})" if found.why else "")

    def tend(self) -> None:
        """Start the warm process where none lives. Cheap; a worker calls it about once a second."""
        if _missing(self._overfit) is not None:
            return
        page = self.prepare()
        with self._mutex:
            if self._process is not None and self._process.poll() is not None:
                self._process = None
            now = time.monotonic()
            if self._process is not None or now < self._next or status.holder(page) or self._intake is None:
                return
            found = status.read(page)
            if found.state == "broken" and now < found.at + AGAIN_BROKEN:
                return
            self._next = now + AGAIN
            self._process = starting.start(self._intake.fileno(), page, _orders(self._overfit))

    def submit(
        self,
        config: Mapping[str, Any],
        model: bytes,
        batch: bytes | None,
        deadline: float,
        *,
        watch: int | None = None,
        ended: Callable[[], object] = int,
    ) -> Check:
        """Hand a check over and wait until it is taken; its child is killed `deadline` seconds after it began.

        `ended` is called once, when a check that was taken is over, however it went.
        """
        self.tend()
        obstacle = self._obstacle()
        if obstacle is not None:
            raise obstacle
        if not self._places.acquire(blocking=False):
            raise Busy(BUSY_S)
        line: upload.Line | None = None
        try:
            assert self._link is not None  # noqa: S101 - tend() has prepared it
            header = {"deadline": deadline, "device": str(config.get("device", "auto"))}
            line = upload.send(self._link, config, model, batch, header)
            declined = self._taken(line)
        except BaseException:
            if line is not None:
                line.close()
            self._places.release()
            raise

        def released() -> None:
            self._places.release()
            ended()

        return Check(line, Terms(deadline, self._overfit.memory, watch, released), declined)

    def close(self) -> None:
        """Hang up; if this was the last process of the service, the warm process ends."""
        with self._mutex:
            if self._link is not None and self._intake is not None:
                self._link.close()
                self._intake.close()
                os.close(self._page)
                self._link = self._intake = None
                self._page = -1
            if self._process is not None:
                try:
                    self._process.wait(FAREWELL)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
                self._process = None

    def _taken(self, line: upload.Line) -> str:
        """Wait for the first word on a check: empty when it runs or waits, else why it is declined."""
        poll = select.poll()
        poll.register(line.reply, select.POLLIN)
        end = time.monotonic() + PATIENCE
        while not poll.poll(GLANCE):
            self.tend()
            obstacle = self._obstacle()
            if obstacle is not None:
                raise obstacle
            if time.monotonic() > end:
                raise Broken("The jail does not answer. Try again later.")
        said = hear(line.reply)
        if "busy" in said:
            raise Busy(int(said["busy"]))
        if "declined" in said:
            return str(said["declined"])
        if "waiting" not in said:
            raise Broken(LOST)
        return ""

    def _obstacle(self) -> Refusal | None:
        """Why waiting would not help."""
        missing = _missing(self._overfit)
        if missing is not None or self._page < 0:
            return missing
        found = status.read(self._page)
        return Broken(f"The jail cannot be built here: {found.why}") if found.state == "broken" else None

    def _is_up(self) -> bool:
        return self._page >= 0 and status.holder(self._page) != 0 and status.read(self._page).state == "ready"


def _missing(overfit: Overfit) -> Refusal | None:
    """What is not installed."""
    if importlib.util.find_spec("torch") is None:
        return NotInstalled("torch is not installed here: install the extra, pip install 'curve-diagnosis[overfit]'.")
    module = overfit.examination.partition(":")[0]
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    return (
        NotInstalled(f"{module} is not there: this installation is not whole; install it again.")
        if found is None
        else None
    )


def _orders(overfit: Overfit) -> Orders:
    return Orders(overfit.examination, cores(), overfit.queue, overfit.memory, overfit.device, overfit.unjailed)
