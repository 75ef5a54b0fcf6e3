"""The clients: those who insist on their answer, those who send nonsense, those who go, those who drip."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

from benchmarks.storm.questions import MIB, Sent

PATIENCE = 120.0  # seconds after which a good question counts as lost
BUSY = {429, 503}
Answer = tuple[int, str, bytes]


@dataclass
class Tally:
    """What happened, by kind of client and outcome; seconds of good questions; what should not have been."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, outcome: str, *, seconds: float | None = None, fault: str = "") -> None:
        """Write one outcome down."""
        with self.lock:
            self.counts[kind, outcome] += 1
            if seconds is not None:
                self.seconds.append(seconds)
            if fault:
                self.faults.append(f"{kind}: {fault}")


def ask(port: int, sent: Sent) -> Answer:
    """Send a request on a connection of its own; its status, its Retry-After and its body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("POST", sent.path, sent.body, sent.headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Retry-After", ""), answer.read()


def essence(body: bytes, sent: Sent) -> object:
    """What must be the same each time: all of an answer; of a check of a model, what it says of it.

    A check whose deadline is short for the load asks less, and its `id` is of what it could ask.
    """
    if sent.path == "/diagnose":
        return body
    found = json.loads(body)
    return [found.get(name) for name in ("verdict", "status")], [f["condition"] for f in found.get("findings", [])]


def insist(port: int, sent: Sent, expected: object, tally: Tally, kind: str) -> None:
    """Ask until there is an answer, as a pipeline would, and look at it."""
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        asked = time.monotonic()
        try:
            status, later, body = ask(port, sent)
        except (OSError, http.client.HTTPException):
            tally.note(kind, "connection broke, asked again")
            time.sleep(0.1)
            continue
        if status in BUSY:
            tally.note(kind, "told to come back")
            time.sleep(float(later or 1) * random.uniform(0.5, 1))
        elif status not in sent.statuses:
            tally.note(kind, "wrong status", fault=f"{sent.name}: {status} {body[:300]!r}")
            return
        elif status == 200 and essence(body, sent) != expected:
            tally.note(kind, "wrong answer", fault=f"{sent.name}: {body[:300]!r}")
            return
        else:
            tally.note(kind, "right", seconds=time.monotonic() - asked)
            return
    tally.note(kind, "lost", fault=f"{sent.name}: no answer in {PATIENCE:g} s")


def go(port: int, sent: Sent, tally: Tally) -> None:
    """Send some of a request, or all of it, and hang up."""
    head = f"POST {sent.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sent.body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in sent.headers.items())
    data = head.encode() + b"\r\n" + sent.body
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as client:
        client.sendall(data[: random.choice([1, len(data) // 2, len(data)])])
    tally.note("clients that hang up", "gone")
    time.sleep(random.uniform(0, 1))


def huge(port: int, tally: Tally) -> None:
    """Send in chunks more than may be, or claim it."""
    chunk = b"%x\r\n%s\r\n" % (MIB, bytes(MIB))
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as client:
            if random.random() < 0.5:
                client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" + chunk)
            else:
                client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(70):
                    client.sendall(chunk)
            answer = http.client.HTTPResponse(client)
            answer.begin()
            fine = answer.status in BUSY | {400, 408, 413}
            tally.note("huge bodies", "refused", fault="" if fine else f"a huge body: {answer.status}")
    except (OSError, http.client.HTTPException):
        tally.note("huge bodies", "cut off")
    time.sleep(2)


def drip(port: int, tally: Tally, until: float) -> None:
    """Send a byte a second."""
    data = b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{" + bytes(500)
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as client:
        for byte in data:
            if time.monotonic() > until:
                break
            client.send(bytes([byte]))
            time.sleep(1)
    tally.note("clients that drip", "cut off")


def crew(
    port: int, size: int, until: float, asked: dict[str, Sequence[tuple[Sent, object]]], tally: Tally
) -> list[threading.Thread]:
    """So many clients, of every kind; each goes on until the end."""
    goods = {kind: found for kind, found in asked.items() if found}

    def insists(kind: str) -> None:
        sent, expected = random.choice(goods[kind])
        insist(port, sent, expected, tally, kind)
        time.sleep(random.uniform(0, 0.2))

    kinds: list[tuple[float, Callable[[], None]]] = [
        (0.60, lambda: insists("good questions")),
        (0.05, lambda: insists("models" if "models" in goods else "good questions")),
        (0.15, lambda: insists("broken questions")),
        (0.10, lambda: go(port, random.choice(random.choice(list(goods.values())))[0], tally)),
        (0.03, lambda: huge(port, tally)),
        (1.00, lambda: drip(port, tally, until)),
    ]
    works = [work for share, work in kinds for _ in range(max(1, round(share * size)))][:size]

    def goes_on(work: Callable[[], None]) -> None:
        while time.monotonic() < until:
            work()

    return [threading.Thread(target=goes_on, args=(work,)) for work in works]
