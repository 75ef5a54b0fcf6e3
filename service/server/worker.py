"""gunicorn's threaded worker, with what it lacks: patience that ends, errors that are problems, and care for the jail.

Only a client whose headers have come whole gets a thread, and that waits for the body only so long, less while others
wait; else a few clients that stall would hold every thread. One that says nothing makes room when there are many. Whoever
is still sending when it is refused can read why.
"""

from __future__ import annotations

import errno
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.workers import base, gthread, workertmp

from service.problems import EXHAUSTED
from service.server import lines
from service.server.answer import Answer
from service.server.farewell import Farewell
from service.server.patient_socket import PatientSocket
from service.server.refusals import refusal
from service.settings import Settings

SETTINGS = Settings.from_environment()  # as the application does, which a worker loads after its threads are there
TENDING = 1.0  # seconds between two signs of life, and two looks at the jail, each of which asks the system
# Seconds in which the next request of a client, or its farewell, finds the thread that answered its last.
AT_ONCE = 0.002
OUTSIDE = 0.1  # seconds at least until it is looked again whether there is room
EPISODE = 10.0  # seconds with room, after which it is told again that there is none
HEARD_OUT = 4  # times the limit of a body: so much of what was refused is thrown away, for its client to read why
STOPPING = 2.0  # seconds in which clients may take in their last answers, or end a head, when the worker ends
ENDING = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
Connection = Any  # gunicorn's TConn; its socket is a PatientSocket, once `enqueue_req` has seen it
log = logging.getLogger("service")


class SignOfLife(workertmp.WorkerTmp):
    """What a worker shows that it lives, in memory of its own: gunicorn makes a file, and ends with all workers where none can be."""

    def __init__(self, cfg: Config) -> None:
        """Let the worker change it also where that runs as somebody else."""
        life = os.memfd_create("sign-of-life", os.MFD_CLOEXEC)
        if (cfg.uid, cfg.gid) != (os.geteuid(), os.getegid()):
            os.fchown(life, cfg.uid, cfg.gid)
        self._tmp = os.fdopen(life, "w+b", 0)


wsgi.Response = Answer  # type: ignore[misc]
base.WorkerTmp = SignOfLife  # type: ignore[attr-defined]
PatientSocket.patience = SETTINGS.client_timeout


class Worker(gthread.ThreadWorker):
    """The worker that `service.gunicorn` asks for."""

    place = ""  # where it counts: `service.gunicorn` gives it, `service.metrics` writes there
    told: SimpleQueue[int] = SimpleQueue()  # signals since the fork, which gunicorn takes for its parent's, and forgets
    tended = -TENDING
    full_until = -EPISODE  # seconds of the clock: so long the file table is taken for full

    def init_signals(self) -> None:
        """Listen to signals, and do what they said before: one that was not heard would be waited for until it is killed."""
        super().init_signals()
        while not self.told.empty():
            number = self.told.get_nowait()
            if number in ENDING:
                signal.raise_signal(number)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Make the threads that answer, and some beside them that tell whoever finds the line full to come back."""
        try:
            self.lines = lines.begin(self.cfg.threads, SETTINGS.queue)
            self.farewell = Farewell(self.worker_connections // 2, SETTINGS.body * HEARD_OUT)
            return self.lines["ordinary"].threads
        except RuntimeError as error:
            log.error("a worker ends at once, and another is tried: %s", error)  # noqa: TRY400 - the trace tells nothing
            time.sleep(TENDING)  # of others that fail alike as well
            sys.exit(1)

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

    def run(self) -> None:
        """Answer until the worker ends, and let the last clients take in their answers."""
        super().run()
        self.farewell.finish(STOPPING)

    def enqueue_req(self, conn: Connection) -> None:
        """Give a client to a thread once its headers are here; a new one gets a socket that has patience."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(fileno=conn.sock.detach())
            conn.init()
        if self._has_headers(conn):
            self._answer(conn)
        else:
            conn.timeout = time.monotonic() + SETTINGS.client_timeout
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Take in more headers, beside the line: whoever says nothing, or a letter at a time, holds no thread."""
        if self._has_headers(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._answer(conn)

    def _has_headers(self, conn: Connection) -> bool:
        """Whether the next request can be parsed without waiting; what came with the last one counts."""
        client, ahead = conn.sock, conn.parser.unreader
        client.heard += ahead.take_buffered()
        ready: bool = client.hears_out()
        if ready:
            client.kind = lines.kind_of(client.heard)
            ahead.unread(client.heard)
            client.heard = b""
        return ready

    def _answer(self, conn: Connection) -> None:
        """Give a request to a thread; whoever hangs up has asked nothing, and stands in no line: it would be full of them."""
        client, line = conn.sock, self.lines[conn.sock.kind]
        if not conn.parser.unreader.buf.getvalue():
            self.nr_conns -= 1
            self._part(client)
            return
        client.line, client.refused = line, line.is_full
        line.standing += not client.refused
        self._tell()
        answer = (self.lines["refused"] if client.refused else line).threads.submit(self.handle, conn)
        answer.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def murder_pending(self) -> None:
        """Part from those whose headers did not come in time, and, where no more could be let in, from the most silent."""
        now = time.monotonic()
        silent: deque[Connection] = self.pending_conns
        while silent and silent[0].timeout <= now:
            self._let_go(silent.popleft(), late=True)
        while self.nr_conns >= self.worker_connections and (idle := silent or self.keepalived_conns):
            self._let_go(idle.popleft())

    def _let_go(self, conn: Connection, *, late: bool = False) -> None:
        """Close a connection that waits at the poller; whoever began to send headers is told that they came late."""
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        if late and conn.sock.heard:
            self._refuse(TimeoutError(), conn.sock.send)  # it goes into an empty buffer, and waits for nobody
        self._part(conn.sock)

    def _part(self, client: socket.socket, wait: float = 0.0) -> None:
        """Hand a socket over, so that gunicorn finds none to close."""
        self.farewell.part(socket.socket(client.family, client.type, client.proto, client.detach()), wait)

    def accept(self, listener: socket.socket) -> None:
        """Let a client in; where the file table is full, it waits outside, and nobody inside loses an answer for it."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            now = time.monotonic()
            if now > self.full_until + EPISODE:
                log.warning("clients wait outside: %s", errno.errorcode[error.errno])
            self.full_until = now + OUTSIDE
            super().set_accept_enabled(False)  # the next round opens it again

    def set_accept_enabled(self, enabled: bool | None) -> None:  # noqa: FBT001 - gunicorn's signature
        """Open no door to a full house. At the end, let in whoever has knocked already, and shut it: else others would knock on."""
        if enabled and time.monotonic() < self.full_until:
            return
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            inside = -1
            while inside < self.nr_conns < self.worker_connections:
                inside = self.nr_conns
                self.accept(listener)
            listener.close()
        silent: deque[Connection] = self.pending_conns
        for conn in silent:  # nobody waits for a question that has not been asked
            conn.timeout = min(conn.timeout, time.monotonic() + STOPPING)

    def handle(self, conn: Connection) -> bool:
        """Answer, and part from the client here: gunicorn would wait for its farewell in the thread that lets others in."""
        stays = super().handle(conn)
        while stays and self._is_asked_again(conn):
            stays = super().handle(conn)
        if not stays and conn.sock.fileno() >= 0:
            self._part(conn.sock, AT_ONCE)
        return stays

    def _is_asked_again(self, conn: Connection) -> bool:
        """Whether a client asks again at once, and nobody waits for its thread: two others need not be woken between."""
        client = conn.sock
        if client.refused or client.line.kind != "ordinary" or client.line.waits:
            return False
        return client.speaks(AT_ONCE) and self._has_headers(conn) and client.kind == "ordinary"

    def finish_request(self, conn: Connection, fs: Future[bool]) -> None:
        """Count the request out, in the same thread that counted it in."""
        conn.sock.line.standing -= not conn.sock.refused
        super().finish_request(conn, fs)
        self._tell()

    def _tell(self) -> None:
        """Tell how many are waiting: operators, and threads that wait for a slow client."""
        asking = [self.lines["ordinary"], self.lines["bulky"]]
        PatientSocket.others_wait = any(line.waits for line in asking)
        app: Any = self.wsgi
        app.extensions["metrics"].waiting.set(sum(line.standing for line in asking))

    def handle_error(self, req: Request | None, client: socket.socket, addr: object, exc: BaseException) -> None:  # noqa: ARG002
        """Answer what gunicorn refuses with a problem."""
        self._refuse(exc, client.sendall)

    def _refuse(self, error: BaseException, send: Callable[[bytes], object]) -> None:
        app: Any = self.wsgi
        status, answer = refusal(error, app.config["SETTINGS"].public_url)
        app.extensions["metrics"].refused(status)
        with suppress(OSError):  # the client has gone
            send(answer)
