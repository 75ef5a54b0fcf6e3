import numpy as np
import pytest

from diagnosis.features.measured import measure_curve
from diagnosis.run import Curve, FloatArray
from service.wording.sparkline import LEVELS, sparkline


def curve(values: list[float] | FloatArray) -> Curve:
    """A training loss of these values."""
    array = np.array(values, dtype=np.float64)
    return Curve("loss", "train_loss", "loss", array, np.arange(array.size, dtype=np.float64))


def test_a_falling_curve_falls() -> None:
    """From the highest level to the lowest."""
    assert LEVELS[::-1] == sparkline(curve(np.arange(8.0)[::-1]), None, 8).drawn


def test_a_short_curve_takes_a_column_a_value() -> None:
    """Nothing is made up between the values."""
    assert 3 == len(sparkline(curve([3, 2, 1]), None, 30).drawn)


def test_a_long_curve_fits_the_width() -> None:
    """Neighbours are averaged."""
    assert 30 == len(sparkline(curve(np.linspace(1, 0, 1000)), None, 30).drawn)


def test_a_constant_curve_is_a_line() -> None:
    """In the middle, for it is neither high nor low."""
    assert 1 == len(set(sparkline(curve([2.0] * 20), None, 10).drawn))


def test_a_column_with_a_value_that_is_not_finite_is_crossed() -> None:
    """It must be seen, however many are around it."""
    values = np.linspace(1, 0, 100)
    values[50] = np.nan

    assert 1 == sparkline(curve(values), None, 10).drawn.count("×")


def test_one_spike_does_not_flatten_the_rest() -> None:
    """The levels are those of nearly all values."""
    values = np.linspace(1, 0, 100)
    values[50] = 1e6

    assert len(set(sparkline(curve(values), None, 100).drawn)) > 5


@pytest.mark.parametrize(("n", "best"), [(10, 7), (100, 37), (3000, 1234)])
def test_the_best_value_is_in_its_column(n: int, best: int) -> None:
    """Also where a column stands for many values, and where some are not finite."""
    values = np.abs(np.arange(n) - best).astype(np.float64)
    values[0] = np.nan
    found = curve(values)

    assert best * 10 // n == sparkline(found, measure_curve(found), 10).best
