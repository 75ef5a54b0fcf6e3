"""Whether a jail holds here and now: a child shuts itself in, tries to escape, and tries to work."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from service.sandbox import child, limits, probes

PATIENCE = 60.0  # seconds; importing a driver's libraries may take some
MOST = 4096  # bytes of an answer


def why_not(
    profile: limits.Profile,
    bounds: limits.Limits,
    *,
    before: Callable[[], object] = bool,
    after: Callable[[], object] = bool,
    escaping: bool = True,
) -> str | None:
    """Why a process in this jail would not be held, or could not work; `before` and `after` it is shut, in the child."""
    reader, writer = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _prove(parent, writer, profile, bounds, before, after, escaping=escaping)
    os.close(writer)
    try:
        answer = _read(reader)
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    try:
        found: str | None = json.loads(answer)["why"]
    except (ValueError, KeyError, TypeError):
        ended = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "no answer"
        return f"a jailed process does not survive its own tests ({ended})"
    return found


def _prove(
    parent: int,
    writer: int,
    profile: limits.Profile,
    bounds: limits.Limits,
    before: Callable[[], object],
    after: Callable[[], object],
    *,
    escaping: bool,
) -> NoReturn:
    why: str | None
    try:
        child.become_child(parent, (writer,))
        hidden = bool(profile.devices)
        if hidden:
            limits.hide_files(profile)
        before()
        child.shut(parent, profile, bounds, hidden=hidden, insist=not escaping)
        escaped = probes.escapes(parent, bounds.memory) if escaping else []
        why = f"a jailed process could: {', '.join(escaped)}" if escaped else probes.cannot_work()
        after()
    except BaseException as error:  # noqa: BLE001 - whatever it is, there is no jail
        why = f"a jailed process cannot be made or cannot work: {type(error).__name__}: {error}"
    os.write(writer, json.dumps({"why": why and why[: MOST // 8]}).encode())
    os._exit(0)


def _read(reader: int) -> bytes:
    end, found = time.monotonic() + PATIENCE, b""
    while len(found) < MOST and (left := end - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            part = os.read(reader, MOST)
            if not part:
                break
            found += part
    return found
