"""gunicorn's threaded worker, with what it lacks: patience that ends, errors that are problems, and care for the jail.

A thread waits for a client's next bytes, and for the whole of a request, only so long; else a few clients that stall
would hold every thread. What the server itself refuses (a junk request line, long headers) is answered as RFC 9457
writes it, and logged by its kind: never by what the client sent.
"""

from __future__ import annotations

import errno
import logging
import select
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.http import errors, wsgi
from gunicorn.http.message import Request
from gunicorn.util import close_graceful
from gunicorn.workers import gthread

from service.problems import BY_STATUS, EXHAUSTED, INTERNAL, MEDIA_TYPE, problem
from service.request_id import HEADER, request_id
from service.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Buffer

wsgi.SERVER = "curve-diagnosis"  # type: ignore[attr-defined]  # the header Server names this service, not what it is made of
SETTINGS = Settings.from_environment()
TENDING = 1.0  # seconds between two signs of life, and two looks at the jail, each of which asks the system
WHOLE = 120.0  # seconds for all of a request, or all of its answer: 64 MiB at 5 Mbit/s
SLOWEST = 16 * 1024  # bytes a second that a request must come at, after the first wait: 1/8 Mbit/s
FAREWELL = 1.0  # seconds in which a client may take in the last of its answer, and hang up
AT_ONCE = 0.002  # seconds in which the next request of a client finds the thread that answered its last
OUTSIDE = 0.1  # seconds until it is looked again whether there is room
REFUSING = 4  # threads that send clients away: one that drips holds its thread for some seconds
log = logging.getLogger("service")
# What gunicorn refuses before the application is asked; anything else of its kind is a 400.
STATUSES: dict[type[Exception], int] = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.ExpectationFailed: 417,
    errors.UnsupportedTransferCoding: 501,
}
DETAILS = {
    400: "The request is not HTTP as it should be: its first line, its headers or its chunks cannot be read.",
    414: "The address is too long. Send what belongs to the question in the body.",
    417: "The header Expect asks for something that is not done here.",
    431: "The headers are too long.",
    500: "The service failed on this request, and has logged it. Please report the request_id.",
    501: "The Transfer-Encoding is not known here. Send the body with a Content-Length, or chunked.",
}


class PatientSocket(socket.socket):
    """A client's socket that ends a wait as if the client had gone."""

    until = 0.0
    began = 0.0
    came = 0  # bytes since then
    refused = False  # its request found the line full

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - the signature of socket.socket
        """Begin a request (`flag`), or hand the socket back to the poller; nothing, where it is closed already."""
        if self.fileno() < 0:
            return
        self.began, self.came = time.monotonic(), 0
        self.until = self.began + WHOLE
        self.settimeout(SETTINGS.client_timeout if flag else 0.0)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Wait for the next bytes, but not past the end of patience: it is longer for whoever sends more."""
        end = min(self.until, self.began + SETTINGS.client_timeout + self.came / SLOWEST)
        self.settimeout(min(SETTINGS.client_timeout, max(end - time.monotonic(), 0.001)))
        try:
            data = super().recv(size, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the client stalled") from None
        self.came += len(data)
        return data

    def speaks(self, seconds: float) -> bool:
        """Whether the client sends something, or hangs up, before so many seconds are over."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(1e3 * seconds))

    def sendall(self, data: Buffer, flags: int = 0, /) -> None:
        """Send an answer; the limit is on the whole of it."""
        self.settimeout(WHOLE)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the client stalled") from None


class Worker(gthread.ThreadWorker):
    """The worker that `service.gunicorn` asks for."""

    place = ""  # where it counts: `service.gunicorn` gives it, `service.metrics` writes there
    tended = -TENDING

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Make the threads that answer, and some beside them that tell whoever finds the line full to come back."""
        self.waiting = 0  # requests that are answered, or wait for it
        self.refusing = ThreadPoolExecutor(REFUSING)
        pool: ThreadPoolExecutor = super().get_thread_pool()
        return pool

    def notify(self) -> None:
        """Say about once a second that the worker lives, and see that the jail does; it is asked with every event."""
        now = time.monotonic()
        if now < self.tended + TENDING:
            return
        self.tended = now
        super().notify()
        if self.alive:
            app: Any = self.wsgi
            app.extensions["jail"].tend()

    def enqueue_req(self, conn: gthread.TConn) -> None:
        """Give a client to a thread; the first time, with a socket that has patience."""
        client = conn.sock
        if not isinstance(client, PatientSocket):
            conn.sock = client = PatientSocket(fileno=client.detach())
            self._until_it_speaks(conn)
            return
        client.refused = self.waiting >= self.cfg.threads + SETTINGS.queue
        self.waiting += not client.refused
        self._tell()
        answer = (self.refusing if client.refused else self.tpool).submit(self.handle, conn)
        answer.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _until_it_speaks(self, conn: gthread.TConn) -> None:
        """Let a new client wait beside the line: whoever connects and says nothing holds no thread."""
        conn.sock.setblocking(False)  # noqa: FBT003
        conn.timeout = time.monotonic() + SETTINGS.client_timeout
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def accept(self, listener: socket.socket) -> None:
        """Let a client in; where the file table is full, it waits outside, and nobody inside loses an answer for it."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            log.warning("a client waits outside: %s", errno.errorcode[error.errno])
            time.sleep(OUTSIDE)

    def set_accept_enabled(self, enabled: bool | None) -> None:  # noqa: FBT001 - gunicorn's signature
        """At the end, let in whoever has knocked already, and shut the door: else others would knock until this one has gone."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            inside = -1
            while inside < self.nr_conns < self.worker_connections:
                inside = self.nr_conns
                self.accept(listener)
            listener.close()

    def handle(self, conn: gthread.TConn) -> bool:
        """Answer, and part from the client here: gunicorn would wait for its farewell in the thread that lets others in."""
        stays = super().handle(conn)
        while stays and self._is_asked_again(conn.sock):
            stays = super().handle(conn)
        if not stays and isinstance(conn.sock, PatientSocket):
            conn.sock.until = time.monotonic() + FAREWELL
            close_graceful(conn.sock, FAREWELL)
        return stays

    def _is_asked_again(self, client: socket.socket) -> bool:
        """Whether a client asks again at once, and nobody waits for its thread: two others need not be woken between."""
        if not isinstance(client, PatientSocket) or client.refused or self.waiting > self.cfg.threads:
            return False
        return client.speaks(AT_ONCE)

    def finish_request(self, conn: gthread.TConn, fs: Future[bool]) -> None:
        """Count the request out, in the same thread that counted it in."""
        self.waiting -= not getattr(conn.sock, "refused", False)
        super().finish_request(conn, fs)
        self._tell()

    def _tell(self) -> None:
        app: Any = self.wsgi
        app.extensions["metrics"].waiting.set(self.waiting)

    def handle_error(self, req: Request | None, client: socket.socket, addr: object, exc: BaseException) -> None:  # noqa: ARG002
        """Answer what gunicorn refuses with a problem."""
        refused = isinstance(exc, (errors.ParseException, OSError))
        status = next((code for kind, code in STATUSES.items() if isinstance(exc, kind)), 400 if refused else 500)
        made = request_id(None)
        level = logging.INFO if refused else logging.ERROR
        log.log(level, "refused by the server: %s status=%d request=%s", type(exc).__name__, status, made)
        kind = BY_STATUS.get(status, INTERNAL)
        body = problem(kind, DETAILS[status], made, link=SETTINGS.public_url)
        head = (
            f"HTTP/1.1 {status} {kind.title}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"X-Content-Type-Options: nosniff\r\n{HEADER}: {made}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode("latin-1") + body)
        except OSError:
            log.debug("the client had gone")
