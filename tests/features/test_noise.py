import numpy as np
import pytest

from diagnosis.features.noise import MAD_TO_SD, NEIGHBOURHOOD, PSEUDO_RESIDUAL_SD, SAMPLE, noise_level, pseudo_residuals
from diagnosis.synthetic import falling, flat, spiked

N = 4000


def slow_noise_level(values: np.ndarray) -> float:
    """The definition, one point at a time."""
    residuals = []
    for before, here, after in zip(values, values[1:], values[2:], strict=False):
        residuals.append(abs(here - (before + after) / 2) / PSEUDO_RESIDUAL_SD)
    return float(MAD_TO_SD * sorted(residuals)[len(residuals) // 2])


def normal(sigma: float, n: int = N, seed: int = 0) -> np.ndarray:
    """Draw white noise."""
    return sigma * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("sigma", [1e-6, 0.01, 3.0, 1e6])
def test_the_standard_deviation_of_white_noise_is_found(sigma: float):
    """On thousands of normal values the estimate is within a few percent of the truth."""
    level = noise_level(normal(sigma))

    assert sigma == pytest.approx(level, rel=0.06)


def test_the_fast_form_agrees_with_the_definition():
    """A loop over the points gives the same number."""
    for n in (3, 4, 5, 17, 400):
        values = falling(n=n, seed=n)

        assert slow_noise_level(values) == pytest.approx(noise_level(values), rel=1e-12)


def test_a_straight_line_leaves_no_residual():
    """However steep the line, each point is the mean of its neighbours."""
    residuals = pseudo_residuals(np.arange(20.0) * 7 - 3)

    assert residuals == pytest.approx(np.zeros(18), abs=1e-12)


@pytest.mark.parametrize("slope", [-1.0, -100.0, 1e4])
def test_a_trend_is_not_taken_for_noise(slope: float):
    """The same noise on a slope is the same noise."""
    noise = normal(0.01)

    level = noise_level(noise + slope * np.linspace(0, 1, N))

    assert noise_level(noise) == pytest.approx(level, rel=0.01)


def test_a_steep_start_hardly_adds_noise():
    """An exponential fall is straight enough between neighbours."""
    level = noise_level(falling(n=400, noise=0.01))

    assert level == pytest.approx(0.01, rel=0.15)


def test_spikes_do_not_count_as_noise():
    """A median does not care how tall one residual in twenty is."""
    values = falling(n=400, noise=0.01)

    level = noise_level(spiked(values, at=tuple(range(10, 400, 40)), height=5.0))

    assert noise_level(values) == pytest.approx(level, rel=0.4)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_points_have_no_noise(n: int):
    """Below three points there is no residual, and no error."""
    assert n < NEIGHBOURHOOD
    assert noise_level(np.arange(float(n))) == 0.0


def test_the_noise_follows_the_unit():
    """Twice the loss has twice the noise, and a constant changes nothing."""
    values = normal(0.01, 200)

    assert 1024 * noise_level(values) == noise_level(1024 * values)
    assert noise_level(values) == pytest.approx(noise_level(values + 100.0), rel=1e-6)


def test_a_constant_added_to_a_constant_makes_no_noise_worth_the_name():
    """What is left is rounding: far below anything a threshold could see."""
    assert noise_level(np.full(50, 0.1)) < 1e-13
    assert noise_level(np.full(50, 1e6 + 0.1)) < 1e-6


def test_a_quantised_metric_still_has_noise():
    """Where most points repeat their neighbours, the rarer jumps tell."""
    jumps = np.full(200, 0.9)
    jumps[::7] += 0.01

    level = noise_level(jumps)

    assert 0.001 < level < 0.01


def test_a_very_long_curve_is_sampled_evenly():
    """Beyond the sample size the estimate is as good, and comes from all of the curve."""
    n = 4 * SAMPLE
    values = normal(1.0, n)
    values[: n // 4] *= 100  # a quarter of wild points cannot move a median far, and must not be all that is seen

    assert noise_level(normal(1.0, n)) == pytest.approx(1.0, rel=0.03)
    assert noise_level(normal(1.0, n) + 3.0 * np.arange(n)) == pytest.approx(1.0, rel=0.03)
    assert 1.0 < noise_level(values) < 3.0


def test_lone_peaks_of_a_short_curve_do_not_count_either():
    """Three in twenty stand in half of all residuals, whose median then says their height."""
    calm = 0.04 + 0.001 * np.random.default_rng(0).standard_normal(20)
    peaks = calm.copy()
    peaks[[5, 10, 15]] += (5.8, 3.7, 3.2)

    assert noise_level(peaks) < 4 * noise_level(calm)
    assert noise_level(1e3 * peaks) == pytest.approx(1e3 * noise_level(peaks))


def test_rounded_values_that_repeat_hide_no_peaks():
    """A loss logged with two decimals has more residuals of 0 than peaks: its noise is that of rounding, not none."""
    values = np.round(falling(start=1.15, floor=1.1, n=25, noise=0.008), 2)

    assert noise_level(values) > 0.003


def test_a_lone_peak_above_all_that_a_rested_curve_spans_is_no_noise_of_it():
    """Of twenty residuals three hold it, and all others are 0; what reaches no higher than the rest may be a step of rounding."""
    rested = np.array([1.0, 0.7, 0.55] + [0.5] * 19)
    peak, step = rested.copy(), rested.copy()
    peak[11], step[11] = 2.0, 0.9

    assert noise_level(peak) == pytest.approx(noise_level(np.delete(rested, 11)))
    assert noise_level(step) > 3 * noise_level(rested)
    assert noise_level(peak, peaks=True) > 5 * noise_level(rested)


def test_lone_peaks_are_noise_where_that_is_asked_for():
    """Every fifth validation of a handful of examples jumps: of the curve left without them there is nothing to tell."""
    values = flat(n=30, noise=0.001)
    values[2::5] += 0.5

    assert noise_level(values, peaks=True) > 10 * noise_level(values)


@pytest.mark.parametrize("unit", [0.001, 1.0, 1000.0])
def test_what_is_left_without_peaks_is_at_least_rounding_in_any_unit(unit: float):
    """A straight descent in decimals has residuals of nothing, or of the last digit: which of them is the unit's chance."""
    values = np.array([4.0, 3.5, 3.1, 2.8, 2.6, 9.8, 2.5, 2.4, 2.3, 11.2, 2.25, 2.2, 2.15, 10.5, 2.1, 2.05, 2.0, 9.9])

    assert 0.0 < noise_level(unit * values) < 1e-12 * unit
