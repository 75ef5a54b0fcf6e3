"""How a check can go: what is told on the way, what comes of it, and why it was not begun.

An event of a check is a Progress; the last one is Facts, Declined or Failure.

Refusal
├── NotInstalled    torch is not there
├── Broken          the jail cannot be built, or does not answer
├── Busy            as many wait as may
└── Gone            its client has hung up
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.refusals import Refusal

Reason = Literal["deadline", "memory", "crash", "forbidden", "exception"]
DeclinedKind = Literal["shapes_refused", "not_torchscript", "invalid"]


@dataclass(frozen=True)
class Progress:
    """What the examination tells while it trains, as `{"step": 3, "loss": 1.9}`; a number that is not finite is None."""

    values: dict[str, float | None]


@dataclass(frozen=True)
class Facts:
    """What the examination measured. It was made by a stranger's program: bounded and clean, but not to be trusted."""

    values: dict[str, Any]
    queued_ms: float


@dataclass(frozen=True)
class Declined:
    """The model or the batch cannot be examined, for a reason that its owner can mend."""

    kind: DeclinedKind
    detail: str


@dataclass(frozen=True)
class Failure:
    """The model did what it may not, or never came back."""

    reason: Reason
    detail: str


Event = Progress | Facts | Declined | Failure


class NotInstalled(Refusal):
    """An extra of the installation is missing."""


class Broken(Refusal):
    """The jail cannot be built on this machine, or does not answer."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "10"}  # seconds; it may come up, or come back


class Busy(Refusal):
    """As many checks run and wait as may."""

    def __init__(self, retry_after: int) -> None:
        """Say when to come back, in seconds."""
        super().__init__(f"As many checks run and wait as this service may hold. Try again in {retry_after} s.")
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}  # type: ignore[misc]  # one's own, not the class's


class Gone(Refusal):
    """The client has hung up; only one that closed no more than its own side can read it. What it sends looks the same."""

    def __init__(self) -> None:
        """Say what keeps a check alive."""
        super().__init__(
            "The connection was closed from the client's side before the check was done. That looks like a client that has "
            "gone, and ends its check: keep the connection open until the answer is here (nc without -N)."
        )
