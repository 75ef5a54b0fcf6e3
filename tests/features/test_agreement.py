import numpy as np
import pytest

from diagnosis.features import Features, measure
from diagnosis.features.agreement import COUNTED, KEPT, ONE_IN, allowance, at_bottom, dead, gain, held, same_stretch
from diagnosis.features.measured import Measured
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run, turning

LEARNT = 1.0 - falling(start=0.9, floor=0.2, tau=0.1, noise=0.0)


def metric(values: np.ndarray, name: str = "val_accuracy") -> Measured:
    """One metric, measured."""
    found = measure(run(None, **{name: values})).val_metric
    assert found is not None
    return found


def measured(**series: np.ndarray) -> Features:
    """A run with a training loss that falls and a validation loss that turns."""
    return measure(run(None, **{"loss": falling(), "val_loss": turning(at=20), **series}))


def test_a_metric_may_lose_a_share_of_its_gain_or_what_a_few_examples_come_to():
    """Of a hundred examples, a few; of a million, a share of the gain."""
    learnt = metric(LEARNT)

    assert allowance(learnt, Context()) == pytest.approx(KEPT * learnt.progress)
    assert allowance(learnt, Context(val_size=10**6)) == pytest.approx(KEPT * learnt.progress)
    assert allowance(learnt, Context(val_size=20)) == pytest.approx(COUNTED * (0.8 * 0.2 / 20) ** 0.5, rel=0.01)


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_one_answer_in_a_hundred_is_nothing_lost(scale: float):
    """However little an accuracy gained since it was first logged."""
    little = metric(scale * np.linspace(0.85, 0.88, 60))

    assert allowance(little, Context()) == pytest.approx(ONE_IN * scale)
    assert allowance(metric(np.linspace(0.85, 0.88, 60), "val_r2"), Context()) < ONE_IN


def test_what_was_gained_before_the_first_value_counts():
    """From what guessing scores among so many classes, else from the most that a balanced guess could."""
    good = metric(np.linspace(0.85, 0.88, 60))

    assert gain(good, Context(num_classes=10)) == pytest.approx(0.78, abs=1e-3)
    assert gain(good, Context()) == pytest.approx(0.28, abs=1e-3)
    assert gain(metric(LEARNT), Context()) == pytest.approx(metric(LEARNT).progress)


def test_an_accuracy_that_was_good_from_the_first_value_can_have_held():
    """Most of it was learnt in the first epoch."""
    f = measured(val_accuracy=0.9 + 0.004 * np.sin(np.arange(60) / 9.0))
    assert f.val_loss
    assert f.val_metric
    assert f.gap

    assert held(f.val_loss, f.val_metric, f.gap, Context()) is not None


def test_in_percent_the_same_is_allowed():
    """A hundred times as much."""
    learnt, hundred = metric(LEARNT), metric(100.0 * LEARNT)

    assert allowance(hundred, Context(val_size=20)) == pytest.approx(100.0 * allowance(learnt, Context(val_size=20)))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("val_accuracy", flat(level=0.5, noise=0.02)),  # learnt nothing
        ("val_accuracy", LEARNT[:30]),  # ends half-way
        ("val_accuracy", np.random.default_rng(0).uniform(0.1, 0.9, 60)),  # may be anything
        ("val_mae", falling()),  # a loss by another name
    ],
)
def test_what_cannot_have_held_is_not_asked(name: str, values: np.ndarray):
    """No gain, another stretch, too noisy, or no count of answers."""
    f = measured(**{name: values})
    assert f.val_loss
    assert f.val_metric
    assert f.gap

    assert held(f.val_loss, f.val_metric, f.gap, Context()) is None


@pytest.mark.parametrize(("name", "values"), [("val_accuracy", LEARNT), ("val_error", 1.0 - LEARNT)])
def test_a_metric_that_held_tells_what_it_lost(name: str, values: np.ndarray):
    """Maximised or minimised."""
    f = measured(**{name: values})
    assert f.val_loss
    assert f.val_metric
    assert f.gap
    found = held(f.val_loss, f.val_metric, f.gap, Context())

    assert found is not None
    assert found.lost == pytest.approx(0.0, abs=1e-3)
    assert found.allowed == pytest.approx(KEPT)


@pytest.mark.parametrize(
    ("name", "values", "context", "expected"),
    [
        ("val_f1", np.zeros(60), Context(), True),
        ("val_f1", np.full(60, 0.3), Context(), True),
        ("val_f1", flat(level=0.3, noise=0.005), Context(), False),
        ("val_accuracy", flat(level=0.1, noise=0.005), Context(num_classes=10), True),
        ("val_accuracy", flat(level=0.3, noise=0.005), Context(num_classes=10), False),
        ("val_accuracy", np.full(60, 0.1), Context(), True),
        ("val_accuracy", np.full(60, 0.97), Context(), False),
        ("val_error", np.zeros(60), Context(), False),
        ("val_map", np.linspace(0.0, 0.04, 60), Context(), False),
    ],
)
def test_the_bottom_is_what_guessing_scores(name: str, values: np.ndarray, context: Context, *, expected: bool):
    """Known by the metric, by `num_classes`, or by a number that never moves."""
    assert expected == at_bottom(metric(values, name), context)


def test_a_loss_at_chance_cannot_have_moved_the_metric():
    """Where `num_classes` is known, both are at the bottom."""
    f = measure(run(None, loss=falling(floor=2.0), val_accuracy=np.full(60, 0.1)))
    assert f.train_loss
    assert f.val_metric

    assert dead(f.train_loss, f.val_metric, f.train_loss, Context(num_classes=10)) is None
    assert dead(f.train_loss, f.val_metric, f.train_loss, Context()) is not None


def test_curves_of_different_stretches_are_not_compared():
    """A tenth more or less is the same."""
    whole = metric(LEARNT)

    assert same_stretch(whole, metric(LEARNT[:56]))
    assert not same_stretch(whole, metric(LEARNT[:50]))
