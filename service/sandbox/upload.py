"""What is handed to a check: sealed memory that nobody can change any more, and a pipe for its answer."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@dataclass(frozen=True)
class Line:
    """Our ends: where the warm process says how it goes, and where the child answers."""

    reply: socket.socket
    answer: int

    def close(self) -> None:
        """Hang up; a child that still works is killed for it."""
        self.reply.close()
        os.close(self.answer)


def send(
    link: socket.socket, config: Mapping[str, Any], model: bytes, batch: bytes | None, header: Mapping[str, Any]
) -> Line:
    """Hand a check over."""
    with contextlib.ExitStack() as theirs:
        reader, writer = os.pipe2(os.O_CLOEXEC)
        theirs.callback(os.close, writer)
        ours, their_reply = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.callback(their_reply.close)
        line = Line(ours, reader)
        try:
            os.set_blocking(writer, False)
            parts = [json.dumps(dict(config)).encode(), model, *(() if batch is None else (batch,))]
            files = [theirs.enter_context(sealed(part)) for part in parts]
            socket.send_fds(link, [json.dumps(dict(header)).encode()], [their_reply.fileno(), writer, *files])
        except BaseException:
            line.close()
            raise
    return line


@contextlib.contextmanager
def sealed(data: bytes) -> Iterator[int]:
    """Hold `data` in memory without a name, sealed."""
    file = os.memfd_create("upload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
        yield file
    finally:
        os.close(file)
