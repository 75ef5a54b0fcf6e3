import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.rounding import rounded, rounded_all, rounded_within


def test_a_number_keeps_six_digits() -> None:
    """Whatever its size."""
    assert [0.333333, 123457000.0, 1.23457e-20] == [rounded(v) for v in (1 / 3, 123456789.0, 1.23456789e-20)]


def test_an_integer_is_exact() -> None:
    """A count is not rounded."""
    assert 123456789 == rounded(123456789)


def test_what_is_not_finite_is_null() -> None:
    """JSON knows neither NaN nor infinity."""
    assert [None, None, None] == [rounded(v) for v in (math.nan, math.inf, -math.inf)]


def test_a_parameter_is_rounded_within() -> None:
    """Lists of numbers are rounded, words are left."""
    assert ["step", 3, [0.333333, None]] == rounded_within(("step", 3, [1 / 3, math.nan]))


@given(
    st.lists(
        st.floats(min_value=1e-12, max_value=1e12)
        | st.floats(-1e12, -1e-12)
        | st.sampled_from([0.0, math.nan, math.inf])
    )
)
def test_an_array_is_rounded_like_its_numbers(values: list[float]) -> None:
    """The fast way and the plain way agree."""
    assert [rounded(v) for v in values] == rounded_all(np.array(values))


@given(st.lists(st.floats()))
def test_an_array_of_any_size_of_numbers_stays_close(values: list[float]) -> None:
    """At the ends of a float's range the last digits may differ, and nothing overflows."""
    for value, found in zip(values, rounded_all(np.array(values)), strict=True):
        if not math.isfinite(value):
            assert found is None
        else:
            assert found is not None
            assert math.isclose(value, found, rel_tol=1e-5, abs_tol=1e-300)
