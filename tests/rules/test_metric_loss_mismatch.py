import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.agreement import KEPT
from diagnosis.features.disagreement import EARLY, GIVEN_BACK, VALUES
from diagnosis.features.fallen import OF_METRIC
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run, turning
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["metric_loss_mismatch"]
judge, found = ask("metric_loss_mismatch")
LEARNT = 1.0 - falling(start=0.9, floor=0.2, tau=0.1, noise=0.0)
LOSS, UP = falling(), turning(at=20)
RIPPLE = np.random.default_rng(7).standard_normal(60)


def falls_back(share: float) -> np.ndarray:
    """An accuracy that loses a share of its gain of 0.7 over its last third."""
    return LEARNT - 0.7 * share * np.clip((np.arange(60) - 40) / 10, 0.0, 1.0)


def test_the_most_a_metric_may_lose_is_the_named_share_of_its_gain():
    """Just over it, it did not hold: that is overfitting."""
    least = faintest(
        lambda kept: judge(loss=LOSS, val_loss=UP, val_accuracy=falls_back(1 - kept)) is not None, 0.5, 1.0
    )

    assert 1 - least == pytest.approx(KEPT, rel=0.05)


def test_the_least_rise_of_the_loss_is_the_named_share_of_its_progress():
    """As for overfitting."""
    rise = faintest(
        lambda rise: judge(loss=LOSS, val_loss=turning(at=20, rise=rise), val_accuracy=LEARNT) is not None, 0, 0.05
    )
    rebound = numbers(found(loss=LOSS, val_loss=turning(at=20, rise=rise), val_accuracy=LEARNT))["rebound"]

    assert rebound.value == pytest.approx(GIVEN_BACK, rel=1e-3)
    assert rebound.bound == GIVEN_BACK


def sinks(share: float) -> np.ndarray:
    """An accuracy that rises from 0.1 to 0.8 in a third of the run, and loses a share of that again to its end."""
    return np.interp(np.arange(60), [0, 20, 59], [0.1, 0.8, 0.8 - 0.7 * share]) + 0.002 * RIPPLE


def test_a_metric_that_got_worse_though_its_loss_held_is_told_by_the_share_it_lost():
    """The checkpoint is the metric's; whoever ships by the loss does not ask."""
    held = falling(floor=0.6, tau=0.08)
    least = faintest(lambda lost: judge(loss=LOSS, val_loss=held, val_accuracy=sinks(lost)) is not None, 0.1, 0.5)
    finding = found(loss=LOSS, val_loss=held, val_accuracy=sinks(0.4))

    assert least == pytest.approx(OF_METRIC, rel=0.1)
    assert finding.restore is not None
    assert abs(finding.restore.at - 20) <= 2
    assert ("restore_best", {"epoch": finding.restore.at}) == (finding.fixes[0].action, dict(finding.fixes[0].params))
    assert judge(Context(monitor="val_loss"), loss=LOSS, val_loss=held, val_accuracy=sinks(0.4)) is None


def test_a_run_whose_monitored_metric_fell_is_stopped_and_goes_back_to_it():
    """The metric that ships decides, whatever the loss goes on to gain."""
    falls = falling(floor=0.6, tau=0.3)
    told = diagnose(run(Context(monitor="val_accuracy"), loss=LOSS, val_loss=falls, val_accuracy=sinks(0.4)))

    assert ("attention", "stop") == (told.status, told.decision.action)
    assert told.decision.restore is not None
    assert abs(told.decision.restore.at - 20) <= 2


LOOK_ALIKES = {
    "an early peak of noise": {"val_accuracy": 0.7 + 0.06 * np.random.default_rng(3).standard_normal(60)},
    "traded for recall": {"val_accuracy": sinks(0.4), "val_recall": 0.9 - sinks(0.4)},
    "recall, for precision": {"val_recall": sinks(0.4)},
    "a dip that closes": {"val_accuracy": np.interp(np.arange(60), [0, 20, 40, 59], [0.1, 0.8, 0.6, 0.8])},
}


@pytest.mark.parametrize("metrics", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_metric_that_is_noisy_traded_or_back_has_not_fallen(metrics: dict[str, np.ndarray]):
    """Each looks like one that fell while its loss held."""
    assert judge(loss=LOSS, val_loss=falling(floor=0.6, tau=0.08), **metrics) is None


def test_a_metric_of_few_examples_may_lose_a_few():
    """Where `val_size` tells how coarse it is; of a handful nothing is said."""
    lost = falls_back(0.055)

    assert judge(loss=LOSS, val_loss=UP, val_accuracy=lost) is None
    assert judge(Context(val_size=10_000), loss=LOSS, val_loss=UP, val_accuracy=lost) is None
    assert judge(Context(val_size=30), loss=LOSS, val_loss=UP, val_accuracy=lost) is not None
    assert judge(Context(val_size=10), loss=LOSS, val_loss=UP, val_accuracy=lost) is None


def test_it_is_dated_where_the_loss_turned_and_restores_where_the_metric_is_best():
    """The checkpoint is chosen by what did not get worse."""
    finding = found(loss=LOSS, val_loss=UP, val_accuracy=LEARNT)
    fixes = {fix.action: dict(fix.params) for fix in finding.fixes}

    assert finding.since is not None
    assert finding.restore is not None
    assert 17 <= finding.since.at <= 23
    assert finding.restore.at > 40
    assert ["scale_temperature", "restore_best"] == [fix.action for fix in finding.fixes[:2]]
    assert {"to": "val_accuracy"} == fixes["change_metric"]
    assert {"label_smoothing": 0.1} == fixes["smooth_labels"]


def test_who_monitors_the_metric_is_not_told_to():
    """`monitor` says so."""
    asked = found(Context(monitor="val_accuracy"), loss=LOSS, val_loss=UP, val_accuracy=LEARNT)

    assert "change_metric" not in {fix.action for fix in asked.fixes}


@pytest.mark.parametrize(
    ("name", "turned"), [("val_f1", LEARNT), ("val_accuracy", 100 * LEARNT), ("val_error", 1 - LEARNT)]
)
def test_any_count_of_right_or_wrong_answers_will_do(name: str, turned: np.ndarray):
    """In percent, or turned over."""
    assert judge(loss=LOSS, val_loss=UP, **{name: turned}) is not None


def test_a_dead_metric_is_told_from_a_late_fall():
    """At a rate too small the loss falls in a straight line, and no answer has flipped yet."""
    zero = np.zeros(60)

    assert numbers(found(loss=falling(tau=0.1), val_f1=zero))["early"].value > EARLY
    assert judge(loss=np.linspace(2.3, 1.9, 60), val_f1=zero) is None


@pytest.mark.parametrize(("end", "fires"), [(0.31, True), (0.45, False)])
def test_a_metric_at_zero_beside_a_loss_that_more_than_halved_in_a_line_is_dead_too(end: float, *, fires: bool):
    """What came so far is no longer at its beginning, however straight its way."""
    line = np.linspace(0.69, end, 20)
    made = judge(loss=line, val_loss=line + 0.01, val_f1=np.zeros(20))

    assert fires == isinstance(made, Finding)
    assert judge(loss=line, val_loss=line + 0.01, val_f1=np.linspace(0.0, 0.3, 20)) is None
    assert judge(loss=0.69 - (0.69 - end) * np.linspace(0, 1, 20) ** 2, val_f1=np.zeros(20)) is None


@pytest.mark.parametrize(("precision", "f1", "fires"), [(0.85, 0.2, True), (0.85, 0.5, False), (0.5, 0.2, False)])
def test_an_f1_far_below_its_average_precision_wants_another_threshold(precision: float, f1: float, *, fires: bool):
    """Where the answers are ranked well, some threshold gives an F1 nearly as high; it never was at the bottom."""
    rises = 1.0 - falling(start=1.0, floor=0.0, tau=0.1, noise=0.0)
    made = judge(loss=LOSS, val_loss=LOSS, val_mAP=precision * rises, val_f1_macro=f1 * rises)

    assert fires == isinstance(made, Finding)
    if isinstance(made, Finding):
        assert "lets another threshold do better" in made.summary
        assert made.fixes[0].action == "move_threshold"
        assert numbers(made)["of_ranking"].value == pytest.approx(f1 / precision, rel=0.02)


def test_a_dead_metric_behind_a_threshold_wants_that_moved_first():
    """An accuracy is recomputed first."""
    assert "move_threshold" == found(loss=LOSS, val_f1=np.zeros(60)).fixes[0].action
    assert "recompute_metric" == found(loss=LOSS, accuracy=np.full(60, 0.1)).fixes[0].action


def test_a_running_training_is_not_told_that_its_metric_is_dead():
    """It may begin late."""
    assert judge(Context(finished=False), loss=LOSS, val_f1=np.zeros(60)) is None


LOOK_ALIKES = {
    "plain overfitting": {"val_loss": UP, "val_accuracy": falls_back(0.3)},
    "a metric that learnt nothing": {"val_loss": UP, "val_accuracy": flat(level=0.5, noise=0.01)},
    "both well": {"val_loss": falling(seed=1), "val_accuracy": LEARNT},
    "a metric at its top": {"val_accuracy": np.ones(60)},
    "a good constant": {"val_accuracy": np.full(60, 0.95)},
    "an error of none": {"val_error": np.zeros(60)},
    "a metric that begins late": {"val_map": np.clip(np.linspace(-0.3, 0.3, 60), 0.0, 1.0)},
    "a loss by another name": {"val_loss": UP, "val_mae": falling(seed=3)},
    "another stretch": {"val_loss": UP, "val_accuracy": LEARNT[:40]},
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What did not disagree, or cannot be said to."""
    assert judge(loss=LOSS, **LOOK_ALIKES[name]) is None


def test_a_training_loss_that_rises_as_well_is_no_over_confidence():
    """That is instability."""
    assert judge(loss=turning(at=20, seed=5), val_loss=UP, val_accuracy=LEARNT) is None


def test_a_metric_that_stands_in_for_the_loss_is_not_set_against_itself():
    """No loss is logged: there is nothing to disagree with."""
    assert judge(accuracy=np.full(60, 0.1), val_accuracy=LEARNT) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """Holding takes a while to be seen."""
    assert Skipped("lacks a training loss") == judge(val_loss=UP)
    assert isinstance(judge(loss=falling(n=VALUES - 1), val_f1=np.zeros(VALUES - 1)), Skipped)


def test_overfitting_stands_beside_it():
    """What ships decides which of the two it is."""
    both = diagnose(run(None, loss=LOSS, val_loss=UP, val_accuracy=LEARNT))

    assert {"overfitting", "metric_loss_mismatch"} <= {j.condition for j in both.findings}


def test_divergence_and_a_dead_loss_explain_it():
    """A model that broke or never learnt has no metric to speak of."""
    for name in ("divergence", "not_learning", "non_finite"):
        assert "metric_loss_mismatch" in all_rules()[name].explains(all_rules())


@pytest.mark.parametrize("monitor", ["val_loss", "loss"])
def test_whose_loss_ships_is_told_of_overfitting_first(monitor: str):
    """That the metric held is no comfort where `monitor` names the loss."""
    assert judge(Context(monitor=monitor), loss=LOSS, val_loss=UP, val_accuracy=LEARNT) is None
    assert judge(Context(monitor="val_accuracy"), loss=LOSS, val_loss=UP, val_accuracy=LEARNT) is not None


@pytest.mark.parametrize(("end", "fires"), [(0.3, True), (1.0, False)])
def test_where_validations_loss_stands_still_its_metric_does_not_disagree(end: float, *, fires: bool):
    """What training gains by heart, neither of them shows."""
    training, metric = falling(start=1.0, floor=0.2), flat(level=0.0, noise=0.002)
    finding = judge(loss=training, val_loss=falling(start=1.0, floor=end, seed=1), val_r2=metric)

    assert (finding is not None) == fires


@pytest.mark.parametrize(
    ("metric", "values", "fires"),
    [
        ("recall@20", np.linspace(0.04, 0.005, 60), True),
        ("recall@20", np.linspace(0.4, 0.3, 60), False),
        ("recall_at_1", np.array([0.32, 0.168, *[0.078] * 58]), True),
        ("recall_at_1", np.array([0.32, 0.168, *[0.17] * 58]), False),
        ("l2_error", np.linspace(0.5, 110.0, 60), True),
        ("l2_error", np.linspace(0.5, 0.6, 60), False),
        ("accuracy", np.linspace(0.6, 0.2, 60), True),
        ("recall", np.linspace(1.0, 0.42, 60), False),
        ("kl_weight", np.linspace(0.1, 10.0, 60), False),
    ],
)
def test_a_metric_that_was_best_at_first_and_got_twice_as_bad_went_against_the_loss(
    metric: str, values: np.ndarray, *, fires: bool
):
    """What is minimised is not what is measured: a sign, a column, a file."""
    finding = judge(loss=falling(), **{metric: values})

    assert fires == isinstance(finding, Finding)
    assert not isinstance(finding, Finding) or "got worse" in finding.summary
    assert not isinstance(finding, Finding) or "bottom" not in " ".join(
        (*finding.against, *(c.test for c in finding.causes))
    )


def test_of_several_metrics_one_that_never_moves_is_told():
    """Nothing passes the threshold, though the ranking gets better and better."""
    ranking = 0.6 - 0.3 * falling()
    finding = found(loss=falling(), mAP=ranking, micro_f1=flat(level=0.374, noise=0.0))

    assert "micro_f1 stays at 0.374" in finding.summary
    assert judge(loss=falling(), mAP=ranking, micro_f1=ranking) is None
    assert judge(loss=falling(), mAP=ranking, micro_f1=flat(level=0.97, noise=0.0)) is None


@pytest.mark.parametrize(("late", "fires"), [([0.0, 0.0], True), ([0.0, 0.02], False)])
def test_a_metric_of_positives_that_fell_silent_is_told_though_it_began_above_the_bottom(
    late: list[float], *, fires: bool
):
    """A network that was just drawn calls half of the examples positive; once it has learnt that few are, none."""
    came = np.array([0.66, 0.56, 0.40, 0.30, 0.253, 0.243, 0.238, 0.233, 0.235, 0.237])
    finding = judge(loss=came, val_loss=came - 0.01, val_f1=np.array([0.09, 0.07, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, *late]))

    assert fires == isinstance(finding, Finding)
    assert not isinstance(finding, Finding) or "val_f1 is 0 from epoch 2 on" in finding.summary


@pytest.mark.parametrize(("right", "fires"), [(0.14, True), (0.7, False)])
def test_an_accuracy_that_its_own_cross_entropy_contradicts_is_told_after_a_few_epochs(right: float, *, fires: bool):
    """A wrong answer costs ln 2 at least: at 0.2 on average, hardly more than one in four can be wrong."""
    loss = 0.2 + 2.1 * np.exp(-np.arange(12) / 2.0)
    accuracy = np.append([0.11, 0.15, 0.13], np.full(9, right) + 0.003 * np.arange(9) % 2)

    assert fires == isinstance(judge(Context(num_classes=10), loss=loss, val_loss=loss, val_accuracy=accuracy), Finding)
    assert judge(Context(num_classes=10), loss=loss / 9, val_loss=loss / 9, val_accuracy=accuracy) is None


SHARE = np.arange(60) / 60
LEARNS = 1.87 * np.exp(-6 * SHARE)  # of a focal loss among ten classes, which begins near ln 10 as well


@pytest.mark.parametrize(
    ("context", "curves"),
    [
        (Context(num_classes=100), {"loss": 4.4 * np.exp(-9 * SHARE), "val_accuracy": 0.75 * (1 - np.exp(-5 * SHARE))}),
        (Context(num_classes=10), {"loss": LEARNS, "val_loss": LEARNS + 0.02, "val_accuracy": 0.85 - 0.4 * LEARNS}),
        (
            Context(num_classes=10, task="language_model"),
            {"loss": LEARNS, "val_loss": LEARNS, "val_accuracy": 0.05 * SHARE},
        ),
    ],
    ids=["learnt by heart", "another loss", "whole answers beside tokens"],
)
def test_a_metric_that_follows_its_loss_from_afar_is_not_contradicted(context: Context, curves: dict[str, np.ndarray]):
    """Training's loss holds no answers of validation, and not every loss costs ln 2 a wrong one."""
    assert not isinstance(judge(context, **curves), Finding)


@pytest.mark.parametrize("name", ["val_accuracy", "val_dice", "accuracy"])
@pytest.mark.parametrize(
    ("right", "left", "fires"),
    [(0.62, 0.1, True), (0.62, 0.7, False), (0.92, 0.1, False)],
    ids=["far from all", "a loss that hardly falls", "nearly all"],
)
def test_answers_that_go_nowhere_while_their_loss_falls_by_far_are_told(
    name: str, right: float, left: float, *, fires: bool
):
    """They need not be at chance: a loss of a tenth of what it was has learnt what right answers would show."""
    course = left + (1.0 - left) * np.exp(-SHARE / 0.15)
    jitter = 0.008 * np.random.default_rng(0).standard_normal((2, 60))
    losses = {"loss": course * (1 + jitter[0])} | ({} if name == "accuracy" else {"val_loss": course + 0.03})

    assert fires == isinstance(judge(**losses, **{name: right + jitter[1]}), Finding)


def test_answers_that_get_better_with_their_loss_are_not_told():
    """By five in a hundred, a little at a time."""
    course = 0.1 + 0.9 * np.exp(-SHARE / 0.15)
    right = 0.62 + 0.05 * (1.0 - course) + 0.004 * np.random.default_rng(0).standard_normal(60)

    assert not isinstance(judge(loss=course, val_loss=course + 0.03, val_accuracy=right), Finding)


@pytest.mark.parametrize(("errors", "val_end", "fires"), [(1.0, 8.71, True), (0.98, 8.71, False), (1.0, 6.0, False)])
def test_a_share_of_mistakes_that_is_1_throughout_is_at_the_bottom_where_validation_rests(
    errors: float, val_end: float, *, fires: bool
):
    """All transcripts are blank; where validation still falls, they may come yet, as they always come late."""
    loss = np.append(11.4, np.linspace(8.73, 8.46, 19))
    val_loss = np.interp(np.arange(20), [0, 5, 19], [8.76, 8.63, val_end])
    finding = judge(loss=loss, val_loss=val_loss, val_cer=np.array([*[1.0] * 10, errors, *[1.0] * 9]))

    assert fires == isinstance(finding, Finding)
    assert not isinstance(finding, Finding) or "val_cer stays at 1 over all 20 values" in finding.summary
