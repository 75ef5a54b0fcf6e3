from __future__ import annotations

import tracemalloc

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from schemas.limits import TooMany
from service.question.multipart import HEAD, PIECE, parts
from service.question.parts import MIB
from service.refusals import BrokenRequest

NAMED = b'--x\r\nContent-Disposition: form-data; name="file"'
END = b"\r\n--x--\r\n"


def form(body: bytes) -> Request:
    """A request of a multipart body."""
    return Request(
        EnvironBuilder(method="POST", data=body, content_type="multipart/form-data; boundary=x").get_environ()
    )


def test_a_form_is_taken_apart_in_memory() -> None:
    """In their order."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nA\r\n'
        b'--x\r\nContent-Disposition: form-data; name="context"\r\n\r\n{}\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="b.csv"\r\n\r\nB\r\n--x--\r\n'
    )

    found = parts(body, form(body), 8)

    assert [("file", b"A", "a.csv"), ("context", b"{}", None), ("file", b"B", "b.csv")] == [
        (p.field, p.body, p.filename) for p in found
    ]


def test_a_form_that_is_none_is_refused() -> None:
    """A body that ends before its boundary."""
    with pytest.raises(BrokenRequest, match="Let the client name the boundary"):
        parts(b"--y\r\nnonsense", form(b""), 8)


@pytest.mark.parametrize("file", ["", '; filename="a.csv"'])
def test_a_part_without_a_name_is_refused(client: FlaskClient, file: str) -> None:
    """As a problem that says so."""
    body = f"--X\r\nContent-Disposition: form-data{file}\r\n\r\n1\r\n--X--\r\n"
    for route in ("/diagnose", "/overfit-check"):
        response = client.post(route, data=body, content_type="multipart/form-data; boundary=X")

        assert (400, True) == (response.status_code, "has no name" in response.get_json()["detail"]), route


def test_a_name_in_another_encoding_is_told_from_a_body_that_is_no_multipart(client: FlaskClient) -> None:
    """Such as a program of another time sends."""
    body = b'--X\r\nContent-Disposition: form-data; name="file"; filename="caf\xe9.csv"\r\n\r\n1\r\n--X--\r\n'
    response = client.post("/diagnose", data=body, content_type="multipart/form-data; boundary=X")

    assert (400, True) == (response.status_code, "not UTF-8" in response.get_json()["detail"])


@pytest.mark.parametrize("size", [0, 1, PIECE - 100, PIECE, PIECE + 1, 3 * PIECE])
def test_bytes_of_a_part_come_out_as_they_were(size: int) -> None:
    """Whatever they look like, and wherever a piece ends: half a boundary, bare line ends, bytes that are no text."""
    content = (b"\r\n--\r--\n\xff\0--y" * (size // 11 + 1))[:size]
    body = NAMED + b"\r\n\r\n" + content + b'\r\n--x\r\nContent-Disposition: form-data; name="b"\r\n\r\n2' + END

    assert [content, b"2"] == [part.body for part in parts(body, form(body), 8)]


@pytest.mark.parametrize(
    "body",
    [
        NAMED + b"\r\n" + b"a:b\r\n" * (6 * MIB // 5) + b"\r\n1" + END,
        NAMED + b"\r\na:" + b"b" * (6 * MIB) + b"\r\n\r\n1" + END,
        b"a" * (6 * MIB) + b"\r\n" + NAMED + b"\r\n\r\n1" + END,
        NAMED + b"\r\n\r\n1" + END + b"a" * (6 * MIB),
    ],
    ids=["many headers", "a long header", "much before", "much after"],
)
def test_what_is_no_part_may_be_so_long_and_is_not_kept(body: bytes) -> None:
    """A head of 61 MiB took 9 s and 1.5 GB before it was refused."""
    request = form(b"")
    tracemalloc.start()

    with pytest.raises(BrokenRequest, match="64 KiB"):
        parts(body, request, 8)

    kept = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept < 4 * HEAD


def test_one_part_more_than_allowed_is_refused() -> None:
    """And not one fewer."""
    body = (NAMED + b"\r\n\r\n1\r\n") * 3 + b"--x--\r\n"

    assert 3 == len(parts(body, form(body), 3))
    with pytest.raises(TooMany):
        parts(body, form(body), 2)


@pytest.mark.parametrize("blanks", [b"", b"  "])
@pytest.mark.parametrize("last", [True, False])
def test_a_part_ends_where_it_ends_wherever_the_pieces_do(blanks: bytes, *, last: bool) -> None:
    """A line with a boundary that two pieces shared gave the part before it one byte more."""
    for shift in range(-5, 60):
        content = b"1" * (2 * PIECE - len(NAMED) - shift)
        rest = b"" if last else b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n--x--\r\n'
        body = NAMED + b"\r\n\r\n" + content + b"\r\n--x" + b"--" * last + blanks + b"\r\n" + rest

        found = [part.body for part in parts(body, form(body), 8)]

        assert ([content] if last else [content, b"2"]) == found, shift


def test_a_file_with_a_name_of_pages_is_refused() -> None:
    """It would stand in the answer, and in every run of it."""
    body = NAMED + b'; filename="' + b"a" * 2000 + b'"\r\n\r\n1' + END

    with pytest.raises(TooMany, match="2000 characters"):
        parts(body, form(body), 8)
