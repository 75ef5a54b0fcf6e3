import numpy as np
import pytest

from diagnosis.features.spikes import (
    APART,
    CANDIDATES,
    LEAST,
    NEIGHBOURS,
    RECOVERY_MIN,
    RECOVERY_SHARE,
    SHARE,
    SIGMAS,
    SURROUNDINGS,
    spikes,
)
from diagnosis.synthetic import falling, flat, spiked

NOISE = 0.01
PROGRESS = 2.2


def jumping(*, at: dict[int, float], n: int = 200) -> np.ndarray:
    """A level with single points raised."""
    values = np.zeros(n)
    for index, height in at.items():
        values[index] = height
    return values


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_spikes_are_counted_where_they_were_put(count: int):
    """Every one, at its index, with its height, on a falling noisy curve."""
    at = tuple(range(60, 60 + 40 * count, 40))
    found = spikes(spiked(falling(n=500), at=at, height=1.5), NOISE, PROGRESS)

    assert at == tuple(spike.index for spike in found)
    assert [1.5] * count == pytest.approx([spike.height for spike in found], abs=0.1)
    assert [1] * count == [spike.recovery for spike in found]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("noise", [0.01, 0.1, 0.3])
def test_noise_has_no_spikes(noise: float, seed: int):
    """However loud, on a fall or on a level."""
    assert spikes(falling(n=400, noise=noise, seed=seed), noise, PROGRESS) == ()
    assert spikes(flat(n=400, noise=noise, seed=seed), noise, 0.1) == ()


@pytest.mark.parametrize("tau", [0.003, 0.01, 0.05, 0.3])
def test_a_steep_start_is_no_spike(tau: float):
    """The first points of a descent stand above what follows, but never rose."""
    assert spikes(falling(n=200, tau=tau, noise=0.0), 0.0, PROGRESS) == ()


def test_a_jump_must_be_tall_against_progress_and_against_noise():
    """Just over both bounds counts; just under either does not."""
    for noise, progress in ((0.0, 1.0), (0.1, 1.0), (0.1, 10.0)):
        bar = max(SIGMAS * noise, SHARE * progress)

        assert len(spikes(jumping(at={100: 1.01 * bar}), noise, progress)) == 1
        assert spikes(jumping(at={100: 0.99 * bar}), noise, progress) == ()


def test_a_jump_that_stays_is_no_spike():
    """A level shift is bookkeeping or divergence."""
    values = np.zeros(200)
    values[100:] = 1.0

    assert spikes(values, NOISE, 1.0) == ()


def test_recovery_has_a_limit():
    """Half of the jump must be gone within a twentieth of the curve; up to seven points are one spike."""
    n = 400
    limit = max(RECOVERY_MIN, int(n * RECOVERY_SHARE))
    widest = NEIGHBOURS // 2
    for width, found in ((1, 1), (widest, 1), (NEIGHBOURS + 1, 0)):
        values = np.zeros(n)
        values[100 : 100 + width] = 1.0

        assert found == len(spikes(values, NOISE, 1.0))
    assert widest < limit


def test_recovery_is_below_half_of_the_height():
    """A spike that falls to just under its half has recovered there; one that stays just above has not yet."""
    for second, recovery in ((0.49, 1), (0.51, 2)):
        (spike,) = spikes(jumping(at={100: 1.0, 101: second}), NOISE, 1.0)

        assert recovery == spike.recovery


def test_the_last_point_is_not_yet_a_spike():
    """Nothing tells whether it will recover."""
    assert spikes(jumping(at={199: 1.0}), NOISE, 1.0) == ()
    assert len(spikes(jumping(at={198: 1.0}), NOISE, 1.0)) == 1


def test_a_dip_is_no_spike():
    """Only upwards is worse."""
    assert spikes(jumping(at={100: -1.0}), NOISE, 1.0) == ()


def test_a_double_peak_is_one_spike_at_the_taller():
    """Jumps that touch are one event."""
    (spike,) = spikes(jumping(at={100: 1.0, 102: 1.5}), NOISE, 1.0)

    assert 102 == spike.index


def test_a_short_curve_or_one_without_any_scale_has_none():
    """Fewer points than named, or neither noise nor progress."""
    n = LEAST - 1

    assert spikes(jumping(at={7: 1.0}, n=n), NOISE, 1.0) == ()
    assert len(spikes(jumping(at={7: 1.0}, n=n + 1), NOISE, 1.0)) == 1
    assert spikes(jumping(at={100: 1.0}), 0.0, 0.0) == ()


def test_a_jump_on_a_steep_descent_is_seen():
    """Fifteen neighbours reach back to levels that the jump does not come near."""
    values = 2.0 * np.exp(-np.arange(25) / 8)
    values[10] += 0.8

    assert [10] == [spike.index for spike in spikes(values, NOISE, 1.9)]


def test_the_way_back_from_a_jump_is_no_noise_around_it():
    """A run of fifteen epochs that takes four of them to come back."""
    values = np.array([1.68, 1.23, 0.81, 0.61, 0.52, 0.48, 0.47, 0.46, 0.45, 0.44, 2.27, 1.25, 0.79, 0.68, 0.62])

    assert [10] == [spike.index for spike in spikes(values, 0.03, 1.24)]


def test_a_jump_in_a_wild_stretch_is_ordinary():
    """A run calm at its end may be wild at its start: noise is measured around the jump."""
    rng = np.random.default_rng(0)
    wild = np.concatenate((0.15 * rng.standard_normal(200), NOISE * rng.standard_normal(800)))
    early, late = wild.copy(), wild.copy()
    early[100] += 0.5
    late[600] += 0.5

    assert spikes(early, NOISE, 1.0) == ()
    assert [600] == [spike.index for spike in spikes(late, NOISE, 1.0)]


def test_long_tailed_noise_has_no_spikes():
    """Losses per step jump with hard batches: one in eight stands far above the others, and that is ordinary."""
    rng = np.random.default_rng(1)
    values = 0.02 * rng.standard_normal(1000) + np.where(np.arange(1000) % 8 == 0, 0.3, 0.0)

    assert spikes(values, 0.02, 1.0) == ()


@pytest.mark.parametrize(("others", "found"), [(0.98 / APART, 1), (1.02 / APART, 0)])
def test_the_top_of_a_long_tail_is_no_spike(others: float, found: int):
    """A jump of one value stands clear of the highest that is none, by the named factor."""
    rng = np.random.default_rng(2)
    values = 0.001 * rng.standard_normal(1000)
    values[100:900:100] += others * 1.25 * SHARE
    values[450] += 1.25 * SHARE

    assert found == len([s for s in spikes(values, 0.001, 1.0) if s.index == 450])


def test_where_nothing_surrounds_a_jump_it_stands_for_itself():
    """A jump as wide as the curve around it leaves nothing to compare with, and is still one."""
    width = NEIGHBOURS // 2
    values = np.zeros(NEIGHBOURS)
    values[width:-1] = 1.0
    found = spikes(values, NOISE, 1.0)

    assert SURROUNDINGS > NEIGHBOURS
    assert [(width, width)] == [(spike.index, spike.recovery) for spike in found]


def test_of_very_many_jumps_the_tallest_are_looked_at():
    """A curve full of jumps is answered all the same."""
    n = 60 * (CANDIDATES + 40)
    values = np.zeros(n)
    at = np.arange(30, n, 60)
    values[at] = np.where(np.arange(at.size) < 40, 1.0, 2.0)
    found = {spike.index for spike in spikes(values, 0.0, 1.0)}

    assert found
    assert found <= set(at[40:].tolist())


def test_heights_follow_the_unit():
    """In other units the same spikes are that much taller."""
    values = spiked(falling(n=300), at=(100, 200), height=1.0)
    found, other = spikes(values, NOISE, PROGRESS), spikes(1024 * values, 1024 * NOISE, 1024 * PROGRESS)

    assert [(s.index, 1024 * s.height, s.recovery) for s in found] == [(s.index, s.height, s.recovery) for s in other]


@pytest.mark.parametrize("apart", [2, 3, 4, 5])
def test_jumps_close_to_each_other_do_not_hide_each_other(apart: int):
    """Three in a dozen steps: that what stands beside one is as tall makes none of them a hard batch."""
    values = spiked(falling(n=60), at=(30, 30 + apart, 30 + 2 * apart), height=2.0)

    assert spikes(values, NOISE, PROGRESS)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("decay", [3.0, 5.5, 8.0])
def test_the_ways_back_from_jumps_do_not_hide_those_beside_them(decay: float, seed: int):
    """Three in fifty values, each of which takes some to come back: more than one value in ten is on the way."""
    steps, at = np.arange(500), (150, 174, 198)
    values = 3.0 + 7.8 * (1 + steps / 6.0) ** -0.7 + 0.06 * np.random.default_rng(seed).standard_normal(steps.size)
    for jump in at:
        values += np.where(steps >= jump, 6.0 * np.exp(-np.maximum(steps - jump, 0) / decay), 0.0)

    assert at == tuple(spike.index for spike in spikes(values, 0.06, 7.5))
