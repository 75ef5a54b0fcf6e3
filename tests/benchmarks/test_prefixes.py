"""What is said along a run, counted by hand."""

import numpy as np
import pytest

from benchmarks.prefixes import Told, alarms, by_condition, taken_back, told, visible
from tests.benchmarks.records import HEALTHY, RECORD


@pytest.mark.parametrize(("named", "times"), [([False, True, True], 0), ([True, False, True, False], 2), ([], 0)])
def test_a_finding_taken_back_is_counted(named: list[bool], times: int):
    """Each time it goes away."""
    assert times == taken_back(named)


def test_a_fault_is_seen_where_the_clean_test_set_shows_it():
    """A tenth of the fall is given back for good some epochs after the turn at epoch 20; the engine names it later."""
    run = told(RECORD)
    seen = visible(run, "overfitting")

    assert seen is not None
    assert 20 / 60 < seen < 35 / 60
    assert run.named("overfitting")[-1]
    assert "| `overfitting` | 1 | 1 |" in by_condition([run])


def test_no_number_is_seen_at_once():
    """The share of the run that was logged with it."""
    run = Told(RECORD, (1.0,), ({},), (np.array([1.0, 1.0, np.nan, np.nan]),))

    assert 0.75 == visible(run, "non_finite")
    assert visible(run, "oscillation") is None


def test_a_healthy_run_accused_on_its_way_is_a_false_alarm():
    """Though nothing is said of it at the end."""
    run = Told(HEALTHY, (0.5, 1.0), ({"oscillation": "warning"}, {"plateau": "info"}), ())

    assert "any moment: 100.0 % (1 of 1;" in alarms([run])
    assert "`oscillation` 1" in alarms([run])
