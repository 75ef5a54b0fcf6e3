import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.swings import AVERAGED, BINS, MARKED
from diagnosis.features.unsettled import ALONE, CALMING, LEARNT, SEEN, WIDE
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context, Curve, Run
from diagnosis.synthetic import falling, flat, run, spiked
from tests.rules.asking import ask, by_step, faintest, numbers

RULE = all_rules()["oscillation"]
judge, found = ask("oscillation")
N = 100
JITTER = np.random.default_rng(5).standard_normal(N)


def swinging(width: float, *, last: float = 1.0) -> np.ndarray:
    """A fall by one that swings over its second half, in the last quarter times `last`."""
    size = np.where(np.arange(N) < N // 2, 0.0, np.where(np.arange(N) < 3 * N // 4, 1.0, last))
    return np.concatenate((np.linspace(2.0, 1.0, 40), np.ones(N - 40))) + width * size * JITTER


def test_the_narrowest_swings_that_fire_are_the_named_share_of_progress():
    """Measured about the smooth course, over the second half."""
    width = faintest(lambda width: judge(loss=swinging(width)) is not None, 0.01, 0.4)
    scatter = numbers(found(loss=swinging(width)))["scatter"]

    assert scatter.value == pytest.approx(WIDE, rel=1e-3)
    assert scatter.bound == WIDE
    assert 0.7 * width < WIDE * 1.3


def test_what_was_learnt_must_show():
    """The beginning stands the named standard errors above the second half; a level that only swings is another condition."""

    def beginning(height: float) -> np.ndarray:
        return np.concatenate((np.full(20, height), np.zeros(N - 20))) + 0.3 * JITTER

    height = faintest(lambda height: judge(loss=beginning(height)) is not None, 0.0, 1.0)

    assert numbers(found(loss=beginning(height)))["learnt"].value == pytest.approx(LEARNT, rel=1e-3)


def test_swings_as_wide_as_the_whole_fall_are_named():
    """A falling loss that swings by as much as it falls is no healthy one."""
    assert judge(loss=np.linspace(1.0, 0.0, N) + 0.6 * JITTER) is not None


def test_where_validation_is_logged_it_must_swing_as_well():
    """The noise of batches does not reach the weights; what reaches them need not show as much in an epoch's average."""
    half = 1.4 * AVERAGED * WIDE

    assert judge(loss=swinging(half)) is None
    assert judge(loss=swinging(half), val_loss=swinging(0.6)) is not None
    assert judge(loss=swinging(0.4), val_loss=swinging(0.02)) is None
    assert judge(loss=swinging(0.8), val_loss=swinging(0.1)) is not None
    assert (
        judge(loss=swinging(0.8), val_loss=swinging(0.02)) is None
    )  # no weights swing so that validation stands still


def test_half_as_wide_is_enough_where_both_swing_together():
    """Noise is not shared between training and validation: what both do at once, the weights do."""
    other = np.random.default_rng(6).standard_normal(N)
    width = 0.9 * WIDE
    alone = np.ones(N) + 0.3 + width * other * (np.arange(N) >= N // 2)
    together = swinging(width) + 0.3 + 0.01 * other
    finding = found(loss=swinging(width), val_loss=together)

    assert judge(loss=swinging(width), val_loss=alone) is None
    assert numbers(finding)["scatter_of_validation"].bound == AVERAGED * WIDE
    assert judge(loss=swinging(width)[::2], val_loss=together) is None


def test_a_level_that_only_swings_is_told_by_a_metric_whose_zero_means_something():
    """Nothing of the fall is in the log; an error that swings by a good part of itself shows that the weights do."""
    error = 0.5 + 0.1 * JITTER
    calm = 0.5 + 0.001 * JITTER
    loss, val = 3.0 + 0.4 * JITTER, 3.0 + 0.8 * np.roll(JITTER, 1)
    finding = found(loss=loss, val_loss=val, mae=error, val_mae=error)

    assert "gets nowhere" in finding.summary
    assert numbers(finding)["scatter_of_metric"].bound == MARKED
    assert judge(loss=loss, val_loss=val, mae=calm, val_mae=error) is None
    assert judge(loss=loss, val_loss=val, mae=error, val_mae=calm) is None
    assert judge(loss=loss, val_loss=val, auc=error, val_auc=error) is None
    assert judge(loss=loss, val_loss=val) is None


def test_waves_that_training_and_validation_share_are_no_noise_though_nothing_was_learnt():
    """Momentum, or gradients that are never cleared, throw both up and down; a level known to be poor is `underfitting`."""
    waves = 500.0 + 400.0 * np.sin(np.arange(N) / 1.7) + 50.0 * JITTER
    other = 500.0 + 400.0 * np.cos(np.arange(N) / 1.7)

    assert judge(loss=waves, val_loss=waves + 60.0 * np.roll(JITTER, 3)) is not None
    assert judge(loss=waves, val_loss=other) is None
    assert judge(Context(baseline=600.0), loss=waves, val_loss=waves) is None


@pytest.mark.parametrize(("rate", "fires"), [(0.3, True), (1e-3, False), (None, False)])
def test_a_validation_that_swings_at_a_rate_far_too_high_is_enough(rate: float | None, *, fires: bool):
    """Training's averages over an epoch hide it."""
    context = Context(optimizer="adam", learning_rate=rate)
    loss = falling(n=N, start=0.7, floor=0.15, tau=0.01, noise=0.05)
    val = falling(n=N, start=0.2, floor=0.15, tau=0.01, noise=0.1, seed=1)

    assert fires == (judge(context, loss=loss, val_loss=val) is not None)


def test_without_a_validation_narrow_swings_may_be_noise_and_wide_ones_are_not():
    """An average over an epoch of small batches, or of random draws, scatters as well."""
    narrow, wide = found(loss=swinging(0.4)), found(loss=swinging(0.8))

    assert ("info", True) == (narrow.severity, narrow.ceiling < wide.ceiling)
    assert numbers(narrow)["scatter"].value < ALONE < numbers(wide)["scatter"].value
    assert "warning" == wide.severity == found(loss=swinging(0.4), val_loss=swinging(0.6)).severity


def test_a_rate_that_is_far_too_low_swings_not():
    """Of a run that hardly gained anything, any noise is a large share."""
    low, usual = (Context(optimizer="adam", learning_rate=rate) for rate in (1e-6, 1e-3))

    assert judge(low, loss=swinging(0.6)) is None
    assert judge(low, loss=swinging(0.6), val_loss=swinging(0.6)) is not None
    assert judge(usual, loss=swinging(0.6)) is not None


def test_up_and_down_at_every_value_is_no_noise():
    """Noise turns at two values in three; a step that is too long jumps across the valley each time, and has no period."""
    zigzag = np.array(
        [2.3, 1.8, 2.1, 1.5, 2.0, 1.3, 1.9, 1.2, 1.8, 1.1, 1.7, 1.2, 1.9, 1.3, 2.0, 1.2, 1.8, 1.4, 1.9, 1.2]
    )
    steady = falling(n=50, noise=0.0) + 0.35 * (-1.0) ** np.arange(50)

    assert "up and down" in found(loss=zigzag).summary
    assert [j.condition for j in diagnose(run(loss=zigzag)).findings] == ["oscillation"]
    assert diagnose(run(loss=steady)).findings[0].condition == "oscillation"
    assert judge(loss=steady, val_loss=falling(n=50)) is not None
    assert judge(loss=np.random.default_rng(1).standard_normal(20)) is None


def test_rounding_is_no_swing():
    """A loss written in three digits moves by their last one."""
    small = 0.002 * swinging(0.5)

    assert judge(loss=small) is not None
    assert judge(loss=np.round(small, 3)) is None


@pytest.mark.parametrize("beside", ["a gradient norm", "a language model"])
def test_steps_without_validation_are_taken_for_single_batches(beside: str):
    """A norm is that of one step, and a language model hardly sees its text again."""
    context = Context(task="language_model") if beside == "a language model" else None
    norms = {"grad_norm": np.ones(N)} if beside == "a gradient norm" else {}

    assert judge(loss=swinging(0.35)) is not None
    assert judge(context, loss=swinging(0.35), **norms) is None


def test_swings_that_nobody_would_notice_against_guessing_are_none():
    """Below the named share of what guessing costs."""
    small = SEEN * np.log(10) / 0.4

    assert judge(Context(num_classes=10), loss=1.0 + 0.8 * small * swinging(0.4)) is None
    assert judge(Context(num_classes=10), loss=1.0 + 2.0 * small * swinging(0.4)) is not None


def test_values_within_an_epoch_are_batches():
    """Where fewer are averaged than would calm them, wider swings are ordinary."""
    values, steps = swinging(0.35), Context(steps_per_epoch=20)
    curve = Curve("loss", "train_loss", "loss", values, np.arange(N, dtype=float), "step")
    by_step = measure(Run((curve,), steps))

    assert judge(loss=values) is not None
    assert RULE.judge(by_step) is None


def test_swings_of_a_rate_that_goes_up_again_and_again_are_the_schedules():
    """Logged beside the loss, it explains them."""
    cycling = 0.1 * (1.1 - np.arange(N) % 10 / 10)

    assert judge(loss=swinging(0.4), lr=cycling) is None
    assert judge(loss=swinging(0.4), lr=np.linspace(0.1, 0.0, N)) is not None


def test_rewards_are_not_judged():
    """Episodes scatter by what they are."""
    told = judge(reward=-swinging(0.4))

    assert isinstance(told, Skipped)
    assert "is a reward" in told.why
    assert judge(psnr=-swinging(0.4)) is not None


def test_swings_that_calm_down_are_settling():
    """The last quarter against the half before; with validation, both must calm down."""

    def settling(last: float) -> np.ndarray:
        return swinging(0.0) + 0.5 * JITTER * np.where(np.arange(N) < 3 * N // 4, 1.0, last)

    last = faintest(lambda last: judge(loss=settling(last)) is not None, 0.2, 1.0)

    assert numbers(found(loss=settling(last)))["calming"].value == pytest.approx(CALMING, rel=1e-3)
    assert judge(loss=settling(0.9 * last), val_loss=settling(1.0)) is not None
    assert judge(loss=settling(0.9 * last), val_loss=settling(0.9 * last)) is None


def test_it_is_dated_from_the_middle():
    """The second half is what was judged."""
    finding = found(loss=swinging(0.4))

    assert finding.since is not None
    assert finding.since.at == N // 2


def test_fixes_lower_the_rate_tenfold_first():
    """With the rate and the batch known, in numbers."""
    fixes = {
        fix.action: fix.params for fix in found(Context(learning_rate=0.1, batch_size=32), loss=swinging(0.4)).fixes
    }

    assert ["lower_learning_rate", "schedule_learning_rate", "increase_batch_size", "check_labels"] == list(fixes)
    assert fixes["lower_learning_rate"] == {"factor": 0.1, "learning_rate": 0.01}
    assert fixes["schedule_learning_rate"] == {"kind": "cosine"}
    assert fixes["increase_batch_size"] == {"factor": 2, "batch_size": 64}


def test_a_rate_that_ran_out_under_the_same_swings_is_not_lowered():
    """The batches are too small then; one on its way down is lowered from where it is."""
    cosine = 0.05 * (1.0 + np.cos(np.linspace(0.0, np.pi, N)))
    out, halfway = found(loss=swinging(0.4), lr=cosine), found(loss=swinging(0.4), lr=0.1 + cosine)

    assert ["increase_batch_size", "check_labels"] == [fix.action for fix in out.fixes if "schedule" not in fix.action]
    assert "batch" in out.causes[0].cause
    assert halfway.fixes[0].params == {"factor": 0.1, "learning_rate": pytest.approx(0.01)}


def test_noise_between_single_steps_is_the_batchs():
    """A fine log is averaged into a hundred bins first: what swings per step is calm per bin."""
    loud = falling(start=2.0, floor=1.0, n=100 * BINS, noise=0.4)

    assert judge(loss=loud) is None
    assert judge(loss=swinging(0.4)) is not None


def test_swings_of_single_batches_without_validation_are_information():
    """Two of three such runs really had too high a rate; the others only small batches."""
    wide, swings = (falling(start=2.0, floor=1.0, n=10 * BINS, noise=noise, seed=int(noise)) for noise in (2.0, 1.0))
    norms = flat(level=1.0, n=10 * BINS)
    alone, told = found(loss=wide, grad_norm=norms), found(loss=wide, grad_norm=norms, val_loss=swings)

    assert ("info", "warning") == (alone.severity, told.severity)
    assert alone.ceiling < told.ceiling
    assert "validation" in alone.against[0]
    assert "warning" == found(loss=wide).severity  # one value an epoch, as far as anything tells


LOOK_ALIKES = {
    "ordinary noise": falling(n=N, noise=0.1),
    "one spike": spiked(falling(n=N), at=(80,), height=2.0),
    "a level with noise": flat(n=N, noise=0.5),
    "a fall that never ends": np.linspace(2, 1, N),
    "a rise": np.linspace(1, 2, N),
    "a constant": np.ones(N),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Noise, spikes, and what never learnt."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """Swings need a while to be seen."""
    assert judge(val_loss=falling()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=falling(n=RULE.points - 1)), Skipped)


def test_it_explains_its_spikes():
    """The tallest swing is no event of its own."""
    assert "loss_spike" in RULE.supersedes


def test_where_validation_swings_too_a_good_accuracy_shows_that_something_was_learnt():
    """At a rate far too high nothing is gained after the first value; a run at rest scatters by next to nothing of what guessing costs."""
    rng = np.random.default_rng(0)
    loss, val = 3.0 + 0.6 * rng.standard_normal(60), 6.0 + 1.5 * rng.standard_normal(60)
    loss[0] += 0.8
    right, six = 0.85 + 0.02 * rng.standard_normal(60), Context(num_classes=6)
    rest = 0.35 + 0.01 * (loss - 3.0)

    assert judge(Context(num_classes=40), loss=loss, val_loss=val) is None
    assert "right" in numbers(found(six, loss=loss, val_loss=val, accuracy=right))
    assert judge(loss=loss, val_loss=val, accuracy=right) is None
    assert judge(six, loss=loss, accuracy=right) is None
    assert judge(six, loss=rest, val_loss=rest + 0.01 * (val - 6.0), accuracy=right) is None


def test_an_r2_that_swings_tells_of_the_weights_as_the_error_does_that_it_is_of():
    """At a rate at which nothing more is gained after the first epoch; validation's examples are the same each time."""
    rng = np.random.default_rng(3)
    loss, val = 0.6 + 0.08 * rng.standard_normal(60), 0.6 + 0.2 * np.abs(rng.standard_normal(60))
    finding = found(loss=loss, val_loss=val, val_r2=1.0 - val)

    assert "gets nowhere" in finding.summary
    assert numbers(finding)["scatter_of_metric"].bound == MARKED
    assert judge(loss=loss, val_loss=val) is None
    assert judge(loss=loss, val_loss=val, val_r2=0.5 - 0.01 * val) is None


def test_who_is_surely_wrong_and_each_time_of_others_swings():
    """Nobody who learns nothing is far above guessing and jumps there; first weights that are far too large stand still."""
    rng = np.random.default_rng(0)
    loss, val = 7.5 + 0.5 * rng.standard_normal(30), 8.0 + rng.standard_normal(30)
    four = Context(num_classes=4)

    assert "wrong" in numbers(found(four, loss=loss, val_loss=val))
    assert judge(loss=loss, val_loss=val) is None
    assert judge(four, loss=loss, val_loss=8.0 + 0.01 * val) is None
    assert judge(four, loss=loss - 6.1, val_loss=val - 6.6) is None


def test_a_few_levels_are_rounding():
    """Three digits around 1 leave steps of a hundredth above it, and of a thousandth below."""
    rng = np.random.default_rng(1)
    loss = rng.choice([0.998, 1.0, 1.01, 1.02], 40)

    assert judge(loss=loss, val_loss=rng.choice([1.0, 1.01, 1.02], 40)) is None


def test_noise_at_what_guessing_scores_is_no_swing():
    """A first epoch of a little more than ln 4, and then nothing: the scatter is wide against so small a gain, and tells nothing."""
    loss, val_loss = (flat(level=np.log(4), n=45, noise=noise, seed=seed) for noise, seed in ((0.004, 1), (0.012, 5)))
    loss[:3] += np.array((0.02, 0.012, 0.006))
    guesses, answers = flat(level=0.25, n=45, noise=0.004, seed=5), falling(start=0.25, floor=0.9, n=45, noise=0.004)

    for added in (0.0, -4.0):
        assert judge(loss=loss + added, val_loss=val_loss + added, val_accuracy=guesses) is None
    assert judge(loss=loss - 4.0, val_loss=val_loss - 4.0, val_accuracy=answers) is not None


@pytest.mark.parametrize(
    ("context", "params"),
    [
        (Context(), {"factor": 0.01}),
        (Context(learning_rate=0.1), {"factor": 0.01, "learning_rate": 0.001}),
        (Context(optimizer="sgd", learning_rate=100.0), {"factor": 0.0003, "learning_rate": 0.03}),
    ],
)
def test_where_nothing_is_learnt_a_tenth_of_the_rate_is_not_enough(context: Context, params: dict[str, float]):
    """A rate at which a loss only swings is far off: what swings while it learns is near."""
    zigzag = flat(level=60.0, noise=1.0, n=N) + 8.0 * (-1.0) ** np.arange(N)

    assert found(context, loss=zigzag).fixes[0].params == params


@pytest.mark.parametrize("classes", [10, 100])
def test_an_accuracy_at_chance_swings_by_what_few_examples_do(classes: int):
    """Of a model that learns nothing, one example in a hundred more or less is nearly half of its level."""
    chance, level = np.random.default_rng(classes), np.log(classes)
    losses = {name: level + 0.003 * chance.standard_normal(60) for name in ("loss", "val_loss")}
    report = diagnose(run(**losses, val_accuracy=chance.binomial(500, 1 / classes, 60) / 500))

    assert ["not_learning"] == [j.condition for j in report.findings]


def test_a_few_values_that_only_rise_swing_nowhere():
    """They hardly fell at first, so each rise is a multiple of that."""
    rises = np.array([0.5, 0.4995, 0.52, 0.55, 0.57, 0.58, 0.585, 0.586, 0.586, 0.586])

    assert isinstance(judge(loss=rises, val_loss=rises + 0.01, val_accuracy=np.linspace(0.5, 0.9, 10)), Skipped)


@pytest.mark.parametrize(("right", "fires"), [(0.01, False), (0.06, True)])
def test_answers_that_come_and_go_by_one_in_a_hundred_are_no_swings(right: float, *, fires: bool):
    """However little a good accuracy had left to gain since its first value."""
    accuracy = np.append(0.9, 0.93 + right * JITTER[1:40])

    assert fires == (
        judge(train_accuracy=accuracy, val_accuracy=np.append(0.9, 0.93 + right * JITTER[41:80])) is not None
    )


@pytest.mark.parametrize(("rate", "lowered"), [(1e-5, False), (1e-3, True)])
def test_swings_at_a_rate_lower_than_nearly_any_fine_tunes_are_not_those_of_the_rate(rate: float, *, lowered: bool):
    """A contrastive loss of few batches swings by what is in them."""
    finding = found(loss=falling(start=2.3, floor=1.2, noise=0.36), lr=np.full(60, rate))

    assert ("lower_learning_rate" in {fix.action for fix in finding.fixes}) == lowered


def swings_all_over(n: int, seed: int) -> np.ndarray:
    """A fall from 2.3 to the middle within a few epochs, from where it swings by more than half of that to the end."""
    epochs, drawn = np.arange(n), np.random.default_rng(seed).standard_normal(n)
    wide = np.clip(drawn / drawn.std(), -1.7, 2.3) * (1.0 - np.exp(-epochs / (0.04 * n)))
    return 1.25 + 1.05 * np.exp(-epochs / (0.06 * n)) + 0.55 * wide


def said(**curves: np.ndarray) -> set[str]:
    """What is found in a run."""
    return {judged.condition for judged in diagnose(run(**curves)).findings}


@pytest.mark.parametrize("n", [80, 160])
def test_what_fell_and_goes_from_half_to_twice_to_the_end_swings_though_nothing_is_logged_beside(n: int):
    """Of twenty such runs most were said to get nowhere; single steps may do so by the noise of batches."""
    drawn = [swings_all_over(n, seed) for seed in range(20)]
    named = [said(loss=loss) for loss in drawn]

    assert sum("oscillation" in each for each in named) >= 18
    assert sum("not_learning" in each for each in named) <= 2
    steps = [by_step(run(loss=loss)) for loss in drawn]
    assert sum("oscillation" in diagnose(each).outcomes.clear for each in steps) >= 8


@pytest.mark.parametrize("kind", ["swings about a level", "at rest"])
def test_noise_about_a_level_that_was_never_left_still_learns_nothing(kind: str):
    """The first value is no higher than the rest, or no value is half of another."""
    wide, drawn = (0.35, 0.05)[kind == "at rest"], np.random.default_rng(2).standard_normal((20, 80))
    drawn[:, 0] = 0.5
    named = [said(loss=1.0 + wide * np.clip(each, -2.0, 2.0)) for each in drawn]

    assert sum("not_learning" in each for each in named) >= 18
    assert sum("oscillation" in each for each in named) <= 1


@pytest.mark.parametrize("plus", [0.0, 7.0])
def test_moves_that_both_losses_share_after_both_came_down_are_no_noise_whatever_is_added(plus: float):
    """Training and validation fall from 2.3 within a few epochs and swing together; at rest, both jitter from the first value on."""
    beside = 0.05 * np.random.default_rng(1).standard_normal((20, 40))
    swings = [swings_all_over(40, seed) + plus for seed in range(20)]
    named = [said(loss=loss, val_loss=loss + 0.05 + each) for loss, each in zip(swings, beside, strict=True)]
    rest = [2.3 + 0.02 * np.random.default_rng(seed).standard_normal(40) + plus for seed in range(20)]
    still = [said(loss=loss, val_loss=loss + 0.01 + 0.1 * each) for loss, each in zip(rest, beside, strict=True)]

    assert sum("oscillation" in each for each in named) >= (18 if plus == 0.0 else 12)
    assert sum("oscillation" in each for each in still) <= 2


@pytest.mark.parametrize("n", [12, 20, 24, 50])
@pytest.mark.parametrize("beside", [{}, {"accuracy": (0.6, 0.8)}])
def test_two_values_by_turns_are_no_rounding_at_any_length(n: int, beside: dict[str, tuple[float, float]]):
    """A step that jumps across the valley and back, with and without answers that come and go."""
    curves = {name: np.array(pair * (n // 2)) for name, pair in beside.items()}
    report = diagnose(run(loss=np.array((1.0, 0.5) * (n // 2)), **curves))

    assert report.findings[0].condition == "oscillation"
    assert report.findings[0].severity == "warning"


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 0.3, 1.2, 0.2, 1.1, 0.4, 0.9, 0.25, 1.3, 0.35, 1.0, 0.3],
        [0.9, 0.5, 0.8, 0.3, 0.7, 0.35, 0.85, 0.4, 0.6, 0.9, 0.3, 0.75, 0.5, 0.88, 0.33],
        [1.2, 0.4, 1.5, 0.3, 0.9, 1.6, 0.5, 1.3, 0.2, 1.1, 1.4, 0.6, 0.3, 1.5, 0.7, 1.2, 0.4, 1.0, 1.6, 0.3],
    ],
    ids=["by turns", "to twice as high", "to four times"],
)
def test_a_loss_that_leaps_from_epoch_to_epoch_swings_whatever_its_unit(values: list[float]):
    """Its mean over an epoch that rests does not double; in a few values or in twenty, with no advice to look for what never moves."""
    for unit in (0.001, 1.0, 1000.0):
        assert said(loss=unit * np.array(values)) == {"oscillation"}


@pytest.mark.parametrize("n", [12, 15, 18])
def test_a_short_run_that_falls_through_much_noise_hardly_ever_leaps(n: int):
    """Of a hundred falls with a quarter of noise."""
    noise = 0.25 * np.random.default_rng(n).standard_normal((100, n))
    swings = [judge(loss=0.5 + np.exp(-np.arange(n) / (0.3 * n)) + each) for each in noise]

    assert sum(isinstance(each, Finding) and each.severity != "info" for each in swings) <= 1
