import numpy as np
import pytest

from diagnosis.reading.assemble import Log, Series
from schemas.limits import Limits, TooMany

FEW = Limits(points=10, series=2, all_series=3, runs=2, name=5)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"history": {"a": [1] * 6, "b": {"values": [1] * 5}}}, None),
        ({"history": {"a": [], "b": [], "c": []}}, "/history"),
        ({"history": {"longer": []}}, "/history"),
        ({"runs": [{}, {}, {}]}, "/runs"),
        ({"runs": [{"history": {"a": [1] * 6}}, {"history": {"a": [1] * 6}}]}, None),
        ({"runs": [{}, {"history": {"a": [], "b": [], "c": []}}]}, "/runs/1/history"),
        ({"runs": [{"history": {"a": [], "b": []}}, {"history": {"a": [], "b": []}}]}, None),
    ],
)
def test_a_document_over_a_limit_is_refused(document: dict[str, object], place: str | None) -> None:
    """The sentence says how many came and how many may."""
    with pytest.raises(TooMany) as caught:
        FEW.check_document(document)

    assert place == caught.value.pointer


@pytest.mark.parametrize(
    "document",
    [
        {"history": {"a": [1] * 5, "b": [1] * 5}},
        {"runs": [{"history": {"a": [], "b": []}}, {"history": {"exact": []}}]},
        {"history": 3},
        {"history": {"a": "x" * 99, "b": {"values": "x" * 99}}},
        {"runs": [3, None]},
        {},
    ],
)
def test_a_document_within_the_limits_is_let_through(document: dict[str, object]) -> None:
    """What has the wrong shape is left to the models."""
    FEW.check_document(document)


def test_a_log_over_a_limit_is_refused() -> None:
    """The limits hold for every format."""
    log = Log((Series("a", np.zeros(11)),), "csv")

    with pytest.raises(TooMany, match="11 points"):
        FEW.check_logs([log])


def test_a_log_with_too_many_runs_is_refused() -> None:
    """A file may hold several runs, not any number."""
    with pytest.raises(TooMany, match="3 runs"):
        FEW.check_logs([Log((), "csv")] * 3)


@pytest.mark.parametrize("unit", [b'{"":{"":{"":0}}},', b"[],", b"{},", b'{"":0},', b'"ab",', b"0.5,"])
def test_json_that_would_fill_the_memory_is_refused_before_it_is_parsed(unit: bytes) -> None:
    """Whatever it is made of; the sentence says what came and what to do."""
    few = Limits(parsed=1 << 20)

    few.check_json(b"[" + unit * 1_000 + b"0]")
    with pytest.raises(TooMany, match=r"some \d+ MiB of memory.*one list of numbers"):
        few.check_json(b"[" + unit * 100_000 + b"0]")


@pytest.mark.parametrize(
    "record",
    [
        b'{"step":1999999,"loss":0.123456},',
        b'{"epoch":1.23,"loss":0.1234,"step":1999999},',
        b'{"step":1999999,"train":{"loss":0.12345}},',
        b'{"step":1999999,"metrics":{"train":{"loss":0.1234}}},',
        b'{"step":1999999,"metrics":{"train":{"loss":{"value":0.1234}}}},',
        b'{"key":"loss","value":0.12345,"timestamp":1700000000000,"step":1999999},',
        b"[1700000000.1,1999999,0.12345],",
        b"0.12345,",
    ],
)
def test_the_largest_logs_there_are_may_be_parsed(record: bytes) -> None:
    """As many points as a question may hold, or as fit into its bytes, in every shape that programs write."""
    count = min(Limits.points, Limits.unpacked // len(record))

    Limits().check_json(record * count)
