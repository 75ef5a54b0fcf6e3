"""One check as a web worker sees it: progress as it comes, then how it ended. Closing it ends the child."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from service.sandbox.outcomes import Broken, Declined, Event, Gone, Progress
from service.sandbox.protocol import BrokenAnswer, Reader
from service.sandbox.upload import Line
from service.sandbox.verdict import failure, verdict

BLOCK = 1 << 16
MESSAGE = 4096
LOST = "The check was interrupted: the jail ended while it ran, and is being started anew. Try again in a few seconds."
log = logging.getLogger("service.sandbox")


@dataclass(frozen=True)
class Terms:
    """What a check is made under: seconds, bytes, the client's socket to watch, whom to tell at the end."""

    deadline: float
    memory: int
    watch: int | None
    released: Callable[[], None]


class Check:
    """Iterate for its events, in a `with`."""

    def __init__(self, line: Line, terms: Terms, declined: str = "") -> None:
        """Begin to listen; `declined` where it was not begun."""
        self._line, self._terms, self._declined = line, terms, declined
        self._reader = Reader()
        self._closed = False
        self._queued_ms = 0.0
        self._last: tuple[str, dict[str, Any]] | None = None
        self._ended: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; a child that still works is killed. May be called twice."""
        if not self._closed:
            self._closed = True
            self._line.close()
            self._terms.released()

    def __iter__(self) -> Iterator[Event]:
        """Progress, then exactly one of Facts, Declined, Failure."""
        if self._declined:
            self.close()
            yield Declined("invalid", f"The config asks for cuda, and {self._declined}.")
            return
        try:
            yield from self._progress()
            if not self._closed:
                yield self._verdict()
        except BrokenAnswer as error:
            log.warning("a jailed process answered what it should not: %s", error)
            yield failure("crash", "it answered what no examination answers")
        finally:
            self.close()

    def _progress(self) -> Iterator[Progress]:
        """Listen until the process has ended and all that it wrote is read."""
        answer, reply = self._line.answer, self._line.reply
        poll = select.poll()
        poll.register(answer, select.POLLIN)
        poll.register(reply, select.POLLIN)
        if self._terms.watch is not None:
            poll.register(self._terms.watch, select.POLLRDHUP)
        left = 2
        while left:
            for file, _ in poll.poll():
                if file == self._terms.watch:
                    raise Gone
                if file == answer:
                    data = os.read(answer, BLOCK)
                    yield from self._answered(data)
                    if self._closed:
                        return
                    ended = not data
                else:
                    ended = self._heard(hear(reply))
                if ended:
                    poll.unregister(file)
                    left -= 1

    def _answered(self, data: bytes) -> Iterator[Progress]:
        for kind, content in self._reader.feed(data):
            if self._last is not None:
                raise BrokenAnswer("something after the end")
            if kind == "progress":
                yield Progress(content)
            else:
                self._last = kind, content

    def _heard(self, said: dict[str, Any]) -> bool:
        if "started" in said:
            self._queued_ms = float(said["started"])
        elif "ended" in said:
            self._ended = said["ended"]
        else:
            raise Broken(LOST)
        return bool(self._ended)

    def _verdict(self) -> Event:
        if self._last is not None and self._last[0] == "raised":
            log.info("an examination raised %s at %s", self._last[1].get("type"), self._last[1].get("place"))
        terms = self._terms
        return verdict(self._ended, self._last, queued_ms=self._queued_ms, deadline=terms.deadline, memory=terms.memory)


def hear(reply: socket.socket) -> dict[str, Any]:
    """One message of the warm process; empty when it has gone."""
    try:
        data = reply.recv(MESSAGE)
    except ConnectionResetError:
        return {}
    found: dict[str, Any] = json.loads(data) if data else {}
    return found
