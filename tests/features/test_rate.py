import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.features.rate import (
    BACK,
    RISES,
    cycles,
    in_force,
    raised,
    rate_at,
    refuted,
    restarted,
    says_restarts,
    stepped,
)
from diagnosis.features.schedule import Schedule
from diagnosis.run import Context, Curve, Position
from diagnosis.synthetic import flat, run

N = 100
SAW = 0.1 * (1.1 - np.arange(N) % 20 / 20)


def logged(values: np.ndarray, steps: np.ndarray | None = None, axis: str = "epoch") -> Curve:
    """A curve as it was logged."""
    return Curve("lr", "learning_rate", "learning_rate", values, np.arange(values.size) * 1.0 if steps is None else steps, axis)  # fmt: skip


def measured(curve: Curve) -> Measured:
    """The same, measured."""
    found = measure_curve(curve)
    assert found is not None
    return found


def test_the_rate_in_force_is_the_last_that_was_logged():
    """At every value of the loss; before the first, the first."""
    rate = measured(logged(np.array([3.0, 2.0, 1.0]), np.array([10.0, 20.0, 30.0]), "step"))
    loss = logged(np.ones(4), np.array([5.0, 19.0, 20.0, 99.0]), "step")
    found = rate_at(rate, loss)

    assert found is not None
    assert [3.0, 3.0, 2.0, 1.0] == found.tolist()


def test_epochs_and_steps_are_taken_to_cover_the_same_training():
    """Half-way is half-way."""
    rate = measured(logged(np.array([3.0, 2.0, 1.0])))
    found = rate_at(rate, logged(np.ones(5), np.arange(5) * 100.0, "step"))

    assert found is not None
    assert [3.0, 3.0, 2.0, 2.0, 1.0] == found.tolist()


@pytest.mark.parametrize("values", [[0.1, 0.1], [0.1, -0.1, 0.1], [0.0, 0.0, 0.0]])
def test_what_is_no_rate_is_not_judged(values: list[float]):
    """Too few, negative, or zero throughout."""
    assert rate_at(measured(logged(np.array(values))), logged(np.ones(9))) is None
    assert rate_at(None, logged(np.ones(9))) is None


def test_a_rate_that_goes_up_again_and_again_cycles():
    """A cosine, a warm-up, steps down and a constant do not."""
    steps = np.arange(N)

    assert cycles(SAW, 20)
    assert not cycles(np.cos(0.5 * np.pi * steps / N), 20)
    assert not cycles(np.minimum(steps + 1, 10) / 10, 20)
    assert not cycles(0.5 ** (steps // 20), 20)
    assert not cycles(np.ones(N), 20)
    assert not cycles(SAW, 60)


def test_a_rate_that_drops_at_once_again_and_again_is_stepped():
    """Every period, by as much as would count as a rise; a smooth fall is not."""
    steps = np.arange(N)

    assert stepped(0.5 ** (steps // 20), 20)
    assert not stepped(0.5 ** (steps / 20), 20)
    assert not stepped(0.9 ** (steps // 20), 20)


def test_a_restart_goes_back_up_to_what_had_been_and_a_jump_beyond():
    """Just before the place that is asked about."""
    back, beyond = np.full(N, 0.1), np.full(N, 0.1)
    back[0], back[50:] = RISES * 0.1, RISES * 0.1
    beyond[50:] = RISES * BACK * 0.1

    assert restarted(back, 51)
    assert not raised(back, 51)
    assert raised(beyond, 51)
    assert not restarted(beyond, 51)
    assert not restarted(back, 40)
    assert not restarted(None, 51)
    assert not raised(None, 51)


@pytest.mark.parametrize("name", ["cosine_with_restarts", "CosineAnnealingWarmRestarts", "CyclicLR", "SGDR"])
def test_a_scheduler_says_by_its_name_that_it_restarts(name: str):
    """As trainers call them."""
    assert says_restarts(name)
    assert not says_restarts("cosine")
    assert not says_restarts(None)
    assert not says_restarts("OneCycleLR")


def annealed(loss: np.ndarray, rate: np.ndarray) -> tuple[Schedule | None, Measured]:
    """What was logged of a rate, and a loss beside it."""
    features = measure(run(loss=loss, lr=rate))
    assert features.train_loss is not None
    return features.schedule, features.train_loss


def test_moves_that_stay_as_wide_where_the_rate_had_run_out_are_not_its_doing():
    """At a tenth of it and less; where they shrink along, or it never got there, nothing speaks against it."""
    rate = 0.5 * (1.0 + np.cos(np.linspace(0.0, np.pi, 60)))
    noise = np.random.default_rng(0).standard_normal(60)

    assert refuted(*annealed(2.0 + noise, rate))
    assert not refuted(*annealed(2.0 + noise * rate, rate))
    assert not refuted(*annealed(2.0 + noise, 0.2 + rate))
    assert not refuted(None, annealed(2.0 + noise, rate)[1])


def test_the_rate_to_lower_is_the_one_in_force():
    """The last, or that of a position; of one that has run out, the highest, and without a log what the caller says."""
    said, half = Context(learning_rate=1.0), np.linspace(1.0, 0.5, 60)
    schedule, out = (annealed(flat(n=60), rate)[0] for rate in (half, np.linspace(1.0, 0.0, 60)))

    assert in_force(said, schedule).learning_rate == 0.5
    assert in_force(said, schedule, Position("epoch", 10)).learning_rate == half[10]
    assert in_force(said, schedule, Position("step", 10)) == in_force(said, out) == in_force(said, None) == said
