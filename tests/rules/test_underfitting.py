import math

import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.floor import ABOVE
from diagnosis.features.measured import TAIL
from diagnosis.features.shortfall import GAP, HELD_BACK, MODERATE, NARROW, NARROWER, RESTING, SKILL, STRONG
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.underfitting import SURE, UNSURE
from diagnosis.run import Context
from diagnosis.synthetic import falling
from tests.rules.asking import ask, numbers

RULE = all_rules()["underfitting"]
judge, found = ask("underfitting")
TEN = Context(num_classes=10)
LN10 = math.log(10)
N = 100

MOMENTS = np.linspace(0.0, 1.0, 60)
COOLING = MOMENTS / 2 + np.sin(np.pi * MOMENTS) / (2 * np.pi)  # what is gained in proportion to a rate under a cosine
COOLING = COOLING / COOLING[-1]
RESTS = 1.0 - np.exp(-8.0 * MOMENTS)


def resting(level: float, *, start: float = LN10, since: int = 50) -> np.ndarray:
    """A straight fall from guessing that rests from an index on."""
    return np.interp(np.arange(N), [0, since], [start, level])


@pytest.mark.parametrize(("times", "fires"), [(0.98, True), (1.02, False)])
def test_a_level_short_of_the_named_share_of_the_way_is_poor(times: float, *, fires: bool):
    """Of the way from guessing to perfect, as far as the anchor tells."""
    loss = resting(LN10 * (1 - times * SKILL))

    assert fires == (judge(TEN, loss=loss, val_loss=loss) is not None)
    assert fires == (judge(Context(baseline=LN10), loss=loss, val_loss=loss) is not None)


@pytest.mark.parametrize(("accuracy", "severity"), [(0.60, "warning"), (0.93, "info"), (0.97, None)])
def test_a_monitored_metric_is_poor_by_its_baseline_and_no_warning_where_it_is_beaten(
    accuracy: float, severity: str | None
):
    """Whatever guessing among so many classes would score, and however low the loss is."""
    context, loss = Context(num_classes=10, baseline=0.9, monitor="val_accuracy"), resting(0.4)
    finding = judge(context, loss=loss, val_loss=loss, val_accuracy=np.full(N, accuracy))

    assert severity == getattr(finding, "severity", None)
    assert severity != "warning" or "val_accuracy worse than the baseline" in getattr(finding, "summary", "")


@pytest.mark.parametrize(("level", "severity"), [(1.0, "warning"), (0.99, "warning"), (0.9, "info")])
def test_a_loss_that_comes_down_to_the_baseline_and_rests_there_is_a_warning(level: float, severity: str):
    """It is worth no more than the simple model that the caller holds it against."""
    loss = falling(start=5.0, floor=level, tau=0.08, noise=0.001, n=N)

    assert severity == found(Context(task="regression", baseline=1.0), loss=loss, val_loss=loss + 0.02).severity


@pytest.mark.parametrize(("noise", "fires"), [(0.0, True), (0.5, False)])
def test_a_score_of_a_handful_of_examples_calls_no_level_poor(noise: float, *, fires: bool):
    """Within its noise it may stand above the named share of the way."""
    score = 0.5 + noise * (-1.0) ** np.arange(N)

    assert fires == (judge(loss=resting(1.0), val_loss=resting(1.0), val_r2=score) is not None)


def test_what_the_level_was_judged_by_is_said():
    """The share, the bound, and what guessing scores."""
    loss = resting(0.8 * LN10)
    finding = found(TEN, loss=loss, val_loss=loss)
    skill = numbers(finding)["skill"]

    assert skill.value == pytest.approx(0.2)
    assert (SKILL, False) == (skill.bound, skill.exceeds)
    assert skill.says == "loss 1.842; guessing has 2.303"
    assert "20 % of the way from guessing to perfect" in finding.summary
    assert finding.series == ("loss", "val_loss")


def test_an_accuracy_is_judged_before_the_loss_and_named():
    """Half of a thousand classes right is not poor, whatever the loss."""
    loss = resting(0.8 * LN10)
    poor = found(TEN, loss=loss, val_loss=loss, accuracy=resting(0.3, start=0.1))

    assert poor.series == ("loss", "val_loss", "accuracy")
    assert judge(TEN, loss=loss, val_loss=loss, accuracy=resting(0.7, start=0.1)) is None


def test_worse_than_guessing_is_said_so():
    """A negative share is no share for people."""
    loss = resting(1.2 * LN10, start=2 * LN10)

    assert found(TEN, loss=loss, val_loss=loss).summary.endswith(", worse than guessing.")


@pytest.mark.parametrize(("times", "fires"), [(0.9, True), (1.1, False)])
def test_what_still_moves_is_not_resting(times: float, *, fires: bool):
    """The last quarter may gain the named share of the progress."""
    last, start = times * RESTING, int(N * (1 - TAIL))
    loss = 2.0 - np.interp(np.arange(N), [0, 40, start, N - 1], [0.0, 1.0 - last, 1.0 - last, 1.0])
    fair = LN10 * (
        1 - 0.99 * SKILL * np.interp(np.arange(N), [0, 40, start, N - 1], [0.0, 1.0 - last, 1.0 - last, 1.0])
    )

    assert fires == isinstance(judge(Context(dropout=STRONG), loss=loss, val_loss=loss - 0.3), Finding)
    assert fires == (judge(TEN, loss=fair, val_loss=fair) is not None)


def test_what_would_be_poor_after_twice_the_training_falls_short_though_it_moves():
    """A creep that leads nowhere; a fall that leads somewhere is not accused."""
    creeping = falling(start=LN10, floor=0.85 * LN10, tau=0.45, noise=1e-3, n=N)
    leading = falling(start=LN10, floor=0.0, tau=0.8, noise=1e-3, n=N)
    finding = found(TEN, loss=creeping, val_loss=creeping)

    assert numbers(finding)["resting"].value > RESTING
    assert numbers(finding)["resting"].bound is None
    assert "has come to" in finding.summary
    assert judge(TEN, loss=leading, val_loss=leading) is None


def test_a_schedule_that_has_ended_the_run_leaves_it_where_it_is():
    """Half of a cosine to zero: what it gained in the last quarter belongs to the schedule."""
    shares = np.linspace(0, 1, 40)
    rate = 0.5 * (1 + np.cos(np.pi * shares))
    loss = LN10 * (1 - 0.1 * np.cumsum(rate) / rate.sum())

    assert "of the way from guessing" in found(TEN, loss=loss, val_loss=loss, lr=1e-4 * rate).summary


def test_a_validation_that_is_not_poor_overturns_it():
    """Training is logged with dropout, and behind the checkpoint: in evaluation mode the model is better."""
    poor = resting(0.5 * LN10)

    assert judge(TEN, loss=poor, val_loss=resting(0.9 * (1 - SKILL) * LN10)) is None
    assert judge(TEN, loss=poor, val_loss=resting(1.1 * (1 - SKILL) * LN10)) is not None


@pytest.mark.parametrize("classes", [3, 6, 10, 100])
@pytest.mark.parametrize("right", [1.0, 0.9])
def test_a_softmax_before_the_cross_entropy_is_told_by_its_floor(classes: int, right: float):
    """ln(1 + (C - 1)/e) and 1 more for each wrong answer, however good the accuracy looks."""
    floor = math.log1p((classes - 1) / math.e)
    context = Context(num_classes=classes)
    loss = resting(floor + 1 - right + 0.5 * ABOVE * math.log(classes), start=math.log(classes))
    finding = found(context, loss=loss, val_loss=loss, accuracy=resting(right, start=1 / classes))

    assert "a softmax applied twice" in finding.summary
    assert finding.causes[0].cause == "A softmax stands before a loss that applies its own."
    assert finding.fixes[0].action == "remove_output_activation"


@pytest.mark.parametrize("classes", [4, 10, 100])
@pytest.mark.parametrize("side", ["", "val_"])
def test_it_is_told_without_the_number_of_classes_by_what_loss_and_accuracy_add_up_to(classes: int, side: str):
    """That is nearly the same all along; it is said as information, for soft targets look alike."""
    right = resting(0.95, start=1 / classes)
    loss = np.minimum(math.log1p((classes - 1) / math.e) + 1 - right, math.log(classes))
    finding = found(**{"loss": loss, "val_loss": loss, f"{side}accuracy": right})

    assert f"for {classes} classes" in finding.summary
    assert finding.fixes[0].action == "remove_output_activation"
    assert ("info", UNSURE) == (finding.severity, finding.ceiling)
    assert "distillation" in finding.against[0]


def test_without_the_number_of_classes_an_ordinary_loss_is_not_taken_for_one_on_a_floor():
    """It falls faster than answers become right, began above the sum, or its accuracy does not tell: labels smoothed by 0.1 rest at 0.5."""
    right = resting(0.95, start=0.1)
    floored = np.minimum(math.log1p(9 / math.e) + 1 - right, LN10)
    for loss, accuracy in (
        (resting(0.5), right),
        (resting(1.5, start=LN10 + 0.5), right),  # a penalty on the weights is in it
        (floored, resting(0.95, start=0.9)),
        (floored, resting(0.8, start=0.1)),
        (resting(0.5, start=0.7), resting(0.95, start=0.5)),  # two classes
        (floored[20:], right[20:]),  # it began far below ln C
    ):
        summary = getattr(judge(loss=loss, val_loss=loss, accuracy=accuracy), "summary", "")
        assert "softmax" not in summary


def test_a_loss_off_that_floor_is_another_matter():
    """Below it, clearly above it, of two classes, or without an accuracy that tells."""
    floor, good = math.log1p(9 / math.e), resting(0.95, start=0.1)
    for level in (floor - 0.3, floor + 0.05 + 3 * ABOVE * LN10):
        loss = resting(level)
        assert judge(TEN, loss=loss, val_loss=loss, accuracy=good) is None
    on, two = resting(floor + 0.05), resting(math.log1p(1 / math.e) + 0.05, start=math.log(2))
    assert "softmax" not in found(TEN, loss=on, val_loss=on).summary
    assert judge(Context(num_classes=2), loss=two, val_loss=two, accuracy=resting(0.95, start=0.5)) is None


@pytest.mark.parametrize(("times", "fires"), [(0.95, True), (1.05, False)])
def test_a_large_gap_is_another_condition(times: float, *, fires: bool):
    """As a share of what training learnt."""
    loss = resting(0.5 * LN10)
    learnt = 0.5 * LN10

    assert fires == (judge(TEN, loss=loss, val_loss=loss + times * GAP * learnt) is not None)


@pytest.mark.parametrize(("times", "fires"), [(0.95, True), (1.05, False)])
def test_against_a_level_so_poor_a_gap_is_small_however_little_was_learnt(times: float, *, fires: bool):
    """As a share of the loss that is left."""
    loss = resting(0.95 * LN10)

    assert fires == (judge(TEN, loss=loss, val_loss=loss + times * NARROWER * 0.95 * LN10) is not None)


def test_validation_that_is_better_is_no_gap():
    """Nor is it negative evidence."""
    loss = resting(0.8 * LN10)

    assert numbers(found(TEN, loss=loss, val_loss=loss - 0.3))["gap"].value == 0.0


@pytest.mark.parametrize("since", [30, 50, 70])
def test_since_is_where_it_came_to_rest(since: int):
    """Within a few epochs; where no rest is found, the last quarter."""
    loss = resting(0.8 * LN10, since=since)
    finding = found(TEN, loss=loss, val_loss=loss)
    moving = np.interp(np.arange(N), [0, 60, N - 1], [LN10, 0.8 * LN10 + 0.02, 0.8 * LN10])
    other = found(TEN, loss=moving, val_loss=moving)

    assert finding.since is not None
    assert abs(finding.since.at - since) <= 5
    assert other.since is not None
    assert other.since.at == int(N * (1 - TAIL))


def test_regularisation_that_is_in_use_is_taken_away():
    """And only that; what was never there cannot be."""
    loss = resting(0.8 * LN10)
    plain = found(Context(num_classes=10, weight_decay=0.0), loss=loss, val_loss=loss)
    regular = found(Context(num_classes=10, weight_decay=0.3, learning_rate=0.01), loss=loss, val_loss=loss)

    light = found(Context(num_classes=10, weight_decay=0.1), loss=loss, val_loss=loss)

    assert ["increase_capacity", "raise_learning_rate", "overfit_one_batch"] == [fix.action for fix in plain.fixes]
    assert ["increase_capacity", "decrease_regularization"] == [fix.action for fix in light.fixes][:2]
    assert [
        "decrease_regularization",
        "increase_capacity",
        "raise_learning_rate",
        "overfit_one_batch",
    ] == [fix.action for fix in regular.fixes]
    assert regular.fixes[0].params == {"weight_decay": 0.0}
    assert regular.fixes[2].params == {"factor": 3.0, "learning_rate": 0.03}
    assert regular.causes[0].cause == "Regularisation holds it back."


@pytest.mark.parametrize(("rate", "action"), [(0.3, "lower_learning_rate"), (0.001, "increase_capacity")])
def test_at_a_rate_far_beyond_the_usual_that_is_mended_first(rate: float, action: str):
    """Where steps settle nowhere, a wider model does not either, and larger steps least of all."""
    loss = resting(0.8 * LN10)
    made = found(Context(num_classes=10, optimizer="adam", learning_rate=rate), loss=loss, val_loss=loss)

    assert action == made.fixes[0].action
    assert ("raise_learning_rate" in {fix.action for fix in made.fixes}) == (rate == 0.001)


def test_without_an_anchor_the_level_cannot_be_judged():
    """Some tasks end at 1.8, and are done."""
    loss = resting(0.8 * LN10)
    verdict = judge(loss=loss, val_loss=loss)

    assert isinstance(verdict, Skipped)
    assert verdict.why.startswith("lacks an anchor for the level: context.num_classes")


def test_an_unfinished_run_is_not_judged():
    """It may leave this level yet."""
    loss = resting(0.8 * LN10)
    verdict = judge(Context(num_classes=10, finished=False), loss=loss, val_loss=loss)

    assert verdict == Skipped("the run is not finished: it may leave this level yet")


def test_look_alikes_stay_quiet():
    """A good level, a fall that goes on, a gap."""
    good, moving = falling(floor=0.1, n=N), falling(floor=1.0, tau=0.8, n=N)

    assert judge(TEN, loss=good, val_loss=good) is None
    assert judge(TEN, loss=moving, val_loss=moving) is None
    assert judge(TEN, loss=falling(floor=1.85, n=N), val_loss=falling(floor=2.2, n=N)) is None


def test_it_is_skipped_without_both_losses_or_with_too_few_values():
    """One curve alone cannot tell underfitting from a hard split."""
    few = RULE.points - 1
    loss = resting(0.8 * LN10)

    assert isinstance(judge(TEN, loss=loss), Skipped)
    assert isinstance(judge(TEN, loss=loss[:few], val_loss=loss[:few]), Skipped)


def test_a_fair_level_is_said_with_modest_confidence():
    """Half of the way from guessing may be all that the labels allow."""
    fair, poor = resting(0.5 * LN10), resting(0.8 * LN10)

    assert [("info", UNSURE), ("warning", SURE)] == [
        (finding.severity, finding.ceiling)
        for finding in (found(TEN, loss=loss, val_loss=loss) for loss in (fair, poor))
    ]


def test_a_rate_that_dropped_while_the_loss_was_falling_needs_no_anchor():
    """The drop is the first cause, and a later one the first fix."""
    rates = np.where(np.arange(N) < 30, 0.1, 0.01)
    loss = resting(1.0, start=2.0, since=30)
    finding = found(loss=loss, val_loss=loss, lr=rates)

    assert numbers(finding)["before_drop"].value == pytest.approx(0.24, abs=0.03)
    assert finding.causes[0].cause == "The learning rate dropped too early."
    assert finding.fixes[0].params == {"kind": "step", "at": 60, "factor": 0.1}
    assert (finding.ceiling, finding.asks) == (UNSURE, False)


def test_a_loss_that_came_to_rest_at_half_of_the_rate_was_not_frozen():
    """Halved again and again, the rate is low in the end; the drop that takes most of it came to a loss at rest."""
    rates = 0.1 * 0.5 ** (np.arange(N) // 25)
    loss = np.interp(np.arange(N), [0, 25, 35, N], [2.0, 1.2, 1.03, 1.0])
    at_once = np.where(np.arange(N) < 25, 0.1, 0.0125)

    assert isinstance(judge(loss=loss, val_loss=loss, lr=rates), Skipped)
    assert judge(loss=loss, val_loss=loss, lr=at_once) is not None


def test_a_rate_that_dropped_on_a_rest_has_done_no_harm():
    """And where the level is good, an early drop has cost little."""
    rates = np.where(np.arange(N) < 60, 0.1, 0.01)
    early = np.where(np.arange(N) < 30, 0.1, 0.01)
    rested, good = resting(1.0, start=2.0, since=30), resting(0.02)

    assert isinstance(judge(loss=rested, val_loss=rested, lr=rates), Skipped)
    assert judge(TEN, loss=good, val_loss=good, lr=early) is None


@pytest.mark.parametrize(
    ("dropout", "times", "fires"), [(STRONG, 1.1, True), (STRONG, 0.9, False), (STRONG - 0.1, 1.1, False)]
)
def test_a_dropout_that_leaves_training_worse_than_validation_needs_no_anchor(
    dropout: float, times: float, *, fires: bool
):
    """The named rate and the named share of progress; taking it away comes before a larger model."""
    loss = resting(1.0, start=2.0)
    verdict = judge(Context(dropout=dropout), loss=loss, val_loss=loss - times * HELD_BACK)

    assert fires == isinstance(verdict, Finding)
    if isinstance(verdict, Finding):
        assert numbers(verdict)["held_back"].value == pytest.approx(times * HELD_BACK)
        assert verdict.causes[0].cause == "Regularisation holds it back."
        assert verdict.fixes[0].action == "decrease_regularization"


@pytest.mark.parametrize(("classes", "severity"), [(2, "info"), (10, "warning")])
def test_half_of_the_way_among_many_classes_is_more_than_the_noise_of_labels(classes: int, severity: str):
    """Of two, one wrong answer in four may be all that the labels allow; of ten, hardly any labels are so."""
    loss = resting(0.5 * math.log(classes), start=math.log(classes))
    right = np.full(loss.size, 0.5 + 0.5 / classes)

    assert found(Context(num_classes=classes), loss=loss, val_loss=loss, accuracy=right).severity == severity


@pytest.mark.parametrize(("way", "most"), [(0.2, SURE), (0.35, UNSURE)])
def test_by_the_loss_alone_a_fair_level_is_said_with_modest_confidence(way: float, most: float):
    """No accuracy is logged: it may be text, whose loss never comes near 0."""
    loss = resting((1.0 - way) * LN10)

    assert most == found(TEN, loss=loss, val_loss=loss).ceiling
    assert found(TEN, loss=loss, val_loss=loss, accuracy=np.full(loss.size, 0.1 + 0.9 * way)).ceiling == SURE


@pytest.mark.parametrize(("share", "fires"), [(0.95 * MODERATE, True), (1.05 * MODERATE, False)])
def test_a_gap_of_most_of_what_was_learnt_is_never_small(share: float, *, fires: bool):
    """However much loss is left: then it is the gap that is to be mended, and the opposite advice."""
    loss = resting(0.8 * LN10)
    apart = share * 0.2 * LN10

    assert NARROWER * 0.8 * LN10 < apart < NARROW * 0.8 * LN10
    assert fires == (judge(TEN, loss=loss, val_loss=loss + apart) is not None)


def test_a_poor_level_explains_a_gap_that_is_small_against_it():
    """A wider model and more regularisation are not advised in one breath."""
    assert "generalization_gap" in RULE.supersedes


def test_a_rate_that_dropped_when_the_fall_was_over_has_done_no_harm_either():
    """Steep three values before the drop, and at rest in the last of them."""
    loss = np.array([0.95, 0.89, 0.70, 0.45, 0.31, 0.12, 0.047, 0.039, 0.033, 0.030, 0.030, 0.030, 0.029, 0.029])
    rates = np.where(np.arange(loss.size) < 8, 3e-3, 3e-4)

    assert not isinstance(judge(loss=loss, val_loss=loss, lr=rates), Finding)


def test_where_nearly_all_answers_are_right_an_early_drop_has_cost_little():
    """However many classes there are."""
    rates = np.where(np.arange(N) < 30, 0.1, 0.01)
    loss = resting(1.0, start=2.0, since=30)

    assert isinstance(judge(loss=loss, val_loss=loss, accuracy=np.full(N, 0.90), lr=rates), Finding)
    assert not isinstance(judge(loss=loss, val_loss=loss, accuracy=np.full(N, 0.96), lr=rates), Finding)


def test_a_few_validations_that_fall_to_the_last_do_not_rest():
    """Then the level is told, and nobody is asked to stop."""
    steps = np.arange(40.0)
    noisy = 1.38 + 0.03 * np.random.default_rng(0).standard_normal(40)

    def judged(*losses: float) -> Finding:
        series = (
            Series("loss", noisy, steps, "step"),
            Series("eval_loss", np.array(losses), steps[9::10], "step"),
            Series("eval_accuracy", np.array([0.27, 0.27, 0.3, 0.31]), steps[9::10], "step"),
        )
        context = Context(num_classes=4, learning_rate=1e-5, optimizer="adamw")
        finding = RULE.judge(measure(assemble(Log(series, "x"), context)))
        assert isinstance(finding, Finding)
        return finding

    falls, rests = judged(1.413, 1.395, 1.379, 1.365), judged(1.40, 1.37, 1.38, 1.375)
    assert "has come to" in falls.summary
    assert not falls.asks
    assert [fix.action for fix in falls.fixes[:2]] == ["raise_learning_rate", "train_longer"]
    assert "rests at" in rests.summary


@pytest.mark.parametrize(("rate", "action"), [(None, "raise_learning_rate"), (0.01, "check_trainable_parameters")])
def test_where_no_step_is_taken_any_more_that_is_mended_first(rate: float | None, action: str):
    """Without any anchor; and a rate that is logged, and did not run out, leaves the parameters."""
    stopped = np.append([1.3627912, 0.9942391, 0.9605549], np.full(21, 0.9605549))
    curves = {"loss": falling(n=24, tau=0.05, noise=0.01), "val_loss": stopped}
    finding = found(Context(), **curves, **({} if rate is None else {"lr": np.full(24, rate)}))

    assert "repeats to the last digit" in finding.summary
    assert (2, action) == (finding.since and finding.since.at, finding.fixes[0].action)


def test_where_the_rate_came_down_to_nothing_late_validation_may_repeat_itself():
    """No step is missed: none that counts was to be taken. Where it came down at once, the schedule ran out."""
    stopped = np.append(np.linspace(1.36, 0.97, 10), np.full(14, 0.9605549))
    late = np.append(np.full(10, 1e-2), np.full(14, 1e-5))

    assert not isinstance(
        judge(Context(), loss=falling(n=24, tau=0.05, noise=0.01), val_loss=stopped, lr=late), Finding
    )


# A softmax before the cross-entropy, trained for ten epochs at a cosine rate: it still learns when the run ends.
TWICE = {
    "loss": np.array([1.335, 1.125, 1.038, 0.9825, 0.9392, 0.9093, 0.887, 0.8781, 0.8735, 0.8711]),
    "val_loss": np.array([1.201, 1.042, 0.9846, 0.9467, 0.9157, 0.8954, 0.88, 0.875, 0.8724, 0.8722]),
    "accuracy": np.array([0.4079, 0.6423, 0.7286, 0.7878, 0.8438, 0.875, 0.8931, 0.9013, 0.9087, 0.9087]),
    "val_accuracy": np.array([0.55, 0.735, 0.7925, 0.825, 0.865, 0.885, 0.905, 0.91, 0.91, 0.91]),
}
COSINE = 0.0015 * (1.0 + np.cos(np.pi * np.arange(1, 11) / 10))


def test_a_softmax_applied_twice_is_told_though_it_still_learns():
    """Loss and right answers add up to the same from the first value on; that of an ordinary loss falls with it."""
    finding = found(Context(num_classes=4), **TWICE, lr=COSINE)
    above = numbers(finding)["above_floor"]
    ordinary = {**TWICE, "loss": TWICE["loss"] - np.linspace(0.0, 0.6, 10), "val_loss": TWICE["val_loss"] - 0.5}

    assert "has come to" in finding.summary
    assert "remove_output_activation" == finding.fixes[0].action
    assert above.bound is not None
    assert above.value < above.bound
    assert not isinstance(judge(Context(num_classes=4), **ordinary, lr=COSINE), Finding)


@pytest.mark.parametrize("apart", [0.0, 0.15])
def test_a_softmax_applied_twice_is_plain_among_classes_that_are_known(apart: float):
    """Where nearly all answers are right, neither a gap nor a fall that goes on at a rate that holds puts a loss there."""
    twice = {**TWICE, "val_loss": TWICE["val_loss"] + apart}

    assert "remove_output_activation" == found(Context(num_classes=4), **twice).fixes[0].action


@pytest.mark.parametrize(("rate", "fires"), [(COSINE, True), (np.full(10, 0.003), False)])
def test_a_dropout_in_the_way_is_told_once_the_schedule_has_ended(rate: np.ndarray, *, fires: bool):
    """What still falls then is the last of it; at a rate that holds, it may yet come down."""
    loss = np.linspace(1.4, 1.1, 10)

    assert fires == isinstance(judge(Context(dropout=0.7), loss=loss, val_loss=loss - 0.1, lr=rate), Finding)


def test_a_dropout_in_the_way_of_a_good_model_is_none():
    """Nor does it ask for more room: nothing tells that there is too little."""
    loss, held = np.linspace(1.4, 1.1, 10), Context(dropout=0.7)
    finding = found(held, loss=loss, val_loss=loss - 0.1, lr=COSINE)

    assert not {"increase_capacity", "raise_learning_rate"} & {fix.action for fix in finding.fixes}
    assert not isinstance(
        judge(
            held, loss=loss, val_loss=loss - 0.1, val_accuracy=np.minimum(np.linspace(0.5, 1.3, 10), 0.97), lr=COSINE
        ),
        Finding,
    )


def uncentred(rate: float) -> dict[str, np.ndarray]:
    """A regression whose targets lie far from 0: the loss of a variance of 1, from 1000 down to what there is to explain."""
    loss = 0.3 + 1000 * np.exp(-rate * np.arange(25) / 25)
    return {"loss": loss, "val_loss": loss, "val_mae": np.sqrt(loss), "val_r2": 1 - loss}


def test_an_r2_on_its_way_to_the_mean_answer_is_told_however_much_was_gained():
    """By its progress it is done; by what guessing scores it has not begun, and no room is lacking."""
    finding = found(Context(), **uncentred(5.0))

    assert finding.summary.endswith("val_r2 worse than guessing.")
    assert [fix.action for fix in finding.fixes][:3] == ["standardize_targets", "train_longer", "raise_learning_rate"]
    assert "val_r2 began at -999.3: the first answers were 32 standard deviations" in finding.fixes[0].because
    assert "targets are far from 0" in finding.causes[0].cause
    assert not isinstance(judge(Context(), **uncentred(12.0)), Finding)


def test_a_loss_that_falls_to_the_last_has_learnt_something_however_far_it_is_from_the_mean_answer():
    """Nothing threw it there: that is where it began."""
    judged, _ = ask("not_learning")

    for at in (9, 15, 20, 25):
        assert not isinstance(
            judged(Context(finished=False), **{k: v[:at] for k, v in uncentred(3.0).items()}), Finding
        )


@pytest.mark.parametrize(("rests_at", "longer"), [(0.9, True), (0.3, False)])
def test_what_learnt_until_a_smooth_schedule_took_the_steps_away_is_trained_longer_not_enlarged(
    rests_at: float, *, longer: bool
):
    """A model that lacks room rests while the rate is high."""
    share = np.arange(40) / 39
    loss = np.interp(share, [0.0, rests_at], [2.2, 1.5]) - 0.001 * share
    cosine = 0.01 * (1.0 + np.cos(np.pi * share)) / 2.0
    finding = found(TEN, loss=loss, val_loss=loss + 0.01, lr=cosine)

    assert longer == ({"train_longer", "raise_learning_rate"} == {fix.action for fix in finding.fixes[:2]})
    assert longer != finding.asks


@pytest.mark.parametrize(("accuracy", "said"), [(0.1, "no better than guessing"), (0.03, "worse than guessing")])
def test_exactly_what_guessing_scores_is_no_worse_than_guessing(accuracy: float, said: str):
    """Nor is it 3e-15 % of the way to perfect."""
    loss = resting(2.1)

    assert found(TEN, loss=loss, val_loss=loss, train_accuracy=np.full(N, accuracy)).summary.endswith(f"{said}.")


@pytest.mark.parametrize(
    ("context", "series", "severity"),
    [
        (Context(), {"val_r2": 0.12}, "info"),
        (Context(), {"val_auc": 0.64}, "info"),
        (Context(num_classes=2), {"val_accuracy": 0.64}, "warning"),
        (Context(optimizer="adam", weight_decay=0.1), {"val_r2": 0.12}, "warning"),
        (Context(optimizer="adam", learning_rate=1e-6), {"val_auc": 0.64}, "warning"),
        (Context(), {"val_r2": -0.3}, "warning"),
    ],
    ids=["R²", "AUC", "accuracy", "too much weight decay", "far too low a rate", "worse than the mean answer"],
)
def test_numbers_and_rankings_that_beat_guessing_are_information_unless_it_shows_what_holds_them_back(
    context: Context, series: dict[str, float], severity: str
):
    """Of returns, clicks and patients, no model knows more: noise in the task is as likely as a model that is too small."""
    resting_at = {name: np.interp(np.arange(N), [0, 30], [0.9 * level, level]) for name, level in series.items()}
    curves = {"loss": resting(0.8, start=1.0, since=30), "val_loss": resting(0.81, start=1.0, since=30)}

    assert found(context, **curves, **resting_at).severity == severity


@pytest.mark.parametrize(
    ("fall", "action"), [(COOLING, "raise_learning_rate"), (RESTS, "increase_capacity")], ids=["cooled", "rests"]
)
def test_a_fall_that_slackens_only_in_its_second_half_was_cooled_though_no_rate_is_logged(
    fall: np.ndarray, action: str
):
    """A model that is too small slows from the first; where a cosine takes the steps away, the second quarter is still fast."""
    told = found(TEN, loss=LN10 - 0.2 * fall, val_loss=LN10 - 0.19 * fall)

    assert action == told.fixes[0].action


def test_a_classifier_that_hardly_left_its_guesses_needs_no_number_of_classes():
    """What began at ln 10 beside one right answer in ten, and ends there but for a little, is poor."""
    said = {"loss": LN10 - 0.25 * COOLING, "val_loss": LN10 - 0.24 * COOLING, "val_accuracy": 0.1 + 0.15 * COOLING}

    assert isinstance(judge(**said), Finding)
    assert isinstance(judge(loss=said["loss"], val_loss=said["val_loss"]), Skipped)


def test_a_classifier_that_comes_down_to_guessing_from_far_above_does_not_rest():
    """Weights that began far too large: beside a fall from a hundred times ln C, all that it still sheds is little."""
    loss = 1600.0 / (5.0 + np.arange(20.0)) ** 1.6
    finding = found(TEN, loss=loss, val_loss=1.5 * loss)

    assert "rests" not in finding.summary
    assert "train_longer" in {fix.action for fix in finding.fixes[:2]}
