import time

import numpy as np
import pytest

from diagnosis.features import Features, measure
from diagnosis.features.forecast import BEGUN, ENOUGH, HALF, LONGEST, Forecast, _fit, _shapes, measure_forecast, refused
from diagnosis.features.measured import Measured
from diagnosis.synthetic import falling, flat, linear, run, turning

N = 100
T = np.arange(1, N + 1) / N
JITTER = np.random.default_rng(5).standard_normal(3 * N)


def measured(values: np.ndarray, **others: np.ndarray) -> tuple[Features, Measured]:
    """The features of a run with this loss, and the loss."""
    features = measure(run(loss=values, **others))
    assert features.train_loss is not None
    return features, features.train_loss


def carried_on(values: np.ndarray) -> Forecast:
    """The forecast of a loss, which there is."""
    forecast = measure_forecast(measured(values)[1], None)
    assert forecast is not None
    return forecast


def why(values: np.ndarray, **others: np.ndarray) -> str:
    """The reason why a loss is not carried on."""
    features, loss = measured(values, **others)
    reason = refused(loss, features.schedule)
    assert isinstance(reason, str)
    assert features.forecast is None
    return reason


COURSES = {
    "a power": lambda t: t**-0.5,
    "a steep power": lambda t: t**-1.5,
    "a logarithm": lambda t: 1 / np.log1p(100 * t),
    "an exponential": lambda t: np.exp(-3 * t),
    "a slow start": lambda t: np.exp(-3 * t**1.7),
}


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("seed", range(3))
def test_the_interval_holds_what_really_comes(name: str, seed: int):
    """Of every family, with noise of a hundredth of the fall, and twice as far."""
    course = COURSES[name](np.arange(1, 2 * N + 1) / N)
    fall = course[0] - course[N - 1]
    forecast = carried_on(course[:N] + 0.01 * fall * JITTER[seed * N : (seed + 1) * N])
    middle, low, high = forecast.gain(2.0)
    truth = course[N - 1] - course[-1]

    assert low <= truth <= high
    assert low <= middle <= high
    assert abs(middle - truth) < 0.06 * fall


@pytest.mark.parametrize("n", [8, 20, 60])
def test_an_amount_is_as_unsure_as_least_squares_make_it(n: int):
    """Beside a slow second version: level and amount take two of the points, of few as of many."""
    t = np.arange(1, n + 1) / n
    course = np.exp(-3 * t) + 0.05 * (-1.0) ** np.arange(n)  # neighbours that are not alike: every point counts
    fit = _fit(t, course)
    assert fit is not None
    _, _, variances, numbers = fit

    for shape, variance in zip(_shapes(t)[numbers.astype(int)], variances, strict=True):
        assert variance == pytest.approx(np.polyfit(shape, course, 1, cov=True)[1][0, 0], rel=0.02)


def test_a_line_goes_on():
    """Half as much again gains half of the fall, and the end is far off."""
    forecast = carried_on(linear(start=1.0, end=0.0, n=N))

    assert forecast.gain(1.5)[0] == pytest.approx(0.5, abs=0.1)
    assert forecast.half_way > 2.5


def test_what_levels_out_has_little_left():
    """And is half-way there soon."""
    forecast = carried_on(falling(tau=0.15, n=N))

    assert forecast.gain(1.5)[0] < 0.01 * 2.2
    assert forecast.half_way < 1.5


def test_one_trains_until_half_a_run_more_gains_too_little():
    """As far as one can foresee, and half a run at least."""
    line, done = carried_on(linear(start=1.0, end=0.0, n=N)), carried_on(falling(tau=0.15, n=N))

    (farthest, left), (soon, nothing) = line.enough(0.05), done.enough(0.05)

    assert (farthest, soon) == (LONGEST, 1.0 + HALF)
    assert nothing < 0.05 < left


def test_units_and_constants_do_not_count():
    """The gain is in the curve's own unit."""
    course = falling(tau=0.5, n=N)
    plain, scaled, moved = (carried_on(v).gain(1.5) for v in (course, 1024 * course, course - 100.0))

    assert scaled == pytest.approx([1024 * g for g in plain], rel=1e-6)
    assert moved == pytest.approx(plain, rel=1e-3)


def test_steps_and_thinning_hardly_count():
    """What matters is the share of the run."""
    whole = falling(tau=0.5, n=2 * N, noise=0.002)

    assert carried_on(whole[1::2]).gain(1.5)[0] == pytest.approx(carried_on(whole).gain(1.5)[0], rel=0.2)


def test_more_noise_makes_it_less_sure():
    """The interval widens."""
    calm, loud = (carried_on(COURSES["an exponential"](T) + noise * JITTER[:N]).gain(1.5) for noise in (0.002, 0.04))

    assert calm[2] - calm[1] < loud[2] - loud[1]


def test_the_same_curve_has_the_same_forecast():
    """Nothing is drawn at random."""
    course = falling(tau=0.5, n=N)

    assert carried_on(course).gain(1.5) == carried_on(course).gain(1.5)


def test_what_is_of_another_kind_is_refused_and_why_is_said():
    """A turn, swings, too few points."""
    assert why(turning(at=50, n=N)) == "it has turned"
    assert why(flat(n=N)) == "it swings too much"
    assert why(falling(noise=1.0, n=N)) == "it swings too much"
    assert why(np.linspace(1, 0, ENOUGH - 1)).startswith("too short")


def test_a_schedule_that_ends_or_changes_late_is_refused():
    """What comes then is the schedule's to say."""
    course = falling(tau=0.5, n=N)

    assert "decayed" in why(course, lr=0.1 * (1 - T))
    assert "restarts" in why(course, lr=0.1 * (1 - 0.5 * (4 * T % 1)))
    assert "changed late" in why(course, lr=np.where(T < BEGUN + 0.05, 0.1, 0.05))


def test_only_what_follows_an_early_change_counts():
    """The fall before it was another rate's."""
    course = np.where(T < 0.3, 10 - 10 * T, 1.0 * np.exp(-2 * (T - 0.3)))
    features, _ = measured(course, lr=np.where(T < 0.3, 0.1, 0.05))
    assert features.forecast is not None
    truth = np.exp(-2 * 0.7) - np.exp(-2 * 1.2)

    assert features.forecast.gain(1.5)[0] == pytest.approx(truth, rel=0.4)


def test_a_forecast_takes_milliseconds_however_long_the_log():
    """The grid is binned before it is fitted."""
    _, loss = measured(falling(tau=0.5, n=20_000))
    measure_forecast(loss, None)
    begun = time.perf_counter()
    forecast = measure_forecast(loss, None)
    assert forecast is not None
    forecast.gain(1.5)

    assert time.perf_counter() - begun < 0.25


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "values",
    [np.ones(N), np.zeros(N), np.array([1.0]), np.array([5e-324, 0.0] * 20), np.array([1e99, -1e99] * 20)],
    ids=str,
)
def test_degenerate_curves_are_refused(values: np.ndarray):
    """Nothing falls there."""
    assert measured(values)[0].forecast is None
