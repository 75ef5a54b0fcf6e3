import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.confusion import measure_confusion
from diagnosis.features.ignored import EXAMPLES_MIN, F_SCORE, FINE, HALVED, HIGH, IGNORED, LOST, NO_SKILL, RARE, SUNK
from diagnosis.rule import Skipped, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import counted, falling, flat, run
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["class_imbalance"]
judge, found = ask("class_imbalance")
N = 40
NEVER = counted(np.zeros(N), share=0.05)
EPS = 1e-6


def given(level: float, metric: str = "val_recall", accuracy: float = 0.95) -> dict[str, np.ndarray]:
    """A metric at a level, and an accuracy."""
    return {metric: np.full(N, level), "val_accuracy": np.full(N, accuracy)}


def test_the_most_that_is_found_of_an_ignored_class_is_the_named_share():
    """From counts; of a thousand examples one is a two-hundredth of the class."""
    least = faintest(lambda missed: judge(**counted(np.full(N, 1.0 - missed), share=0.2)) is not None, 0.5, 1.0)

    assert 1.0 - least == pytest.approx(IGNORED, abs=0.005)


@pytest.mark.parametrize(
    ("metric", "bound"),
    [
        ("val_recall", IGNORED),
        ("val_f1", F_SCORE),
        ("val_specificity", IGNORED),
        ("val_mcc", NO_SKILL),
        ("val_kappa", NO_SKILL),
        ("val_balanced_accuracy", 0.5 + NO_SKILL / 2),
        ("val_macro_f1", HALVED * 0.95),
        ("val_macro_recall", HALVED * 0.95),
    ],
)
def test_each_given_metric_has_its_bound(metric: str, bound: float):
    """Just under it fires, just over it does not."""
    assert judge(**given(bound - EPS, metric)) is not None
    assert judge(**given(bound + EPS, metric)) is None


def test_a_good_accuracy_is_part_of_it():
    """With the class's share known less will do than without."""
    assert judge(**given(0.0, accuracy=HIGH + EPS)) is not None
    assert judge(**given(0.0, accuracy=HIGH - EPS)) is None
    wrong = counted(np.zeros(N), share=0.3)
    wrong["val_fp"] = np.full(N, 700 - 1000 * FINE + 1)
    wrong["val_tn"] = 700 - wrong["val_fp"]
    assert judge(**wrong) is None


def test_without_an_accuracy_nothing_is_hidden():
    """A detector's recall is what it is."""
    assert isinstance(judge(val_recall=np.full(N, 0.1), val_precision=np.full(N, 0.4)), Skipped)


def test_a_class_is_rare_up_to_the_named_share():
    """Half and half is no imbalance, whatever is answered."""
    assert judge(**counted(np.zeros(N), share=RARE - 0.01)) is not None
    assert judge(**counted(np.zeros(N), share=RARE + 0.01)) is None


def test_a_handful_of_examples_is_bad_luck():
    """Too few of the class to tell."""
    enough = EXAMPLES_MIN / 1000

    assert judge(**counted(np.zeros(N), share=enough)) is not None
    assert isinstance(judge(**counted(np.zeros(N), share=enough - 0.001)), Skipped)


def test_a_class_that_is_never_found_is_an_error():
    """Also where the rare one is the negative; one that is hardly ever found is a warning."""
    negative = {
        "val_tp": NEVER["val_tn"],
        "val_tn": NEVER["val_tp"],
        "val_fp": NEVER["val_fn"],
        "val_fn": NEVER["val_fp"],
    }

    assert "error" == found(**NEVER).severity
    assert "error" == found(**negative).severity
    assert found(**counted(np.full(N, 0.1), share=0.05)).severity is None


def test_weights_come_from_the_counts():
    """Weight a class by n / (2 n_c), negatives first."""
    (_, weights, *_) = found(**NEVER).fixes

    assert ("reweight_classes", {"weights": [0.526, 10.0], "scheme": "balanced"}) == (
        weights.action,
        dict(weights.params),
    )


def test_the_last_bias_starts_at_the_log_odds_of_the_rare_class():
    """One in twenty: ln(0.05 / 0.95)."""
    bias = found(**NEVER).fixes[-1]

    assert ("fix_initialization", -2.94) == (bias.action, bias.params["bias"])
    assert "-2.94" in bias.advice


def test_weights_come_from_the_accuracy_where_nothing_else_is_known():
    """With no positive found, what accuracy lacks is their share."""
    assert [0.526, 10.0] == found(**given(0.0)).fixes[1].params["weights"]


def test_scores_that_rank_want_another_threshold_first():
    """A good AUC tells; the threshold is the base rate."""
    finding = found(val_auc=np.full(N, 0.9), **NEVER)

    assert ("move_threshold", {"threshold": 0.05}) == (finding.fixes[0].action, dict(finding.fixes[0].params))
    assert "threshold" in finding.causes[0].cause
    assert "reweight_classes" == found(val_auc=np.full(N, 0.55), **NEVER).fixes[0].action


def test_who_watches_a_better_metric_is_not_told_to():
    """`monitor` says so."""
    assert "change_metric" in {fix.action for fix in found(**NEVER).fixes}
    assert "change_metric" not in {fix.action for fix in found(Context(monitor="val_mcc"), **NEVER).fixes}


def test_it_is_dated_from_where_the_class_was_lost():
    """The last position at which more of it was found is before."""
    finding = found(**counted(np.where(np.arange(N) < 10, 0.5, 0.0), share=0.2))

    assert finding.since is not None
    assert 10 == finding.since.at


def test_a_class_that_is_being_learnt_is_not_ignored():
    """A rise in the second half is real, and will go on."""
    assert judge(**counted(np.linspace(0.0, 0.15, N), share=0.3)) is None
    assert judge(**counted(np.where(np.arange(N) < N - 3, 0.0, 0.5), share=0.3)) is None


def test_a_rise_that_would_take_decades_excuses_nothing():
    """What wanders about a twentieth rises by chance in one run of some."""
    wandering = np.full(N, 0.05) + 0.004 * np.linspace(0.0, 1.0, N) + 0.0005 * np.sin(np.arange(N))

    assert judge(val_recall=wandering, val_accuracy=np.full(N, 0.97)) is not None
    assert judge(val_recall=wandering + np.linspace(0.0, 0.09, N), val_accuracy=np.full(N, 0.97)) is None


def test_a_run_that_is_not_over_may_yet_learn_it():
    """Until half of its epochs, or until its loss has long been flat."""
    running = Context(finished=False)

    assert isinstance(judge(running, loss=falling(n=N, tau=0.9), **NEVER), Skipped)
    assert numbers(found(Context(finished=False, planned_epochs=60), loss=falling(n=N, tau=0.9), **NEVER))
    assert numbers(found(running, loss=falling(n=N, tau=0.05), **NEVER))


def test_percent_is_read_as_percent():
    """10 of 100 is a tenth, and 0.9 beside 95 is 0.9."""
    assert judge(val_recall=np.full(N, 10.0), val_accuracy=np.full(N, 95.0)) is not None
    assert judge(val_recall=np.full(N, 0.9), val_accuracy=np.full(N, 95.0)) is None


LOOK_ALIKES = {
    "imperfect and balanced": counted(np.full(N, 0.6), share=0.5),
    "a modest recall of a rare class": counted(np.full(N, 0.4), share=0.05),
    "F1 and accuracy alike": given(0.7, "val_f1", 0.72),
    "a noisy recall": {
        "val_recall": flat(level=0.3, noise=0.1, n=N),
        "val_accuracy": flat(level=0.95, noise=0.01, n=N),
    },
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Modest is not ignored."""
    assert judge(**LOOK_ALIKES[name]) is None


def test_it_is_skipped_without_metrics_of_classes_or_with_too_few_values():
    """And says what would do."""
    assert Skipped("lacks precision, recall, F1, MCC or counts (tp, fp, tn, fn)") == judge(
        loss=falling(), val_accuracy=flat(level=0.9)
    )
    assert isinstance(judge(**counted(np.full(4, 0.1), share=0.05)), Skipped)
    assert isinstance(judge(**counted(np.zeros(1), share=0.05)), Skipped)


def test_a_class_that_was_never_found_in_a_run_that_is_over_needs_no_more_values():
    """Three evaluations of a fine-tune are all there are."""
    assert judge(**counted(np.zeros(3), share=0.05)) is not None
    assert isinstance(judge(Context(planned_epochs=9, finished=False), **counted(np.zeros(3), share=0.05)), Skipped)


def test_of_several_classes_no_threshold_is_moved():
    """A macro F1 of two classes is nearly a half where one is never found."""
    several = {"val_accuracy": np.full(3, 0.976), "val_f1": np.full(3, 0.247), "val_mcc": np.zeros(3)}

    assert "move_threshold" == found(**several | {"val_f1": np.full(3, 0.494)}).fixes[0].action
    assert "reweight_classes" == found(**several).fixes[0].action


def test_it_explains_a_metric_that_does_not_move():
    """One alarm for one fault."""
    report = diagnose(run(None, loss=falling(), **counted(np.zeros(60), share=0.05)))

    assert "class_imbalance" in {j.condition for j in report.findings}
    assert "masked by class_imbalance" == report.outcomes.skipped["metric_loss_mismatch"]


def test_the_series_are_the_logged_ones():
    """Derived curves are shown, and the counts are named."""
    confusion = measure_confusion(run(None, **NEVER))

    assert confusion is not None
    assert ("val_tp", "val_fp", "val_tn", "val_fn") == found(**NEVER).series == confusion.series


def sinking(*, to: float, most: float = 0.6, accuracy: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """A recall that sinks to a level and stays there, and an accuracy that rises."""
    recall = np.concatenate((np.linspace(most, to, N // 2), np.full(N - N // 2, to)))
    return {"val_recall": recall, "val_accuracy": np.linspace(0.8, 0.97, N) if accuracy is None else accuracy}


def test_a_recall_that_sinks_while_accuracy_rises_is_ignored_at_twice_the_share():
    """The model learns to leave the class out; one that dips and comes back, or whose accuracy sinks as well, does not."""
    dips = sinking(to=SUNK - EPS)
    dips["val_recall"] = np.where(np.arange(N) == 5, 0.1, dips["val_recall"])

    assert "ever more rarely found" in found(**sinking(to=SUNK - EPS)).summary
    assert judge(**sinking(to=SUNK + EPS)) is None
    assert judge(**sinking(to=SUNK - EPS, most=SUNK / LOST - 0.01)) is None
    assert judge(**sinking(to=SUNK - EPS, accuracy=np.linspace(0.97, 0.9, N))) is None
    assert judge(**dips) is None


def test_an_f1_beside_a_recall_leaves_it_to_the_recall():
    """A low F1 of many false alarms is no class that is ignored."""
    assert judge(**given(F_SCORE - EPS, "val_f1")) is not None
    assert judge(**given(F_SCORE - EPS, "val_f1"), val_recall=np.full(N, 0.8)) is None
