import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.budget import HANDFUL
from diagnosis.features.jitter import EARLY, MOST, SHARE, TIMES
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.noisy_validation import JUMPS, SMALL
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, spiked, turning
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["noisy_validation"]
judge, found = ask("noisy_validation")
N = 100
FALL = falling(start=1.0, floor=0.0, n=N, noise=0.0)
JITTER = np.random.default_rng(0).standard_normal((2, N))


def noisy(val: float, train: float = 0.002) -> dict[str, np.ndarray]:
    """Two curves that fall by one, with these noises."""
    return {"loss": FALL + train * JITTER[0], "val_loss": FALL + val * JITTER[1]}


def test_noise_beyond_the_named_share_of_what_was_learnt_fires():
    """The faintest that fires is the bound."""
    least = faintest(lambda val: judge(**noisy(val)) is not None, 0.01, 0.2)
    evidence = numbers(found(**noisy(least)))

    assert evidence["noise"].value == pytest.approx(SHARE, rel=0.02)
    assert least == pytest.approx(SHARE, rel=0.4)


def test_single_validations_that_stand_far_above_their_neighbours_are_worth_knowing():
    """Training shows nothing there; one may be anything, and where training jumps as well it is that."""
    curves = noisy(0.008)
    one, four = (spiked(curves["val_loss"], at=at, height=0.9) for at in ((40,), (25, 40, 61, 80)))
    finding = found(loss=curves["loss"], val_loss=four)

    assert "info" == finding.severity
    assert "(epoch 25, 40, 61, 80)" in finding.evidence[0].says
    assert judge(loss=curves["loss"], val_loss=one) is None
    assert judge(loss=spiked(curves["loss"], at=(40,), height=0.9), val_loss=four) is None
    assert judge(loss=curves["loss"], val_loss=spiked(curves["val_loss"], at=(25, 40, 61), height=0.3)) is None


def test_a_validation_that_was_never_better_than_guessing_tells_nothing_however_calm():
    """Labels that are shuffled are learnt by heart: to enlarge the validation set is no answer."""
    by_heart = {"loss": 1.62 - 0.4 * (1.0 - FALL), "val_loss": 1.63 + 0.03 * JITTER[1]}

    assert judge(**by_heart) is not None
    assert judge(Context(num_classes=5), **by_heart) is None
    said = diagnose(run(Context(num_classes=5), loss=by_heart["loss"], val_loss=1.6 + 0.3 * (1.0 - FALL)))
    assert "check_labels" in {fix.action for fix in said.findings[0].fixes[:2]}


@pytest.mark.parametrize(("learnt", "fires"), [(0.02, False), (0.6, True)])
def test_jumps_beside_metrics_that_guess_tell_nothing(learnt: float, *, fires: bool):
    """A regression at the mean answer jumps about it; a larger validation set would show the same."""
    met = {"r2": learnt * (1.0 - FALL), "val_r2": learnt * (1.0 - FALL)}

    assert fires == isinstance(judge(**noisy(0.2), **met), Finding)


def test_while_training_goes_on_it_takes_more():
    """What there is to learn is not known yet."""
    least = faintest(lambda val: judge(Context(finished=False), **noisy(val)) is not None, 0.01, 0.2)

    assert numbers(found(Context(finished=False), **noisy(least)))["noise"].value == pytest.approx(
        EARLY * SHARE, rel=0.02
    )


def test_it_must_be_the_named_number_of_times_the_noise_of_training():
    """Where training jumps as well, it is not validation's fault."""
    least = faintest(lambda calm: judge(**noisy(0.1, 0.1 / calm)) is not None, 1.0, 20.0)

    assert numbers(found(**noisy(0.1, 0.1 / least)))["times_training"].value == pytest.approx(TIMES, rel=0.02)


def test_training_without_noise_is_no_infinity():
    """A whole-batch loss is a smooth line."""
    finding = found(**noisy(0.1, 0.0))

    assert numbers(finding)["times_training"].value == MOST
    assert "a thousand times and more" in finding.summary


def test_a_run_that_has_calmed_down_is_fine():
    """A schedule that ends at small steps leaves a last checkpoint one can trust."""
    loud = np.where(np.arange(N) < N // 2, 0.1, 0.005)

    assert judge(loss=FALL + 0.002 * JITTER[0], val_loss=FALL + loud * JITTER[1]) is None


def test_the_noise_budget_is_given_where_the_size_is_known():
    """The standard error of the accuracy, the least worth believing, and what was measured."""
    accuracy = 0.8 + 0.05 * JITTER[1]
    evidence = numbers(found(Context(val_size=50), **noisy(0.1), val_accuracy=accuracy))

    assert evidence["standard_error"].value == pytest.approx((0.8 * 0.2 / 50) ** 0.5, rel=0.1)
    assert evidence["standard_error"].bound is None
    assert "not worth believing" in evidence["standard_error"].says
    assert evidence["jitter"].value == pytest.approx(0.05, rel=0.3)
    assert "jitter less" in evidence["jitter"].says
    assert "standard_error" not in numbers(found(**noisy(0.1), val_accuracy=accuracy))


def test_jumps_that_the_size_of_the_set_does_not_explain_are_the_models():
    """Then a larger set comes last, and smaller steps first."""
    accuracy = 0.8 + 0.05 * JITTER[1]
    small, large = (found(Context(val_size=n), **noisy(0.1), val_accuracy=accuracy) for n in (50, 5000))

    assert (SMALL, JUMPS) == (small.causes[0], large.causes[0])
    assert [fix.action for fix in small.fixes][:2] == ["enlarge_validation_set", "stop_early"]
    assert ["schedule_learning_rate", "lower_learning_rate", "stop_early", "enlarge_validation_set"] == [
        fix.action for fix in large.fixes
    ]


def test_a_rate_that_ran_out_under_the_same_jumps_clears_the_model():
    """Smaller steps would not calm it: the set is enlarged first."""
    accuracy, cosine = 0.8 + 0.05 * JITTER[1], 0.05 * (1.0 + np.cos(np.linspace(0.0, np.pi, JITTER[1].size)))
    finding = found(Context(val_size=5000), **noisy(0.1), val_accuracy=accuracy, lr=cosine)

    assert "enlarge_validation_set" == finding.fixes[0].action
    assert "lower_learning_rate" not in {fix.action for fix in finding.fixes}
    assert finding.causes[0] is not JUMPS


def test_how_many_more_examples_comes_from_the_sizes():
    """A fifth of all data where that is known and more, else by the square of what is too much, within bounds."""
    finding = found(Context(val_size=50, train_size=950), **noisy(0.1))

    assert finding.fixes[0].params == {"share": 0.2, "size": 200, "factor": 4.0}
    assert found(**noisy(0.5)).fixes[0].params == {"share": 0.2, "factor": 10.0}
    assert found(Context(val_size=50), **noisy(0.5)).fixes[0].params == {"size": 500, "factor": 10.0}


def test_early_stopping_waits_longer_than_the_noise():
    """Ready values, in the unit of the curve; no more than a tenth of what was gained, or it would stop while it learns."""
    waiting, much = (
        next(fix for fix in found(**noisy(level)).fixes if fix.action == "stop_early") for level in (0.05, 0.5)
    )

    assert waiting.params == {"patience": pytest.approx(15, abs=5), "min_delta": pytest.approx(0.1, rel=0.3)}
    assert much.params["min_delta"] < 0.3


LOOK_ALIKES = {
    "one checkpoint against an average: twice the noise": noisy(0.1, 0.05),
    "calm, with one spike": {
        "loss": FALL,
        "val_loss": FALL + np.where(np.arange(N) == 70, 1.0, 0.0) + 0.005 * JITTER[1],
    },
    "overfitting": {"loss": falling(n=N), "val_loss": turning(at=30, n=N)},
    "nothing learnt": {"loss": 1 + 0.01 * JITTER[0], "val_loss": 1 + 0.1 * JITTER[1]},
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Only validation far noisier than training is named."""
    assert judge(**LOOK_ALIKES[name]) is None


def test_what_a_noisy_validation_says_is_worth_less():
    """It lowers the certainty of what is read off validation alone."""
    rising = turning(at=30, n=N, rise=0.03)
    calm, loud = (
        {j.condition: j.confidence for j in diagnose(run(loss=falling(n=N), val_loss=rising + v * JITTER[1])).findings}
        for v in (0.0, 0.2)
    )

    assert {"overfitting", "generalization_gap"} <= set(RULE.lowers)
    assert "noisy_validation" not in calm
    assert loud["overfitting"] < calm["overfitting"]


def test_without_both_losses_it_is_skipped():
    """And the reason names what is lacking."""
    short = RULE.points - 1

    assert judge(val_loss=FALL) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=FALL[:short], val_loss=FALL[:short]), Skipped)


def test_a_few_rounded_levels_are_no_noise():
    """A validation loss that toggles in its last digit may be as calm as training."""
    rng = np.random.default_rng(0)
    scatter = 0.0015 * rng.standard_normal(60)

    assert judge(loss=np.linspace(1.02, 1.0, 60), val_loss=1.0235 + scatter) is not None
    assert judge(loss=np.linspace(1.02, 1.0, 60), val_loss=1.0235 + 0.002 * np.sign(scatter)) is None


@pytest.mark.parametrize(("training", "fires"), [(0.0, True), (0.6, False)])
def test_where_training_jumps_with_it_validation_is_not_to_blame(training: float, *, fires: bool):
    """Eight epochs of forty stand far above the others: of a small validation set, or of a model that jumps itself."""
    peaks = np.zeros(40)
    peaks[3::5] = 1.0
    loss, val_loss = falling(floor=0.2, n=40, noise=0.01), falling(floor=0.25, n=40, noise=0.015, seed=1)
    finding = judge(loss=loss + training * peaks, val_loss=val_loss + 0.6 * peaks)

    assert isinstance(finding, Finding) == fires


def test_a_model_that_jumps_may_calm_down_while_it_is_trained():
    """Beyond what so many answers do by chance: a rate that falls later calms it, and a larger set does not."""
    jitter = np.where(np.arange(60) % 2, 1.0, -1.0) * np.abs(np.random.default_rng(3).normal(1.0, 0.3, 60))
    curves = {"loss": falling(), "val_loss": falling(floor=0.5) + 0.3 * jitter, "val_accuracy": 0.7 - 0.06 * jitter}

    assert judge(Context(val_size=1000, finished=False), **curves) is None
    assert judge(Context(val_size=20, finished=False), **curves) is not None
    assert "schedule_learning_rate" == found(Context(val_size=1000), **curves).fixes[0].action


@pytest.mark.parametrize(("scatter", "fires"), [(0.003, False), (0.12, True)], ids=["calm since", "as before"])
def test_jumps_that_a_drop_of_the_rate_ended_are_no_noise_of_validation(scatter: float, *, fires: bool):
    """The rate was too high for the model, and was lowered: there is nothing left to advise."""
    rng = np.random.default_rng(4)
    loss = falling(n=24)
    noise = np.concatenate((rng.normal(0.0, 0.12, 20), rng.normal(0.0, scatter, 4)))
    rate = np.repeat([2e-3, 4e-4], [20, 4])

    finding = judge(loss=loss, val_loss=falling(n=24, floor=0.3, noise=0.0) + noise, lr=rate)
    assert isinstance(finding, Finding) == fires


@pytest.mark.parametrize(("rise", "fires"), [(0.0, True), (9.0, False)])
def test_jumps_that_grew_with_a_loss_hide_no_rise_that_dwarfs_them(rise: float, *, fires: bool):
    """A likelihood without bound: what there is to see is overfitting, and no larger validation set shows it better."""
    jumps = np.random.default_rng(5).normal(0.0, 0.25, 60) * np.linspace(0.5, 2.0, 60)
    val_loss = falling(floor=0.3, noise=0.0) + jumps + rise * np.clip(np.linspace(-0.5, 1.0, 60), 0.0, None)

    report = diagnose(run(loss=falling(), val_loss=val_loss))
    assert ("noisy_validation" in {j.condition for j in report.findings}) == fires


@pytest.mark.parametrize(("examples", "said"), [(5, True), (HANDFUL - 1, True), (HANDFUL, False), (None, False)])
def test_a_handful_of_examples_is_worth_knowing_though_the_curve_is_calm(examples: int | None, *, said: bool):
    """The same few are asked each time: nothing jumps, and nothing is known of others."""
    finding = judge(Context(val_size=examples, train_size=1000), **noisy(0.002))

    assert isinstance(finding, Finding) is said
    if isinstance(finding, Finding):
        assert finding.severity == "info"
        assert f"measured on {examples} examples" in finding.summary
        assert finding.fixes[0].params["size"] > HANDFUL


def test_the_steps_of_an_accuracy_betray_a_handful_of_examples():
    """Nobody said how many there are: it moves by an eighth at least."""
    accuracy = np.round(8 * (1.0 - 0.8 * FALL)) / 8
    finding = found(**noisy(0.002), val_accuracy=accuracy)

    assert numbers(finding)["examples"].value == 8


def test_a_handful_that_jumps_is_a_warning_as_ever():
    """The measured noise says more than the number of examples."""
    finding = found(Context(val_size=5), **noisy(0.1))

    assert finding.severity is None
    assert "noise" in numbers(finding)
