import numpy as np
import pytest

from diagnosis.advice.check_fixes import flip_sign
from diagnosis.diagnose import diagnose
from diagnosis.features import measure
from diagnosis.features.rise import LATE, SIGMAS
from diagnosis.features.runaway import LOST, OF_REWARD
from diagnosis.features.shift import MOST
from diagnosis.features.smooth import window_for
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, growing, linear, spiked, turning
from diagnosis.synthetic import run as logged
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["divergence"]
judge, found = ask("divergence")
N = 100
JITTER = np.random.default_rng(0).standard_normal(N)


def blown_up(*, lost: float, at: int = 60) -> np.ndarray:
    """A straight fall from 2 to 1 that jumps up at an index and stays there."""
    values = np.concatenate((np.linspace(2, 1, 40), np.ones(N - 40)))
    values[at:] += lost
    return values


def climbed(*, lost: float, at: int = 60, over: int = 8) -> np.ndarray:
    """A straight fall from 2 to 1 that climbs within `over` values from an index on, and stays there."""
    values = np.concatenate((np.linspace(2, 1, 40), np.ones(N - 40)))
    values[at:] += lost * np.minimum(np.arange(1, N - at + 1) / over, 1.0)
    return values


def test_losing_more_than_the_named_share_fires_and_less_does_not():
    """A fifth of what was gained, or what the constant says."""
    finding = found(loss=climbed(lost=1.02 * LOST))

    assert judge(loss=climbed(lost=0.98 * LOST)) is None
    assert numbers(finding)["lost"].value == pytest.approx(1.02 * LOST)
    assert numbers(finding)["lost"].bound == LOST


def test_one_calm_step_is_bookkeeping_until_it_is_too_large_for_that():
    """Other data or other weights of the loss move its level; half of what was gained is past that."""
    assert judge(loss=blown_up(lost=1.02 * MOST)) is not None
    assert judge(loss=blown_up(lost=0.98 * MOST)) is None


def test_a_step_after_which_the_loss_is_restless_is_a_divergence():
    """As language models run away: at once to a quarter of what they had gained, and no calm there."""
    restless, calm = blown_up(lost=0.45) + 0.003 * JITTER, blown_up(lost=0.45) + 0.003 * JITTER
    restless[60:] += 0.03 * JITTER[60:]

    assert judge(loss=restless) is not None
    assert judge(loss=calm) is None


def test_a_step_that_validation_takes_as_well_is_a_divergence():
    """Then the weights are worse, whatever is counted."""
    assert judge(loss=blown_up(lost=0.45), val_loss=0.2 + blown_up(lost=0.45)) is not None
    assert judge(loss=blown_up(lost=0.45), val_loss=0.2 + blown_up(lost=0.05)) is None


def test_what_validation_does_not_notice_is_no_divergence():
    """Mixup, dropout or other data make training's loss higher and restless; the weights are as good."""
    restless = blown_up(lost=0.45) + 0.003 * JITTER * np.where(np.arange(N) < 60, 1, 10)
    higher = blown_up(lost=0.8) + 0.003 * JITTER * np.where(np.arange(N) < 60, 1, 10)
    calm = 0.2 + blown_up(lost=0.0) + 0.003 * JITTER

    assert judge(loss=restless) is not None
    assert judge(loss=restless, val_loss=calm) is None
    assert judge(loss=restless, val_loss=0.2 + blown_up(lost=0.15) + 0.003 * JITTER) is None
    assert judge(loss=higher, val_loss=0.2 + blown_up(lost=0.15) + 0.003 * JITTER) is not None
    assert judge(loss=restless, val_loss=calm[:50]) is not None


def test_one_swing_of_many_is_no_divergence():
    """It was as far up for as long before, and came back; a last rise that lasts longer is another matter."""
    swings = np.concatenate((np.linspace(2, 1, 30), np.ones(N - 30)))
    swings[40:55] += 0.4
    swings[85:] += 0.38
    longer = swings.copy()
    longer[62:] = 1.38

    assert judge(loss=swings + 0.003 * JITTER) is None
    assert judge(loss=longer + 0.003 * JITTER * np.where(np.arange(N) < 62, 1, 8)) is not None


def test_what_is_left_of_a_far_higher_jump_is_no_divergence():
    """A loss that shot up to thirty times what it had gained, and is back at a third of it, recovers."""
    jump = np.concatenate(
        (np.linspace(2, 1, 40), np.ones(20), 1.0 + 30 * np.exp(-np.arange(20) / 4.5), np.full(20, 1.35))
    )

    assert judge(loss=jump + 0.003 * JITTER * np.where(np.arange(N) < 80, 1, 8)) is None
    assert judge(loss=climbed(lost=0.35)) is not None


def test_a_reward_may_wander_farther_than_a_loss():
    """Policies lose a third of what they got, and get it back."""
    assert judge(reward=-climbed(lost=0.98 * OF_REWARD)) is None
    assert judge(reward=-climbed(lost=1.02 * OF_REWARD)) is not None


def test_what_rises_in_the_last_fifth_may_still_recover():
    """It must have stayed up for the named share of the run."""
    late = int(N * (1 - LATE))

    assert judge(loss=blown_up(lost=1.0, at=late - 8)) is not None
    assert judge(loss=blown_up(lost=1.0, at=late + 8)) is None


def test_a_rise_within_the_noise_is_none():
    """The faintest rise that fires is the named number of noise levels."""

    def noisy(calm: float) -> np.ndarray:
        return blown_up(lost=0.9) + JITTER / calm

    calm = faintest(lambda calm: judge(loss=noisy(calm)) is not None, 2.0, 50.0)

    assert numbers(found(loss=noisy(calm)))["rise_over_noise"].value == pytest.approx(SIGMAS, rel=0.2)


@pytest.mark.parametrize(("n", "seed"), [(30, 110), (30, 267), (60, 775), (120, 921), (150, 1139)])
def test_flat_noise_of_which_a_few_values_were_calm_is_no_divergence(n: int, seed: int):
    """The few values before the lowest smoothed one seem to know the noise, and are calm by chance."""
    assert judge(loss=85.0 + 0.6 * np.random.default_rng(seed).standard_normal(n)) is None


def test_a_loss_that_only_rises_diverges_from_the_start():
    """Nothing was gained before: the sign is asked about before the optimiser, and nothing is restored."""
    finding = found(loss=linear(start=2.3, end=9.0))

    assert "from the start" in finding.summary
    assert "loss rose from 2.3 to 8.99" in finding.summary
    assert finding.since == Position("epoch", 0)
    assert ["flip_loss_sign", "lower_learning_rate", "warm_up", "clip_gradients"] == [f.action for f in finding.fixes]
    assert finding.fixes[1].params == {"factor": 0.1}
    assert "sign" in finding.causes[0].cause
    assert numbers(finding)["gained"].value == pytest.approx(0.0, abs=0.01)


def test_ascent_is_told_through_a_warm_up_and_the_noise_of_batches():
    """A rate that grows explains no climb from the very first step on; validation shows it where training is noisy."""
    rate = 1e-3 * np.minimum(np.arange(1, N + 1) / 12, 1.0)
    climb = 2.3 + 6.0 * (1.0 - np.exp(-np.arange(N) / 40))
    smooth, noisy = (
        found(loss=climb + noise * JITTER, lr=rate, val_loss=climb[9::10], val_accuracy=flat(n=10, level=0.1))
        for noise in (0.0, 0.3)
    )

    assert "flip_loss_sign" == smooth.fixes[0].action == noisy.fixes[0].action
    assert "lower_learning_rate" == found(loss=growing(n=N), lr=1000.0 * rate).fixes[0].action


def test_gradients_that_come_down_from_a_divergence_have_not_vanished():
    """They are smaller than in the explosion, and no smaller than any."""
    loss, norm = growing(start=4.0, times=1e12, n=N), growing(start=1.0, times=1e12, n=N)
    norm[40:] = 10.0
    found_in = {j.condition for j in diagnose(logged(loss=loss, grad_norm=norm)).findings}

    assert "divergence" in found_in
    assert "vanishing_gradients" not in found_in


def test_a_rise_from_the_start_must_be_real():
    """A level that wanders upwards at its very end, or a first value that was low by chance, is no divergence."""
    wander = flat(n=N)
    low_first = flat(n=N)
    low_first[0] -= 0.5

    assert judge(loss=wander) is None
    assert judge(loss=low_first) is None


@pytest.mark.parametrize("turn", [20, 40, 60])
def test_since_is_where_it_turned(turn: int):
    """Within half a smoothing window of the best level, in the log's own positions."""
    finding = found(loss=turning(at=turn, rise=0.2, n=N))

    assert finding.since is not None
    assert finding.since.axis == "epoch"
    assert abs(finding.since.at - turn) <= window_for(N) // 2


def test_after_learning_the_best_checkpoint_is_restored_and_the_rate_cut_tenfold():
    """In this order, with the numbers of this run."""
    values = blown_up(lost=1.0)
    values[50] -= 0.001
    norms = np.linspace(0.0, 10.0, N)
    finding = found(Context(learning_rate=0.01, steps_per_epoch=137), loss=values, grad_norm=norms)

    assert ["restore_best", "lower_learning_rate", "clip_gradients"] == [f.action for f in finding.fixes]
    assert finding.fixes[0].params == {"epoch": 50}
    assert finding.fixes[1].params == {"factor": 0.1, "learning_rate": 0.001}
    assert finding.fixes[2].params == {"max_norm": 4.5}


def test_a_warm_up_is_advised_where_the_rise_is_early():
    """After a tenth of the run, or Adam's first thousand steps of a run with more of them, it is long over."""
    early = blown_up(lost=1.0)
    early[8:] = early[8] + 3.0
    by_steps = found(Context(steps_per_epoch=20), loss=blown_up(lost=1.0, at=45))

    assert found(Context(steps_per_epoch=137), loss=early).fixes[-1].params == {"steps": 137}
    assert by_steps.fixes[-1].action == "warm_up"
    for late in (Context(), Context(steps_per_epoch=10), Context(steps_per_epoch=137)):
        assert "warm_up" not in {fix.action for fix in found(late, loss=blown_up(lost=1.0)).fixes}


def test_rising_from_the_start_cuts_the_rate_tenfold():
    """With the rate known, the new one is said."""
    finding = found(Context(learning_rate=0.5), loss=2.3 * 4.0 ** np.arange(12))

    assert finding.fixes[0].params == {"factor": 0.1, "learning_rate": 0.05}


def test_what_climbs_steadily_has_its_sign_wrong_and_what_leaps_its_rate():
    """Ascent gathers speed slowly, a rate far too high multiplies the loss from one value to the next."""
    climbs, leaps = found(loss=2.0 + 1.2 ** np.arange(20)), found(loss=2.0 + 3.0 ** np.arange(20))

    assert climbs.fixes[0].action == "flip_loss_sign"
    assert leaps.fixes[0].action == "lower_learning_rate"


def test_a_rise_after_a_jump_of_the_logged_rate_is_the_schedules():
    """It is a divergence all the same; going on from the best checkpoint keeps the rate that had worked."""
    rate = np.where(np.arange(N) < 58, 0.01, 1.0)
    finding = found(Context(learning_rate=0.5), loss=blown_up(lost=2.0), lr=rate)

    assert "the learning rate had grown 100-fold by epoch 58" in finding.summary
    assert "schedule" in finding.causes[0].cause
    assert ["restore_best", "lower_learning_rate"] == [fix.action for fix in finding.fixes][:2]
    assert finding.fixes[1].params == {"factor": 0.01, "learning_rate": 0.01}
    assert "lr" in finding.series


@pytest.mark.parametrize("rate", [np.full(N, 0.01), np.linspace(0.1, 0.0, N), np.where(np.arange(N) < 85, 0.01, 1.0)])
def test_a_rate_that_did_not_go_up_before_the_loss_is_not_blamed(rate: np.ndarray):
    """Constant, falling, or raised only afterwards."""
    finding = found(loss=blown_up(lost=2.0), lr=rate)

    assert "schedule" not in finding.causes[0].cause
    assert finding.fixes[0].action == "restore_best"
    assert finding.fixes[1].action == "lower_learning_rate"
    assert finding.since is not None
    assert finding.fixes[1].params["learning_rate"] == pytest.approx(0.1 * rate[int(finding.since.at)], rel=0.01)


def test_a_level_that_comes_down_again_is_a_restart_or_bookkeeping():
    """It went up at once, and has taken back a good part of that over the last quarter."""
    back = blown_up(lost=1.0, at=50)
    back[50:] -= np.linspace(0.0, 0.9, N - 50) ** 2 * 0.5

    assert judge(loss=back) is None
    assert judge(loss=blown_up(lost=1.0, at=50)) is not None


def test_the_evidence_names_the_stretch_that_was_measured():
    """The last values, or the last three where the run ends above its own start."""
    sudden = found(loss=np.append(falling(n=47, tau=0.2), [2.5, 2.9, 3.4]))
    lasting = found(loss=blown_up(lost=0.9))

    assert numbers(lasting)["rise_over_noise"].says.startswith("last values")
    assert numbers(sudden)["rise_over_noise"].says.startswith("last three values")


def test_a_short_run_that_left_for_good_is_named():
    """Far above all it had gone through, in two values."""
    finding = found(loss=np.array([2.93, 2.75, 2.69, 31.2, 35.5]))

    assert finding.summary.startswith("Diverging")
    assert judge(loss=np.array([2.93, 2.75, 2.69, 3.1, 3.2])) is None


def test_a_rise_that_outlasts_any_spike_is_named_before_a_fifth_of_the_run():
    """Twelve values of a hundred are more than any spike takes."""
    assert judge(loss=blown_up(lost=1.0, at=N - 12)) is not None


def test_a_fifth_of_the_run_above_its_start_is_a_divergence_though_some_came_back():
    """It ends with most of what it had gained gone; what came back to its best is well again."""
    rng = np.random.default_rng(0)
    hump = np.concatenate((np.linspace(2.0, 1.0, 50), np.full(35, 9.0) + rng.standard_normal(35), np.full(15, 1.7)))
    back = np.concatenate((np.linspace(2.0, 1.0, 50), np.full(35, 9.0), np.full(15, 1.0)))

    assert judge(loss=hump) is not None
    assert judge(loss=back) is None


def test_turbulence_after_the_rise_does_not_hide_it():
    """Noise is that of the calm before."""
    wild = blown_up(lost=1.0)
    wild[60:] += 0.25 * JITTER[60:]

    assert judge(loss=wild) is not None


def test_it_is_dated_where_it_left_the_ground_and_restores_nothing_later():
    """A long rest at the best level is part of the run that was well."""
    values = blown_up(lost=2.0, at=70) + 0.01 * JITTER
    finding = found(loss=values)

    assert finding.since == Position("epoch", 69)
    assert finding.restore is not None
    assert finding.restore.at == int(values[:70].argmin())


def test_from_guessing_to_guessing_is_no_divergence():
    """An accuracy that never got better tells; one that was learnt and lost tells otherwise."""
    loss = np.concatenate(([0.6928, 0.6885, 0.6903, 0.6920], np.full(40, 0.6931)))
    chance = np.full(44, 0.51)
    learnt = np.concatenate(([0.5, 0.9, 0.8, 0.7], np.full(40, 0.5)))

    assert judge(loss=loss, accuracy=chance) is None
    assert judge(loss=loss, accuracy=learnt) is not None


LOOK_ALIKES = {
    "a spike that recovered": spiked(falling(n=N), at=(85,), height=5.0),
    "a bump of the warm-up": falling(n=N) + np.where(np.arange(N) < 10, 1.0, 0.0),
    "a level shift when resumed": blown_up(lost=0.3),
    "a spike at the very end": spiked(falling(n=N), at=(98,), height=5.0),
    "loud noise": falling(n=N, noise=0.5),
    "a level that wanders above its start by less than it had gained": flat(n=N) + 0.02 * np.sin(np.arange(N) / 16),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What recovers, wobbles or shifts a little is something else."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_a_rise_of_validation_alone_is_not_divergence():
    """The training loss is what the optimiser makes worse."""
    assert judge(loss=falling(), val_loss=turning(at=20, rise=0.2)) is None


def test_without_a_training_loss_it_is_skipped():
    """And the reason names what is lacking."""
    lacking, short = judge(val_loss=falling()), judge(loss=falling(n=RULE.points - 1))

    assert lacking == Skipped("lacks a training loss")
    assert isinstance(short, Skipped)
    assert short.why.startswith("too short: loss has 4 points, 5")
    assert judge(loss=np.ones(1)) == Skipped("too short: loss has 1 point, 5 are needed")


def test_it_explains_what_only_looks_ill_because_of_it():
    """Overfitting and the rest are folded under it, and a pipeline intervenes."""
    assert {"overfitting", "plateau", "not_learning", "loss_spike", "oscillation"} <= set(RULE.supersedes)
    assert RULE.decides == "intervene"
    assert RULE.severity == ("error",)


def test_a_run_that_is_blowing_up_is_named_before_a_fifth_of_it_is_gone():
    """Past its own start, three values are enough; one may be a spike."""
    learnt = falling(n=47, tau=0.2)

    assert found(loss=np.append(learnt, np.geomspace(0.6, 50, 13))).since is not None
    assert found(loss=np.append(falling(n=16), [1e3, 1e4, 1e5, 1e6])).since is not None
    assert found(loss=np.array([2.3, 1.5, 1.1, 0.9, 0.75, 0.65, 0.6, 1.5, 3.0, 9.0])).since is not None
    assert judge(loss=np.append(learnt, [9.0])) is None


def test_a_loss_that_repeats_itself_is_held_against_its_last_cycle():
    """In sorted data the first class is learnt at once, and the loss is never as low again: that alone is no divergence."""
    cycle = np.tile(np.r_[np.linspace(0.8, 0.2, 15), np.linspace(1.6, 0.7, 15)], 8)
    first = np.arange(cycle.size) < 15
    sorted_ = np.where(first, 0.5 * cycle, cycle) + 0.002 * np.random.default_rng(0).standard_normal(cycle.size)
    rising = sorted_ + np.where(np.arange(cycle.size) > 150, 3.0, 0.0)
    steps = np.arange(cycle.size, dtype=float)

    def asked(name: str, loss: np.ndarray) -> Finding | Skipped | None:
        log = Log((Series("loss", loss, steps, "step"),), "example")
        return all_rules()[name].judge(measure(assemble(log, Context(steps_per_epoch=30))))

    assert isinstance(asked("periodic_pattern", sorted_), Finding)
    assert asked("divergence", sorted_) is None
    assert isinstance(asked("divergence", rising), Finding)


def test_beside_a_loss_at_chance_a_few_lucky_answers_are_no_learning():
    """From just below ln 2 to just above it the run guesses, though an accuracy went from 0.48 to 0.57; from well below, it diverges."""
    rise = np.r_[0.6935, np.linspace(0.689, 0.693, 12), np.full(30, 0.6927)] + 2e-5 * JITTER[:43]
    lucky = np.linspace(0.48, 0.57, 43)
    two = Context(num_classes=2)

    assert judge(two, loss=rise, accuracy=lucky) is None
    assert judge(two, loss=rise - 0.1, accuracy=lucky) is not None


def test_a_short_run_that_ends_far_above_all_it_went_through_is_named():
    """Eight values tell no trend, but five times what was gained is no noise."""
    short = np.array([1.42, 1.34, 1.26, 1.13, 2.16, 4.28, 3.1, 2.9])

    assert judge(loss=short) is not None
    assert judge(loss=np.array([1.42, 1.34, 1.26, 1.13, 1.45, 1.6, 1.5, 1.5])) is None


@pytest.mark.parametrize(("floor", "fires"), [(2.0, False), (2.5, True)])
def test_a_validation_that_falls_to_its_end_speaks_for_the_weights(floor: float, *, fires: bool):
    """Weights that got worse would show there too: what training lost is the noise of its batches."""
    training = np.concatenate((np.linspace(1.0, 0.985, 6), np.linspace(0.992, 1.0, 6)))
    validation = np.linspace(2.2, floor, 12)

    assert isinstance(judge(loss=training, val_loss=validation), Finding) == fires


def test_a_climb_that_was_rounded_is_a_climb():
    """1.13, 1.13, 1.13, 1.14: with two decimals ascent stands still now and then."""
    finding = found(loss=np.round(1.13 + 0.003 * np.arange(20.0) ** 1.3, 2))

    assert finding.fixes[0].action == "flip_loss_sign"


@pytest.mark.parametrize(("n", "last", "slope"), [(50, 9, 0.15), (30, 6, 0.3), (100, 15, 0.1), (200, 36, 0.05)])
def test_a_climb_to_the_end_needs_not_have_lasted(n: int, last: int, slope: float):
    """From value to value, over tens of noise levels: no spike takes as long to rise."""
    loss = falling(start=2.3, floor=0.3, n=n) + slope * np.maximum(np.arange(n) - (n - last), 0)

    assert isinstance(judge(loss=loss, val_loss=loss + 0.15), Finding)


def test_a_spike_at_the_end_may_still_recover():
    """Three values up are no climb."""
    loss = falling(start=2.3, floor=0.3, n=50)
    loss[-3:] += (0.5, 1.0, 1.5)

    assert judge(loss=loss, val_loss=loss + 0.15) is None


def test_a_validation_at_rest_does_not_overturn_a_divergence():
    """It must gain while training loses: at rest it may have been kept from the same weights."""
    rising = 0.15 * np.maximum(np.arange(50) - 29, 0)
    loss, val_loss = (
        falling(start=2.3, floor=0.3, n=50) + rising,
        falling(start=2.3, floor=0.5, n=50, noise=0.03, seed=1),
    )

    assert isinstance(judge(loss=loss, val_loss=val_loss), Finding)


def climbing(n: int = 40) -> np.ndarray:
    """A training loss that climbs over its last eight values."""
    loss = falling(start=2.3, floor=0.3, n=n)
    loss[-8:] += np.linspace(0.15, 1.3, 8)
    return loss


def test_a_metric_of_validation_that_still_improves_overturns_it():
    """Weights that got worse would show there; harder batches, or a term that is added, do not."""
    accuracy = 1.0 - falling(start=0.7, floor=0.1, tau=0.35, n=40, noise=0.004)

    assert isinstance(
        judge(loss=climbing(), val_accuracy=accuracy - 0.1 * (climbing() - falling(start=2.3, floor=0.3, n=40))),
        Finding,
    )
    assert judge(loss=climbing(), val_accuracy=accuracy) is None


def test_a_sparser_validation_that_still_falls_overturns_it():
    """Every second epoch is often enough."""
    val_loss = falling(start=2.6, floor=0.4, tau=0.35, n=40, seed=1)
    val_loss[:-1:2] = np.nan

    assert judge(loss=climbing(), val_loss=val_loss) is None


def test_rewards_that_rise_explain_a_loss_that_rises():
    """The loss of a value function grows with the returns."""
    loss = falling(start=0.7, floor=0.1, tau=0.05, n=40, noise=0.005) + 0.02 * np.maximum(np.arange(40) - 18, 0)

    assert judge(loss=loss, ep_rew_mean=5.0 + 3.0 * np.arange(40) + flat(level=0.0, noise=2.0, n=40)) is None
    assert isinstance(
        judge(loss=loss, ep_rew_mean=125.0 - 3.0 * np.arange(40) + flat(level=0.0, noise=2.0, n=40)), Finding
    )


def test_within_an_epoch_a_spike_may_take_five_values_to_rise():
    """Of a log of steps a climb must have lasted; of epochs it need not."""
    values = np.concatenate((falling(start=9.0, floor=3.0, n=100), 3.0 + np.array([0.5, 1.0, 1.7, 2.5, 3.2, 3.8])))
    logged = {axis: Series("loss", values, np.arange(106.0), axis) for axis in ("step", "epoch")}
    found_in = {axis: RULE.judge(measure(assemble(Log((series,), "x")))) for axis, series in logged.items()}

    assert [False, True] == [isinstance(found_in[axis], Finding) for axis in ("step", "epoch")]


def test_a_slow_drift_is_judged_alike_by_steps_and_by_epochs():
    """Five moves up in a row say that it runs away only where it does so fast."""
    drift = np.concatenate((np.linspace(2, 1, 40), np.ones(20), 1.0 + 0.25 * np.linspace(0, 1, 40) ** 2))
    verdicts = [
        RULE.judge(measure(assemble(Log((Series("loss", drift, np.arange(100.0), axis),), "x"), None)))
        for axis in ("epoch", "step")
    ]

    assert [None, None] == verdicts


def test_a_decline_that_both_share_is_told_though_each_swings():
    """Too large a rate: the loss falls to a fifth and wanders back to a half, with jumps of a tenth that no smooth course shows."""
    random = np.random.default_rng(1)
    course = np.interp(np.arange(60), [0, 6, 20, 60], [2.2, 0.4, 0.5, 1.2])
    loss, val_loss = (course * np.exp(0.35 * random.standard_normal(60)) for _ in range(2))
    calm = np.interp(np.arange(60), [0, 6, 60], [2.2, 0.5, 0.4]) * np.exp(0.05 * random.standard_normal(60))

    assert judge(loss=loss) is None
    assert "as validation's is" in numbers(found(loss=loss, val_loss=val_loss))["rise_over_noise"].says
    assert judge(loss=loss, val_loss=calm) is None


def test_labels_that_are_smoothed_make_no_weights_worse():
    """Both losses rise, for answers are less sure; as many are right."""
    higher = blown_up(lost=0.6) + 0.003 * JITTER * np.where(np.arange(N) < 60, 1, 10)
    right = 1.0 - 0.4 * blown_up(lost=0.0) + 0.002 * JITTER

    assert judge(loss=higher, val_loss=0.2 + blown_up(lost=0.25)) is not None
    assert judge(loss=higher, val_loss=0.2 + blown_up(lost=0.25), val_accuracy=right) is None


@pytest.mark.parametrize(("later", "fires"), [(0.5, True), (0.24, False)])
def test_a_validation_worse_than_its_first_value_for_half_of_the_run_is_enough(later: float, *, fires: bool):
    """Spikes of single batches threw the weights; training is no better than when validation was best, and the log may miss the spikes."""
    thrown = np.concatenate(([0.46, 0.19, 0.14], 0.5 + 0.01 * np.random.default_rng(0).standard_normal(37)))
    thrown[3::4] += 20.0
    val = np.concatenate(([0.23, 0.16, 0.13], later + 0.02 * np.random.default_rng(1).standard_normal(37)))

    finding = judge(loss=thrown, val_loss=val)

    assert fires == isinstance(finding, Finding)
    assert not isinstance(finding, Finding) or finding.since == finding.restore == Position("epoch", 2)
    assert judge(loss=falling(n=40), val_loss=val) is None  # training goes on to fall: that is overfitting


@pytest.mark.parametrize(
    ("context", "lighter"),
    [
        (Context(optimizer="adam", weight_decay=0.3), True),
        (Context(optimizer="adamw", weight_decay=0.01, dropout=0.6), False),
        (Context(optimizer="sgd", weight_decay=1e-4), False),
    ],
)
def test_weights_that_are_shrunk_too_much_are_let_go_before_the_rate_is_lowered(context: Context, *, lighter: bool):
    """As they vanish the loss rises; dropout does not do that."""
    loss = np.concatenate((falling(n=20, floor=1.0), np.linspace(1.0, 2.0, 40)))
    finding = judge(context, loss=loss)

    assert isinstance(finding, Finding)
    assert ["restore_best", *(["decrease_regularization"] if lighter else []), "lower_learning_rate"] == [
        fix.action for fix in finding.fixes[: 3 if lighter else 2]
    ]
    assert not lighter or finding.fixes[1].params == {"weight_decay": 0.0}


COSINE = 0.15 * (1.0 + np.cos(np.pi * (np.arange(13) % 10) / 10))


@pytest.mark.parametrize(
    ("top", "rate", "scheduler", "fires"),
    [
        (1.19, COSINE, None, False),
        (1.19, None, "CosineAnnealingWarmRestarts", False),
        (1.19, None, "cosine", True),
        (1.19, np.full(13, 0.3), None, True),
        (1.6, COSINE, None, True),
    ],
    ids=["logged", "named", "another", "constant", "beyond its start"],
)
def test_a_rate_that_was_put_back_up_explains_a_loss_no_higher_than_where_it_began(
    top: float, rate: np.ndarray | None, scheduler: str | None, *, fires: bool
):
    """A warm restart gives back what the rate at its end had gained; how much that costs shows at the next end."""
    loss = np.array([1.19, 1.17, 1.09, 1.03, 0.97, 0.89, 0.81, 0.74, 0.70, 0.67, top - 0.02, top, top - 0.05])
    curves = {"loss": loss} | ({} if rate is None else {"lr": rate})

    assert isinstance(judge(Context(finished=False, scheduler=scheduler), **curves), Finding) == fires


def test_of_a_few_values_the_noise_may_be_larger_than_it_seems():
    """Of 400 stretches of nothing but the noise of batches, eight were divergences before that was reckoned with."""
    noise = (0.07 * np.random.default_rng(seed).standard_normal(15) for seed in range(400))

    assert sum(isinstance(judge(Context(finished=False), loss=1.75 + each), Finding) for each in noise) <= 2


def test_ascent_by_steps_of_their_own_size_leaps_at_first_and_is_ascent_all_the_same():
    """Adam goes uphill ever more slowly, and validation at every value with it."""
    up = np.array([2.37, 7.59, 48.8, 180.4, 481.7, 1045.0, 1975.0, 3363.0, 5313.0, 7922.0])

    assert "flip_loss_sign" == found(loss=up, val_loss=1.2 * up).fixes[0].action
    assert "lower_learning_rate" == found(loss=up).fixes[0].action
    assert (
        "lower_learning_rate"
        == found(Context(optimizer="gradient boosting"), loss=up, val_loss=1.2 * up).fixes[0].action
    )


def test_a_short_run_whose_four_curves_all_went_back_is_named():
    """Gradients that nobody resets; each curve is too short to tell by itself, and no run loses a fifth of all of them by chance."""
    loss = [2.295, 2.199, 2.174, 2.062, 2.099, 1.953, 1.881, 1.818, 1.857, 1.736, 2.086, 1.961]
    right = [0.128, 0.203, 0.25, 0.267, 0.286, 0.322, 0.321, 0.391, 0.421, 0.41, 0.288, 0.273]
    val_loss = [2.271, 2.088, 2.049, 2.161, 2.138, 2.007, 1.787, 1.757, 1.883, 2.131, 2.022, 2.059]
    val_right = [0.166, 0.253, 0.33, 0.213, 0.277, 0.295, 0.355, 0.432, 0.425, 0.27, 0.255, 0.227]

    finding = found(loss=loss, val_loss=val_loss, accuracy=right, val_accuracy=val_right)

    assert finding.restore == Position("epoch", 7)
    assert judge(loss=loss, val_loss=val_loss, accuracy=right, val_accuracy=sorted(val_right)) is None
    assert judge(loss=loss, val_loss=val_loss, accuracy=sorted(right), val_accuracy=val_right) is None
    assert judge(Context(finished=False), loss=loss, val_loss=val_loss, accuracy=right, val_accuracy=val_right) is None


# Eight epochs of a plain recurrent network without clipping.
DEPARTED = {
    "loss": np.array([1.417, 1.38, 2.499, 3.465, 2.946, 2.051, 2.952, 4.258]),
    "val_loss": np.array([1.433, 1.412, 2.766, 5.796, 2.551, 2.449, 5.056, 3.462]),
}


@pytest.mark.parametrize("stays", ["loss", "val_loss", None])
def test_in_a_few_values_both_losses_tell_that_they_left_their_first_ones(stays: str | None):
    """However they jump about up there; one alone may be noise, or overfitting."""
    calm = {stays: np.array([1.417, 1.38, 1.36, 1.43, 1.41, 1.35, 1.40, 1.37])} if stays else {}
    finding = judge(**{**DEPARTED, **calm})

    assert (stays is None) == isinstance(finding, Finding)


def test_what_both_losses_left_by_little_or_with_better_answers_is_no_divergence():
    """Two values lie near each other by chance; and answers that get better are what is learnt for."""
    little = {
        "loss": np.array([0.3001, 0.3002, 0.3012, 0.3018, 0.3014, 0.3011, 0.3016]),
        "val_loss": np.array([0.3101, 0.3102, 0.3112, 0.3118, 0.3114, 0.3111, 0.3116]),
    }
    right = np.linspace(0.3, 0.7, 8)

    assert not isinstance(judge(**little), Finding)
    assert not isinstance(judge(**DEPARTED, accuracy=right, val_accuracy=right), Finding)


def test_the_checkpoint_to_go_back_to_is_validations_where_that_had_been_thrown_before():
    """Training's best may be one that overfits beyond all measure."""
    loss = np.concatenate((np.linspace(2.0, 0.5, 40), np.linspace(2.0, 6.0, 20)))
    kept = np.linspace(2.0, 0.6, 40)
    lost = np.concatenate((np.linspace(2.0, 0.9, 15), np.linspace(0.9, 40.0, 25)))
    after = np.linspace(42.0, 60.0, 20)

    assert found(loss=loss, val_loss=np.concatenate((kept, after))).restore == Position("epoch", 39)
    assert found(loss=loss, val_loss=np.concatenate((lost, after))).restore == Position("epoch", 14)


def test_a_reward_that_falls_is_told_in_its_own_words():
    """Higher is better: it does not rise, it need not fall below anything, and nobody flips the sign of a reward."""
    finding = found(reward=np.linspace(150.0, -20.0, 60))
    words = " ".join(
        (finding.summary, *(fix.advice + fix.because for fix in finding.fixes), *(c.test for c in finding.causes))
    )

    assert "reward fell from 150 to" in finding.summary
    assert not {"rose", "rises", "loss"} & set(words.replace(",", " ").replace(".", " ").split())
    assert "flip_loss_sign" not in {fix.action for fix in finding.fixes}
    assert "rises above 150" in flip_sign(measure(logged(score=np.linspace(150.0, -20.0, 60))).train_loss, "").advice


def test_a_validation_that_is_first_logged_after_the_blow_up_excuses_nothing():
    """It gets better all the time, and never as good as training began."""
    loss = np.concatenate(([0.82, 0.55, 1.36], np.geomspace(28.0, 300.0, 5), np.linspace(300.0, 60.0, 72)))
    noise = np.random.default_rng(0).normal(0.0, 1.0, 80)
    later = Series("val_loss", np.linspace(280.0, 97.0, 19), np.arange(7.0, 80.0, 4.0))
    thrown = Series("loss", loss + noise * (np.arange(80) > 7), np.arange(80.0))

    assert isinstance(RULE.judge(measure(assemble(Log((thrown, later), "x"), None))), Finding)


@pytest.mark.parametrize("steep", [1.0, 300.0], ids=["slowly", "by decades"])
def test_a_training_loss_that_is_minus_validations_has_the_wrong_sign(steep: float):
    """It is no overfitting, and no temperature mends it."""
    climb = np.linspace(1.0, 8.0, 12) ** (1.0 if steep == 1.0 else 3.0)
    report = diagnose(logged(loss=2.0 - 4.0 * climb, val_loss=4.1 * climb, val_accuracy=np.linspace(0.06, 0.10, 12)))

    (first,) = (j for j in report.findings if j.severity != "info")
    assert (first.condition, first.fixes[0].action) == ("divergence", "flip_loss_sign")
    assert first.fixes[0].params["below"] == pytest.approx(4.1)


def test_a_likelihood_that_falls_below_0_while_validation_rises_is_no_turned_sign():
    """A density has no floor: that is overfitting."""
    report = diagnose(logged(loss=np.linspace(2.0, -1.1, 40), val_loss=np.linspace(0.5, 11.0, 40)))

    assert [j.condition for j in report.findings if j.severity == "error"] == ["overfitting"]


THROWN = np.array(  # training and validation of a network for image restoration that two bad batches threw, by epoch
    (
        (65, 56, 47, 45, 44, 45, 66, 57, 50, 50, 48, 82, 63, 60, 58, 56, 54, 53, 52, 52),
        (57, 48, 44, 43, 43, 42, 60, 52, 48, 46, 46, 72, 59, 57, 55, 53, 51, 50, 49, 48),
    )
)


@pytest.mark.parametrize(("up", "fires"), [(0.0, False), (20.0, True)], ids=["won back", "still up"])
def test_what_validation_has_mostly_won_back_is_no_divergence(up: float, *, fires: bool):
    """It was on its way back when it ended."""
    training, validation = THROWN + up * (np.arange(20) >= 12)
    steps = np.interp(np.arange(620) / 31.0, np.arange(20.0) + 0.5, training)
    steps *= np.random.default_rng(0).normal(1.0, 0.1, 620)
    curves = (
        Series("loss", steps, np.arange(620.0), "step"),
        Series("val_loss", validation, 31.0 * np.arange(1.0, 21.0), "step"),
    )

    report = diagnose(assemble(Log(curves, "example")))
    assert ("divergence" in {j.condition for j in report.findings}) == fires


def test_a_training_that_stays_up_diverges_though_validation_has_won_back_some():
    """Best at .6, it was thrown to 2.3 and ends at 1.2: that is not over."""
    course, rng = np.arange(80.0), np.random.default_rng(1)
    loss = np.interp(course, [0, 15, 40, 48, 79], [2.3, 0.5, 0.3, 1.0, 1.0]) + rng.normal(0.0, 0.2, 80)
    val_loss = np.interp(course, [0, 15, 40, 48, 79], [2.3, 0.7, 0.6, 2.3, 1.2]) + rng.normal(0.0, 0.1, 80)

    assert isinstance(judge(loss=loss, val_loss=val_loss), Finding)


@pytest.mark.parametrize(
    ("loss", "val_loss"),
    [
        (falling(start=-0.3, floor=-0.92, noise=0.01), flat(level=0.85, noise=0.03)),
        (np.interp(np.arange(60), [0, 5, 20, 59], [1.4, 0.2, -1.0, -2.0]), np.interp(np.arange(60), [0, 4, 20, 59], [1.45, 0.6, 1.2, 2.2])),
    ],
    ids=["a similarity beside another loss at rest", "a density that overfits"],
)  # fmt: skip
def test_losses_on_either_side_of_0_are_not_minus_each_other_for_that(loss: np.ndarray, val_loss: np.ndarray):
    """One must have begun below 0, and the other rise."""
    assert judge(loss=loss, val_loss=val_loss) is None


def test_what_comes_down_from_a_first_value_that_was_thrown_may_still_run_away():
    """That it is far above all that follows excuses nothing, nor does a constant added to it."""
    loss = np.array([30, 2.3, 2.0, 1.7, 1.4, 1.1, 0.9, 0.8, 0.8, 1.5, 3, 4, 4.5, 5, 5, 5])

    assert isinstance(judge(loss=loss), Finding)
    assert isinstance(judge(loss=loss - 10.0), Finding)


@pytest.mark.parametrize(
    ("sign", "fires"), [(1.0, True), (-1.0, False)], ids=["all go back", "validation's answers get better"]
)
def test_a_short_run_whose_validation_was_best_at_first_and_all_of_which_went_back_is_found(
    sign: float, *, fires: bool
):
    """Adam at a hundred times its usual rate: an epoch helps, and from then on everything gets worse."""
    e = np.arange(12) / 11
    wobble = 0.06 * np.cos(2.1 * np.arange(12))
    loss = np.concatenate(([1.98], 1.29 + 0.36 * e[1:] + wobble[1:]))
    right = 0.68 - sign * 0.3 * e + 0.2 * wobble
    verdict = judge(loss=loss, val_loss=0.96 + e + wobble, accuracy=right - 0.05, val_accuracy=right)

    assert fires == isinstance(verdict, Finding)


@pytest.mark.parametrize(("rise", "fires"), [(0.01, False), (0.2, True)], ids=["within its noise", "far beyond it"])
@pytest.mark.parametrize("offset", [0.0, 20.0])
def test_a_loss_that_settles_within_its_noise_of_its_start_has_not_run_away(rise: float, offset: float, *, fires: bool):
    """Weights that decay to nothing answer with the mean: validation is worse than after the first epoch, and stays so; training hardly."""
    settles = 1.0 - np.exp(-np.arange(50) / 2.0)
    loss = offset + 0.96 + rise * settles + 0.012 * JITTER[:50]
    val_loss = offset + 1.09 + max(rise, 0.03) * settles + 0.0005 * JITTER[50:]

    assert fires == isinstance(judge(loss=loss, val_loss=val_loss), Finding)


@pytest.mark.parametrize(("last", "fires"), [(1.21, False), (1.9, True)], ids=["half gone", "up there"])
def test_of_a_run_that_goes_on_a_jump_that_is_half_gone_is_waited_for(last: float, *, fires: bool):
    """Of ten values two are a fifth; that a spike comes down shows in the second."""
    loss = np.append(0.2 + 2.0 * np.exp(-np.arange(10) / 1.7), [2.21, last])

    assert fires == isinstance(judge(Context(finished=False), loss=loss), Finding)


@pytest.mark.parametrize(
    ("low", "top", "fires"),
    [(0.36, 1.27, False), (1.1, 1.27, True), (0.36, 6.0, True)],
    ids=["learns another task", "stays up", "was thrown far"],
)
def test_a_jump_to_another_task_that_both_losses_come_down_from_is_no_divergence(
    low: float, top: float, *, fires: bool
):
    """A quarter of what was gained is still lost at the end, of a jump to one and a half times that."""

    def course(start: float, best: float, then: float, rests: float) -> np.ndarray:
        first, second = np.exp(-np.arange(12) / 1.2), np.exp(-np.arange(12) / 1.8)
        return np.append(best + (start - best) * first, rests + (then - rests) * second) + 0.01 * JITTER[:24]

    training, validation = course(0.88, 0.22, top, low), course(0.4, 0.24, 0.58 * top, low)

    assert fires == isinstance(judge(loss=training, val_loss=validation), Finding)
    assert fires == (
        "loss_spike" not in {j.condition for j in diagnose(logged(loss=training, val_loss=validation)).findings}
    )


def test_it_is_dated_where_training_left_though_validation_was_best_before():
    """Training fell until epoch 11; validation was best at epoch 4, which is the checkpoint to go back to."""
    epochs, late = np.arange(24.0), np.arange(24) > 11
    loss = np.where(late, 0.75, 0.2 + 0.7 * np.exp(-epochs / 3.0)) + 0.01 * JITTER[:24]
    val_loss = (
        np.where(late, 0.8, 0.3 + 0.001 * (epochs - 4.0) ** 2 + 0.4 * np.exp(-3.0 * epochs))
        + 0.01 * JITTER[24:48] * late
    )

    finding = found(loss=loss, val_loss=val_loss)
    assert finding.since == Position("epoch", 11.0)
    assert finding.restore == Position("epoch", 4.0)
    assert "lost" in finding.summary


EASY_FIRST = np.array(  # training, validation and its accuracy, by epoch: harder examples joined at 6 and 12
    (
        (6622, 711, 326, 214, 175, 114, 412, 233, 255, 160, 140, 156, 1028, 810),
        (8206, 6904, 6858, 6961, 6531, 6883, 5665, 5844, 6275, 6033, 6214, 6160, 5660, 5837),
        (7100, 7760, 7940, 8040, 8140, 8020, 8280, 8360, 8180, 8220, 8360, 8300, 8240, 8320),
    )
)


@pytest.mark.parametrize(("worse", "fires"), [(0, False), (600, True)], ids=["gains", "its answers get worse"])
def test_harder_examples_that_join_easy_ones_are_no_divergence_where_validation_gains(worse: int, *, fires: bool):
    """More is lost than was gained since the first epoch, which learnt the easy ones."""
    loss, val_loss, right = (EASY_FIRST - worse * np.outer((0, 0, 1), np.arange(14) >= 12)) / 10_000.0

    assert fires == isinstance(judge(loss=loss, val_loss=val_loss, val_accuracy=right), Finding)


@pytest.mark.parametrize(
    ("optimizer", "rate", "first"),
    [
        ("adam", 0.002, "flip_loss_sign"),
        ("adamw", 0.01, "flip_loss_sign"),
        ("adam", 0.1, "lower_learning_rate"),
        ("sgd", 0.12, "lower_learning_rate"),
    ],
)
def test_a_few_times_the_usual_rate_of_adam_does_not_clear_the_sign(optimizer: str, rate: float, first: str):
    """Steps of their own size do not throw a loss up at every value; a gradient that grows with the loss does."""
    up = np.array([1.41, 1.81, 9.78, 52.3, 169.0, 376.0, 841.0, 1509.0, 2565.0, 3775.0, 4917.0, 6897.0])

    finding = found(Context(optimizer=optimizer, learning_rate=rate), loss=up, val_loss=1.1 * up)
    assert finding.fixes[0].action == first


@pytest.mark.parametrize(
    ("first", "fires"), [(4, True), (1, False)], ids=["four values on their way up", "one low value"]
)
def test_a_loss_thrown_by_its_first_steps_is_found_beneath_the_scatter_of_batches(first: int, *, fires: bool):
    """It leaves within four values, for five noise levels above; after a single low value, all that follows is noise."""
    loss = 19.0 + 2.0 * np.clip(JITTER[:93], -2.0, 2.0)
    loss[:first] = (9.0, 10.4, 12.4, 14.5)[:first]

    assert fires == isinstance(judge(loss=loss), Finding)


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("beside", [{}, {"val_loss": 0.1}])
def test_a_slow_wave_that_is_up_at_its_end_is_no_divergence(start: int, beside: dict[str, float]):
    """It was as high before, for as long, and came back each time; alone, and where validation swings with it."""
    wave = 2 + np.sin(2 * np.pi * (3.4 * np.arange(N) / N + start / 8))

    assert judge(loss=wave, **{name: wave + above for name, above in beside.items()}) is None


@pytest.mark.parametrize("length", [2, 5])
def test_a_loss_that_spiked_and_recovered_and_then_runs_away_is_a_divergence(length: int):
    """What came back sooner than the last rise has lasted is nothing like it, however high it was."""
    values = falling(start=2.3, floor=0.3, tau=0.1, n=N) + 0.01 * JITTER
    for at in (25, 40, 55):
        values[at : at + length] += 2.0
    values[75:] += np.linspace(0.1, 2.0, N - 75)

    assert found(loss=values).severity in {None, "error"}


def test_a_loss_that_only_climbs_beside_a_validation_that_does_asks_about_the_sign_and_restores_nothing():
    """Both are best at their first values: nothing was learnt that a checkpoint could hold."""
    up, beside = np.linspace(2.05, 34.07, 25), np.linspace(2.4, 33.4, 25)
    finding = found(loss=up + flat(level=0.0, n=25, noise=0.05), val_loss=beside, context=Context(learning_rate=0.0015))

    assert "flip_loss_sign" == finding.fixes[0].action
    assert "restore_best" not in {fix.action for fix in finding.fixes}
    assert finding.restore is None


def test_a_loss_that_comes_to_rest_where_it_began_names_the_decay_of_its_weights():
    """Without weights every answer is the mean, and no further away it gets; what runs away goes on."""
    rises = np.concatenate(([44.0, 42.5, 42.6, 43.4, 44.4, 45.0], np.full(34, 45.2))) + 0.005 * JITTER[:40]
    decayed, none = (found(loss=rises, context=Context(weight_decay=decay)) for decay in (None, 0.0))
    thrown = found(loss=np.where(np.arange(40) < 6, rises, 3.0 * rises))

    assert "decay" in decayed.causes[1].cause
    assert not any("decay" in cause.cause for cause in (*none.causes, *thrown.causes))


def test_a_rise_from_the_first_epoch_beside_answers_that_sink_is_no_guessing():
    """Who guesses has no right answers to lose: these were right more than a third of the time, and no longer are."""
    loss = np.array([2.6904, 2.4997, 2.5539, 2.6086, 2.6507, 2.671, 2.69, 2.7026, 2.715, 2.7182])
    val_loss = np.array([2.4934, 2.5346, 2.5931, 2.6555, 2.6981, 2.6971, 2.7252, 2.7514, 2.7582, 2.7532])
    sinking = np.array([0.3578, 0.3861, 0.3739, 0.3609, 0.3528, 0.3499, 0.3441, 0.3336, 0.3241, 0.3226])
    resting = np.array([0.3578, 0.3611, 0.359, 0.3609, 0.3578, 0.3599, 0.3601, 0.3586, 0.3611, 0.3596])

    assert found(loss=loss, val_loss=val_loss, accuracy=sinking).since == Position("epoch", 1)
    assert judge(loss=loss, val_loss=val_loss, accuracy=resting) is None


def test_validations_best_before_it_was_thrown_is_restored_however_it_swung():
    """By the noise of a calm end each good value before it is a lone dip; the first value is none for having a neighbour less."""
    loss = np.concatenate(([2.24, 2.38, 2.03, 2.15, 2.16, 2.0, 2.49], 2.32 + 0.01 * JITTER[:23]))
    val_loss = np.concatenate(([2.0, 1.88, 2.16, 1.73, 2.22, 1.86, 2.33], 2.31 + 0.02 * JITTER[30:53]))

    assert found(loss=loss, val_loss=val_loss).restore == Position("epoch", 3)


def test_a_loss_that_blows_up_is_said_to_end_at_a_value_that_was_logged():
    """The level of the last few is nowhere in the log, and far below where it ended."""
    finding = found(loss=2.32 * 1.9 ** np.maximum(np.arange(15) - 7.0, 0.0))

    assert f"loss rose from 2.32 to {2.32 * 1.9**7:.4g}" in finding.summary
    assert f"went from 2.32 to {2.32 * 1.9**7:.4g}" in finding.fixes[0].advice
