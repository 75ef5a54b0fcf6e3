import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import kendalltau, siegelslopes, theilslopes

from diagnosis.features.trend import ENOUGH, PAIR, POINTS, Z, bins, trend


def noisy_line(slope: float, sigma: float, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a noisy line over uneven positions."""
    x = np.sort(np.random.default_rng(seed + 1000).uniform(0, 50, n))
    return x, slope * x + sigma * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 17, POINTS])
@pytest.mark.parametrize("seed", range(5))
def test_the_slope_is_theils_and_sens(n: int, seed: int):
    """The median of all pairs' slopes, as scipy finds it."""
    x, y = noisy_line(-0.3, 1.0, n, seed)

    assert theilslopes(y, x).slope == pytest.approx(trend(x, y).slope, rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_is_no_narrower_than_without_serial_correlation(seed: int):
    """Neighbours that are alike widen the interval that scipy gives for independent ones; they never narrow it."""
    x, y = noisy_line(-0.3, 1.0, 30, seed)
    found, plain = trend(x, y), theilslopes(y, x, alpha=0.95)
    slopes = np.sort([(y[j] - y[i]) / (x[j] - x[i]) for i in range(30) for j in range(i + 1, 30)])
    grain = max(np.diff(slopes[np.searchsorted(slopes, at) - 2 :][:4]).max() for at in (plain[2], plain[3]))

    assert found.low <= plain[2] + 2 * grain
    assert found.high >= plain[3] - 2 * grain
    assert found.low <= found.slope <= found.high


def test_the_interval_is_scipys_where_neighbours_alternate():
    """Residuals that are not alike leave the interval as wide as for independent points."""
    x = np.arange(24.0)
    y = -0.2 * x + np.where(x % 2, 1.0, -1.0) * (1 + 0.01 * np.random.default_rng(0).standard_normal(24))
    found, plain = trend(x, y), theilslopes(y, x, alpha=0.95)
    slopes = np.sort([(y[j] - y[i]) / (x[j] - x[i]) for i in range(24) for j in range(i + 1, 24)])

    for ours, theirs in ((found.low, plain[2]), (found.high, plain[3])):
        assert abs(int(np.searchsorted(slopes, ours)) - int(np.searchsorted(slopes, theirs))) <= 1


@pytest.mark.parametrize("n", [5, 6, 8, 12, 24])
def test_the_interval_is_kendalls_where_neighbours_alternate(n: int):
    """The ranks that the variance of Kendall's S reaches, written out; below five points there are none."""
    x = np.arange(float(n))
    y = -2.0 * x + np.where(x % 2, 1.0, -1.0) * (1 + 0.1 * np.random.default_rng(n).uniform(size=n))
    slopes = sorted((y[j] - y[i]) / (x[j] - x[i]) for i in range(n) for j in range(i + 1, n))
    reach = 1.96 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    found = trend(x, y)

    assert slopes[int((len(slopes) - reach) / 2)] == pytest.approx(found.low)
    assert slopes[int((len(slopes) + reach) / 2)] == pytest.approx(found.high)


def test_slowly_wandering_residuals_widen_the_interval():
    """Fifty epochs that wander together are fewer than fifty opinions."""
    x = np.arange(40.0)
    independent = np.random.default_rng(3).standard_normal(40)
    wandering = np.convolve(np.random.default_rng(3).standard_normal(60), np.ones(8) / 8**0.5, mode="valid")[:40]
    narrow, wide = trend(x, independent), trend(x, wandering)
    plain = theilslopes(wandering, x)

    assert wide.high - wide.low > 1.3 * (plain[3] - plain[2])
    assert narrow.high - narrow.low > 0


@pytest.mark.parametrize("slope", [-1.0, -0.2, 0.2, 1.0])
def test_a_clear_trend_is_told_with_its_sign_as_kendall_and_siegel_tell_it(slope: float):
    """Where the rank correlation is beyond doubt, so is the direction."""
    x, y = noisy_line(slope, 1.0, 40, 7)
    found = trend(x, y)

    assert kendalltau(x, y).pvalue < 1e-3
    assert (slope < 0, slope > 0) == (found.falling, found.rising)
    assert siegelslopes(y, x).slope == pytest.approx(found.slope, rel=0.25)


def test_noise_without_a_trend_is_seldom_called_one():
    """At most about one in twenty stretches of noise is said to move; here of two hundred."""
    x = np.arange(30.0)
    called = [
        found.falling or found.rising
        for seed in range(200)
        for found in [trend(x, np.random.default_rng(seed).standard_normal(30))]
    ]

    assert sum(called) / len(called) <= 0.06


def test_one_outlier_does_not_turn_the_trend():
    """A least-squares line would rise."""
    x = np.arange(30.0)
    y = -0.1 * x
    y[-1] = 100.0

    assert np.polyfit(x, y, 1)[0] > 0
    assert trend(x, y).slope == pytest.approx(-0.1)


def test_a_longer_stretch_is_averaged_and_keeps_its_slope():
    """Thousands of points are as good as some tens of bins."""
    x = np.arange(5000.0)
    y = 3.0 - 0.002 * x + 0.1 * np.random.default_rng(0).standard_normal(5000)
    found = trend(x, y)

    assert found.slope == pytest.approx(-0.002, rel=0.02)
    assert found.falling
    assert (0.0, 4999.0) == (found.start, found.end)


def test_the_change_is_what_the_slope_adds_up_to():
    """From the first to the last position, not over the number of points."""
    x = np.array([0.0, 10.0, 20.0, 50.0])

    assert trend(x, 2.0 - 0.01 * x).change == pytest.approx(-0.5)


@pytest.mark.parametrize("n", [1, PAIR, ENOUGH - 1])
def test_of_few_points_nothing_is_sure(n: int):
    """Neither falling nor rising, whatever they do."""
    found = trend(np.arange(float(n)), -np.arange(float(n)))

    assert not found.falling
    assert not found.rising
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert found.slope == (-1.0 if n >= PAIR else 0.0)


def test_points_at_one_place_have_no_slope():
    """A stretch of no length is an answer, not a division by zero."""
    found = trend(np.full(6, 3.0), np.arange(6.0))

    assert (0.0, -np.inf, np.inf) == (found.slope, found.low, found.high)


def test_a_perfect_line_is_sure_of_itself():
    """Without residuals the interval is the slope."""
    found = trend(np.arange(20.0), 5.0 - 0.5 * np.arange(20.0))

    assert found.slope == pytest.approx(-0.5)
    assert found.falling
    assert found.low == pytest.approx(found.high)


def test_a_constant_neither_falls_nor_rises():
    """Zero is not below zero."""
    found = trend(np.arange(20.0), np.full(20, 1.0))

    assert (False, False, 0.0) == (found.falling, found.rising, found.slope)


def test_the_interval_is_a_95_percent_one():
    """Of many noisy lines the interval holds the true slope in about nineteen of twenty, seldom fewer."""
    x = np.arange(30.0)
    held = [
        found.low <= -0.05 <= found.high
        for seed in range(300)
        for found in [trend(x, -0.05 * x + np.random.default_rng(seed).standard_normal(30))]
    ]

    assert pytest.approx(1.96, abs=0.01) == Z
    assert 0.93 <= sum(held) / len(held) <= 0.995


@pytest.mark.parametrize(("n", "count"), [(10, 4), (7, 3), (400, 40), (401, 40), (39, 40), (40, 40)])
def test_bins_are_the_means_of_neighbours(n: int, count: int):
    """Every value is in one bin, in order, and bins are as equal as can be."""
    values = np.random.default_rng(0).standard_normal(n)
    found = bins(values, count)
    edges = [int(n * i / count) for i in range(count + 1)]
    slow = [values[a:b].mean() for a, b in pairwise(edges)] if n > count else values

    assert found == pytest.approx(np.array(slow))
    assert min(n, count) == found.size
