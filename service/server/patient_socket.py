"""A client's socket: it takes in the head of a request without a thread, and ends a wait as if the client had gone."""

from __future__ import annotations

import errno
import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from service.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from service.server.lines import Kind, Line

WHOLE = 120.0  # seconds for all of a request, or all of its answer: 64 MiB at 5 Mbit/s
SLOWEST = 16 * 1024  # bytes a second that a request must come at, after the first wait: 1/8 Mbit/s
END = b"\r\n\r\n"  # of a head
PIECE = 8 * 1024  # bytes that are taken in at once; most heads are one
HURRIED = 2.0  # seconds of the first wait while others wait for a thread
LOOKING = 0.25  # seconds between two looks whether they do
LONG = 64 * 1024  # bytes after which a thread takes a head as it is: it may be refused there


class PatientSocket(socket.socket):
    """What gunicorn's worker reads from, and writes to."""

    patience: ClassVar[float] = Settings.client_timeout  # seconds in which a client must send its next bytes
    others_wait: ClassVar[bool] = False  # for a thread of this worker
    heard = b""  # of a head that is not whole yet
    until = 0.0
    began = 0.0
    came = 0  # bytes since then
    kind: Kind = "ordinary"  # of its request
    line: Line | None = None  # that it stands in
    refused = False  # its request found that full

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - the signature of socket.socket
        """Begin a request (`flag`), or hand the socket back to the poller; nothing, where it is closed already."""
        if self.fileno() < 0:
            return
        self.began, self.came = time.monotonic(), 0
        self.until = self.began + WHOLE
        self.settimeout(self.patience if flag else 0.0)

    def hears_out(self) -> bool:
        """Take in what has come, without waiting; whether it is a thread's turn: the head is whole, or no more will come."""
        self.settimeout(0.0)
        while END not in self.heard and len(self.heard) < LONG:
            try:
                data = super().recv(PIECE)
            except BlockingIOError:
                return False
            except OSError:  # the thread that reads on finds it too, and knows what to do
                return True
            if not data:
                return True
            self.heard += data
        return True

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Wait for the next bytes, but not past the end of patience."""
        asked = time.monotonic()
        while True:
            left = self._patience_ends(asked) - time.monotonic()
            self.settimeout(min(max(left, 0.001), LOOKING))  # what has come is taken in any case
            try:
                data = super().recv(size, flags)
            except TimeoutError:
                if left <= 0:
                    raise ConnectionResetError(errno.ECONNRESET, "the client stalled") from None
            else:
                self.came += len(data)
                return data

    def _patience_ends(self, asked: float) -> float:
        """When it does: later for whoever sends more, earlier while others wait for a thread."""
        silence = asked + self.patience
        return min(self.until, silence, self.began + self._first_wait() + self.came / SLOWEST)

    def _first_wait(self) -> float:
        return min(self.patience, HURRIED) if self.others_wait else self.patience

    def speaks(self, seconds: float) -> bool:
        """Whether the client sends something, or hangs up, before so many seconds are over."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(1e3 * seconds))

    def sendall(self, data: Buffer, flags: int = 0, /) -> None:
        """Send an answer at the pace that a request must come at: who asks and does not read holds no thread for long."""
        left, sent, begun = memoryview(data).cast("B"), 0, time.monotonic()
        while sent < len(left):
            patience = min(begun + WHOLE, begun + self._first_wait() + sent / SLOWEST) - time.monotonic()
            if patience <= 0:
                raise ConnectionResetError(errno.ECONNRESET, "the client stalled")
            self.settimeout(min(patience, LOOKING))
            with suppress(TimeoutError):
                sent += self.send(left[sent:], flags)
