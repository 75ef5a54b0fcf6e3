"""Whatever is sent, the answer is a diagnosis or a problem: never a 500, never anything but strict JSON."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from diagnosis.reader import Reader, all_readers

# The same questions every time, so that a change is judged by what it changed; FUZZ=5000 asks so many new ones.
NEW = int(os.environ.get("FUZZ", "0"))
EVERY = settings(
    max_examples=NEW or 150,
    derandomize=not NEW,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
DRAWN = settings(EVERY, max_examples=NEW or 25)  # pictures take their time
NAMES = st.sampled_from(
    ["loss", "val_loss", "accuracy", "val_acc", "lr", "grad_norm", "epoch", "tp", "fn", "total_loss", "x/y", "", "~"]
) | st.text(max_size=8)
VALUES = st.floats() | st.none() | st.integers() | st.sampled_from(["NaN", "Infinity", "-Infinity", 10**400, 1e-320])
ANYTHING: SearchStrategy[Any] = st.recursive(
    VALUES | st.booleans() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SERIES = (
    st.lists(VALUES, max_size=60)
    | st.fixed_dictionaries(
        {"values": st.lists(st.floats() | st.none(), max_size=30)},
        optional={
            "steps": st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=30),
            "axis": st.sampled_from(["epoch", "step"]),
            "direction": st.sampled_from(["min", "max"]),
        },
    )
    | ANYTHING
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "num_classes": st.integers(),
        "learning_rate": VALUES,
        "weight_decay": VALUES,
        "steps_per_epoch": VALUES,
        "planned_epochs": VALUES,
        "finished": st.booleans() | ANYTHING,
        "monitor": NAMES,
        "baseline": VALUES,
        "labels": ANYTHING,
        "early_stopping": ANYTHING,
        "scheduler": ANYTHING,
        "surprise": ANYTHING,
    },
)
RUNS = st.fixed_dictionaries(
    {"history": st.dictionaries(NAMES, SERIES, max_size=5)},
    optional={"context": CONTEXTS, "roles": st.dictionaries(NAMES, ANYTHING | NAMES, max_size=2), "name": NAMES},
)
QUESTIONS = RUNS | st.fixed_dictionaries({"runs": st.lists(RUNS | ANYTHING, max_size=3)}) | ANYTHING
PLAUSIBLE = st.fixed_dictionaries(
    {
        "history": st.dictionaries(
            st.sampled_from(["loss", "val_loss", "accuracy", "val_acc", "lr", "grad_norm", "train_loss_step"]),
            st.lists(st.floats() | st.none() | st.floats(0, 3), min_size=1, max_size=80),
            min_size=1,
            max_size=5,
        )
    },
    optional={
        "context": st.fixed_dictionaries({"num_classes": st.integers(1, 10**6), "learning_rate": st.floats(0, 1)})
    },
)
# Where numbers end: too small to be divided by, too large to be squared, or to be a position at all.
ENDS = st.sampled_from(
    [
        0.0,
        1.0,
        5e-324,
        1e-320,
        1e-300,
        1e-160,
        1e-30,
        1e-12,
        2.0**53,
        1.7e12,
        1.7e18,
        2.0**63,
        1e99,
        1e160,
        1e300,
        1e308,
    ]
).flatmap(lambda end: st.sampled_from([end, -end])) | st.floats(0, 9)
EXTREME = st.dictionaries(
    st.sampled_from(["loss", "val_loss", "accuracy", "lr", "grad_norm"]),
    st.lists(st.tuples(ENDS | st.integers(0, 30), ENDS), min_size=1, max_size=30)
    | st.lists(ENDS, min_size=1, max_size=30).map(lambda values: list(enumerate(values))),
    min_size=1,
    max_size=3,
)
PICTURES = ("image/png", "image/svg+xml")

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def answer(app: Flask, body: bytes, path: str = "/diagnose", accept: str = "application/json") -> dict[str, Any]:
    """Ask, and require an answer that a strict reader can read."""
    response = app.test_client().post(path, data=body, headers={"Accept": accept})

    assert response.status_code in {200, 400, 413, 415, 422}, (response.status_code, response.data)
    if accept != "application/json" and response.status_code == 200:
        return {"text": response.data if accept in PICTURES else response.get_data(as_text=True)}
    found: dict[str, Any] = json.loads(response.data, parse_constant=lambda literal: literal + " is not JSON")
    assert "is not JSON" not in response.get_data(as_text=True)
    return found


@EVERY
@given(st.binary(max_size=400))
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xff\xfe\x00")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"\0" * 64)
@example(b"epoch,loss\n1," + b"9" * 5000 + b"\n")
def test_random_bytes_get_an_answer_or_a_problem(app: Flask, body: bytes) -> None:
    """Bytes that mean nothing are refused, with a reason; the odd ones that mean something are judged."""
    assert {"status", "type"} & answer(app, body).keys()


@EVERY
@given(QUESTIONS)
def test_random_json_gets_an_answer_or_a_problem(app: Flask, question: object) -> None:
    """JSON of any shape is either judged or refused."""
    found = answer(app, json.dumps(question).encode())

    assert {"status", "type"} & found.keys()


@EVERY
@given(PLAUSIBLE)
@example({"history": {"loss": [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.5]}})
def test_random_curves_are_judged(app: Flask, question: dict[str, Any]) -> None:
    """Numbers of any kind in a well-formed question are judged, by every rule, in every representation."""
    body = json.dumps(question).encode()

    found = answer(app, body, "/diagnose?curves=full")
    if any(v is not None for series in question["history"].values() for v in series):
        assert [] == found["outcomes"]["failed"]
        assert answer(app, body, accept="text/plain")["text"]
        assert answer(app, body, accept="text/markdown")["text"]


def extreme(history: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    """One run of these positions and values."""
    series = {name: ([at for at, _ in points], [value for _, value in points]) for name, points in history.items()}
    return {"history": {name: {"steps": steps, "values": values} for name, (steps, values) in series.items()}}


@EVERY
@given(EXTREME)
@example({"loss": [(0, 4), (1, 3), (2, 2), (1e158, 1)]})
@example({"loss": [(0, 4), (1e-320, 3), (2e-320, 2), (3e-320, 1), (4e-320, 1)]})
@example({"loss": [(1e308, 1)]})
@example({"loss": [(0, 1e300), (1, 5e299), (2, 2e299), (3, 1e299), (4, 1e298)]})
def test_numbers_at_the_end_of_what_there_is_are_judged_in_whatever_they_come(
    app: Flask, history: dict[str, list[tuple[float, float]]]
) -> None:
    """As JSON, one run beside another, and as a table: no rule fails, and no warning is left behind."""
    question = extreme(history)
    table = "step,loss\n" + "".join(f"{at!r},{value!r}\n" for at, value in next(iter(history.values())))
    beside = {"runs": [question, {"history": {"loss": [3, 2, 1, 1, 1]}}]}

    for body in (json.dumps(question), json.dumps(beside), table):
        found = answer(app, body.encode(), "/diagnose?curves=full")
        if "outcomes" in found:
            assert [] == found["outcomes"]["failed"]
            assert [] == [name for run in found.get("runs", ()) for name in run["outcomes"]["failed"]]
            assert answer(app, body.encode(), accept="text/plain")["text"]


@DRAWN
@given(EXTREME)
@example({"loss": [(1e308, 1)]})
@example({"loss": [(1.7e18, 1)]})
@example(
    {"loss": [(0, 1), (1, 1)], "lr": [*((at, 1.0) for at in range(9)), *((1e18 + 256 * at, 0.1) for at in range(9))]}
)
@example({"loss": [(0, 1e-300), (1, 5e-324)]})
def test_numbers_at_the_end_of_what_there_is_are_drawn(
    app: Flask, history: dict[str, list[tuple[float, float]]]
) -> None:
    """A picture, or a problem: alone, and beside another run."""
    question = extreme(history)
    for asked in (question, {"runs": [question, {"history": {"loss": [3, 2, 1, 1, 1]}}]}):
        for accept in PICTURES:
            answer(app, json.dumps(asked).encode(), accept=accept)


@EVERY
@given(st.text(alphabet='epoch,loss\n\r\t0123456789.-naNif{}[]":; ', max_size=200))
def test_text_like_a_log_gets_an_answer_or_a_problem(app: Flask, text: str) -> None:
    """What looks like a log, and is broken anywhere, is either judged or refused."""
    assert {"status", "type"} & answer(app, text.encode()).keys()


@pytest.mark.parametrize("reader", all_readers().values(), ids=all_readers())
def test_no_number_in_a_log_makes_the_service_fail(app: Flask, reader: Reader) -> None:
    """Positions and values that are too large, no numbers, or thousands of digits long; none takes for ever."""
    for found in list(NUMBER.finditer(reader.sample))[:8]:
        for hostile in ("9" * 400, "9" * 5000, "9e" * 1500, "1e999", "NaN", "-1", "9223372036854775808"):
            body = reader.sample[: found.start()] + hostile + reader.sample[found.end() :]
            answer(app, body.encode())


ODD: tuple[object, ...] = (None, True, "n/a", [], ["x"], {}, {"a": 1}, [[]], 5, 1e308, 10**400)
PLACES = 40  # of a sample, in which everything odd is put


def as_json(sample: str) -> list[Any]:
    """The values a sample is made of, one a line; none where it is no JSON."""
    try:
        return [json.loads(sample)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in sample.splitlines() if line.strip()]
    except ValueError:
        return []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a JSON value, however deep."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(value: Any, path: tuple[Any, ...], odd: object) -> Any:
    """The same value with something else in one place."""
    if not path:
        return odd
    changed = value.copy()
    changed[path[0]] = put(value[path[0]], path[1:], odd)
    return changed


@pytest.mark.parametrize(
    "reader", [pytest.param(r, id=r.name) for r in all_readers().values() if as_json(r.sample)]
)  # fmt: skip
def test_no_kind_of_value_in_a_log_makes_the_service_fail(app: Flask, reader: Reader) -> None:
    """A word, a list, an object or nothing at all, wherever a number or a name is usual."""
    lines = as_json(reader.sample)
    for path in list(places(lines))[:PLACES]:
        for odd in ODD:
            answer(app, "\n".join(map(json.dumps, put(lines, path, odd))).encode())
