"""One check as a web worker sees it: progress as it comes, then how it ended. Closing it ends the child."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from service.sandbox.outcomes import Broken, Declined, Event, Gone, Progress
from service.sandbox.protocol import BrokenAnswer, Reader
from service.sandbox.upload import Line
from service.sandbox.verdict import failure, verdict

BLOCK = 1 << 16
MESSAGE = 4096
SLICE = 60_000  # milliseconds; every wait ends, and is begun again
LOST = "The check was interrupted: the jail ended while it ran, and is being started anew. Try again in a few seconds."
log = logging.getLogger("service.sandbox")


class Check:
    """Iterate for its events, in a `with`; `watch` is the client's socket, whose end ends the check."""

    def __init__(
        self, line: Line, declined: str, deadline: float, memory: int, watch: int | None, released: Callable[[], None]
    ) -> None:
        """Begin to listen."""
        self._line, self._declined, self._deadline, self._memory = line, declined, deadline, memory
        self._watch, self._released = watch, released
        self._closed = False
        self._queued_ms = 0.0

    def __enter__(self) -> Check:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; a child that still works is killed. May be called twice."""
        if not self._closed:
            self._closed = True
            self._line.close()
            self._released()

    def __iter__(self) -> Iterator[Event]:
        """Progress, then exactly one of Facts, Declined, Failure."""
        try:
            if self._declined:
                yield Declined("invalid", f"The config asks for cuda, and {self._declined}.")
                return
            yield from self._events()
        except BrokenAnswer as error:
            log.warning("a jailed process answered what it should not: %s", error)
            yield failure("crash", "it answered what no examination answers")
        finally:
            self.close()

    def _events(self) -> Iterator[Event]:
        reader, poll, answer = Reader(), select.poll(), self._line.answer
        ended: dict[str, Any] | None = None
        last: tuple[str, dict[str, Any]] | None = None
        open_files = {answer, self._line.reply.fileno()}
        for file in open_files:
            poll.register(file, select.POLLIN)
        if self._watch is not None:
            poll.register(self._watch, select.POLLRDHUP)
        while open_files:
            for file, _ in poll.poll(SLICE):
                if file == answer:
                    data = os.read(answer, BLOCK)
                    for kind, content in reader.feed(data):
                        if last is not None:
                            raise BrokenAnswer("something after the end")
                        if kind == "progress":
                            yield Progress(content)
                            if self._closed:
                                return
                        else:
                            last = kind, content
                elif file == self._watch:
                    raise Gone
                else:
                    said = hear(self._line.reply)
                    data = b""
                    if "started" in said:
                        self._queued_ms = float(said["started"])
                        continue
                    if "ended" not in said:
                        raise Broken(LOST)
                    ended = said["ended"]
                if not data:
                    poll.unregister(file)
                    open_files.discard(file)
        if last is not None and last[0] == "raised":
            log.info("an examination raised %s at %s", last[1].get("type"), last[1].get("place"))
        yield verdict(
            ended or {}, last, queued_ms=self._queued_ms, deadline=self._deadline, memory=self._memory
        )


def hear(reply: socket.socket) -> dict[str, Any]:
    """One message of the warm process; empty when it has gone."""
    try:
        data = reply.recv(MESSAGE)
    except ConnectionResetError:
        return {}
    found: dict[str, Any] = json.loads(data) if data else {}
    return found
