import numpy as np

from service.chart.thinning import PER_COLUMN, thinned


def test_a_short_curve_is_drawn_as_it_is():
    """There is nothing to leave out."""
    x = np.arange(200.0)

    at, values = thinned(x, x, 100)

    assert at is x
    assert values is x


def test_a_million_points_become_two_a_column():
    """More than that no screen can show."""
    x = np.arange(1e6)

    at, values = thinned(x, np.sin(x), 800)

    assert PER_COLUMN * 800 == at.size == values.size
    assert (np.diff(at) >= 0).all()


def test_a_single_spike_survives():
    """The one value among a million that matters is the one that is looked for."""
    y = np.zeros(1_000_000)
    y[123_456], y[700_001] = 7.0, -3.0

    _, values = thinned(np.arange(1e6), y, 300)

    assert (7.0, -3.0) == (values.max(), values.min())


def test_ends_are_kept():
    """The picture begins and ends where the run does."""
    x = np.arange(10_000.0)

    at, values = thinned(x, x, 300)

    assert (0.0, 9999.0, 0.0, 9999.0) == (at[0], at[-1], values[0], values[-1])


def test_a_hole_stays_a_hole_and_a_single_missing_value_hides_no_other():
    """A column is empty only where nothing in it is a number."""
    y = np.ones(10_000)
    y[5000:7000] = np.nan
    y[10] = np.nan

    at, values = thinned(np.arange(10_000.0), y, 100)

    assert np.isnan(values[(at > 5100) & (at < 6900)]).all()
    assert np.isfinite(values[at < 4900]).all()


def test_steps_far_apart_leave_columns_out():
    """A log that is dense at its beginning only."""
    x = np.concatenate((np.arange(5000.0), [1e9]))

    at, values = thinned(x, np.arange(5001.0), 100)

    assert (1e9, 5000.0) == (at[-1], values[-1])
