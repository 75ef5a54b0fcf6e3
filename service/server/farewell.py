"""Parting from a client so that it can read its answer, though it is still sending: nginx calls it a lingering close.

A connection that is closed while bytes of the client lie unread is reset, and a reset takes the answer with it. So the
service says that it has ended (`SHUT_WR`), and throws away what comes until the client hangs up, is silent, or has had
its time. One thread of each worker does so for everybody: none that answers waits for a farewell.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from dataclasses import dataclass

from gunicorn.workers.gthread import PollableMethodQueue

SILENT = 5.0  # seconds without a byte, nginx's own lingering_timeout
LONGEST = 30.0  # seconds in all, nginx's own lingering_time
LOOKING = 1.0  # seconds between two looks at who has had that
WASTE = 256 * 1024  # bytes that are thrown away at once: more would keep others waiting for the interpreter


@dataclass
class Parting:
    """Since when, and how much has come."""

    began: float
    last: float
    came: int = 0


class Farewell:
    """Hears out `clients` at once, the oldest of whom go when there are more, and `size` bytes of each."""

    def __init__(self, clients: int, size: int) -> None:
        """Begin."""
        self.clients, self.size = clients, size
        self.parting: dict[socket.socket, Parting] = {}  # the oldest first; only the thread looks at it
        self.ends = False
        self.waste = bytearray(WASTE)
        self.asked = PollableMethodQueue()
        self.asked.init()
        self.poller = selectors.DefaultSelector()
        self.poller.register(self.asked, selectors.EVENT_READ, self.asked.run_callbacks)  # type: ignore[arg-type]
        self.thread = threading.Thread(target=self._run, name="farewell", daemon=True)
        self.thread.start()

    def part(self, client: socket.socket, wait: float = 0.0) -> None:
        """Take over a socket to which everything has been written. Most hang up at once: `wait` so many seconds for it."""
        try:
            client.shutdown(socket.SHUT_WR)
            client.settimeout(wait)
            gone = not client.recv(WASTE)
        except (BlockingIOError, TimeoutError):
            gone = False
        except OSError:
            gone = True
        if gone:
            client.close()
            return
        client.setblocking(False)  # noqa: FBT003
        self.asked.defer(self._begin, client)

    def finish(self, seconds: float) -> None:
        """Wait until everybody has gone, but not longer; nobody may be handed over after that."""
        self.asked.defer(setattr, self, "ends", True)  # noqa: FBT003
        self.thread.join(seconds)

    def _run(self) -> None:
        looked = time.monotonic()
        while self.parting or not self.ends:
            for key, _ in self.poller.select(LOOKING):
                key.data(key.fileobj)
            if time.monotonic() > looked + LOOKING:
                looked = time.monotonic()
                self._end_the_late(looked)

    def _begin(self, client: socket.socket) -> None:
        if len(self.parting) >= self.clients:
            self._end(next(iter(self.parting)))
        try:
            self.poller.register(client, selectors.EVENT_READ, self._hear)
        except OSError:  # the system watches no more sockets
            client.close()
            return
        now = time.monotonic()
        self.parting[client] = Parting(now, now)

    def _hear(self, client: socket.socket) -> None:
        parting = self.parting.get(client)
        if parting is None:  # it made room for another since the poller spoke of it
            return
        try:
            came = client.recv_into(self.waste)
        except BlockingIOError:
            return
        except OSError:
            came = 0
        parting.last = time.monotonic()
        parting.came += came
        if not came or parting.came > self.size:
            self._end(client)

    def _end_the_late(self, now: float) -> None:
        late = [c for c, one in self.parting.items() if now > min(one.last + SILENT, one.began + LONGEST)]
        for client in late:
            self._end(client)

    def _end(self, client: socket.socket) -> None:
        del self.parting[client]
        self.poller.unregister(client)
        client.close()
