import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.schedule import (
    ANNEALED,
    ASLEEP,
    DROPPED,
    NO_RATE,
    RESTARTED,
    RISEN,
    SETTLES,
    TO_ZERO,
    Schedule,
    ends_low,
)
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

N = 100
SHARES = np.linspace(0.0, 1.0, N)
LOSS = falling(n=N)
COSINE = 0.05 * (1 + np.cos(np.pi * SHARES))
STEPS = 0.1 * 0.1 ** (SHARES > 0.5) * 0.1 ** (SHARES > 0.75)
WARM = 0.1 * np.minimum((np.arange(N) + 1) / 10, 1.0)
CYCLES = 0.05 * (1 + np.cos(np.pi * (np.arange(N) % 25) / 25))


def scheduled(rates: np.ndarray) -> Schedule:
    """The schedule of a run that logged these rates beside its loss."""
    schedule = measure(run(loss=LOSS, lr=rates)).schedule
    assert schedule is not None
    return schedule


def test_without_a_logged_rate_there_is_no_schedule():
    """Nor with a single value."""
    assert measure(run(loss=LOSS)).schedule is None
    assert measure(run(loss=LOSS, lr=np.array([0.1]))).schedule is None


def test_a_constant_rate_does_nothing():
    """Neither warm-up, drops nor restarts; it is awake to the end."""
    schedule = scheduled(np.full(N, 0.1))

    assert schedule.constant
    assert (schedule.warm_up_end, schedule.drops, schedule.restarts) == (None, (), ())
    assert (schedule.annealed, schedule.asleep_from, schedule.off) == (False, None, False)


def test_drops_are_found_with_their_places_and_factors():
    """Two tenfold drops, at half and three quarters of the run."""
    drops = scheduled(STEPS).drops

    assert [drop.at.at for drop in drops] == [50, 75]
    assert [drop.factor for drop in drops] == pytest.approx([0.1, 0.1])
    assert [drop.share for drop in drops] == pytest.approx([50 / 99, 75 / 99])


@pytest.mark.parametrize(("times", "count"), [(0.99, 1), (1.01, 0)])
def test_a_drop_takes_away_the_named_share(times: float, count: int):
    """A gentler step is none."""
    assert len(scheduled(np.where(SHARES < 0.5, 0.1, 0.1 * DROPPED * times)).drops) == count


@pytest.mark.parametrize(
    "rates",
    [COSINE, 0.1 * (1 - SHARES), 0.1 * 0.5 ** np.arange(N), WARM],
    ids=["cosine", "linear", "halved", "warm-up"],
)
def test_a_smooth_schedule_has_no_drops_and_no_restarts(rates: np.ndarray):
    """However low it ends, or however fast it falls throughout."""
    schedule = scheduled(rates)

    assert (schedule.drops, schedule.restarts) == ((), ())


def test_restarts_are_found_where_the_rate_jumps_up():
    """Four cycles have three restarts."""
    restarts = scheduled(CYCLES).restarts

    assert [round(change.share, 2) for change in restarts] == [0.25, 0.51, 0.76]
    assert all(change.factor > RESTARTED for change in restarts)


def test_a_warm_up_ends_where_the_full_rate_is_reached():
    """As a share of the run, and as it was logged."""
    schedule = scheduled(WARM)

    assert schedule.warm_up_end == pytest.approx(9 / 99)
    assert schedule.warmed_at.at == 9
    assert schedule.restarts == ()


@pytest.mark.parametrize(("times", "warm"), [(1.02, True), (0.98, False)])
def test_a_rise_by_less_than_the_named_factor_is_no_warm_up(times: float, *, warm: bool):
    """A schedule that begins almost at its height just begins."""
    rates = np.concatenate((np.linspace(0.1, 0.1 * RISEN * times, 10), np.full(N - 10, 0.1 * RISEN * times)))

    assert warm == (scheduled(rates).warm_up_end is not None)


@pytest.mark.parametrize(("times", "annealed"), [(0.9, True), (1.1, False)])
def test_a_rate_that_ends_below_the_named_share_has_annealed(times: float, *, annealed: bool):
    """Of its peak."""
    assert annealed == scheduled(np.linspace(1.0, ANNEALED * times, N)).annealed


def test_where_the_rate_fell_asleep_is_told():
    """The first place from which it never woke."""
    rates = np.where(SHARES < 0.7, 1.0, ASLEEP / 2)

    assert scheduled(rates).asleep_from == pytest.approx(70 / 99)
    assert scheduled(COSINE).asleep_from is not None
    assert scheduled(STEPS).asleep_from == pytest.approx(75 / 99) or scheduled(STEPS).rates[-1] > ASLEEP * 0.1


@pytest.mark.parametrize(("rate", "off"), [(0.0, True), (NO_RATE, True), (10 * NO_RATE, False)])
def test_a_rate_that_no_optimiser_learns_with_is_off(rate: float, *, off: bool):
    """Zero, and what single precision makes of it."""
    assert off == scheduled(np.full(N, rate)).off


def test_a_schedule_explains_what_follows_its_changes():
    """At a drop and shortly after; during the warm-up; nowhere else."""
    features = measure(run(loss=LOSS, lr=STEPS))
    schedule, loss = features.schedule, features.train_loss
    assert schedule is not None
    assert loss is not None

    assert [schedule.explains(loss, i) for i in (10, 50, 49 + int(SETTLES * N), 60, 75)] == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert scheduled(WARM).explains(loss, 5)
    assert not scheduled(WARM).explains(loss, 20)
    assert scheduled(WARM).warming(loss, 12)
    assert not scheduled(WARM).warming(loss, 20)


def test_a_rate_logged_by_step_explains_a_loss_logged_by_epoch():
    """Shares of the run are what both have in common."""
    schedule = scheduled(np.repeat(STEPS, 10))
    by_epoch = measure(run(loss=LOSS, lr=STEPS))
    assert by_epoch.schedule is not None

    assert [drop.share for drop in schedule.drops] == pytest.approx(
        [d.share for d in by_epoch.schedule.drops], abs=0.01
    )


def test_the_level_is_a_share_of_the_peak():
    """Half-way down a line it is one half."""
    assert scheduled(0.1 * (1 - SHARES)).level(0.5) == pytest.approx(0.5)


@pytest.mark.parametrize("kind", TO_ZERO)
def test_a_name_stands_in_for_a_rate_that_was_not_logged(kind: str):
    """Of a run that is over; a logged rate tells more."""
    over, running = (run(Context(scheduler=kind, finished=f), loss=LOSS) for f in (True, False))

    assert ends_low(None, over)
    assert not ends_low(None, running)
    assert not ends_low(scheduled(np.full(N, 0.1)), over)
    assert ends_low(scheduled(COSINE), running)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "rates", [np.zeros(N), np.full(N, 5e-324), -SHARES, np.array([0.0, 1e-300] * 50), np.array([1.0, 0.0])], ids=str
)
def test_odd_rates_never_raise(rates: np.ndarray):
    """Zero, next to nothing, negative."""
    schedule = scheduled(rates)

    assert schedule.drops is not None
    assert schedule.restarts is not None
    assert isinstance(ends_low(schedule, run(loss=LOSS)), bool)


def test_the_optimizer_that_a_logged_rate_names_and_its_height_count_as_said():
    """Lightning writes `lr-AdamW`; what the caller says wins."""
    features = measure(run(Context(), loss=falling(), **{"lr-AdamW": np.linspace(0.0, 0.002, 60)}))
    said = measure(run(Context(learning_rate=0.1, optimizer="lion"), loss=falling(), **{"lr-SGD": np.full(60, 0.002)}))

    tuned = measure(run(Context(), loss=falling(), lr=np.full(60, 2e-5)))

    assert (0.002, "adamw") == (features.context.learning_rate, features.context.optimizer)
    assert (0.1, "lion") == (said.context.learning_rate, said.context.optimizer)
    assert features.run.context.learning_rate is None
    assert tuned.context.learning_rate is None  # too low, or a fine-tune's
