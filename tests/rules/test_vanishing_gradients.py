import numpy as np
import pytest

from diagnosis.features.gradients import FALLEN, TINY, UNANCHORED
from diagnosis.rule import Skipped
from diagnosis.rules.vanishing_gradients import SURE
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, shrinking
from tests.rules.asking import ask, faintest, numbers

judge, found = ask("vanishing_gradients")
TEN = Context(num_classes=10)
CHANCE = flat(level=2.303, noise=1e-3)


def dropped(times: float) -> np.ndarray:
    """Norms that fall by so much within a few values, and stay."""
    return np.concatenate((np.full(10, 1e-2), np.full(50, 1e-2 / times)))


@pytest.mark.parametrize(("context", "bound"), [(TEN, FALLEN), (None, UNANCHORED)], ids=["ln C known", "no anchor"])
def test_a_fall_just_over_the_bound_fires(context: Context | None, bound: float):
    """A larger one is asked for where no anchor tells that the model guesses."""
    edge = faintest(lambda times: judge(context, loss=CHANCE, grad_norm=dropped(times)) is not None, 10.0, 1e6)

    assert edge == pytest.approx(bound, rel=1e-6)
    assert numbers(found(context, loss=CHANCE, grad_norm=dropped(2 * bound)))["fall"].value == pytest.approx(2 * bound)


def test_norms_that_were_tiny_from_the_start_are_held_against_the_loss():
    """Less than rounding moves nothing."""
    level = float(np.median(CHANCE))

    assert judge(loss=CHANCE, grad_norm=np.full(60, 1.1 * TINY * level)) is None
    finding = found(loss=CHANCE, grad_norm=np.full(60, 0.9 * TINY * level))
    assert numbers(finding)["share_of_loss"].bound == TINY
    assert finding.ceiling == SURE


def test_exactly_zero_is_a_detached_graph_before_anything_else():
    """No change of the rate can help."""
    finding = found(loss=CHANCE, grad_norm=np.zeros(60))

    assert "exactly zero from the start" in finding.summary
    assert "no path" in finding.causes[0].cause
    assert "check_trainable_parameters" == finding.fixes[0].action
    assert "raise_learning_rate" not in {fix.action for fix in finding.fixes}


def test_zero_norms_beside_a_falling_loss_are_the_loggers():
    """They were read after the gradients had been reset."""
    verdict = judge(loss=falling(), grad_norm=np.zeros(60))

    assert isinstance(verdict, Skipped)
    assert "reset" in verdict.why


@pytest.mark.parametrize("context", [None, TEN])
def test_a_converged_run_has_small_gradients_by_right(context: Context | None):
    """With an anchor or without."""
    assert judge(context, loss=falling(floor=0.01), grad_norm=shrinking(times=1e9)) is None
    assert judge(context, loss=falling(floor=0.01, noise=0.0), grad_norm=shrinking(times=1e9)) is None


def test_a_metric_that_learns_overturns_it_and_one_at_chance_confirms_it():
    """Whole batches have no noise: the loss creeps to ln C, and only the accuracy tells."""
    loss, norms = falling(start=2.37, floor=2.303, tau=0.02, noise=1e-9), shrinking(times=1e6)

    assert judge(TEN, loss=loss, grad_norm=norms, accuracy=1 - falling(start=0.9)) is None
    assert judge(loss=loss, grad_norm=norms) is None
    assert found(loss=loss, grad_norm=norms, accuracy=np.full(60, 0.1)).ceiling > SURE
    assert judge(loss=loss, grad_norm=norms, accuracy=np.full(60, 0.98)) is None


def test_a_loss_that_once_rose_and_never_came_below_its_start_has_learnt_nothing():
    """Where nothing else tells, and the norms are lost in rounding; one that came down has converged."""
    rose = np.concatenate(([1.08, 3.0, 25.0, 5.0], np.full(56, 1.0)))
    norms = np.concatenate((np.geomspace(10.0, 1e-8, 8), np.full(52, 1e-8)))

    assert judge(loss=rose, grad_norm=norms) is not None
    assert judge(loss=rose, grad_norm=np.maximum(norms, 1e-4)) is None
    assert judge(loss=falling(start=25.0, floor=1.0, noise=0.0), grad_norm=norms) is None


def test_norms_like_any_at_chance_are_another_matter():
    """Random labels; a first norm that was far too large and then ordinary."""
    assert judge(TEN, loss=CHANCE, grad_norm=falling(start=0.3, floor=0.2)) is None
    assert judge(TEN, loss=CHANCE, grad_norm=np.concatenate(([3e6], flat(level=0.2, n=59)))) is None


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_gradients_are_counted_in_units_of_their_loss(factor: float):
    """Loss and norms together in other units are the same run."""
    ours, theirs = (found(loss=f * CHANCE, grad_norm=f * dropped(1e6)) for f in (1.0, factor))

    assert ours.since == theirs.since
    assert numbers(ours)["fall"].value == pytest.approx(numbers(theirs)["fall"].value)


def test_it_is_said_since_when():
    """The first norm that stays below the bound."""
    assert found(TEN, loss=CHANCE, grad_norm=dropped(1e5)).since == Position("epoch", 10)
    assert [f.action for f in found(TEN, loss=CHANCE, grad_norm=dropped(1e5)).fixes][-1] == "raise_learning_rate"
