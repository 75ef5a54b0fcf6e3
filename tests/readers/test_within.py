"""A history in JSON, or as Python prints it, among what somebody says of it."""

import json
import time
from contextlib import suppress

import pytest

from diagnosis import read
from diagnosis.errors import DiagnosisError

HISTORY = '{"loss": [2.3, 1.7, 1.2], "val_loss": [2.4, 1.9, 1.7]}'
PRINTED = HISTORY.replace('"', "'")
RECORDS = json.dumps([{"loss": round(1 / i, 3), "epoch": i} for i in range(1, 13)])
PYTHON = RECORDS.replace('"', "'")


@pytest.mark.parametrize(
    "value", [HISTORY, PRINTED, RECORDS, PYTHON], ids=["JSON", "printed", "records", "printed records"]
)
@pytest.mark.parametrize("text", [
    "my history:\n{}\nwhy?", "is this ok?\n{}\nthanks", "Hi,\nI trained with lr = 0.1 and got this\n{}\nregards\nBob",
    "{}\nwhy?\n", "history: {} what now?", "print(json.dumps(h))\n{}\n", "epochs=12\nlr=0.1\n\n{}", ">>> history.history\n{}\n>>> \n",
])  # fmt: skip
def test_a_history_in_one_line_among_prose_is_read_as_the_json_it_is(text: str, value: str):
    """All of it, and nothing else."""
    (found,), (alone,) = read(text.replace("{}", value)), read(value)

    assert {c.name: c.values.tolist() for c in alone.curves} == {c.name: c.values.tolist() for c in found.curves}
    assert alone.source.format == found.source.format


@pytest.mark.parametrize(
    ("below", "count"),
    [("epoch {} loss 0.{}\n", 9), ('{{"epoch": {}, "loss": 0.{}}}\n', 9), ("{}: {{'loss': [0.{}, 0.2]}}\n", 1)],
)
def test_a_list_in_a_log_is_not_taken_for_the_log(below: str, count: int):
    """Lines that say values, records, or another history stand below it."""
    text = 'start: {"loss": [5.0, 4.0]}\n' + "".join(below.format(at, at) for at in range(1, count + 1))

    with suppress(DiagnosisError):
        assert [5.0, 4.0] != read(text)[0].curves[0].values.tolist()


@pytest.mark.parametrize("unit", ["{'a': [\n", "[{'a':", '[{"', "{'loss': [1, 2]}\n", "{'a': [1],\n"])
def test_to_look_for_a_history_takes_no_longer_than_to_read(unit: str):
    """A megabyte of beginnings."""
    began = time.process_time()

    with suppress(DiagnosisError):
        read("hello\n\n" + unit * (10**6 // len(unit)))

    assert time.process_time() - began < 5
