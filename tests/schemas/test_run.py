import json
import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from schemas.run import RunIn, RunsIn, SeriesIn


def series(data: object, name: str = "loss") -> SeriesIn:
    """Read one series of a run."""
    return RunIn.model_validate({"history": {name: data}}).history[name]


def refused(data: Any, model: type[RunIn] | type[RunsIn] = RunIn) -> list[tuple[int | str, ...]]:
    """Give the places at which a question is refused."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return [line["loc"] for line in caught.value.errors()]


def test_a_bare_list_is_one_value_an_epoch() -> None:
    """Where no steps are given, the engine counts."""
    found = series([2.3, 1.7]).to_series("loss")

    assert ("loss", [2.3, 1.7], None, None, None) == (
        found.name,
        found.values.tolist(),
        found.steps,
        found.axis,
        found.missing,
    )


def test_an_object_brings_its_steps_axis_and_direction() -> None:
    """Everything said of a series reaches the engine."""
    found = series({"values": [1, None], "steps": [0, 50], "axis": "step", "direction": "max"}).to_series("x")

    assert found.steps is not None
    assert found.missing is not None
    assert ([0.0, 50.0], "step", "max", [False, True]) == (
        found.steps.tolist(),
        found.axis,
        found.direction,
        found.missing.tolist(),
    )


def test_values_may_be_not_finite() -> None:
    """What the training produced is data."""
    assert np.array_equal([math.nan, math.inf], series([math.nan, "Infinity"]).values.values, equal_nan=True)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([1, True], ("history", "loss", 1)),
        ({"values": [1, "2.5"]}, ("history", "loss", "values", 1)),
        ({"values": [1, 2], "steps": [0]}, ("history", "loss", "steps")),
        ({"values": [1, 2], "steps": [0, None]}, ("history", "loss", "steps", 1)),
        ({"values": [1, 2], "steps": 4}, ("history", "loss", "steps")),
        ({"values": 3}, ("history", "loss", "values")),
        ({"values": [1], "axis": "batch"}, ("history", "loss", "axis")),
        ({"values": [1], "direction": "up"}, ("history", "loss", "direction")),
        ({"steps": [1]}, ("history", "loss", "values")),
        (3, ("history", "loss")),
        (None, ("history", "loss")),
        ("NaN", ("history", "loss")),
    ],
)
def test_a_series_that_cannot_be_meant_is_refused_at_its_place(data: object, place: tuple[int | str, ...]) -> None:
    """The pointer leads to the number, not to the document."""
    assert [place] == refused({"history": {"loss": data}})


def test_a_million_wrong_values_are_one_error() -> None:
    """An answer must not be larger than the question."""
    assert 1 == len(refused({"history": {"loss": [True] * 1_000_000}}))


def test_wrong_runs_are_refused_one_at_a_time() -> None:
    """The first wrong run ends the reading."""
    assert [("runs", 0, "history", "loss", 0)] == refused({"runs": [{"history": {"loss": [True]}}] * 100}, RunsIn)


def test_a_role_is_one_of_those_known() -> None:
    """The pointer names the series."""
    assert [("roles", "a")] == refused({"history": {"a": [1]}, "roles": {"a": "banana"}})


@pytest.mark.parametrize("field", ["context", "roles"])
def test_null_is_the_same_as_nothing_said(field: str) -> None:
    """Writers that always write every field are welcome."""
    assert getattr(RunIn.model_validate({"history": {}, field: None}), field) is None


def test_runs_without_a_name_are_counted() -> None:
    """Every run can be spoken of."""
    asked = RunsIn.model_validate({"runs": [{"history": {}}, {"name": "b", "history": {}}]})

    assert ["run-1", "b"] == asked.names()


def test_two_runs_of_one_name_are_refused() -> None:
    """A finding that names a run must mean one run."""
    assert [("runs", 1, "name")] == refused(
        {"runs": [{"name": "a", "history": {}}, {"name": "a", "history": {}}]}, RunsIn
    )


def test_the_examples_of_the_models_are_valid() -> None:
    """What the contract shows can be sent."""
    for example in RunIn.model_json_schema()["examples"]:
        assert RunIn.model_validate(json.loads(json.dumps(example))).history
