"""One worker of a real gunicorn whose CPU time is read, and the clients that ask it.

The CPU time of all its threads before and after each request (`/proc/…/schedstat`, nanoseconds), so that neither the client
nor what else the machine does counts.
"""

from __future__ import annotations

import http.client
import re
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.listening import Server, listening

SMALL, BATCH = 200, 25  # requests in a round of one client that never pauses; measured together
CLIENTS, BATCHES = 4, 30  # that never pause together; batches of each
LENGTH, END = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE), b"\r\n\r\n"
PIECE = 1 << 16  # bytes
CONDITIONS = {"WORKERS": "1", "PUBLIC_URL": "http://127.0.0.1"}


@dataclass(frozen=True)
class Worker:
    """The one process that answers."""

    server: Server
    pid: int

    @property
    def cpu(self) -> int:
        """CPU nanoseconds of all its threads so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks)

    def memory(self, *names: str) -> tuple[float, ...]:
        """Megabytes by the names that Linux has for them: `Rss`, `Pss`, `Private_Dirty`, …; `VmHWM` is the most there was."""
        found = {}
        for file in ("smaps_rollup", "status"):
            for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
                name, _, rest = line.partition(":")
                if rest.endswith(" kB"):
                    found[name] = int(rest.split()[0]) / 1e3
        return tuple(found[name] for name in names)

    def costs(self, body: bytes, times: int, headers: Mapping[str, str]) -> list[float]:
        """CPU milliseconds of each of so many requests over one connection."""
        taken = []
        with self._client() as client:
            for _ in range(times):
                before = self.cpu
                _ask(client, body, headers)
                taken.append((self.cpu - before) / 1e6)
        return taken

    def costs_at_once(self, body: bytes) -> list[float]:
        """CPU milliseconds a request, of each batch of one client that asks again as soon as it is answered.

        It is a bare socket: two processors are often one core, which a client that does more takes away from the worker.
        """
        head = f"POST /diagnose HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        question, taken = head.encode() + body, []
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=300) as client:
            for _ in range(SMALL // BATCH):
                before = self.cpu
                for _ in range(BATCH):
                    client.sendall(question)
                    _take_in(client)
                taken.append((self.cpu - before) / 1e6 / BATCH)
        return taken

    def costs_under_load(self, body: bytes) -> list[float]:
        """CPU milliseconds a request, of each batch of several clients that never pause."""

        def ask_often(_client: int) -> None:
            with self._client() as client:
                for _ in range(BATCH):
                    _ask(client, body, {})

        taken = []
        with ThreadPoolExecutor(CLIENTS) as clients:
            for _ in range(BATCHES):
                before = self.cpu
                list(clients.map(ask_often, range(CLIENTS)))
                taken.append((self.cpu - before) / 1e6 / (CLIENTS * BATCH))
        return taken

    def _client(self) -> closing[http.client.HTTPConnection]:
        return closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300))


def _ask(client: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]) -> None:
    client.request("POST", "/diagnose", body, dict(headers))
    answer = client.getresponse()
    text = answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(text.decode())


def _take_in(client: socket.socket) -> None:
    """One answer, to its end."""
    answer = b""
    while (whole := _length(answer)) is None or len(answer) < whole:
        if not (more := client.recv(PIECE)):
            raise SystemExit(answer.decode())
        answer += more
    if b" 200 " not in answer.partition(b"\r\n")[0]:
        raise SystemExit(answer.decode())


def _length(answer: bytes) -> int | None:
    """How long an answer is in all; None before its head is whole."""
    head, end, _ = answer.partition(END)
    said = LENGTH.search(head)
    return len(head) + len(end) + int(said[1]) if end and said else None


@contextmanager
def worker(*command: str, **environment: str) -> Iterator[tuple[Worker, float]]:
    """The only worker of a service that was just started, and the seconds it took to answer."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        chosen = (command,) if command else ()
        with listening(Path(folder) / "log", *chosen, **{**CONDITIONS, **environment}) as server:
            ready = time.monotonic() - start
            yield Worker(server, next(_children(server.pid))), ready


def _children(pid: int) -> Iterator[int]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may have ended
            fields = file.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                yield int(file.parent.name)
