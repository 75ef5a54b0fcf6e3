from __future__ import annotations

import gzip
import zlib
from io import BytesIO

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from service.question.body import read
from service.question.parts import MEMBERS, unpacked
from service.refusals import BrokenEncoding, BrokenRequest, Stalled, TooLarge

LIMIT = 1 << 20


class Broken(BytesIO):
    """A client that sends so much, and then fails."""

    def __init__(self, sent: bytes, failure: Exception) -> None:
        super().__init__(sent)
        self.failure = failure

    def read(self, size: int | None = -1, /) -> bytes:
        """Give what is there, then fail."""
        found = super().read(size)
        if not found:
            raise self.failure
        return found


def sent(stream: BytesIO, length: int | None) -> Request:
    """A request with this body; in chunks where its length is not told."""
    environ = EnvironBuilder(method="POST", input_stream=stream).get_environ()
    environ.pop("CONTENT_LENGTH", None)
    if length is None:
        environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    else:
        environ["CONTENT_LENGTH"] = str(length)
    request = Request(environ)
    request.max_content_length = LIMIT
    return request


@pytest.mark.parametrize("length", [5, None])
def test_a_body_is_read_whole(length: int | None) -> None:
    """With its length, and in chunks."""
    assert b"abcde" == read(sent(BytesIO(b"abcde"), length), LIMIT)


@pytest.mark.parametrize("length", [LIMIT, None])
def test_a_body_of_just_the_limit_is_read(length: int | None) -> None:
    """In chunks, too."""
    assert LIMIT == len(read(sent(BytesIO(bytes(LIMIT)), length), LIMIT))


@pytest.mark.parametrize("length", [LIMIT + 1, None])
def test_a_body_over_the_limit_is_refused_and_never_cut(length: int | None) -> None:
    """What was cut off silently would be judged as the whole."""
    with pytest.raises(TooLarge):
        read(sent(BytesIO(bytes(LIMIT + 1)), length), LIMIT)


def test_what_is_said_to_be_too_large_is_not_read() -> None:
    """A thread that waits for it has better to do; the server hears the client out."""
    stream = BytesIO(bytes(LIMIT * 6))

    with pytest.raises(TooLarge):
        read(sent(stream, LIMIT * 1000), LIMIT)

    assert 0 == stream.tell()


@pytest.mark.parametrize(
    ("failure", "refusal"),
    [(ConnectionResetError(), Stalled), (RuntimeError("bad chunk"), BrokenRequest), (MemoryError(), MemoryError)],
)
def test_a_body_that_breaks_off_is_refused(failure: Exception, refusal: type[Exception]) -> None:
    """Every server has its own error for it; memory that is out is the service's own trouble, and no client's."""
    with pytest.raises(refusal):
        read(sent(Broken(b"abc", failure), None), LIMIT)


def test_gzip_is_unpacked() -> None:
    """What was packed comes out."""
    assert b"abc" * 1000 == unpacked(gzip.compress(b"abc" * 1000), LIMIT)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(bytes(2 * LIMIT))), ("gzip", bytes(2 * LIMIT)), ("identity", bytes(2 * LIMIT))],
    ids=["bomb", "packed", "plain"],
)
def test_to_compress_is_never_advised_against_a_limit_of_what_is_unpacked(encoding: str, body: bytes) -> None:
    """Whatever is too large, the body as it came or what it unpacks to."""
    request = sent(BytesIO(body), len(body))
    request.environ["HTTP_CONTENT_ENCODING"] = encoding
    with pytest.raises(TooLarge, match="Log less often, or ask in several requests") as refused:
        read(request, LIMIT)

    assert "compress" not in refused.value.detail


def test_gzip_of_several_members_is_unpacked_whole() -> None:
    """`cat a.gz b.gz` and parallel packers write such."""
    assert b"ab" == unpacked(gzip.compress(b"a") + gzip.compress(b"b"), LIMIT)


def test_exactly_the_limit_is_unpacked() -> None:
    """The limit is the last that is allowed."""
    assert LIMIT == len(unpacked(gzip.compress(bytes(LIMIT)), LIMIT))


def test_a_bomb_is_refused_at_the_limit() -> None:
    """A kilobyte that unpacks to a gigabyte costs a megabyte."""
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(LIMIT)) for _ in range(256)) + packer.flush()

    with pytest.raises(TooLarge):
        unpacked(bomb, LIMIT)


def test_a_bomb_of_many_members_is_refused() -> None:
    """The limit is on all of them together."""
    with pytest.raises(TooLarge):
        unpacked(gzip.compress(bytes(LIMIT // 2)) * 3, LIMIT)


@pytest.mark.parametrize(
    "raw", [b"not gzip", gzip.compress(b"abc", mtime=0)[:-4], gzip.compress(b"abc", mtime=0) + b"more", b"\x1f\x8b"]
)
def test_what_does_not_unpack_is_refused(raw: bytes) -> None:
    """Cut off, or followed by something else."""
    with pytest.raises(BrokenEncoding):
        unpacked(raw, LIMIT)


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("gzip", 200),
        ("x-gzip", 200),
        ("GZIP", 200),
        ("br", 415),
        ("deflate", 415),
        ("gzip, gzip", 415),
        ("zstd", 415),
    ],
)
def test_only_gzip_is_unpacked(client: FlaskClient, encoding: str, expected: int) -> None:
    """Any other encoding is refused by its name's kind."""
    body = gzip.compress(b'{"history": {"loss": [1]}}')

    response = client.post("/diagnose", data=body, headers={"Content-Encoding": encoding})

    assert expected == response.status_code
    if expected == 415:
        assert response.get_json()["type"].endswith("/unsupported-encoding")
        assert "gzip" == response.headers["Accept-Encoding"]


def test_identity_is_no_encoding(client: FlaskClient) -> None:
    """It says that nothing was done."""
    response = client.post("/diagnose", data=b'{"history": {"loss": [1]}}', headers={"Content-Encoding": "identity"})

    assert 200 == response.status_code


def test_broken_gzip_gets_a_problem(client: FlaskClient) -> None:
    """Not a 500."""
    response = client.post("/diagnose", data=b"nonsense", headers={"Content-Encoding": "gzip"})

    assert (400, "/problems/malformed") == (response.status_code, response.get_json()["type"])


def test_gzip_of_members_without_number_is_refused() -> None:
    """Each costs more than the few bytes that it takes."""
    nothing = gzip.compress(b"", mtime=0)

    assert b"" == unpacked(nothing * 50, LIMIT)
    with pytest.raises(TooLarge, match="members"):
        unpacked(nothing * (MEMBERS + 1), LIMIT)
