import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.frozen import STEEP, measure_frozen
from diagnosis.features.line import line_of
from diagnosis.features.measured import Measured
from diagnosis.features.onset import measure_onset
from diagnosis.synthetic import falling, flat, linear, run

N = 100


def measured(values: np.ndarray) -> Measured:
    """The measured loss."""
    loss = measure(run(loss=values)).train_loss
    assert loss is not None
    return loss


@pytest.mark.parametrize("onset", [10, 30, 60])
def test_the_onset_is_where_the_first_twentieth_is_made(onset: int):
    """Within a few points, and nothing moved before it."""
    found = measure_onset(measured(np.interp(np.arange(N), [0, onset, N - 1], [1.0, 1.0, 0.0])))
    assert found is not None

    assert onset <= found.index <= onset + 0.06 * (N - onset) + 1
    assert found.share == pytest.approx(found.index / (N - 1))
    assert found.moved == 0.0


def test_what_falls_from_its_first_value_on_is_as_fast_before_as_after():
    """A line has an onset, and no steeper descent after it."""
    found = measure_onset(measured(linear(start=1.0, end=0.0, n=N, noise=0.0)))
    assert found is not None

    assert found.steeper == pytest.approx(1.0, rel=0.5)
    assert found.moved > 0.02


def test_a_first_value_that_stands_apart_by_its_noise_is_no_gain():
    """The level is that of the first few values."""
    course = np.interp(np.arange(N), [0, 40, N - 1], [1.0, 1.0, 0.0])
    course[0] += 0.015
    found = measure_onset(measured(course))
    assert found is not None

    assert 40 <= found.index <= 45


def test_a_curve_that_does_not_fall_has_no_onset():
    """Nor one that is down with its second value."""
    assert measure_onset(measured(np.ones(N))) is None
    assert measure_onset(measured(np.linspace(0, 1, N))) is None


def test_how_straight_a_fall_is_is_told():
    """The share of variance, the fall in noise levels, the first half."""
    line = line_of(measured(linear(start=1.0, end=0.0, n=N)), 0.01)
    assert line is not None

    assert line.bend < 0.001
    assert line.first_half == pytest.approx(0.5, abs=0.02)
    assert line.sigmas > 100


@pytest.mark.parametrize(
    "values", [falling(n=N), flat(n=N), np.linspace(0, 1, N), np.ones(N)], ids=["bend", "flat", "rise", "constant"]
)
def test_what_is_no_line_is_none(values: np.ndarray):
    """Bent, flat or rising."""
    assert line_of(measured(values), 0.01) is None


def stopped(at: int, slope_before: float) -> np.ndarray:
    """A fall whose last quarter before an index has this share of it, and that rests from there on."""
    before = 0.75 * at
    return np.interp(np.arange(N), [0, before, at, N - 1], [1.0, slope_before, 0.0, 0.0])


@pytest.mark.parametrize(("times", "frozen"), [(1.3, True), (0.7, False)])
def test_a_fall_that_a_drop_of_the_rate_ended_was_steep(times: float, *, frozen: bool):
    """The last quarter before it gained the named share."""
    features = measure(run(loss=stopped(40, times * STEEP), lr=np.where(np.arange(N) < 40, 0.1, 0.01)))
    assert features.train_loss is not None

    assert frozen == (measure_frozen(features.train_loss, features.schedule) is not None)


def test_a_fall_that_went_on_after_the_drop_was_not_frozen():
    """Nor is one without a drop, or with a gentle one."""
    loss = measured(stopped(40, 0.3))
    gentle, cold = (
        measure(run(loss=stopped(40, 0.3), lr=np.where(np.arange(N) < 40, 0.1, low))) for low in (0.06, 0.01)
    )
    goes_on = measure(run(loss=1.0 - np.arange(N) / N, lr=np.where(np.arange(N) < 40, 0.1, 0.01)))
    assert goes_on.train_loss is not None

    assert measure_frozen(loss, None) is None
    assert measure_frozen(loss, gentle.schedule) is None
    assert measure_frozen(loss, cold.schedule) is not None
    assert measure_frozen(goes_on.train_loss, goes_on.schedule) is None
