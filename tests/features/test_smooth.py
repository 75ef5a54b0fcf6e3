from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.signal import savgol_filter

from diagnosis.features.noise import noise_level
from diagnosis.features.smooth import (
    DEGREE,
    NEIGHBOURS,
    OUTLIER,
    SHARE,
    WINDOW_MAX,
    WINDOW_MIN,
    smooth,
    window_for,
    without_outliers,
)
from diagnosis.synthetic import falling, flat, linear, spiked, turning

Smoother = Callable[[np.ndarray], np.ndarray]
# Runs as they are logged: noise of a half to one and a half percent of the fall. On thirty points, or with several
# times the noise, a median filter of the same window has the smaller error, but steps where a curve is smooth.
NOISES = (0.01, 0.03)
LENGTHS = (60, 200, 400)
SEEDS = range(4)


def ours(values: np.ndarray) -> np.ndarray:
    """Smooth as the engine does."""
    return smooth(without_outliers(values, noise_level(values)))


RIVALS: dict[str, Smoother] = {
    "moving average": lambda v: uniform_filter1d(v, window_for(v.size), mode="nearest"),
    "short moving average": lambda v: uniform_filter1d(v, WINDOW_MIN, mode="nearest"),
    "median filter": lambda v: median_filter(v, window_for(v.size), mode="nearest"),
    "short median filter": lambda v: median_filter(v, WINDOW_MIN, mode="nearest"),
    "Savitzky–Golay": lambda v: savgol_filter(v, window_for(v.size), DEGREE),
}


def cornered(n: int) -> np.ndarray:
    """Straight down, then flat from a third on: a learning rate drop, or a plateau."""
    return 2.3 - 2.0 * np.minimum(np.arange(n) / (n / 3), 1.0)


TRUTHS: dict[str, Callable[[int], np.ndarray]] = {
    "falling": lambda n: falling(n=n, noise=0.0),
    "turning": lambda n: turning(at=n // 3, n=n, noise=0.0, rise=1.2 / n),
    "flat": lambda n: flat(n=n, noise=0.0),
    "steep start": lambda n: falling(n=n, tau=0.02, noise=0.0),
    "cornered": cornered,
}


def errors(smoother: Smoother, truth: str, *, spiky: bool) -> list[float]:
    """Root mean squared distance from the truth, for every length, noise and seed."""
    found = []
    for n in LENGTHS:
        for noise in NOISES:
            for seed in SEEDS:
                clean = TRUTHS[truth](n)
                noisy = clean + noise * np.random.default_rng(seed).standard_normal(n)
                if spiky:
                    noisy = spiked(noisy, at=(n // 2, n - n // 5), height=1.0)
                found.append(float(np.sqrt(np.mean((smoother(noisy) - clean) ** 2))))
    return found


@pytest.mark.parametrize("spiky", [False, True], ids=["noise", "noise and spikes"])
@pytest.mark.parametrize("rival", RIVALS)
def test_the_smoother_was_chosen_by_test(rival: str, *, spiky: bool):
    """Over all shapes, lengths and noises together no simpler filter comes closer to the truth."""
    our_total = sum(sum(errors(ours, truth, spiky=spiky)) for truth in TRUTHS)
    their_total = sum(sum(errors(RIVALS[rival], truth, spiky=spiky)) for truth in TRUTHS)

    assert our_total < their_total


@pytest.mark.parametrize("truth", TRUTHS)
def test_smoothing_comes_closer_to_the_truth_than_the_raw_curve(truth: str):
    """On no shape does it do harm."""
    assert sum(errors(ours, truth, spiky=True)) < sum(errors(lambda values: values, truth, spiky=True))


@pytest.mark.parametrize("n", range(1, 140))
def test_the_window_is_odd_and_fits(n: int):
    """A window has a middle, is no longer than the curve, and grows with it up to a limit."""
    window = window_for(n)

    assert window % 2 == 1 or n < 1
    assert 1 <= max(window, 1) <= max(n, 1)
    assert window <= WINDOW_MAX
    assert window <= max(WINDOW_MIN, n * SHARE + 1)


def test_the_window_grows_no_further_than_its_limit():
    """A million points are smoothed over as many as a thousand."""
    assert WINDOW_MAX == window_for(10**6)


@pytest.mark.parametrize("n", [0, 1, 2, WINDOW_MIN - 1])
def test_a_short_curve_is_returned_as_it_is(n: int):
    """Fewer points than a window are not smoothed."""
    values = np.arange(float(n)) ** 2

    assert values.tolist() == smooth(values).tolist()


@pytest.mark.parametrize("n", [*range(WINDOW_MIN, 30), 60, 61, 200, 400])
def test_a_line_stays_a_line(n: int):
    """What has no bend is not bent, at the ends neither."""
    values = np.linspace(2.3, 1.0, n)

    smoothed = smooth(values)

    assert values[2:-2] == pytest.approx(smoothed[2:-2], abs=1e-9)
    assert np.abs(values - smoothed).max() <= 1.3 / (n - 1)


def test_a_constant_stays_that_constant():
    """Nothing is added to a level."""
    assert np.full(50, 0.7) == pytest.approx(smooth(np.full(50, 0.7)), abs=1e-12)


def test_the_smoothed_curve_never_leaves_what_was_logged_around_it():
    """A parabola overshoots at a corner; the best level is one that was really there."""
    for n in LENGTHS:
        values = cornered(n)
        smoothed = smooth(values)
        near = np.arange(n)[:, None] + np.arange(-(WINDOW_MIN // 2), WINDOW_MIN // 2 + 1)
        around = values[np.clip(near, 0, n - 1)]

        assert (smoothed >= around.min(axis=1) - 1e-12).all()
        assert (smoothed <= around.max(axis=1) + 1e-12).all()


def test_the_first_value_is_kept():
    """Progress is counted from where the run began."""
    values = falling(n=60, tau=0.02)

    assert values[0] == smooth(values)[0]


def test_one_far_point_is_an_outlier_and_one_near_is_noise():
    """Just over the bound it is replaced by the median around it, just under it is kept."""
    noise = 0.1
    for times, outlier in ((OUTLIER * 1.01, True), (OUTLIER * 0.99, False)):
        for sign in (1, -1):
            values = np.zeros(20)
            values[10] = sign * times * noise

            assert outlier == (without_outliers(values, noise)[10] == 0.0)


def test_neighbouring_outliers_are_outvoted():
    """As many as the window's smaller half, not more."""
    for count in (NEIGHBOURS // 2, NEIGHBOURS // 2 + 1):
        values = np.zeros(30)
        values[10 : 10 + count] = 9.0

        assert (count <= NEIGHBOURS // 2) == (not without_outliers(values, 0.1).any())


def test_without_noise_or_neighbours_nothing_is_an_outlier():
    """A curve without noise has nothing to measure by, and three points have no opinion."""
    values = np.zeros(20)
    values[10] = 1.0

    assert values is without_outliers(values, 0.0)
    assert [0.0, 9.0, 0.0, 0.0] == without_outliers(np.array([0.0, 9.0, 0.0, 0.0]), 0.1).tolist()


def test_smoothing_does_not_write_to_its_input():
    """The same array may be smoothed twice."""
    values = spiked(falling(), at=(30,), height=2.0)
    before = values.copy()

    ours(values)

    assert before.tolist() == values.tolist()


def test_smoothing_follows_the_unit_and_the_offset():
    """Smoothing twice the loss is twice the smoothed loss, and a constant passes through."""
    values = linear(n=80, noise=0.05)

    assert 1024 * smooth(values) == pytest.approx(smooth(1024 * values), rel=1e-12)
    assert smooth(values) + 10 == pytest.approx(smooth(values + 10), rel=1e-12)
