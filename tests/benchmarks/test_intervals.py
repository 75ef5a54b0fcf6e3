"""Intervals and calibration against values that can be looked up or counted by hand."""

import numpy as np
import pytest

from benchmarks.intervals import between, calibration_error, clopper_pearson, reliability, share, weights


@pytest.mark.parametrize(("k", "n", "low", "high"), [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (10, 10, 0.6915, 1.0), (0, 0, 0.0, 1.0)])  # fmt: skip
def test_the_interval_of_a_share_is_the_exact_one(k: int, n: int, low: float, high: float):
    """Clopper and Pearson's table: none of ten can still be 31 %."""
    assert (low, high) == pytest.approx(clopper_pearson(k, n), abs=1e-4)


def test_a_share_is_read_with_its_interval():
    """Count, whole and interval stand together."""
    assert "10.0 % (1 of 10; 0.3 to 44.5 %)" == share(1, 10)
    assert "none to count" == share(0, 0)


def test_what_belongs_together_is_drawn_together_and_the_same_each_time():
    """Folds of one group have the same weight in every replicate, and the number of clusters is kept."""
    drawn = weights(("a", "a", "b", "c"))

    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 1:].sum(axis=1) == 3).all()
    np.testing.assert_array_equal(drawn, weights.__wrapped__(("a", "a", "b", "c")))


def test_replicates_without_a_figure_are_left_out():
    """A replicate in which nothing is due has no F1."""
    assert (1.0, 1.0) == between(np.array([1.0, np.nan, 1.0]))
    assert np.isnan(between(np.array([np.nan]))).all()


def test_the_calibration_error_is_the_weighted_distance():
    """Two of four at 0.75, all of four at 0.95: the mean of 0.25 and 0.05."""
    bins = reliability([0.75] * 4 + [0.95] * 4, [True, False] * 2 + [True] * 4)

    assert [(4, 0.5), (4, 1.0)] == [(b.count, b.right) for b in bins]
    assert 0.15 == pytest.approx(calibration_error(bins))


def test_no_finding_has_no_error():
    """An empty board is not wrong about anything."""
    assert 0.0 == calibration_error(reliability([], []))
