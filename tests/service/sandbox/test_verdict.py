import signal
from typing import Any

import pytest

from service.sandbox.outcomes import Declined, Facts, Failure
from service.sandbox.verdict import verdict


def judged(
    code: int = 0, killed: str = "", last: tuple[str, dict[str, Any]] | None = None
) -> Facts | Declined | Failure:
    """Judge with a deadline of 2 s and 1 GiB."""
    ended = {"code": code, "killed": killed}
    return verdict(ended, last, queued_ms=1.0, deadline=2.0, memory=1 << 30)


@pytest.mark.parametrize(
    ("code", "killed", "reason", "says"),
    [
        (-signal.SIGKILL, "deadline", "deadline", "within 2 s"),
        (-signal.SIGXCPU, "", "deadline", "within 2 s"),
        (-signal.SIGKILL, "", "memory", "killed from outside"),
        (-signal.SIGSYS, "", "forbidden", "may not touch"),
        (-signal.SIGSEGV, "", "crash", "memory that is not its own"),
        (-signal.SIGABRT, "", "crash", "aborted"),
        (0, "", "crash", "did not answer"),
        (3, "", "crash", "did not answer"),
    ],
)
def test_how_a_process_ended_tells_why(code: int, killed: str, reason: str, says: str) -> None:
    """Where it said nothing itself."""
    found = judged(code, killed)

    assert isinstance(found, Failure)
    assert reason == found.reason
    assert says in found.detail


@pytest.mark.parametrize("reason", ["memory", "forbidden", "exception"])
def test_what_it_said_itself_counts(reason: str) -> None:
    """An exception ends the process in good order."""
    found = judged(last=("raised", {"reason": reason, "says": "no"}))

    assert isinstance(found, Failure)
    assert reason == found.reason


def test_a_reason_that_is_none_is_a_crash() -> None:
    """What it says is a stranger's word."""
    found = judged(last=("raised", {"reason": "holiday"}))

    assert isinstance(found, Failure)
    assert "crash" == found.reason


def test_an_answer_counts_even_if_the_process_was_killed_after_it() -> None:
    """The deadline and the last byte may meet."""
    assert Facts({"a": 1}, 1.0) == judged(-signal.SIGKILL, "deadline", ("facts", {"a": 1}))
    assert Declined("invalid", "b") == judged(last=("declined", {"kind": "invalid", "detail": "b"}))
