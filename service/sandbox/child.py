"""One check, in a process of its own: jailed before it reads the first byte of the upload, and ended by it.

Nothing can be imported after the jail is shut; whatever an examination needs, the warm process has imported.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import select
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, NoReturn, Protocol

from service.sandbox import kernel, limits, protocol

UNJAILED = 70  # exit status of a child that could not shut its jail
BLOCK = 1 << 24  # bytes read at once
SAYS = 300  # characters of what an exception says
PATHS = re.compile(r"(?<![\w.])(?:/[\w.+\-]+){2,}/?|File \"[^\"]*\", line \d+")
NO_MEMORY = re.compile(r"can't allocate memory|bad_alloc|out of memory|CUDA_ERROR_OUT_OF_MEMORY", re.IGNORECASE)
IN_PLACE = "modified by an inplace operation"
RAISED = re.compile(r"[\w.]*(Error|Exception): ")
NOT_PERMITTED = re.compile(r"Operation not permitted|Permission denied|EPERM|EACCES")


class Examine(Protocol):
    """What is done with an upload: facts of JSON come back."""

    def __call__(
        self, config: Mapping[str, Any], model: bytes, batch: bytes | None, tell: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        """Examine a model."""


@dataclass(frozen=True)
class Upload:
    """Open files: where the answer goes, and sealed memory with what was sent."""

    answer: int
    config: int
    model: int
    batch: int | None

    @property
    def files(self) -> tuple[int, ...]:
        """All of them."""
        return (self.answer, self.config, self.model, *(() if self.batch is None else (self.batch,)))


def become_child(parent: int, kept: tuple[int, ...]) -> None:
    """Leave behind what belongs to the warm process: its files, its signals, its session."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    limits.be_killed_first()
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    limits.close_all_but(kept)
    kernel.die_with_parent(parent)


def shut(parent: int, profile: limits.Profile, bounds: limits.Limits, *, insist: bool, trying: bool = False) -> None:
    """Shut the jail; where the operator insists on running without, as much of it as there is."""
    gpu = bool(profile.devices)  # then files have been hidden before its driver came up
    try:
        if not gpu:
            limits.drop_user()
            kernel.die_with_parent(parent)  # a change of user forgets it
        limits.lock(profile, bounds, hidden=gpu, trying=trying)
    except OSError:
        if not insist:
            raise


def run(upload: Upload, examine: Examine, device: str) -> NoReturn:
    """Examine, write the answer, end. The jail is shut already."""
    try:
        config = json.loads(_whole(upload.config))
        config["device"] = device
        batch = None if upload.batch is None else _whole(upload.batch)
        facts = examine(config, _whole(upload.model), batch, _teller(upload.answer))
        last = protocol.written("facts", facts)
        if len(last) > protocol.TOTAL // 2:
            last = protocol.written(
                "raised", {"reason": "exception", "says": "It gives more facts than an answer holds."}
            )
    except BaseException as error:  # noqa: BLE001 - whatever it is, its owner is told
        last = _ending(error)
    with contextlib.suppress(OSError):
        _write(upload.answer, last)
    os._exit(0)


def _ending(error: BaseException) -> bytes:
    kind, detail = getattr(error, "kind", None), getattr(error, "detail", None)
    if type(error).__name__ == "Refused" and isinstance(kind, str) and isinstance(detail, str):
        return protocol.written("declined", {"kind": kind, "detail": protocol.plain_text(PATHS.sub("…", detail))})
    said = "" if isinstance(error, MemoryError) else str(error)
    reason = "exception"
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or NO_MEMORY.search(said):
        reason = "memory"
    elif isinstance(error, PermissionError) or NOT_PERMITTED.search(said):
        reason = "forbidden"
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    says = protocol.plain_text(PATHS.sub("…", _telling(said)), SAYS)
    return protocol.written("raised", {"reason": reason, "says": says, "type": type(error).__name__, "place": place})


def _telling(said: str) -> str:
    """Of many lines, with a traceback that torch writes into them, the one that says what is wrong."""
    if IN_PLACE in said:
        return "it changes a tensor in place that its gradient needs as it was. Write x = x + 1 for x += 1, and relu for relu_."
    lines = [line for line in said.splitlines() if line.strip()]
    return next((line for line in lines if RAISED.match(line)), lines[0] if lines else "").removeprefix("builtins.")


def _teller(answer: int) -> Callable[[dict[str, Any]], None]:
    """Tell progress; where the reader is slow, leave it out instead of waiting."""
    told = 0

    def tell(values: dict[str, Any]) -> None:
        nonlocal told
        if told >= protocol.PROGRESS:
            return
        line = protocol.written("progress", values)
        if len(line) <= protocol.LINE:
            told += 1
            with contextlib.suppress(BlockingIOError):
                os.write(answer, line)

    return tell


def _write(answer: int, data: bytes) -> None:
    ready = select.poll()
    ready.register(answer, select.POLLOUT)
    rest = memoryview(data)
    while rest:
        ready.poll()
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(answer, rest) :]


def _whole(file: int) -> bytes:
    parts, at = [], 0
    while part := os.pread(file, BLOCK, at):
        parts.append(part)
        at += len(part)
    os.close(file)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def quiet_collector() -> None:
    """Keep the garbage collector away from what was there before the fork, so that its memory stays shared."""
    gc.collect()
    gc.freeze()
