from pathlib import Path

import pytest

from diagnosis import diagnose
from diagnosis.report import Report
from diagnosis.synthetic import falling, run
from service.growing import Look, looks, settled
from service.question.parts import MIB, Part
from service.refusals import Refusal

REPORT = diagnose(run(loss=falling()))


class Judge:
    """Notes what it is shown; a log with `bad` in it cannot be read."""

    def __init__(self) -> None:
        self.shown: list[bytes] = []

    def __call__(self, part: Part) -> Report:
        """Judge."""
        self.shown.append(part.body)
        if b"bad" in part.body:
            raise Refusal("It is bad.")
        return REPORT


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a,b\n1,2\n", b"a,b\n1,2\n"),
        (b"a,b\n1,2\n3,", b"a,b\n1,2\n"),
        (b"a,b\r1,2\r3,", b"a,b\r1,2\r"),
        (b'{"loss": [1, 2]}', b'{"loss": [1, 2]}'),
        (b'{"loss": 1}\n{"loss": 2}\n{"lo', b'{"loss": 1}\n{"loss": 2}\n'),
        (b"\x18\0\0\0half a record", b"\x18\0\0\0half a record"),
        (b"loss: 3", b"loss: 3"),
    ],
)
def test_a_last_line_that_is_half_there_is_left_out(body: bytes, expected: bytes) -> None:
    """A JSON document and a binary log end as they end."""
    assert expected == settled(body)


def test_a_log_is_read_when_it_has_changed(tmp_path: Path) -> None:
    """And not again before."""
    log, judge = tmp_path / "log.csv", Judge()
    log.write_text("a\n1\n")
    seen = looks(str(log), judge, MIB)

    first, same = next(seen), next(seen)
    with log.open("a") as more:
        more.write("2\n")
    grown = next(seen)

    assert (Look(REPORT), None, Look(REPORT)) == (first, same, grown)
    assert [b"a\n1\n", b"a\n1\n2\n"] == judge.shown


def test_a_log_that_does_not_end_with_a_line_is_read_to_its_end_at_the_second_look(tmp_path: Path) -> None:
    """A half line is written on; a whole one stays."""
    log, judge = tmp_path / "log.csv", Judge()
    log.write_text("a\n1\n2")
    seen = looks(str(log), judge, MIB)

    for _ in range(3):
        next(seen)

    assert [b"a\n1\n", b"a\n1\n2"] == judge.shown


def test_a_log_that_is_cut_replaced_or_gone_leaves_the_last_verdict(tmp_path: Path) -> None:
    """With the reason why there is no newer one, once; and the new file is read."""
    log, judge = tmp_path / "log.csv", Judge()
    seen = looks(str(log), judge, MIB)

    missing, still = next(seen), next(seen)
    log.write_text("a\n1\n")
    there = next(seen)
    log.write_text("bad\n")
    bad, same = next(seen), (next(seen), next(seen))[1]
    log.unlink()
    gone = next(seen)
    log.write_text("a\n2\n")
    back = next(seen)

    assert missing is not None
    assert (None, True) == (missing.found, "No such file" in missing.trouble)
    assert (Look(REPORT), Look(REPORT, "It is bad."), Look(REPORT)) == (there, bad, back)
    assert same is None
    assert still is None or still == missing
    assert gone is not None
    assert (REPORT, True) == (gone.found, "No such file" in gone.trouble)
