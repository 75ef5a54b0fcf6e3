import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.numbers import logged, positions


def refusal(error: ValidationError) -> tuple[tuple[int | str, ...], str]:
    """Give the place and the sentence of the first thing refused."""
    line = error.errors()[0]
    return line["loc"], line["msg"]


def slowly(values: list[Any]) -> tuple[list[float], list[bool]]:
    """Read a list one value at a time: the obvious second version."""
    return [math.nan if v is None else float(v) for v in values], [v is None for v in values]


@given(
    st.lists(st.floats() | st.integers(-(2**60), 2**60) | st.none() | st.sampled_from(["NaN", "Infinity", "-Infinity"]))
)
def test_a_list_is_read_as_one_would_by_hand(values: list[Any]) -> None:
    """Numbers, nulls and spelled numbers come out as in a plain loop."""
    numbers, absent = slowly(values)

    found = logged(values)

    np.testing.assert_array_equal(np.array(numbers), found.values)
    assert absent == (found.missing.tolist() if found.missing is not None else [False] * len(values))


def test_null_is_missing_and_nan_is_not() -> None:
    """A value that was not logged and a value that is not a number stay two things."""
    found = logged([1.0, None, math.nan])

    assert found.missing is not None
    assert [False, True, False] == found.missing.tolist()


def test_nothing_is_missing_where_nothing_is_null() -> None:
    """The mask is made only where it is needed."""
    assert logged([1, 2.5, math.nan, "NaN"]).missing is None


def test_a_huge_integer_is_infinite_as_the_same_number_with_an_exponent_is() -> None:
    """What overflows a float overflows, however it is written."""
    assert [math.inf, -math.inf, 1.0] == logged([10**400, -(10**400), 1]).values.tolist()


@pytest.mark.parametrize(
    ("wrong", "came"), [(True, "true"), ("2.5", '"2.5"'), ("nan", '"nan"'), ([1], "a list"), ({}, "an object")]
)
def test_what_is_no_number_is_refused_at_its_place(wrong: object, came: str) -> None:
    """Nothing is coerced: the answer says where it stood, and what came."""
    with pytest.raises(ValidationError) as caught:
        logged([1.0, None, wrong, wrong])

    place, sentence = refusal(caught.value)
    assert (2,) == place
    assert sentence.endswith(f"got {came}.")
    assert 1 == caught.value.error_count()


@pytest.mark.parametrize("wrong", [None, 3, "loss", {}])
def test_what_is_no_list_is_refused(wrong: object) -> None:
    """A series is a list."""
    with pytest.raises(ValidationError) as caught:
        logged(wrong)

    assert () == refusal(caught.value)[0]


def test_steps_are_finite_numbers() -> None:
    """Integers and floats are positions."""
    assert [0.0, 1.5, -3.0] == positions([0, 1.5, -3]).tolist()


@pytest.mark.parametrize("wrong", [None, math.nan, math.inf, "NaN", True, 10**400])
def test_a_step_that_is_no_finite_number_is_refused_at_its_place(wrong: object) -> None:
    """A value must have been logged somewhere."""
    with pytest.raises(ValidationError) as caught:
        positions([0, 1, wrong])

    assert (2,) == refusal(caught.value)[0]


def test_steps_that_are_no_list_are_refused() -> None:
    """One number is not a position for each value."""
    with pytest.raises(ValidationError) as caught:
        positions(3)

    assert () == refusal(caught.value)[0]
