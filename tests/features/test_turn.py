import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.measured import Measured
from diagnosis.features.turn import FLAT, GATHERS, turn_of
from diagnosis.synthetic import falling, run, turning

N = 100
JITTER = np.random.default_rng(0).standard_normal(N)


def loss_of(values: np.ndarray) -> Measured:
    """Measure a validation loss."""
    measured = measure(run(val_loss=values)).val_loss
    assert measured is not None
    return measured


@pytest.mark.parametrize("at", [15, 20, 35])
def test_a_sharp_turn_is_at_the_best_value(at: int):
    """The checkpoint one would restore."""
    curve = loss_of(turning(at=at))

    assert turn_of(curve).since == curve.best_position


@pytest.mark.parametrize("until", [45, 60, 75])
def test_after_a_flat_bottom_the_rise_begins_at_its_end(until: int):
    """Which of many equal values was the best is chance."""
    values = np.interp(np.arange(N), [0, 20, until, N - 1], [1.0, 0.0, 0.0, 0.6])
    values[22] -= 0.001
    curve = loss_of(values + 0.0002 * np.random.default_rng(0).standard_normal(N))

    assert abs(turn_of(curve).since.at - until) <= 4


@pytest.mark.parametrize(("wide", "moved"), [(1.3, True), (0.7, False)])
def test_a_bottom_shorter_than_the_named_share_is_none(wide: float, *, moved: bool):
    """Within it the best value is where the curve turned."""
    until = 30 + wide * FLAT * N
    values = np.interp(np.arange(N), [0, 30, until, N - 1], [1.0, 0.0, 0.0, 0.6]) + 1e-4 * JITTER
    values[30] -= 0.001
    curve = loss_of(values)

    assert moved == (turn_of(curve).since != curve.best_position)


def test_the_rise_is_plain_later_than_it_begins():
    """Once it stands above the noise of a level."""
    turn = turn_of(loss_of(turning(at=20, noise=0.03)))

    assert turn.since.at < turn.plain.at < 45


def test_a_rise_that_gathers_speed_begins_at_the_best_value():
    """The line through it meets the bottom late; but the curve is plainly above it long before."""
    steps = np.arange(N)
    curve = loss_of(0.5 - 0.005 * np.minimum(steps, 20) + 3.0 * (np.maximum(steps - 20, 0) / N) ** 2)

    assert turn_of(curve).since == curve.best_position


@pytest.mark.parametrize(
    "since",
    [
        [0.68, 0.69, 0.73, 0.80, 0.90, 1.05],
        [0.391, 0.394, 0.4, 0.409, 0.42, 0.432, 0.445, 0.458, 0.472],
        [0.5, 0.6, 0.8, 1.1, 1.5],
        [0.8, 0.9, 1.1, 1.4],
    ],
)
def test_a_rise_that_only_goes_on_begins_at_the_lowest_value(since: list[float]):
    """Whatever its steps: an accelerating rise leaps nowhere, and its largest step is its last."""
    curve = loss_of(np.array([1.3, 1.0, 0.9, 0.85, *since]))

    assert turn_of(curve).since == curve.position(4)


@pytest.mark.parametrize(("times", "leaps"), [(0.9, True), (1.1, False)])
def test_a_leap_stands_out_from_the_steps_before_it(times: float, *, leaps: bool):
    """One before it of more than the named share of it shows a rise that gathers speed."""
    creeping = 0.1 + np.cumsum([0.0, 0.01, 0.02, times * GATHERS, 1.0, 0.1, 0.1])
    turn = turn_of(loss_of(np.concatenate((np.linspace(2.0, 0.2, 10), creeping))))

    assert (14 if leaps else 10) == turn.since.at


def test_a_rise_at_once_begins_where_it_leaps():
    """Another task was trained from epoch 15 on: smoothing would date it earlier."""
    values = np.append(
        falling(start=0.93, floor=0.77, n=15, tau=0.2), [2.2, 3.2, 3.6, 3.8, 3.8, 3.9, 3.9, 4.0, 4.0, 4.1]
    )
    turn = turn_of(loss_of(values))

    assert (15, 15) == (turn.since.at, turn.plain.at)
