import math

import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.budget import BELIEVED, Budget, measure_budget
from diagnosis.run import Context
from diagnosis.synthetic import run


def budget_of(values: np.ndarray, size: int | None, name: str = "val_accuracy") -> Budget | None:
    """Measure the noise budget of a validation metric."""
    return measure_budget(measure(run(**{name: values})).val_metric, Context(val_size=size))


def test_the_error_of_a_share_is_binomial():
    """√(p(1 − p)/n), and twice that is the least worth believing."""
    budget = budget_of(np.full(30, 0.8), 1000)

    assert budget is not None
    assert budget.error == pytest.approx(math.sqrt(0.8 * 0.2 / 1000), rel=0.01)
    assert budget.believable == BELIEVED * budget.error


def test_all_right_answers_of_few_examples_are_no_certainty():
    """Ten of ten may be nine of ten the next time."""
    budget = budget_of(np.full(30, 1.0), 10)

    assert budget is not None
    assert 0.05 < budget.error < 0.15


def test_percent_is_said_in_percent():
    """In the unit that was logged."""
    share, percent = budget_of(np.full(30, 0.8), 100), budget_of(np.full(30, 80.0), 100)

    assert share is not None
    assert percent is not None
    assert percent.error == pytest.approx(100 * share.error)
    assert percent.swing == pytest.approx(share.swing)


def test_the_swing_is_the_jitter_in_standard_errors():
    """Far above one, the size of the set does not explain it."""
    budget = budget_of(0.8 + 0.05 * np.random.default_rng(0).standard_normal(200), 1000)

    assert budget is not None
    assert budget.swing == pytest.approx(0.05 / math.sqrt(0.8 * 0.2 / 1000), rel=0.25)


def test_without_a_size_or_a_share_there_is_none():
    """An F1 is no share of examples."""
    assert budget_of(np.full(30, 0.8), None) is None
    assert budget_of(np.full(30, 0.8), 100, "val_f1") is None
    assert measure_budget(None, Context(val_size=10)) is None


def test_a_metric_tells_by_its_steps_on_how_many_examples_it_was_counted():
    """Where nobody said it; and the evidence says how that is known."""
    right = np.array([11, 17, 20, 22, 25, 24, 26, 23, 27, 26, 25, 28])
    told, seen = budget_of(right / 30, 30), budget_of(right / 30, None)

    assert told is not None
    assert seen is not None
    assert (told.examples, told.error, told.counted) == (seen.examples, seen.error, "30 examples")
    assert "30 examples (it moves in steps of 1/30)" == seen.counted
