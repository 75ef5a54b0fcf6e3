"""From how a child ended and what it wrote last to what is told of it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any, get_args

from service.sandbox.outcomes import Declined, Facts, Failure, Reason

CRASHES = {
    signal.SIGSEGV: "it read or wrote memory that is not its own, or nested too deeply",
    signal.SIGBUS: "it read or wrote memory that is not its own",
    signal.SIGABRT: "it aborted",
    signal.SIGFPE: "it divided by zero",
    signal.SIGILL: "it ran an instruction that this processor does not know",
}


def verdict(
    ended: Mapping[str, Any],
    last: tuple[str, dict[str, Any]] | None,
    *,
    queued_ms: float,
    deadline: float,
    memory: int,
) -> Facts | Declined | Failure:
    """Judge; what was answered completely counts, however the process ended after it."""
    kind, content = last or ("", {})
    if kind == "facts":
        return Facts(content, queued_ms)
    if kind == "declined":
        return Declined(content["kind"], content["detail"])
    reason: Reason = "crash"
    how = ""
    if kind == "raised" and content.get("reason") in get_args(Reason):
        reason, how = content["reason"], str(content.get("says", ""))
    elif ended["killed"] == "deadline" or ended["code"] == -signal.SIGXCPU:
        reason = "deadline"
    elif ended["code"] == -signal.SIGKILL:
        reason, how = "memory", "killed"  # the kernel chose it when the machine had none left
    elif ended["code"] == -signal.SIGSYS:
        reason = "forbidden"
    else:
        how = CRASHES.get(-ended["code"], "it did not answer")
    return failure(reason, how, deadline=deadline, memory=memory)


def failure(reason: Reason, how: str = "", *, deadline: float = 0.0, memory: int = 0) -> Failure:
    """One sentence for a reason."""
    sentences: dict[Reason, str] = {
        "deadline": f"The model did not come back within {deadline:g} s, and was ended.",
        "memory": "The model was killed from outside, as happens when the machine has no memory left. Try a smaller batch."
        if how == "killed"
        else f"The model asked for more memory than it may use, which is {memory // 2**20} MiB.",
        "crash": f"The model crashed its process: {how or 'it did not answer'}.",
        "forbidden": "The model asked for a file, the network or another process, which it may not touch here.",
        "exception": f"The model raised an exception: {how or 'it says nothing more'}",
    }
    return Failure(reason, sentences[reason])
