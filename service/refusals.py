"""What the service itself refuses, before the engine is asked.

Refusal
├── Stalled               the body did not arrive
├── TooLarge              more bytes than one request may have
├── UnsupportedEncoding   a Content-Encoding other than gzip
├── BrokenEncoding        gzip that does not unpack
├── BrokenRequest         a multipart body that is not one
├── NotAcceptable         none of what the client accepts can be made
├── InvalidQuery          a parameter of the address that cannot be meant
├── NoSuchCondition       a name that is none of the catalogue's
└── Unavailable           not possible in this installation
"""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """The sentence says what came, what was expected, what to do; headers may say it to programs."""

    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str) -> None:
        """Keep the sentence."""
        super().__init__(detail)
        self.detail = detail


class Stalled(Refusal):
    """The body did not arrive."""


class TooLarge(Refusal):
    """More bytes than one request may have."""


class UnsupportedEncoding(Refusal):
    """A Content-Encoding other than gzip."""

    headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "gzip"}


class BrokenEncoding(Refusal):
    """It says it is gzip, and does not unpack."""


class BrokenRequest(Refusal):
    """It says it is multipart, and is not."""


class NotAcceptable(Refusal):
    """None of what the client accepts can be made."""


class InvalidQuery(Refusal):
    """A parameter of the address, or a part, that cannot be meant."""


class NoSuchCondition(Refusal):
    """A name that is none of the catalogue's."""


class Unavailable(Refusal):
    """Not possible in this installation."""
