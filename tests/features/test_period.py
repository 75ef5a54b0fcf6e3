import numpy as np
import pytest

from diagnosis.features.folding import CYCLES, cut, folded, last_whole
from diagnosis.features.measured import measure_curve
from diagnosis.features.period import LEAST_POINTS, POINTS, Period, epoch_length, measure_period, period_of
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling

RNG = np.random.default_rng


def profiled(points: float, cycles: float, *, noise: float = 0.3, seed: int = 0) -> np.ndarray:
    """A shape of its own that comes again every `points` values, with noise: (n,)."""
    rng = RNG(seed)
    shape = rng.standard_normal(12)
    n = int(points * cycles)
    place = (np.arange(n) / points) % 1.0
    wave: np.ndarray = np.interp(place, np.arange(13) / 12, np.append(shape, shape[0]))
    return wave + noise * rng.standard_normal(n)


def period(values: np.ndarray, epoch: float | None = None, spacing: float = 1.0) -> Period | None:
    """The period of values at even steps."""
    return measure_period(spacing * np.arange(values.size), values, epoch)


@pytest.mark.parametrize("trend", [0.0, 5.0, 50.0])
@pytest.mark.parametrize("points", [7.0, 12.5, 31.0, 46.9, 112.0])
def test_the_length_of_a_cycle_is_found_to_a_fraction_of_a_value(points: float, trend: float):
    """On a level and on a steep fall, without being told."""
    values = profiled(points, 12) + trend * falling(n=int(points * 12), noise=0.0)
    found = period(values)

    assert found is not None
    assert found.points == pytest.approx(points, rel=0.01)
    assert not found.epoch


@pytest.mark.parametrize("spacing", [0.02, 1.0, 50.0])
def test_lengths_are_in_the_positions_that_were_logged(spacing: float):
    """Every fiftieth step or a fiftieth of an epoch."""
    found = period(profiled(20, 10), spacing=spacing)

    assert found is not None
    assert found.length == pytest.approx(20 * spacing, rel=0.01)
    assert found.points == pytest.approx(20, rel=0.01)


def test_a_known_epoch_is_believed_sooner():
    """Faint patterns are only seen where one knows what to look for."""
    seeds = range(12)
    faint = [profiled(23, 10, noise=1.4, seed=seed) for seed in seeds]
    told = sum(period(values, epoch=23.0) is not None for values in faint)

    assert told > sum(period(values) is not None for values in faint)


@pytest.mark.parametrize("kind", ["white", "wander", "walk", "long tails"])
def test_noise_and_wander_have_no_period(kind: str):
    """However long, and however much they look like waves."""
    alarms = 0
    for seed in range(150):
        rng = RNG(seed)
        n = int(rng.choice([30, 60, 120, 400, 1000]))
        values = rng.standard_t(2, n) if kind == "long tails" else rng.standard_normal(n)
        keep = {"wander": 0.9, "walk": 1.0}.get(kind, 0.0)
        for i in range(1, n if keep else 0):
            values[i] += keep * values[i - 1]
        alarms += period(values) is not None

    assert alarms <= 1


@pytest.mark.parametrize("epoch", [None, 10.0, 33.3])
def test_a_fall_has_no_period(epoch: float | None):
    """Exponential, hyperbolic, by cosine, with noise that shrinks, and without any."""
    n = 300
    steps = np.arange(n)
    jitter = 0.05 * RNG(3).standard_normal(n)
    for values in (falling(n=n), 1 / (1 + steps), np.cos(np.pi * steps / n), np.linspace(1, 0, n), np.ones(n)):
        assert period(values, epoch) is None
        assert period(values + jitter * np.linspace(1, 0.1, n), epoch) is None


def test_fewer_than_three_cycles_are_a_coincidence():
    """However clear."""
    values = profiled(30, CYCLES - 0.1, noise=0.0)

    assert values.size > LEAST_POINTS
    assert period(values, epoch=30.0) is None
    assert period(values) is None


def test_agreement_above_turned_phases_is_what_turning_them_gives():
    """The reckoned mean square of a circular correlation against ten thousand draws."""
    values = profiled(16, 9, noise=1.0)
    rng = RNG(7)
    fold = folded(values, 16.0)
    assert fold is not None
    share, sigmas, cycles, _, _ = fold
    table = cut(values, 16.0)
    assert table is not None
    shapes = table / np.sqrt((table**2).mean(axis=1, keepdims=True))

    def agreement(rows: np.ndarray) -> float:
        total = rows.sum(axis=0)
        return 0.5 * float(total @ total - (rows**2).sum())

    turned = [agreement(np.array([np.roll(r, rng.integers(16)) for r in shapes])) for _ in range(4000)]

    assert cycles == 9
    assert 0.0 < share < 1.0
    assert sigmas == pytest.approx(agreement(shapes) / np.sqrt(np.mean(np.square(turned))), rel=0.1)


def test_in_a_long_log_short_cycles_are_seen_at_its_end():
    """A million steps are averaged; what is too fine for that is looked for in the last thousands."""
    n = 60 * POINTS
    place = np.arange(n) % 25
    values = np.where(place < 5, 1.0, 0.0) + 0.3 * RNG(0).standard_normal(n)
    slow = np.sin(np.arange(n) * 2 * np.pi / (n / 7.3)) + (np.arange(n) % (n // 12) < n // 40)
    found, long = period(values), period(slow + 0.1 * RNG(1).standard_normal(n))

    assert found is not None
    assert found.points == pytest.approx(25, rel=0.01)
    assert long is not None
    assert long.points > 1000


def test_uneven_steps_and_other_units_change_nothing():
    """A gap in the log, a factor and a constant."""
    values = profiled(20, 12)
    steps = np.delete(np.arange(values.size, dtype=float), slice(100, 103))
    holed = measure_period(steps, np.delete(values, slice(100, 103)))
    plain, other = period(values), period(1024 * values - 4096)

    assert holed is not None
    assert plain is not None
    assert other is not None
    assert holed.length == pytest.approx(20, rel=0.01)
    assert other.share == pytest.approx(plain.share)
    assert other.height == pytest.approx(1024 * plain.height)


def test_a_cycle_ends_half_a_period_before_the_curve():
    """There the mean over one period around a point ends as well."""
    found = period(profiled(20, 12))

    assert last_whole(240, 20.0) == 230
    assert found is not None
    assert found.origin == pytest.approx(230, abs=1)


def test_the_length_of_an_epoch_is_what_was_said_or_logged():
    """As said; 1 where epochs are logged in fractions; from a curve logged once an epoch; else unknown."""

    def length(context: Context, *series: Series) -> float | None:
        run = assemble(Log(series, "example"), context)
        return epoch_length(run.curves[0], run)

    steps = np.arange(1.0, 101.0)
    by_step = Series("loss", np.ones(100), steps, "step")

    assert length(Context(steps_per_epoch=7), by_step) == 7
    assert length(Context(), by_step) is None
    assert length(Context(), by_step, Series("val_loss", np.ones(10))) == pytest.approx(10.0)
    assert length(Context(), Series("loss", np.ones(100), steps / 20, "epoch")) == 1.0
    assert length(Context(), Series("loss", np.ones(100))) is None


@pytest.mark.parametrize("spacing", [1.0, 0.01, 1e-6])
def test_a_period_of_no_whole_number_of_values_is_found_however_positions_are_counted(spacing: float):
    """In hundredths of an epoch a whole position is far longer than the cycle."""
    wave = 0.3 * np.sin(2 * np.pi * np.arange(400) / 20.3)
    found = period(3.0 * np.exp(-np.arange(400) / 150.0) + wave, spacing=spacing)

    assert found is not None
    assert found.length == pytest.approx(20.3 * spacing, rel=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_a_period_is_a_whole_number_of_values_where_the_cycles_agree_as_well_by_that(seed: int):
    """A peak of the autocorrelation is off by a fraction of a value, and 1000 steps logged every ten were 998.9."""
    wave = 0.15 * np.sin(2 * np.pi * np.arange(30 * 100) / 100)
    found = period(falling(n=wave.size, noise=0.1, seed=seed) + wave, spacing=10.0)

    assert found is not None
    assert found.length == 1000.0


def unshuffled(every: int, validation: int, *, epoch: int = 46, epochs: int = 30) -> Run:
    """A loss logged every so many steps of epochs that go through the same bumps, beside a validation every so many."""
    steps = np.arange(every, epoch * epochs + 1.0, every)
    bumps = np.interp(steps % epoch, [0, 0.1 * epoch, 0.3 * epoch, 0.6 * epoch, epoch], [1.0, 0.2, 0.5, -0.6, 1.0])
    loss = falling(n=steps.size, noise=0.05) + 0.3 * bumps
    at = np.arange(validation, epoch * epochs + 1.0, validation)
    logged = (Series("loss", loss, steps, "step"), Series("val_loss", falling(n=at.size), at, "step"))
    return assemble(Log(logged, "example"), Context())


@pytest.mark.parametrize("every", [1, 2, 5, 7, 10])
@pytest.mark.parametrize("epochs_apart", [1, 2])
def test_a_loss_that_is_logged_at_other_places_of_each_epoch_repeats_with_its_validation(every: int, epochs_apart: int):
    """230 steps repeat to the last value where every fifth step of 46 is logged; validated every second epoch, one of them does."""
    run = unshuffled(every, 46 * epochs_apart)
    found = period_of(measure_curve(run.curves[0]), run)

    assert found is not None
    assert found.length == pytest.approx(46.0, rel=1e-3 if epochs_apart == 1 else 0.02)


def test_validating_twice_an_epoch_makes_no_two_of_one():
    """Its two halves have nothing in common."""
    run = unshuffled(1, 23)
    found = period_of(measure_curve(run.curves[0]), run)

    assert found is not None
    assert (46.0, False) == (found.length, found.validated)


def test_nothing_degenerate_raises():
    """Too few, constant, all at one step, huge."""
    for values in (np.ones(5), np.ones(100), np.zeros(100), np.tile([1e99, -1e99], 50)):
        assert period(values, 3.0) is None or values[0] != values[1]
    assert measure_period(np.zeros(100), RNG(0).standard_normal(100)) is None


@pytest.mark.parametrize("points", [3, 4])
def test_an_epoch_of_three_or_four_values_repeats_by_chance_more_easily_than_one_of_many(points: int):
    """Eight epochs whose values differ by less than their noise: in one of ten they looked alike."""
    seen = 0
    for seed in range(200):
        noise = 0.05 * np.random.default_rng(seed).standard_normal(24)
        values = 2.0 * np.exp(-np.arange(24) / 8) + noise + 0.03 * np.resize(np.linspace(-1, 1, points), 24)
        seen += measure_period(np.arange(24.0), values, float(points)) is not None

    assert seen < 12
