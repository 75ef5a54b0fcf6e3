import numpy as np
import pytest

from diagnosis.features.cycle import STAIR, Cycle, measure_cycle
from diagnosis.features.period import measure_period

EPOCHS, STEPS = 8, 60
RNG = np.random.default_rng


def cycle(values: np.ndarray) -> Cycle:
    """The shape of the cycles of a curve of `EPOCHS` times `STEPS` values."""
    found = measure_period(np.arange(1.0, values.size + 1), values, float(STEPS))
    assert found is not None
    return measure_cycle(values, found)


def stair(noise: float, seed: int = 0) -> np.ndarray:
    """A step down at every epoch, and a level in between: (n,)."""
    n = EPOCHS * STEPS
    return 2.0 - 0.2 * (np.arange(n) // STEPS) + noise * RNG(seed).standard_normal(n)


def running_mean(values: np.ndarray) -> np.ndarray:
    """The mean since the start of each epoch: (n,)."""
    return np.concatenate([np.cumsum(e) / np.arange(1, e.size + 1) for e in values.reshape(EPOCHS, STEPS)])


@pytest.mark.parametrize("seed", range(5))
def test_a_step_down_at_every_epoch_is_a_stair(seed: int):
    """With ordinary noise in between, it is no mean that starts anew."""
    shape = cycle(stair(0.05, seed))

    assert shape.is_stair
    assert not shape.is_running_mean


@pytest.mark.parametrize("seed", range(5))
def test_a_mean_that_starts_anew_moves_less_and_less(seed: int):
    """By one over the place in the epoch."""
    fall = np.linspace(2.0, 0.5, EPOCHS * STEPS) + 0.1 * RNG(seed).standard_normal(EPOCHS * STEPS)
    shape = cycle(running_mean(fall))

    assert shape.is_running_mean
    assert shape.calming == pytest.approx(-1.0, abs=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_data_in_the_same_order_have_a_profile_of_their_own(seed: int):
    """Which is no stair."""
    rng = RNG(seed)
    order = np.tile(rng.standard_normal(STEPS), EPOCHS)
    shape = cycle(np.linspace(2.0, 0.5, order.size) + order + 0.3 * rng.standard_normal(order.size))

    assert not shape.is_stair


def test_a_climb_that_falls_back_is_no_stair():
    """Less its trend it is the same ramp; but a stair goes nowhere in between."""
    n = EPOCHS * STEPS
    climb = cycle(np.arange(n) % STEPS / STEPS - 0.1 * np.arange(n) / n + 0.05 * RNG(0).standard_normal(n))

    assert climb.stair > STAIR
    assert climb.climbs == pytest.approx(2 / 3, abs=0.1)
    assert not climb.is_stair


def test_a_jump_up_and_a_way_down_is_a_sawtooth():
    """As a restarted rate draws it."""
    n = EPOCHS * STEPS
    down = cycle(-(np.arange(n) % STEPS) / STEPS - 0.5 * np.arange(n) / n + 0.05 * RNG(0).standard_normal(n))

    assert down.is_sawtooth
    assert not cycle(stair(0.05)).is_sawtooth


def test_a_step_up_is_no_stair():
    """A rate that is put back up does that."""
    shape = cycle(-stair(0.05))

    assert not shape.is_stair
