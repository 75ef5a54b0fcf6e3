import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.plateau import BAND, LENGTH_MIN, LENGTH_SHARE, NOISE_BAND, flat_from
from diagnosis.synthetic import run

N = 100
X = np.arange(float(N))


def resting(*, since: int, n: int = N, drift: float = 0.0) -> np.ndarray:
    """A straight fall from 1 to 0 that rests from `since` on, but for a `drift` over what is left."""
    steps = np.arange(n)
    down = np.maximum(1 - steps / since, 0.0)
    return down - drift * np.maximum(steps - since, 0) / max(n - 1 - since, 1)


def test_a_rest_is_found_where_it_begins():
    """Within the few points in which the fall crosses the band."""
    for since in (10, 40, 79):
        found = flat_from(X, resting(since=since), 0.0, 1.0)

        assert found is not None
        assert since - BAND * since - 1 <= found[0] <= since
        assert found[1].slope == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_a_rest_that_is_too_short_is_a_pause(share: float):
    """Between two steps of a staircase a run rests as well."""
    assert share < LENGTH_SHARE
    assert flat_from(X, resting(since=int(N * (1 - share))), 0.0, 1.0) is None


def test_just_long_enough_is_enough():
    """The named share of the run, to the point."""
    length = int(np.ceil(N * LENGTH_SHARE))
    level = np.concatenate((np.linspace(1, 0.5, N - length), np.zeros(length)))
    shorter = np.concatenate((np.linspace(1, 0.5, N - length + 1), np.zeros(length - 1)))
    found = flat_from(X, level, 0.0, 1.0)

    assert found is not None
    assert N - length == found[0]
    assert flat_from(X, shorter, 0.0, 1.0) is None


def test_a_curve_shorter_than_a_rest_cannot_tell():
    """Below the least number of points nothing is flat, however constant."""
    for n, flat in ((LENGTH_MIN, True), (LENGTH_MIN - 1, False)):
        assert flat == (flat_from(np.arange(float(n)), np.zeros(n), 0.0, 1.0) is not None)


def test_a_power_law_tail_that_still_pays_is_not_flat():
    """A healthy language model gains a little all the time; its end is no plateau."""
    n = 400
    steps = np.arange(1.0, n + 1)
    for exponent in (0.1, 0.2, 0.3, 0.5):
        tail = steps**-exponent

        assert flat_from(steps, tail, 0.0, float(tail[0] - tail[-1])) is None


def test_a_power_law_hidden_in_its_noise_is_flat():
    """What moves less than the noise of one point cannot be told from rest."""
    steps = np.arange(1.0, 401)
    tail = steps**-0.2

    assert flat_from(steps, tail, float(tail[80] - tail[-1]), float(tail[0] - tail[-1])) is not None


@pytest.mark.parametrize("sign", [1, -1])
def test_a_drift_across_the_band_is_no_rest(sign: int):
    """Just over the band in as long again as the curve has rested, and it still moves; well under, it rests."""
    for times, flat in ((0.4, True), (3.0, False)):
        course = np.concatenate((np.linspace(1, 0, 20), np.linspace(0, sign * times * BAND, 80)))

        found = flat_from(X, course, 0.0, 1.0)

        assert flat == (found is not None and found[0] < 25)


def test_the_band_is_the_larger_of_progress_and_noise():
    """A wave inside of either is rest; one beyond both is not."""
    wave = np.where(X % 2, 1.0, -1.0)
    course = np.concatenate((np.linspace(1, 0, 20), np.zeros(80)))

    for noise, progress in ((0.0, 1.0), (0.1, 1.0), (0.1, 0.0)):
        band = max(BAND * progress, NOISE_BAND * noise)
        inside, outside = (flat_from(X, course + share * band * wave, noise, progress) for share in (0.9, 1.2))

        assert inside is not None
        assert outside is None


def test_the_slope_that_is_left_is_told():
    """Per unit of position, over the rest alone."""
    course = np.concatenate((np.linspace(1, 0, 20), np.linspace(0, -0.5 * BAND, 80)))
    found = flat_from(X * 50, course, 0.0, 1.0)

    assert found is not None
    assert found[1].slope == pytest.approx(-0.5 * BAND / (79 * 50), rel=0.1)
    assert X[-1] * 50 == found[1].end


def test_a_constant_is_flat_from_its_beginning():
    """Nothing ever moved."""
    found = flat_from(X, np.full(N, 2.3), 0.0, 0.0)

    assert found is not None
    assert found[0] == 0


def test_a_short_curve_that_touches_zero_is_judged():
    """A logarithm is asked for only where the whole last stretch, longer than half of a short curve, is positive."""
    assert flat_from(np.arange(8.0), np.array([1, 0, 0, 0, 1, 0.4, 0.3, 0.2]), 1.0, 1.0) is not None


@pytest.mark.parametrize("unit", [0.001, 1.0, 1000.0])
def test_what_lies_on_the_edge_of_the_band_is_inside_in_any_unit(unit: float):
    """The same printed decimals are a last digit above the edge in one unit, and below it in another."""
    printed = [2.3, 1.73, 1.33, 1.04, 0.83, 0.68, 0.57, 0.49, 0.44, 0.4, 0.37, 0.35, 0.34, 0.33, 0.32, 0.31, 0.31, 0.31]
    loss = measure(run(loss=unit * np.array([*printed, 0.3, 0.3]))).train_loss

    assert loss is not None
    assert loss.flat is None
