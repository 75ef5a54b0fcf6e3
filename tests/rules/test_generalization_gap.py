import numpy as np
import pytest

from diagnosis.features.gap import CLOSING, NARROWED, WIDENING
from diagnosis.features.lasting_gap import FROM_START, HALF, LEARNT, SETTLED, SHARE, SIGMAS
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["generalization_gap"]
judge, found = ask("generalization_gap")
N = 100
TRAIN = np.interp(np.arange(N), [0, 60], [1.0, 0.0])
JITTER = np.random.default_rng(0).standard_normal((2, N))


def growing(gap: float, *, since: int, over: int = 6) -> np.ndarray:
    """Validation that is as good as training, and from an index on worse by `gap`."""
    return TRAIN + np.interp(np.arange(N), [since, since + over], [0.0, gap])


def test_a_gap_of_more_than_the_named_share_fires_and_less_does_not():
    """A share of what training gained."""
    finding = found(loss=TRAIN, val_loss=TRAIN + 1.03 * SHARE)

    assert judge(loss=TRAIN, val_loss=TRAIN + 0.97 * SHARE) is None
    assert numbers(finding)["gap"].value == pytest.approx(1.03 * SHARE, rel=0.02)
    assert numbers(finding)["gap"].bound == SHARE
    assert f"{103 * SHARE:.0f} % of the training progress" in finding.summary


def test_a_gap_within_the_noise_is_none():
    """The faintest gap that fires is the named number of noise levels of the difference."""

    def noisy(calm: float) -> dict[str, np.ndarray]:
        return {"loss": TRAIN + JITTER[0] / calm, "val_loss": TRAIN + 0.5 + JITTER[1] / calm}

    calm = faintest(lambda calm: judge(**noisy(calm)) is not None, 2.0, 50.0)

    assert numbers(found(**noisy(calm)))["gap_over_noise"].value == pytest.approx(SIGMAS, rel=0.02)


@pytest.mark.parametrize("since", [20, 50, 70])
def test_since_is_where_half_of_the_gap_was_there(since: int):
    """In the middle of the ramp, in the log's own positions."""
    finding = found(loss=TRAIN, val_loss=growing(0.5, since=since, over=10))

    assert finding.since is not None
    assert abs(finding.since.at - (since + 10 * HALF)) <= 2


def test_a_gap_from_the_start_speaks_against_memorising():
    """The splits, or how the loss is computed, may differ: said where most of the gap is there in the first tenth."""
    for early, said in ((1.1 * FROM_START, True), (0.9 * FROM_START, False)):
        val = TRAIN + 0.5 * np.where(np.arange(N) < 30, early, 1.0)

        assert said == any("from the start" in line for line in found(loss=TRAIN, val_loss=val).against)


@pytest.mark.parametrize(("times", "fires"), [(0.8, True), (1.2, False)])
def test_a_gap_from_the_start_waits_until_training_has_settled(times: float, *, fires: bool):
    """While the last quarter brings more than the named share, little is learnt, and any difference is a large share."""
    train = np.interp(np.arange(N), [0, 74, N - 1], [1.0, times * SETTLED, 0.0])
    opening = np.interp(np.arange(N), [20, 40], [0.0, 0.5])

    assert fires == (judge(loss=train, val_loss=train + 0.5) is not None)
    assert judge(loss=train, val_loss=train + opening) is not None


@pytest.mark.parametrize(("times", "fires"), [(1.1, True), (0.9, False)])
def test_a_gap_that_closes_is_none(times: float, *, fires: bool):
    """Measured against the one at the start, and by what the second half takes away."""
    narrowed = np.interp(np.arange(N), [10, 45], [0.5, 0.5 * times * NARROWED])
    closing = np.interp(np.arange(N), [0, 20, 50, N - 1], [0.0, 0.6, 0.6, 0.6 * (1 - CLOSING / times / (1 + CLOSING))])

    assert fires == (judge(loss=TRAIN, val_loss=TRAIN + narrowed) is not None)
    assert fires == (judge(loss=TRAIN, val_loss=TRAIN + closing) is not None)


@pytest.mark.parametrize(("calm", "fires"), [(1.5, True), (0.2, False)])
def test_where_training_only_jitters_no_gap_is_a_share_of_it(calm: float, *, fires: bool):
    """It must have learnt the named number of its own noise levels."""
    train = TRAIN * calm * LEARNT + JITTER[0]

    assert fires == (judge(loss=train, val_loss=train + 4 * calm * LEARNT) is not None)


@pytest.mark.parametrize(("times", "word"), [(1.5, "widens"), (0.5, "stable"), (-0.5, "stable")])
def test_whether_it_widens_is_said(times: float, word: str):
    """By more than the named share of what was learnt over the second half."""
    second = np.interp(np.arange(N), [50, N - 1], [0.0, times * WIDENING])
    finding = found(loss=3 * TRAIN, val_loss=3 * (TRAIN + 0.6 + second))

    assert word in finding.summary
    assert numbers(finding)["widening"].value == pytest.approx(times * WIDENING, rel=0.1)


def test_against_what_is_known_of_guessing_a_small_gap_of_a_finetuned_model_is_small():
    """It begins its log far below ln C; that was learnt too."""
    train = falling(start=0.4, floor=0.1, noise=0.001)

    assert judge(loss=train, val_loss=train + 0.1) is not None
    assert judge(Context(num_classes=10), loss=train, val_loss=train + 0.1) is None


def test_fixes_are_one_notch_more_than_there_was():
    """More data first, then weight decay tenfold; nothing about stopping, dropout or size: none of them narrows it."""
    finding = found(Context(weight_decay=0.001, dropout=0.1), loss=TRAIN, val_loss=growing(0.5, since=10))
    fixes = {fix.action: fix.params for fix in finding.fixes}

    assert ["add_data", "increase_regularization", "augment_data"] == list(fixes)
    assert fixes["increase_regularization"] == {"weight_decay": 0.01}


def test_validation_that_is_better_or_as_good_is_no_gap():
    """Nor is one that closes before the end."""
    closing = TRAIN + np.interp(np.arange(N), [0, 70], [1.0, 0.0])

    assert judge(loss=TRAIN, val_loss=TRAIN - 0.5) is None
    assert judge(loss=TRAIN, val_loss=TRAIN) is None
    assert judge(loss=TRAIN, val_loss=closing) is None


def test_where_nothing_was_learnt_no_gap_is_large():
    """A share of nothing says nothing."""
    assert judge(loss=np.full(N, 1.0), val_loss=np.full(N, 2.0)) is None


def test_without_both_losses_it_is_skipped():
    """And the reason names what is lacking."""
    short = RULE.points - 1

    assert judge(loss=TRAIN) == Skipped("lacks a validation loss")
    assert isinstance(judge(loss=TRAIN[:short], val_loss=TRAIN[:short] + 0.5), Skipped)


def test_overfitting_explains_it():
    """Where validation turned upwards, that is what is said."""
    assert "generalization_gap" in all_rules()["overfitting"].supersedes


def test_a_gap_that_still_widens_in_a_run_that_goes_on_is_not_settled():
    """It may yet be overfitting; of a run that is over, it is how it ended."""
    logged = {"loss": TRAIN, "val_loss": TRAIN + np.linspace(0.0, 1.0, N)}

    assert judge(Context(finished=False), **logged) is None
    assert "still widens" in found(Context(finished=True), **logged).summary


def test_where_validation_has_no_loss_the_gap_of_the_metric_is_judged():
    """A training loss beside the metrics changes nothing."""
    learnt = 1.0 - 0.9 * np.exp(-np.arange(60) / 12)
    metrics = {"acc": learnt, "val_acc": 0.6 * learnt}

    assert found(**metrics).summary == found(loss=falling(), **metrics).summary
    assert isinstance(judge(loss=falling(), val_acc=metrics["val_acc"]), Skipped)


@pytest.mark.parametrize(("optimizer", "severity"), [("xgboost", "info"), ("adam", "warning")])
def test_a_gap_of_boosted_trees_is_worth_knowing_and_no_warning(optimizer: str, severity: str):
    """They learn training data by heart while validation still gains."""
    context = Context(optimizer=optimizer)

    assert severity == found(context, loss=TRAIN, val_loss=growing(2 * SHARE, since=10)).severity


@pytest.mark.parametrize(("first", "severity", "action"), [(0.5, "info", "check_labels"), (0.2, "warning", "add_data")])
def test_a_gap_that_stood_before_anything_was_learnt_asks_how_the_losses_are_computed(
    first: float, severity: str, action: str
):
    """A Cox loss over 128 examples is lower by a constant than one over 800; more data would not change that."""
    finding = found(loss=TRAIN, val_loss=TRAIN + np.interp(np.arange(N), [0, 20], [first, 0.6]))

    assert (severity, action) == (finding.severity, finding.fixes[0].action)
    assert ("computed differently" in finding.causes[0].cause) == (severity == "info")


def test_answers_as_right_as_trainings_to_within_what_so_many_examples_tell_are_no_warning():
    """Six hundred examples that happen to be harder look like a gap."""
    lucky = {"loss": TRAIN, "val_loss": growing(0.4, since=20), "accuracy": np.full(N, 0.745) + 0.004 * JITTER[0], "val_accuracy": np.round(600 * (0.72 + 0.004 * JITTER[1])) / 600}  # fmt: skip
    sure = lucky | {"val_accuracy": np.round(600 * (0.62 + 0.004 * JITTER[1])) / 600}

    assert "info" == found(Context(val_size=600), **lucky).severity
    assert any("600 examples" in said for said in found(**lucky).against)
    assert "warning" == found(Context(val_size=600), **sure).severity


def test_a_gap_that_stood_from_the_second_value_on_and_that_training_did_not_make_is_no_warning():
    """Where nearly all is learnt within the first epoch, what is left of training's fall is less than the gap."""
    train = np.concatenate(([4.0], np.linspace(3.53, 3.42, N - 1))) + 0.003 * JITTER[0]
    finding = found(loss=train, val_loss=np.full(N, 3.9) + 0.003 * JITTER[1])

    assert "info" == finding.severity
    assert "check_labels" == finding.fixes[0].action
    assert "warning" == found(loss=TRAIN, val_loss=growing(0.4, since=20)).severity


@pytest.mark.parametrize(
    ("context", "first"),
    [
        (Context(num_classes=10, optimizer="adam", learning_rate=0.1), "lower_learning_rate"),
        (Context(num_classes=10, optimizer="adam", learning_rate=0.001), "add_data"),
        (Context(optimizer="adam", learning_rate=0.1), "add_data"),
    ],
)
def test_where_training_is_poor_at_a_rate_far_too_high_that_comes_first(context: Context, first: str):
    """More data mend no training that rests at four fifths of what guessing costs."""
    finding = found(context, loss=2.3 - 0.5 * (1.0 - TRAIN), val_loss=2.3 - 0.35 * (1.0 - TRAIN))

    assert finding.fixes[0].action == first
    assert finding.fixes[0].params.get("learning_rate", 0.001) == 0.001


def test_a_gap_beside_poor_training_at_a_rate_far_too_high_is_never_mere_information():
    """Were it there from the first value on: neither split is learnt."""
    poor = {"loss": falling(start=2.3, floor=1.9), "val_loss": falling(start=2.5, floor=2.1, seed=1)}
    usual, hot = (found(Context(num_classes=10, optimizer="adam", learning_rate=rate), **poor) for rate in (0.001, 0.1))

    assert ("info", "warning") == (usual.severity, hot.severity)


def test_where_training_is_good_its_rate_is_no_reason_for_a_gap():
    """Some runs bear a hundred times the usual rate."""
    context = Context(num_classes=10, optimizer="adam", learning_rate=0.1)

    assert found(context, loss=2.3 - 2.2 * (1.0 - TRAIN), val_loss=2.3 - 1.6 * (1.0 - TRAIN)).fixes[0].action == "add_data"  # fmt: skip


@pytest.mark.parametrize(("first", "severity"), [(1.0, None), (1.8, "info")])
def test_a_gap_is_held_against_what_was_learnt_within_the_first_epoch_as_well(first: float, severity: str | None):
    """The steeper the fall at the beginning, the more of it came before the first value was logged."""
    train = np.append(first, np.interp(np.arange(39), [0, 20], [1.0, 0.0]))
    finding = found(loss=train, val_loss=train + 0.32 * np.interp(np.arange(40), [0, 20], [0.0, first]))

    assert (finding.severity if finding.severity != "warning" else None) == severity


@pytest.mark.parametrize("closed", [True, False])
def test_a_gap_that_closed_before_it_opened_is_not_the_one_of_the_beginning(*, closed: bool):
    """Statistics of batch normalisation lag at first; what opens later is memorised, whatever training still gains."""
    loss = np.linspace(3.0, 0.55, 30)
    apart = np.interp(np.arange(30), [0, 6, 29], [0.8, 0.0 if closed else 0.8, 0.95])
    finding = judge(loss=loss, val_loss=loss + apart)

    assert (isinstance(finding, Finding) and finding.severity == "warning") == closed


def test_answers_at_chance_beside_a_gap_ask_how_the_splits_are_prepared_before_more_data():
    """All of training is known by heart, and validation is answered worse than by guessing."""
    loss = falling(start=2.3, floor=0.01)
    finding = found(
        Context(num_classes=10),
        loss=loss,
        val_loss=falling(start=2.9, floor=2.4, seed=1),
        accuracy=1.0 - loss / 2.6,
        val_accuracy=np.full(loss.size, 0.03) + 0.01 * np.sin(np.arange(loss.size)),
    )

    assert finding.fixes[0].action == "check_labels"


def test_a_few_values_of_training_that_are_up_do_not_close_a_gap():
    """The gap was there from the first value on, and a spike of four values is none of its doing."""
    rng = np.random.default_rng(0)
    loss = falling(start=2.3, floor=0.5, n=60)
    val_loss = loss + 0.6 + rng.normal(0.0, 0.03, 60)
    loss[30:34] += 0.8

    assert found(loss=loss, val_loss=val_loss).severity == "info"


@pytest.mark.parametrize(("learnt", "fires"), [(0.02, False), (0.6, True)])
def test_a_gap_beside_metrics_that_guess_is_a_difference_of_the_splits(learnt: float, *, fires: bool):
    """A regression at the mean answer knows training no better: its validation only has a greater variance."""
    met = {"r2": learnt * (1.0 - TRAIN) - 0.04, "val_r2": 0.8 * learnt * (1.0 - TRAIN) - 0.01}

    assert fires == isinstance(judge(loss=1.4 + 0.1 * TRAIN, val_loss=1.53 + 0.01 * TRAIN, **met), Finding)


def test_what_was_learnt_in_the_first_epoch_counts_however_far_off_its_mean_is():
    """Half of it was gained before the first value, which is a mean over that epoch."""
    loss, val = np.append(4.0, np.full(N, 1.0)), np.append(2.8, np.full(N, 1.0 + 3.0 * 1.1 * SHARE))
    loss[1:] += 0.02 * TRAIN + 0.01 * JITTER[0]

    assert found(loss=loss, val_loss=val + 3.0 * 0.08).severity == "info"


@pytest.mark.parametrize(("context", "severity"), [(Context(), "info"), (Context(num_classes=10), "warning")])
def test_a_validation_worse_than_guessing_beside_a_training_far_better_is_no_matter_of_the_splits(
    context: Context, severity: str
):
    """Though the gap stood from the first value on: weights that began far too large are sure of what is wrong."""
    train = 0.8 + 4.5 * np.exp(-np.arange(N) / 8)

    assert found(context, loss=train, val_loss=train + 2.5).severity == severity
    assert found(context, loss=train, val_loss=train + 1.1).severity == "info"

    still = 0.8 + 4.5 * np.exp(-np.arange(N) / 30)
    assert found(context, loss=still, val_loss=still + 2.5).severity == severity


def test_so_is_one_whose_answers_are_worse_than_the_mean_beside_a_training_that_explains_much():
    """R² tells what the mean answer scores."""
    train = 0.4 + 0.6 * TRAIN
    curves = {"loss": train, "val_loss": train + 0.7, "r2": 1.0 - train}

    assert found(**curves, val_r2=0.3 - train).severity == "warning"
    assert found(**curves, val_r2=0.8 - train).severity == "info"
