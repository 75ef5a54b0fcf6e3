"""The terminal that a command speaks to: its answer, its complaints, and whether it takes colour."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from service.refusals import Refusal
from service.wording.columns import harmless


class CannotWrite(Refusal):
    """Standard output takes no more: the disk is full, or the device is gone."""


def open_what_is_closed() -> None:
    """Give a closed standard stream (`>&-`) something to fail on, so that no file which is opened later takes its place.

    Writing to the stand-in of standard output raises EBADF, as for any closed file; complaints go nowhere.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def tell(message: str) -> None:
    """Say something that is no part of the answer; it may quote a log."""
    lines = map(harmless, f"curve-diagnosis: {message}".split("\n"))
    sys.stderr.write("\n".join(lines) + "\n")


def write(data: bytes) -> bool:
    """Write an answer as it is; whether somebody still reads: to stop (`| head`) changes nothing else. Raises CannotWrite."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at its end
        if not isinstance(error, BrokenPipeError):
            raise CannotWrite(f"Standard output: {error.strerror}.") from None
        return False
    return True


def takes_color(stream: TextIO) -> bool:
    """Whether to paint unasked: on a terminal that can, for somebody who has not set NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
