"""The bytes of a request: never more than allowed, unpacked where they came as gzip, whole or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask import Request

from service.question.parts import CURE, MIB, unpacked
from service.refusals import BrokenRequest, Stalled, TooLarge, UnsupportedEncoding


def read(request: Request, limit: int, cure: str = CURE) -> bytes:
    """The body, unpacked; at most `limit` bytes before and after. `cure` says what helps against more."""
    encoding = (request.headers.get("Content-Encoding") or "identity").strip().lower()
    raw = _whole(request, limit, cure)
    if encoding == "identity":
        return raw
    if encoding in {"gzip", "x-gzip"}:
        return unpacked(raw, limit, cure)
    raise UnsupportedEncoding("The body has a Content-Encoding other than gzip. Send it as it is, or with gzip.")


def _whole(request: Request, limit: int, cure: str) -> bytes:
    """Read everything; a body without a length is cut at the limit without a word, so one byte more is asked for."""
    size = request.content_length
    more = size is not None and size > limit
    try:
        if more:
            raw = b""  # the server hears the client out when it has been told
        elif size is not None:  # nothing in between that would copy every byte once more
            raw = b"".join(_pieces(request.environ["wsgi.input"], size))
        else:
            # Chunks end by themselves, and werkzeug would refuse the very last byte allowed; without them there is no body.
            chunked = request.environ.get("wsgi.input_terminated")
            stream = request.environ["wsgi.input"] if chunked else request.stream
            raw = b"".join(_pieces(stream, limit))
            more = bool(stream.read(1))
    except OSError:
        raise Stalled("The body did not arrive in time, or broke off. Send it again.") from None
    except MemoryError:
        raise  # is ours, and is told so
    except Exception:  # noqa: BLE001 - chunks that cannot be read; every server has its own error for them
        raise BrokenRequest("The body cannot be read: its chunks are not as they should be. Send it again.") from None
    if more:
        raise TooLarge(f"The body has more than {limit // MIB} MiB, and one request may have that. {cure}")
    if size is not None and len(raw) < size:
        raise BrokenRequest(
            f"The body ends after {len(raw)} of the {size} bytes it was said to have: it was cut on its way. Send it again."
        )
    return raw


def _pieces(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """A stream up to so many bytes: in pieces as large as the server's own, or it moves bytes often."""
    while most > 0 and (piece := stream.read(min(MIB, most))):
        yield piece
        most -= len(piece)
