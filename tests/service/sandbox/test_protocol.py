"""What comes out of a jail is bounded, strict, and clean."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sandbox import protocol
from service.sandbox.protocol import BrokenAnswer, Reader, parsed, written


def test_what_is_written_is_read() -> None:
    """In pieces of any size."""
    lines = written("progress", {"step": 1, "loss": 0.5}) + written("facts", {"a": [1, "b", None, True]})
    reader = Reader()

    found = [message for at in range(len(lines)) for message in reader.feed(lines[at : at + 1])]

    assert [("progress", {"step": 1, "loss": 0.5}), ("facts", {"a": [1, "b", None, True]})] == found


def test_what_is_not_finite_becomes_null() -> None:
    """JSON has no word for it."""
    _, found = parsed(written("facts", {"a": [float("nan"), float("inf"), 1.0], "b": (1, {"c": float("-inf")})}))

    assert {"a": [None, None, 1.0], "b": [1, {"c": None}]} == found


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"facts": 1}',
        b'{"facts": {}, "more": {}}',
        b'{"busy": {}}',
        b'{"facts": {"a": NaN}}',
        b'{"facts": {"a": Infinity}}',
        b'{"facts": {"a": 1e999}}',
        b'{"facts": {"a": 123456789012345678901234567890}}',
        b'{"facts": {"a": ' + b"9" * 5000 + b"}}",
        b'{"facts": ' + b'{"a":' * 50 + b"1" + b"}" * 51,
        b'{"facts": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"progress": {"step": "1"}}',
        b'{"progress": {"step": true}}',
        b'{"progress": {"a b": 1}}',
        b'{"progress": {"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}}',
        b'{"declined": {"kind": "whatever", "detail": "a"}}',
        b'{"declined": {"kind": "invalid"}}',
        b"\xff\xfe",
    ],
)
def test_what_no_examination_says_is_refused(line: bytes) -> None:
    """Whoever writes may have been taken over."""
    with pytest.raises(BrokenAnswer):
        parsed(line)


def test_text_is_cleaned_and_cut() -> None:
    """No control characters, no lone halves of characters, no novel."""
    line = json.dumps({"facts": {"a\n": "\x1b[31mred\u202e\ud800" + "x" * 5000}}).encode()

    _, found = parsed(line)

    assert [("a", protocol.TEXT)] == [(key, len(value) + 1) for key, value in found.items()]
    found["a"].encode()


def test_too_many_bytes_are_refused() -> None:
    """However they are cut into lines."""
    with pytest.raises(BrokenAnswer, match="bytes"):
        Reader().feed(b"x" * (protocol.TOTAL + 1))


def test_too_many_lines_are_refused() -> None:
    """However short they are."""
    with pytest.raises(BrokenAnswer, match="lines"):
        Reader().feed(b"\n" * (protocol.PROGRESS + 2))


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    """A message, nothing yet, or a refusal."""
    with contextlib.suppress(BrokenAnswer):
        Reader().feed(data + b"\n")
