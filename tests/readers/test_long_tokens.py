"""A pattern that goes through a long token in many ways holds the interpreter, and with it everybody who is asking."""

import random
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest

from diagnosis.errors import DiagnosisError
from diagnosis.reader import Reader, all_readers, read

TOKEN = re.compile(r"[ \t]+|\d+|[A-Za-z_]+|[^\w\s]")
LENGTH = 2000  # characters; cubic time over them is minutes
TOKENS = 8  # of a sample, drawn
SECONDS = 5.0  # for what takes some hundredths


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where it takes longer: a pattern looks now and then whether a signal has come."""

    def late(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def blown_up(sample: str) -> Iterator[str]:
    """The sample with one of its tokens again and again, a blank between or none, and something odd behind."""
    lines = sample.split("\n")[:12]
    tokens = [(at, found) for at, line in enumerate(lines) for found in TOKEN.finditer(line)]
    chance = random.Random(sample)  # noqa: S311 - a draw, not a key
    for at, found in chance.sample(tokens, min(TOKENS, len(tokens))):
        for piece in (found[0], f"{found[0]} "):
            line = lines[at]
            long = line[: found.start()] + piece * (LENGTH // len(piece)) + "x" + line[found.end() :]
            yield "\n".join([*lines[:at], long, *lines[at + 1 :]])


@pytest.mark.parametrize("reader", [r for r in all_readers().values() if r.sample], ids=lambda reader: reader.name)
def test_a_token_as_long_as_a_page_is_gone_through_at_once(reader: Reader):
    """Of every format's own sample."""
    for text in blown_up(reader.sample):
        with at_most(SECONDS), suppress(DiagnosisError):
            read(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "E  #  " + "A" * 50 + "             x",
        "\n".join(["   ".join(["1.5"] * 40) + "x"] * 5),
        "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n        1/3      2.1G" + " " * 3900 + "x",
        "epoch,loss\n" + "".join(f"{at},0.{9 - at}\n" for at in range(5)) + "5,(" + "a" * 100_000,
        "\n".join("    ".join(["0.4321"] * 14) + "       -" for _ in range(8)),
    ],
    ids=["capitals", "blanks between numbers", "a gap", "a bracket that is not closed", "a table of blanks"],
)  # fmt: skip
def test_what_held_a_worker_until_it_was_killed_is_gone_through_at_once(text: str):
    """Each of these did, in 61 bytes and more; the last is a table as people send it."""
    with at_most(SECONDS), suppress(DiagnosisError):
        read(text.encode())


def test_the_name_of_a_file_is_gone_through_at_once():
    """However often it says what a download's name says once."""
    body = b"Wall time,Step,Value\n1700000000.1,1,0.5\n1700000001.1,2,0.4\n1700000002.1,3,0.3\n"
    with at_most(SECONDS), suppress(DiagnosisError):
        read(body, "run-tag-" * 1500 + "\nx")
