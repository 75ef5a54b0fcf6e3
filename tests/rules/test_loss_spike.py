import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.advice.fix import Fix
from diagnosis.features import measure
from diagnosis.features.hills import AREA
from diagnosis.features.jumps import LARGE, REPEATED
from diagnosis.features.lasting_step import STAYS
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.findings.lasting_steps import FED
from diagnosis.findings.lone_spikes import ALONE, LISTED, SAME_PLACE, WHOLE
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, run, spiked
from tests.rules.asking import ask, by_step, numbers

RULE = all_rules()["loss_spike"]
judge, found = ask("loss_spike")
N = 200
REST = np.concatenate((np.linspace(1.0, 0.0, 40), np.zeros(N - 40)))


def fixes_by_step(**series: np.ndarray) -> dict[str, Fix]:
    """The fixes of a run logged by step, by their verbs."""
    finding = RULE.judge(measure(by_step(run(**series))))
    assert isinstance(finding, Finding)
    return {fix.action: fix for fix in finding.fixes}


def raised(*at: int, height: float) -> np.ndarray:
    """A fall by 1 and a rest, with single values raised."""
    values = REST.copy()
    values[list(at)] += height
    return values


def test_a_jump_of_more_than_the_named_share_of_progress_fires():
    """Just over it counts, just under it is a bump nobody would notice."""
    finding = found(loss=raised(100, height=1.02 * SHARE))

    assert judge(loss=raised(100, height=0.98 * SHARE)) is None
    assert numbers(finding)["tallest"].value == pytest.approx(1.02 * SHARE)
    assert numbers(finding)["tallest"].bound == SHARE
    assert finding.since == finding.until == Position("epoch", 100)


def test_a_jump_must_stand_out_of_the_noise():
    """A fifth of the progress is not enough where noise reaches as far."""
    noise = 0.1
    loud = REST + noise * np.random.default_rng(0).standard_normal(N)
    small, tall = loud.copy(), loud.copy()
    small[100] += 4 * noise
    tall[100] += 2.5 * SIGMAS * noise

    assert judge(loss=small) is None
    assert numbers(found(loss=tall))["tallest_over_noise"].value == pytest.approx(2.5 * SIGMAS, rel=0.25)


@pytest.mark.parametrize(("height", "severity"), [(0.98 * LARGE, "info"), (1.02 * LARGE, "warning")])
def test_a_jump_back_to_where_the_run_began_is_a_warning(height: float, severity: str):
    """Below that a single one is worth knowing."""
    assert severity == found(loss=raised(100, height=height)).severity


@pytest.mark.parametrize(("count", "severity"), [(REPEATED - 1, "info"), (REPEATED, "warning")])
def test_repeated_jumps_are_a_warning(count: int, severity: str):
    """Two may be chance."""
    at = tuple(range(60, 60 + 30 * count, 30))
    finding = found(loss=raised(*at, height=0.5))

    assert severity == finding.severity
    assert numbers(finding)["count"].value == count
    assert numbers(finding)["rate"].value == count / N
    assert finding.summary.startswith(f"{count} spikes in loss")
    assert (Position("epoch", at[0]), Position("epoch", at[-1])) == (finding.since, finding.until)


def test_the_tallest_is_named_wherever_it_is():
    """Its place and height, not those of the first."""
    values = raised(60, 90, 120, height=0.5)
    values[90] += 0.25
    finding = found(loss=values)

    assert "the tallest, at epoch 90, is 75 % of the progress" in finding.summary
    assert numbers(finding)["tallest"].value == pytest.approx(0.75)


def test_the_positions_are_those_that_were_logged():
    """Named in the advice and listed for a machine, up to a number."""
    fixes = fixes_by_step(loss=raised(60, 90, 120, height=0.5))

    assert fixes["skip_batches"].params == {"at": [60, 90, 120], "width": 1}
    assert "step 60, 90, 120" in fixes["skip_batches"].advice


def test_whole_epochs_have_no_batches_to_skip():
    """The value of an epoch tells which epoch it was, and no batch."""
    finding = found(loss=raised(60, 90, 120, height=0.5))

    assert ["clip_gradients", "lower_learning_rate"] == [fix.action for fix in finding.fixes]


def test_of_very_many_positions_only_some_are_listed():
    """The list ends with an ellipsis, the count does not."""
    count = LISTED + 5
    values = np.concatenate((np.linspace(1, 0, 100), np.zeros(30 * count)))
    values[110::30] += 0.6
    skip = fixes_by_step(loss=values)["skip_batches"]

    assert numbers(found(loss=values))["count"].value == count
    assert len(skip.params["at"]) == LISTED
    assert " …, and" in skip.advice


def test_a_jump_of_the_first_steps_is_the_rates_before_any_batchs():
    """Those are the largest, and no batch is known to be bad: a warm-up and a lower rate come first."""
    first, later = (list(fixes_by_step(loss=raised(at, height=0.5))) for at in (3, 20))

    assert ["warm_up", "lower_learning_rate", "clip_gradients", "skip_batches"] == first
    assert "skip_batches" == later[0]


def test_what_is_advised_against_a_single_jump_is_against_the_next_one():
    """Look at its batch, then clip; where jumps repeat, also a lower rate, and a warm-up where they are early."""
    alone, many = found(loss=raised(100, height=0.5)), found(loss=raised(60, 90, 133, height=0.5))

    assert ["skip_batches", "clip_gradients"] == list(fixes_by_step(loss=raised(100, height=0.5)))
    assert ["skip_batches", "clip_gradients", "warm_up", "lower_learning_rate"] == list(
        fixes_by_step(loss=raised(60, 90, 133, height=0.5))
    )
    late = fixes_by_step(loss=raised(110, 140, 183, height=0.5))
    assert ["skip_batches", "clip_gradients", "lower_learning_rate"] == list(late)
    assert (ALONE,) == alone.against
    assert "against another one" in ALONE
    assert (WHOLE,) == found(loss=raised(100, height=3.0)).against  # it is a warning, and no word of no cure
    assert (SAME_PLACE,) == many.against


def test_the_numbers_of_the_fixes_are_those_of_the_run():
    """Nine in ten of its norms, and half of its learning rate."""
    context = Context(learning_rate=0.01)
    finding = found(context, loss=raised(60, 90, 120, height=0.5), grad_norm=np.linspace(0, 2, N))
    fixes = {fix.action: fix.params for fix in finding.fixes}

    assert fixes["clip_gradients"] == {"max_norm": 1.8}
    assert fixes["lower_learning_rate"] == {"factor": 0.5, "learning_rate": 0.005}


def test_how_long_recovery_took_is_said():
    """In logged values, singular and plural."""
    one, two = raised(100, height=0.5), raised(100, height=0.5)
    two[101] += 0.4

    assert found(loss=one).summary.endswith("half of it was gone 1 value later.")
    assert found(loss=two).summary.endswith("half of it was gone 2 values later.")


def test_a_restart_of_the_logged_rate_is_no_spike():
    """The rate goes back up to what it had been: the schedule's own doing."""
    rate = np.full(N, 0.001)
    rate[:20] = rate[98:] = 0.1
    values = raised(100, height=0.5)

    assert judge(loss=values, lr=rate) is None
    assert judge(loss=values, lr=np.full(N, 0.1)) is not None


def test_a_jump_where_the_rate_was_raised_beyond_all_before_lowers_the_rate_first():
    """It is a spike, and its cause is in the log."""
    rate = np.full(N, 0.001)
    rate[99:102] = 0.1
    finding = found(loss=raised(100, height=0.5), lr=rate)

    assert "raised" in finding.causes[0].cause
    assert finding.fixes[0].action == "lower_learning_rate"


def test_the_gradient_at_the_jump_is_said():
    """A jump of both is an event of the optimiser or of the data."""
    norms = np.ones(N)
    norms[99] = 12.0

    assert numbers(found(loss=raised(100, height=0.5), grad_norm=norms))["gradient"].value == 12.0
    assert "gradient" not in numbers(found(loss=raised(100, height=0.5)))


LOOK_ALIKES = {
    "the second value of a run": raised(1, height=3.0),
    "ordinary noise": falling(noise=0.05, n=N),
    "loud noise": falling(noise=0.4, n=N),
    "a steep start": falling(tau=0.005, n=N),
    "a level shift": REST + np.where(np.arange(N) > 100, 1.0, 0.0),
    "a dip": raised(100, height=-0.5),
    "a jump at the very last value": raised(N - 1, height=1.0),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What never rose, never came back or is ordinary is no spike."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_a_spike_of_validation_alone_is_not_reported():
    """It is the optimiser's steps that are judged."""
    assert judge(loss=falling(), val_loss=spiked(falling(), at=(40,), height=2.0)) is None


def test_without_a_training_loss_or_with_too_few_values_it_is_skipped():
    """Fewer than a neighbourhood tell nothing."""
    assert judge(val_loss=falling()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=REST[: RULE.points - 1]), Skipped)


def test_of_one_batch_an_epoch_none_is_worse_than_another():
    """Then it is the step: smaller ones first, and the edge of stability as the first cause."""
    finding = found(Context(batch_size=300, train_size=300), loss=raised(100, height=0.5))

    assert ["lower_learning_rate", "clip_gradients"] == [fix.action for fix in finding.fixes]
    assert "edge of stability" in finding.causes[0].cause


def hilly(*, height: float, length: int, at: int = 100) -> np.ndarray:
    """A fall by 1 and a rest, with a stretch of it raised, to which it climbs."""
    values = REST.copy()
    values[at : at + length] += height * np.minimum(np.arange(1, length + 1) / 8, 1.0)
    return values


def test_a_long_rise_that_came_back_is_a_warning():
    """Too long for a spike, back again and so no divergence: a tenth of the run that far up."""
    finding = found(loss=hilly(height=0.5, length=30))

    assert finding.severity == "warning"
    assert finding.until == Position("epoch", 129)
    assert finding.since is not None
    assert 100 <= finding.since.at <= 104
    assert numbers(finding)["away"].value == pytest.approx(27 / N, abs=1 / N)
    assert numbers(finding)["area"].bound == AREA
    assert numbers(finding)["tallest"].value == pytest.approx(0.5)
    assert "that came back" in finding.summary


def test_of_several_long_rises_it_is_said_how_many_and_how_much_of_the_run_they_were_in_all():
    """And not that one rise went from the first to the last of them."""
    values = np.maximum(hilly(height=0.5, length=20, at=80), hilly(height=0.6, length=20, at=140))
    finding = found(loss=values)

    assert "2 rises of loss, between epoch 83 and epoch 159, that came back" in finding.summary
    assert f"far above its best for {round(100 * numbers(finding)['away'].value)} % of the run" in finding.summary
    assert numbers(finding)["away"].value < 0.2
    assert "A long rise of loss, from epoch" in found(loss=hilly(height=0.5, length=30)).summary


@pytest.mark.parametrize(
    "values",
    [hilly(height=0.25, length=7), hilly(height=0.95 * SHARE, length=30), hilly(height=0.5, length=30, at=N - 30)],
    ids=["too short", "too low", "still up there"],
)
def test_a_rise_that_is_short_or_low_or_not_over_is_no_hill(values: np.ndarray):
    """Short ones are spikes, low ones nothing; of one that is not over `divergence` tells."""
    assert judge(loss=values) is None


@pytest.mark.parametrize("length", [12, 20, 40, 60])
@pytest.mark.parametrize("every", [1, 3])
def test_a_burst_of_any_width_is_a_warning_however_often_it_was_logged(length: int, every: int):
    """Too wide for a spike and too short for a tenth of the run: what counts is how long it was how far up."""
    steps = np.arange(600)
    loss = falling(n=600, start=4.0, floor=2.0, tau=0.1)
    burst = (steps >= 340) & (steps < 340 + length)
    val = falling(n=600, start=4.0, floor=2.0, tau=0.1, seed=1) + 1.5 * burst
    series = (
        Series("loss", (loss + 3.0 * burst)[::every], steps[::every].astype(float), "step"),
        Series("val_loss", val[50::50], steps[50::50].astype(float), "step"),
    )
    told = RULE.judge(measure(assemble(Log(series, "example"))))

    assert isinstance(told, Finding)
    assert told.severity == "warning"
    assert told.fixes[0].action == "skip_batches"


def test_what_rose_before_much_was_learnt_is_no_hill():
    """A warm-up's bump has nothing to lose."""
    assert judge(loss=hilly(height=0.5, length=30, at=5)) is None


def test_hills_of_a_cycle_belong_to_the_cycle():
    """A loss that repeats a shape, and a rate that restarts, go up again and again."""
    cycles = 1.0 - np.linspace(0.0, 0.5, N) + 0.5 * (np.arange(N) % 50 < 20)
    restarts = np.tile(np.geomspace(0.1, 0.001, 100), 2)

    assert judge(loss=cycles) is None
    assert judge(loss=hilly(height=0.5, length=30), lr=restarts) is None
    assert judge(loss=hilly(height=0.5, length=30), lr=np.full(N, 0.1)) is not None


def test_a_rate_that_was_raised_before_a_hill_is_its_first_cause():
    """And the rate it had is the fix."""
    rate = np.where(np.arange(N) < 99, 0.01, 0.1)
    finding = found(loss=hilly(height=0.5, length=30), lr=rate)

    assert finding.fixes[0].params["learning_rate"] == pytest.approx(0.01)
    assert "raised" in finding.causes[0].cause


def test_a_reward_that_sank_and_came_back_is_no_hill():
    """Policies wander."""
    told = judge(reward=-hilly(height=0.5, length=30))

    assert isinstance(told, Skipped)
    assert "is a reward" in told.why


def test_a_step_to_harder_data_that_is_learnt_is_no_hill():
    """A curriculum goes up at once, and down as calmly as before; so does a run resumed with other data."""
    steps = np.arange(N)
    course = 2.0 * np.exp(-steps / 25) + 0.01 * np.random.default_rng(0).standard_normal(N)
    harder = np.where(steps >= 100, np.exp(-(steps - 100) / 40), 0.0)

    assert judge(loss=course + harder) is None
    assert judge(loss=course + np.where(steps >= 100, 0.42, 0.0)) is None


def test_validation_tells_whether_a_rise_was_one_of_the_weights():
    """Dropout that is switched on for a while raises training's loss alone."""
    raised, alike = hilly(height=0.5, length=40), 0.1 + hilly(height=0.5, length=40)

    assert judge(loss=raised, val_loss=alike) is not None
    assert judge(loss=raised, val_loss=0.1 + REST) is None


def test_a_hill_is_told_although_another_is_not_over():
    """Where the last is like one that was come down from, `divergence` waits."""
    values = hilly(height=0.4, length=30, at=60)
    values[170:] += 0.4 * np.minimum(np.arange(1, N - 169) / 8, 1.0)
    finding = found(loss=values)

    assert finding.until is not None
    assert 88 <= finding.until.at <= 90


# Ten epochs of an encoder at a rate at the edge of stability.
THROWN = {
    "loss": np.array([2.18, 1.03, 0.435, 0.301, 0.142, 0.0765, 2.1, 0.878, 0.441, 0.229]),
    "val_loss": np.array([1.69, 0.591, 0.408, 0.202, 0.145, 0.0724, 1.47, 0.597, 0.313, 0.172]),
    "val_accuracy": np.array([0.405, 0.777, 0.843, 0.939, 0.959, 0.981, 0.606, 0.789, 0.917, 0.961]),
}


def test_in_a_few_values_a_jump_is_told_by_all_that_was_thrown_back_with_it():
    """And half the rate comes first."""
    finding = found(Context(learning_rate=0.0084), **THROWN)

    assert (
        "loss rose at epoch 6 by 99 % of the progress, val_loss and val_accuracy got worse at the same time, and all recovered."
        == finding.summary
    )
    assert "lower_learning_rate" == finding.fixes[0].action
    assert pytest.approx(0.0042) == finding.fixes[0].params["learning_rate"]


@pytest.mark.parametrize(
    "calm",
    [
        {"val_loss": np.array([1.69, 0.591, 0.408, 0.202, 0.145, 0.0724, 0.08, 0.07, 0.075, 0.07])},
        {"val_accuracy": np.array([0.405, 0.777, 0.843, 0.939, 0.959, 0.981, 0.97, 0.975, 0.98, 0.985])},
        {"loss": np.array([2.18, 1.03, 0.435, 0.301, 0.142, 0.0765, 2.1, 1.9, 1.95, 2.0])},
    ],
    ids=["validation's loss stayed", "its answers stayed", "it did not come back"],
)
def test_in_a_few_values_one_curve_alone_tells_no_jump(calm: dict[str, np.ndarray]):
    """Each of them is too short to know what is usual."""
    assert judge(**{**THROWN, **calm}) is None


def switched(*, stays: float, tall: float = 1.0, until: int = N) -> np.ndarray:
    """A fall by 1 and a rest, thrown up in the middle: `tall`, and soon `stays` above the rest to an index."""
    values = REST + 0.01 * np.random.default_rng(0).standard_normal(N)
    since = np.arange(until - N // 2)
    values[N // 2 : until] += stays + (tall - stays) * np.exp(-since / 3)
    return values


def test_a_jump_that_does_not_come_back_is_no_spike_that_recovered():
    """What half of it was gone soon after says nothing of the level it came to rest at."""
    finding = found(loss=switched(stays=0.3))

    assert finding.severity == "warning"
    assert "stays higher" in finding.summary
    assert ALONE not in finding.against
    assert numbers(finding)["stays"].value == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(("share", "stays"), [(0.9 * STAYS, False), (1.2 * STAYS, True)])
def test_a_level_is_back_where_less_than_the_named_share_is_lacking(share: float, *, stays: bool):
    """The loss falls as much in any stretch."""
    finding = found(loss=switched(stays=share))

    assert stays == ("stays" in numbers(finding))


def test_a_level_that_comes_back_later_has_recovered():
    """However long it took: to its old level is to its old level."""
    assert "stays" not in numbers(found(loss=switched(stays=0.3, until=180)))


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_how_often_a_lasting_step_was_logged_does_not_change_what_it_is(every: int):
    """The level is the same in every third value."""
    finding = found(loss=switched(stays=0.3)[::every])

    assert (finding.severity, "stays" in numbers(finding)) == ("warning", True)


def test_a_lasting_step_that_validation_shows_as_well_asks_for_the_checkpoint_before_it():
    """A checkpoint loaded in part: both stay worse, and what was best is before."""
    loss = switched(stays=0.3)
    finding = found(loss=loss, val_loss=loss + 0.1)

    assert finding.restore is not None
    assert finding.restore.at < N // 2
    assert finding.asks
    assert finding.fixes[0].action == "restore_best"


def test_a_lasting_step_that_validation_does_not_follow_asks_for_no_checkpoint():
    """Other data to train on: the weights are as well as they were."""
    finding = found(loss=switched(stays=0.3), val_loss=REST + 0.1)

    assert finding.restore is None
    assert not finding.asks


def test_a_loss_whose_level_only_the_middle_of_many_values_has_is_judged_all_the_same():
    """A log of one digit, all noise, as a reader's random trials found it."""
    noise = "1 1 .9 .8 .8 .7 .6 .4 .8 .4 .6 .5 .2 .4 0 .4 .21 .5 -.2 -.2 .7 .8 .7 .4 .4 .5 .7 .6 .8 .7 .7 .7 .3 0 .6 .5 .7 .5 .5 .7"
    loss = np.array(
        [*map(float, noise.split()), 0.8, 0.7, 0.8, 0.3, 0.2, 0.6, 0.5, 0.2, 0.3, 0.8, 0.6, 0.1, 0.4, 0.9, 0.46]
    )

    assert not diagnose(run(Context(), loss=np.append(loss, [0.5, 0.5, 0.3, 0.6, 0.6]))).outcomes.failed


def test_a_loss_at_chance_has_no_jumps():
    """Thousandths of ln 10 are hundreds of times the progress of a model that learns nothing."""
    loss = 2.303 + 1e-4 * np.sin(np.arange(20))
    loss[3] += 2e-3

    assert judge(Context(num_classes=10), loss=loss) is None
    assert isinstance(judge(loss=loss), Finding)


@pytest.mark.parametrize(
    ("leap", "severity"), [(2.2, "info"), (0.0, "warning")], ids=["validation leaps", "it does not"]
)
def test_a_jump_at_which_validation_leaps_for_the_better_is_what_training_is_fed(leap: float, severity: str):
    """The next stage of a curriculum: harder examples, and more of them."""
    loss = np.concatenate((np.geomspace(0.212, 0.134, 9), 0.16 + 0.33 * np.exp(-np.arange(7) / 3)))
    val_loss = np.linspace(5.8, 5.0, 16) - leap * (np.arange(16) >= 9)

    assert found(loss=loss, val_loss=val_loss).severity == severity


def test_a_step_that_validation_does_not_share_is_information():
    """What training is fed has changed; the model is as good as before on everything else."""
    loss = spiked(falling(tau=0.05), at=(30,), height=1.5) + 0.6 * (np.arange(60) >= 30)
    alone, beside = found(loss=loss), found(loss=loss, val_loss=falling(seed=1))

    assert (alone.severity, beside.severity) == ("warning", "info")


@pytest.mark.parametrize(
    "beside",
    [
        {"val_loss": falling(seed=1)[:28]},
        {"val_loss": falling(seed=1) + 0.25 * (np.arange(60) >= 30)},
        {"val_accuracy": 0.9 - 0.4 * falling(seed=1) - 0.12 * (np.arange(60) >= 30)},
    ],
    ids=["ended before", "a quarter worse", "twelve points fewer"],
)
def test_a_step_after_which_nothing_is_known_to_be_as_good_as_ever_is_a_warning(beside: dict[str, np.ndarray]):
    """Not shown to be worse is not shown to be well."""
    finding = found(loss=spiked(falling(tau=0.05), at=(30,), height=1.5) + 0.6 * (np.arange(60) >= 30), **beside)

    assert finding.severity == "warning"
    assert FED not in finding.against


@pytest.mark.parametrize("n", [12, 15, 22, 30, 40])
def test_a_jump_from_a_loss_that_came_to_rest_to_the_last_digit_hides_neither_itself_nor_the_fall(n: int):
    """Where more than half of all values repeat their neighbours, the jump is the only one that does not."""
    loss = np.array([1.0, 0.7, 0.55] + [0.5] * (n - 3))
    loss[n // 2] = 2.0
    report = diagnose(run(loss=loss))

    assert [judged.condition for judged in report.findings if judged.severity != "info"] == ["loss_spike"]
    assert numbers(found(loss=loss))["tallest"].value == pytest.approx(3.0)


@pytest.mark.parametrize(("n", "at"), [(10, (3, 6)), (12, (2, 4, 7, 9)), (15, (3, 6, 9)), (20, (4, 8, 12, 16))])
def test_several_jumps_in_a_short_run_are_counted_though_they_surround_one_another(n: int, at: tuple[int, ...]):
    """Half of the values around a jump may be other jumps: what is left without them is calm."""
    values = 0.3 + 2 * np.exp(-np.arange(n) / (n / 6))
    values[list(at)] += 3.0
    finding = found(loss=values)

    assert finding.severity == "warning"
    assert numbers(finding)["count"].value == len(at)
    assert numbers(finding)["tallest_over_noise"].value > SIGMAS


@pytest.mark.parametrize("seed", range(20))
def test_the_peaks_of_noise_in_a_short_run_are_no_jumps(seed: int):
    """The lowest of its peaks is hardly higher than the next one that is none."""
    n = 10 + seed % 11
    noise = 0.35 * np.random.default_rng(seed).standard_normal(n)

    assert judge(loss=0.3 + np.exp(-np.arange(n) / (n / 4)) + noise) is None


def test_jumps_at_every_other_value_are_no_lone_ones():
    """Up and down is what the curve does."""
    assert judge(loss=np.array([1.0, 0.5] * 10)) is None


@pytest.mark.parametrize(("learns", "verbs"), [(True, "clip_gradients"), (False, "lower_learning_rate")])
def test_a_rate_at_which_the_run_then_learnt_best_is_not_lowered(*, learns: bool, verbs: str):
    """A bump while the rate warms up, and the rest of the run at its highest, or at what it was before."""
    loss = np.array([2.3, 2.6, 2.9, 2.5, 2.1, 1.7, 1.4, 1.2, 1.05, 0.95, 0.9, 0.87, 0.85, 0.84, 0.84])
    rate = np.concatenate((np.linspace(1e-4, 1e-3, 5), np.full(10, 1e-3 if learns else 1e-4)))

    assert found(loss=loss, lr=rate).fixes[0].action == verbs


def test_jumps_at_the_restarts_that_were_announced_are_no_spikes_and_others_are():
    """A scheduler that restarts every eight epochs puts the loss up every eight epochs, though no rate is logged."""
    loss = 0.004 + 0.04 * np.exp(-np.arange(64) / 12)
    regular, chance = spiked(loss, at=(15, 23, 31, 39), height=0.03), spiked(loss, at=(15, 26, 31, 45), height=0.03)
    announced = Context(scheduler="restarts")

    assert judge(loss=regular, context=announced) is None
    assert "4 spikes" in found(loss=regular).summary
    assert "4 spikes" in found(loss=chance, context=announced).summary


def test_a_share_of_what_came_after_a_far_first_value_says_so():
    """The first epoch stands for the fall from an untrained model, and is no part of the progress."""
    loss = spiked(0.004 + 0.024 * np.exp(-np.arange(30) / 6), at=(14,), height=0.02)

    assert "of the progress;" in found(loss=loss).summary
    assert "of the progress after the first value;" in found(loss=np.append(0.4, loss[1:])).summary


def test_jumps_at_multiples_of_one_distance_are_of_the_order_of_the_data():
    """Not every epoch jumps, and none does elsewhere: by chance, ten places are no multiples of a seventh of the run."""
    at = tuple(15 * k + 1 for k in (1, 2, 4, 7, 8, 10, 11, 13))
    loss = spiked(falling(n=225, tau=0.05), at=at, height=2.0)
    ordered = fixes_by_step(loss=loss)
    shuffled = RULE.judge(measure(by_step(run(Context(shuffle=True), loss=loss))))

    assert "shuffle_data" == next(iter(ordered))
    assert {"period": 15.0} == ordered["shuffle_data"].params
    assert isinstance(shuffled, Finding)
    assert "shuffle_data" not in {fix.action for fix in shuffled.fixes}
    assert "one every 15 steps" in shuffled.summary
    assert "shuffle_data" not in {fix.action for fix in found(loss=loss).fixes}
