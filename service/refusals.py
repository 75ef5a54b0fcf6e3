"""What the service itself refuses, before the engine is asked.

Refusal
├── Unauthorized          no key, or one that is not known
├── TooManyAtOnce         more requests of one key than may be answered at once
├── Overloaded            more requests than may wait
├── Stalled               the body did not arrive
├── TooLarge              more bytes than one request may have
├── UnsupportedEncoding   a Content-Encoding other than gzip
├── BrokenEncoding        gzip that does not unpack
├── BrokenRequest         a multipart body that is not one
├── NotAcceptable         none of what the client accepts can be made
├── InvalidQuery          a parameter of the address that cannot be meant
├── NoSuchCondition       a name that is none of the catalogue's
├── NotMultipart          a body that is not in parts, where parts are expected
├── MissingPart           a part that is needed was not sent
├── CannotExamine         a model or a batch that cannot be examined
│   └── ShapesRefused     its `forward`, or the loss, refuses the shapes
└── ModelFailed           a model that did not come back from its check
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


class Unauthorized(Refusal):
    """No key, or one that is not known."""

    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class TooManyAtOnce(Refusal):
    """More requests of one key than may be answered at once."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class Overloaded(Refusal):
    """More requests than may wait."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


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

    headers: ClassVar[Mapping[str, str]] = {"Vary": "Accept"}  # a cache must not give it to others


class NoSuchCondition(Refusal):
    """A name that is none of the catalogue's."""


class NotMultipart(Refusal):
    """A body that is not in parts, where parts are expected."""


class Placed(Refusal):
    """A refusal that speaks of one place: a JSON pointer whose first step is the part's name."""

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        """Keep the sentence and the place."""
        super().__init__(detail)
        self.pointer = pointer


class InvalidQuery(Placed):
    """A parameter of the address, or a part, that cannot be meant."""


class MissingPart(Placed):
    """A part that is needed was not sent."""


class CannotExamine(Placed):
    """A model or a batch that cannot be examined, for a reason that its owner can mend."""


class ShapesRefused(CannotExamine):
    """The model's `forward`, or the loss, refuses the shapes."""


class ModelFailed(Refusal):
    """A model that did not come back from its check; `reason` is a word for programs."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep both."""
        super().__init__(detail)
        self.reason = reason
