"""Whether a jail holds here and now: a child shuts itself in, tries to escape, and tries to work."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from service.sandbox import child, limits, probes

PATIENCE = 60.0  # seconds; importing a driver's libraries may take some
MOST = 4096  # bytes of an answer


@dataclass(frozen=True)
class Trial:
    """A jail, and what is done `before` and `after` it is shut; `escaping` tries to get out, `insist` does without."""

    profile: limits.Profile
    bounds: limits.Limits
    before: Callable[[], object] = bool
    after: Callable[[], object] = bool
    escaping: bool = True
    insist: bool = False


def why_not(trial: Trial) -> str | None:
    """Why a process in this jail would not be held, or could not work."""
    reader, writer = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _try(trial, parent, writer)
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


def _try(trial: Trial, parent: int, writer: int) -> NoReturn:
    why: str | None
    try:
        child.become_child(parent, (writer,))
        if trial.profile.devices:
            limits.hide_files(trial.profile)
        trial.before()
        child.shut(parent, trial.profile, trial.bounds, insist=trial.insist, trying=trial.escaping)
        escaped = probes.escapes(parent, trial.bounds.memory) if trial.escaping else []
        why = f"a jailed process could: {', '.join(escaped)}" if escaped else probes.cannot_work()
        trial.after()
    except BaseException as error:  # noqa: BLE001 - whatever it is, there is no jail
        why = f"a jailed process cannot be made, or cannot work: {type(error).__name__}: {error}"
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
