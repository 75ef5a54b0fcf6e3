import math
from dataclasses import replace

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.guessing import CHANCE
from diagnosis.features.noise import noise_level
from diagnosis.features.unmoved import NOTICEABLE, SIGMAS
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.not_learning import CONVERGED, MOVED, UNANCHORED
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, linear, run
from tests.rules.asking import ask, faintest, numbers, resumed

RULE = all_rules()["not_learning"]
judge, found = ask("not_learning")
TEN = Context(num_classes=10)
LN10 = math.log(10)
N = 100


def dipping(depth: float) -> np.ndarray:
    """A noisy level with one tenth of it lower."""
    values = flat(n=N)
    values[70:80] -= depth
    return values


def test_a_level_fires():
    """Whatever it is, where nothing says that it is good."""
    finding = found(loss=flat(level=0.7, n=N, noise=0.0))

    assert finding.summary == "Not learning: loss stays at 0.7 over all 100 values."
    assert finding.since == Position("epoch", 0)


def test_the_bound_is_the_named_number_of_standard_errors():
    """The deepest tenth that still counts as level is that far below the first."""
    shallow = faintest(lambda calm: judge(loss=dipping(1 / calm)) is not None, 10.0, 1000.0)

    assert numbers(found(loss=dipping(1 / shallow)))["fall"].value == pytest.approx(SIGMAS, rel=1e-3)
    assert numbers(found(loss=dipping(1 / shallow)))["fall"].bound == SIGMAS


def test_the_fall_is_that_of_a_tenths_mean_below_the_first_in_standard_errors_of_their_difference():
    """Computed by hand; a tenth of a hundred points is ten of them."""
    values = dipping(0.015)
    tenths = values.reshape(10, 10).mean(axis=1)
    by_hand = (tenths[0] - tenths[1:].min()) / (noise_level(values) * math.sqrt(2 / 10))

    assert numbers(found(loss=values))["fall"].value == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("times", [0.9, -0.9])
def test_a_creep_within_the_named_share_of_ln_c_is_chance(times: float):
    """An untrained network starts within that of guessing, on either side."""
    finding = found(TEN, loss=linear(start=LN10, end=LN10 * (1 - times * CHANCE), n=N, noise=1e-4))

    assert "at chance level (ln 10 = 2.3)" in finding.summary
    assert numbers(finding)["off_chance"].value == pytest.approx(abs(times) * CHANCE, rel=0.05)
    assert numbers(finding)["off_chance"].bound == CHANCE
    assert numbers(finding)["fall"].bound is None


def test_a_fall_beyond_chance_is_learning():
    """Just below the named share of ln C, or down to just above it: the model moves."""
    assert judge(TEN, loss=linear(start=LN10, end=LN10 * (1 - 1.3 * CHANCE), n=N, noise=1e-4)) is None
    assert judge(TEN, loss=linear(start=3.0, end=LN10 * (1 + 1.3 * CHANCE), n=N, noise=1e-4)) is None
    assert judge(TEN, loss=linear(start=3.0, end=LN10 * (1 + 0.5 * CHANCE), n=N, noise=1e-4)) is not None
    assert judge(loss=linear(start=LN10, end=LN10 * (1 - 0.9 * CHANCE), n=N, noise=1e-4)) is None


@pytest.mark.parametrize("level", [1.0, 0.95], ids=["guesses", "learnt a little"])
@pytest.mark.parametrize("noise", [0.02, 0.06])
def test_the_noise_of_batches_hides_no_chance_level(noise: float, level: float):
    """The lowest smoothed value of 300 batches is 4 % below their mean; a mean that is below it is learnt."""
    drawn = np.random.default_rng(8).standard_normal((20, 300))
    told = [judge(TEN, loss=LN10 * (level + noise * each)) for each in drawn]
    sure = [each for each in told if isinstance(each, Finding) and "at chance" in each.summary]

    assert len(sure) >= 17 if level == 1.0 else len(sure) <= 1


@pytest.mark.parametrize("beside", ["val_loss", "last tenth"])
def test_what_noise_hides_of_training_but_not_elsewhere_is_learnt(beside: str):
    """Validation 5 % below ln 10, or the last tenth 10 % below it, tells."""
    loss = LN10 * (1.0 + 0.06 * np.random.default_rng(6).standard_normal(300))
    assert "at chance" in found(TEN, loss=loss).summary

    curves = {"val_loss": linear(start=LN10, end=0.95 * LN10, n=30)} if beside == "val_loss" else {}
    lower = np.where(np.arange(300) < 270, 1.0, 1.0 if curves else 0.9)
    told = judge(TEN, loss=loss * lower, **curves)

    assert not (isinstance(told, Finding) and "at chance" in told.summary)


def test_who_said_how_many_classes_there_are_is_not_asked_for_it():
    """It is not at their ln, but nothing tells what a good level is."""
    assert found(TEN, loss=flat(level=2.1, n=N)).against != found(loss=flat(level=2.1, n=N)).against == (CONVERGED,)


@pytest.mark.parametrize(("times", "plus"), [(1.0, 0.0), (1000.0, 0.0), (1.0, 7.0)], ids=["ln 10", "x 1000", "+ 7"])
def test_one_in_ten_right_to_the_last_anchors_a_flat_loss_in_any_unit(times: float, plus: float):
    """Beside the same loss half of the answers may be all there is to learn."""
    jitter = np.random.default_rng(1).standard_normal((3, 60))
    loss, validation = (times * (2.3 + 0.01 * each) + plus for each in jitter[:2])

    def told(right: float) -> float:
        return found(loss=loss, val_loss=validation, val_accuracy=right + 0.005 * jitter[2]).ceiling

    assert told(0.1) > UNANCHORED
    assert told(0.5) == UNANCHORED


SINKS = {
    "accuracy": 0.51 - 0.11 * (1 - np.exp(-np.arange(N) / 2.0)),
    "val_accuracy": np.append(0.49, np.full(N - 1, 0.37)),
}
WOBBLE = np.random.default_rng(5).standard_normal(N)


def test_right_answers_that_only_got_fewer_are_not_outweighed_by_the_loss_of_a_wild_first_epoch():
    """Steps far too large: training's loss comes down from there, and validation was best at its first value."""
    thrown = {"loss": 1.39 + 0.23 * np.exp(-np.arange(N) / 3.0) + 0.02 * WOBBLE, "val_loss": 1.50 + 0.08 * WOBBLE}
    answers = {name: right + 0.008 * WOBBLE for name, right in SINKS.items()}
    finding = found(**thrown, **answers)

    assert "warning" == finding.severity
    assert "only got fewer" in finding.summary
    assert "lower_learning_rate" == finding.fixes[0].action
    weighed = thrown | {"val_loss": 1.2 + 0.5 * np.exp(-np.arange(N) / 20.0) + 0.01 * WOBBLE}
    assert judge(**weighed, **answers) is None
    assert judge(**thrown, **{name: right + 0.4 for name, right in answers.items()}) is None


def test_without_an_anchor_one_cannot_be_sure():
    """A model that had converged before its first logged value looks the same."""
    plain, known = found(loss=flat(level=LN10, n=N)), found(TEN, loss=flat(level=LN10, n=N))

    assert (UNANCHORED, (CONVERGED,)) == (plain.ceiling, plain.against)
    assert (0.99, (MOVED,)) == (known.ceiling, known.against)
    assert "num_classes" in CONVERGED


def test_a_metric_beside_it_that_does_not_move_either_is_an_anchor():
    """And it is named among the series."""
    finding = found(loss=flat(n=N), accuracy=flat(level=0.3, n=N), val_accuracy=flat(level=0.3, n=N, seed=4))

    assert finding.ceiling == 0.99
    assert finding.series == ("loss", "accuracy", "val_accuracy")


@pytest.mark.parametrize("name", ["accuracy", "val_accuracy"])
def test_a_metric_that_rises_overturns_it(name: str):
    """Something is learnt, whatever the loss shows."""
    rising = linear(start=0.1, end=0.5, n=N)

    assert judge(loss=flat(n=N), **{name: rising}) is None
    assert judge(TEN, loss=flat(level=LN10, n=N), **{name: rising}) is None
    assert judge(TEN, loss=flat(level=LN10, n=N), **{name: flat(level=0.1, noise=0.004, n=N)}) is not None


def test_a_run_of_metrics_alone_is_judged_by_them():
    """An accuracy that stands in for the loss is no witness against itself."""
    finding = found(TEN, accuracy=flat(level=0.1, noise=0.004, n=N))

    assert finding.series == ("accuracy",)
    assert finding.ceiling == UNANCHORED


def test_what_stands_still_is_checked_first_then_the_ladder_is_climbed_both_ways():
    """What is trained, one batch, the labels, how it starts, then the rate times and divided by ten."""
    fixes = found(Context(learning_rate=0.02), loss=flat(n=N)).fixes

    assert [
        "check_trainable_parameters",
        "overfit_one_batch",
        "check_labels",
        "fix_initialization",
        "raise_learning_rate",
        "lower_learning_rate",
        "normalize_inputs",
    ] == [fix.action for fix in fixes]
    assert fixes[4].params == {"factor": 10.0, "learning_rate": 0.2}
    assert fixes[5].params == {"factor": 0.1, "learning_rate": 0.002}


USUAL = replace(TEN, optimizer="adam", learning_rate=1e-3)


def test_where_nothing_points_anywhere_what_costs_a_minute_stands_before_what_rebuilds_the_model():
    """No rate is known, and all answers are alike: a batch, its labels, the weights, the output, then both rates, then surgery."""
    loss = noisy(math.log(2), 0.0003)
    fixes = found(loss=loss, accuracy=noisy(0.5, 0.004), val_loss=loss + 1e-4, val_accuracy=np.full(40, 0.498)).fixes

    assert [
        "overfit_one_batch",
        "check_labels",
        "check_trainable_parameters",
        "remove_output_activation",
        "raise_learning_rate",
        "lower_learning_rate",
        "fix_initialization",
        "add_normalization_layers",
        "normalize_inputs",
    ] == [fix.action for fix in fixes]
    assert "most common" not in fixes[2].because


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_policy_that_tries_nothing_else_is_to_explore_before_its_weights_are_looked_at(sign: float):
    """Its entropy went to nothing, which some log with a minus; the advice names half of what it began with."""
    entropy = sign * 1.1 * np.exp(-np.arange(100) / 8.0)
    curves = {"ep_rew_mean": noisy(-200.0, 4.0, n=100), "policy_loss": noisy(0.0, 0.01, n=100)}

    fixes, before = (found(**curves, **more).fixes for more in ({"train/entropy": entropy}, {}))

    assert ("explore_more", {"entropy": 0.55}) == (fixes[0].action, fixes[0].params)
    assert "from epoch 24 on" in fixes[0].because
    assert ("explore_more", {}) == (before[1].action, before[1].params)


def noisy(level: float, noise: float, seed: int = 0, n: int = 40) -> np.ndarray:
    """A loss that stays at a level."""
    return level + noise * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize(
    ("context", "loss", "answers", "cause", "action"),
    [
        (USUAL, noisy(2.3026, 0.0005), 30, "Signals die between", "fix_initialization"),
        (USUAL, noisy(2.34, 0.01), 8, "Signals die between", "add_normalization_layers"),
        (TEN, noisy(2.3026, 0.0005), 30, "The learning rate", "overfit_one_batch"),
        (TEN, noisy(2.34, 0.01), 8, "The learning rate", "overfit_one_batch"),
        (replace(TEN, optimizer="sgd", learning_rate=0.3), np.append(2.8, noisy(14.0, 3.0)), 8, "The learning rate", "lower_learning_rate"),
        (TEN, noisy(2.34, 0.01), 30, "Labels do not", "overfit_one_batch"),
        (replace(TEN, dropout=0.8), noisy(2.34, 0.01), 30, "Regularisation holds it", "decrease_regularization"),
        (replace(TEN, optimizer="nadam", weight_decay=0.06), noisy(2.34, 0.01), 8, "Regularisation holds it", "decrease_regularization"),
        (replace(TEN, optimizer="adamw", weight_decay=0.06), noisy(2.34, 0.01), 30, "Labels do not", "overfit_one_batch"),
        (replace(TEN, optimizer="adam", learning_rate=2e-4), noisy(2.34, 0.01), 30, "The learning rate", "raise_learning_rate"),
        (TEN, np.append(4.0, noisy(2.34, 0.01)), 30, "The learning rate", "lower_learning_rate"),
        (USUAL, np.append(2.8, noisy(2.34, 0.01)), 8, "Signals die between", "add_normalization_layers"),
        (replace(TEN, optimizer="adam", learning_rate=0.008), noisy(2.34, 0.01), 30, "The learning rate", "lower_learning_rate"),
        (replace(TEN, optimizer="adam", learning_rate=0.03), noisy(2.34, 0.01), 8, "The learning rate", "lower_learning_rate"),
        (replace(TEN, optimizer="adam", learning_rate=3e-5), noisy(2.34, 0.01), 30, "The learning rate", "raise_learning_rate"),
    ],
)  # fmt: skip
def test_the_first_fix_is_for_what_the_run_itself_points_to(
    context: Context, loss: np.ndarray, answers: int, cause: str, action: str
):
    """A loss that sits on ln 10, one answer for all inputs, answers that differ, and rates that nobody would set."""
    accuracy = 0.1 + 0.001 * (np.arange(loss.size) % answers)

    assert (cause, action) == first(found(context, loss=loss, val_loss=loss + 0.01, val_accuracy=accuracy))


def test_a_rate_that_is_far_off_is_set_to_the_usual_one():
    """With its optimiser's name, and by how much it is off."""
    finding = found(Context(optimizer="adam", learning_rate=0.03), loss=flat(n=N), val_loss=flat(n=N, seed=3))

    assert {"factor": 0.0333, "learning_rate": 0.001} == finding.fixes[0].params
    assert "30 times what is usual" in finding.fixes[0].because


@pytest.mark.parametrize("rate", [0.03, 1e-6])
def test_beside_a_rate_that_is_far_off_heavy_regularisation_is_named_second(rate: float):
    """Both are said by the caller, and each can hold the loss by itself; at such a rate nothing is learnt without the other."""
    context = Context(optimizer="adam", learning_rate=rate, dropout=0.8, weight_decay=0.1)
    finding = found(context, loss=flat(n=N), val_loss=flat(n=N, seed=3))

    assert 0.001 == finding.fixes[0].params["learning_rate"]
    assert ("decrease_regularization", {"weight_decay": 0.0, "dropout": 0.0}) == (
        finding.fixes[1].action,
        finding.fixes[1].params,
    )
    assert "learning rate is off" in finding.causes[0].cause
    assert "Regularisation" in finding.causes[1].cause


LOOK_ALIKES = {
    "a slow but real fall": falling(start=2.3, floor=2.2, n=N),
    "learnt within the first epochs": np.append([LN10, 1.2, 0.6], flat(level=0.3, n=N - 3)),
    "a slow start": np.append(flat(n=70), linear(start=2.3, end=1.0, n=30)),
    "learnt and lost again": np.concatenate((falling(n=50), linear(start=0.1, end=2.3, n=50))),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What ever left its first level has learnt something."""
    assert judge(loss=LOOK_ALIKES[name]) is None
    assert judge(TEN, loss=LOOK_ALIKES[name]) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """Seven flat epochs may be a slow start."""
    assert judge(val_loss=flat()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=flat(n=RULE.points - 1)), Skipped)
    assert isinstance(judge(loss=flat(n=RULE.points)), Finding)


def test_a_run_that_may_only_be_slow_to_start_is_not_accused():
    """Until half of what is planned is logged, nobody knows."""
    for logged, expected in ((30, Skipped), (40, Finding)):
        context = Context(num_classes=10, planned_epochs=60, finished=False)
        assert isinstance(judge(context, loss=flat(level=LN10, n=logged)), expected)


def test_without_a_plan_no_slow_start_is_waited_for_beyond_fifty_epochs():
    """A job that reports every epoch and never says how many there will be is told at last."""
    for logged, expected in ((50, Skipped), (51, Finding)):
        context = Context(num_classes=10, finished=False)
        assert isinstance(judge(context, loss=flat(level=LN10, n=logged)), expected)


@pytest.mark.parametrize("plus", [0.0, 5.0])
def test_without_an_anchor_only_a_loss_that_never_moves_is_an_error(plus: float):
    """A model that was good from the start looks the same but for its jitter, whatever constant is added."""
    moves, never = found(loss=plus + flat(level=2.0, n=N)), found(loss=np.full(N, plus + 4.7))

    assert ("warning", False, UNANCHORED) == (moves.severity, moves.asks, moves.ceiling)
    assert ("error", True, UNANCHORED) == (never.severity, never.asks, never.ceiling)


def test_a_rate_that_warms_up_until_the_end_holds_the_loss():
    """The first stretch of a training that goes on from where another came to rest; one that is over never took a real step."""
    rate, goes_on = np.linspace(1e-5, 3e-4, N), Context(finished=False)
    loss = flat(level=2.0, n=N)

    assert "warming up" in str(judge(goes_on, loss=loss, lr=rate))
    assert isinstance(judge(goes_on, loss=loss, lr=np.minimum(rate, 1e-4)), Finding)
    assert isinstance(judge(loss=loss, lr=rate), Finding)


def test_a_loss_that_rises_does_not_stay():
    """Whatever overturns that it diverges, such as a validation that gains meanwhile."""
    rising = 0.1 + 2.2 * (1.0 - np.exp(-np.arange(N) / 15)) + 0.02 * np.random.default_rng(3).standard_normal(N)

    assert judge(loss=rising, val_loss=2.4 - 0.9 * rising) is None


TWO = Context(num_classes=2)
RNG = np.random.default_rng(7)


def first(finding: Finding) -> tuple[str, str]:
    """The likeliest cause's first words, and the first fix."""
    return " ".join(finding.causes[0].cause.split()[:3]), finding.fixes[0].action


def test_one_answer_throughout_rests_at_the_base_rates():
    """Two classes, six in ten of one: an accuracy that never moves, and a loss of 0.67 that is below ln 2."""
    entropy = -0.62 * math.log(0.62) - 0.38 * math.log(0.38)
    loss = entropy + 0.003 * RNG.standard_normal(40)
    loss[0] = 0.7
    finding = found(TWO, loss=loss, val_loss=loss, val_accuracy=np.full(40, 0.62))

    assert "(0.664, what one answer for all costs where it is right for 62 %)" in finding.summary
    assert finding.severity == "error"


@pytest.mark.parametrize("rare", [0.05, 0.15])
def test_one_answer_where_the_other_class_is_rare_is_another_condition(rare: float):
    """Then the classes are out of balance, and the loss is far below ln 2."""
    entropy = -rare * math.log(rare) - (1 - rare) * math.log(1 - rare)
    loss = falling(start=0.7, floor=entropy, n=40)

    assert judge(TWO, loss=loss, val_loss=loss, val_accuracy=np.full(40, 1 - rare)) is None


def test_a_model_that_had_converged_on_a_constant_accuracy_has_learnt():
    """Its loss is far below what the base rates score."""
    loss = flat(level=0.35, n=40)

    assert judge(TWO, loss=loss, val_loss=loss, val_accuracy=np.full(40, 0.7)) is None


def test_a_blow_up_in_the_first_epoch_leaves_a_model_at_chance():
    """The first value is no level; the rate is the first thing to change."""
    loss = np.concatenate(([4e6], 2.35 + 0.01 * RNG.standard_normal(39)))
    finding = found(TEN, loss=loss, val_loss=loss[1:], accuracy=0.1 + 0.004 * RNG.standard_normal(40))

    assert first(finding) == ("The learning rate", "lower_learning_rate")


def test_above_chance_only_a_metric_can_tell_that_nothing_is_learnt():
    """At rest a tenth above ln 10, with one in ten right."""
    loss = falling(start=2.9, floor=2.55, tau=0.05, n=60)
    accuracy = 0.1 + 0.004 * RNG.standard_normal(60)

    assert found(TEN, loss=loss, accuracy=accuracy).severity == "error"
    assert judge(TEN, loss=loss) is None
    assert judge(TEN, loss=loss, accuracy=np.linspace(0.1, 0.5, 60)) is None


def test_a_straight_fall_of_both_curves_is_learning_however_slow():
    """It is another condition's to say."""
    loss, val_loss = linear(start=2.35, end=2.27, n=60, noise=0.0005), linear(start=2.36, end=2.28, n=60, noise=0.0005)

    assert judge(TEN, loss=loss, val_loss=val_loss) is None
    assert found(TEN, loss=loss, val_loss=flat(level=2.33, n=60)) is not None


@pytest.mark.parametrize("rate", [0.0, 1e-12])
def test_a_rate_of_nothing_is_the_first_cause(rate: float):
    """Logged or said: no step is taken, and the first fix sets one."""
    loss = flat(level=2.303, n=40)
    logged, said = found(TEN, loss=loss, lr=np.full(40, rate)), found(replace(TEN, learning_rate=rate), loss=loss)

    assert first(logged) == first(said) == ("The learning rate", "raise_learning_rate")
    assert logged.fixes[0].params["learning_rate"] == said.fixes[0].params["learning_rate"] == 0.001


def test_what_moves_has_its_weights_and_what_stands_still_has_not():
    """A validation loss that is the same to the last digit was measured on the same weights."""
    loss = flat(level=2.303, n=40)
    held = found(TEN, loss=loss, val_loss=np.full(40, 2.31))
    moves = found(TEN, loss=1.01 * loss, val_loss=flat(level=2.31, n=40, seed=9))

    assert held.causes[0].cause.startswith("Parameters get no gradient")
    assert held.fixes[0].action == "check_trainable_parameters"
    assert moves.causes[0].cause.startswith("Labels do not belong")
    assert moves.fixes[0].action == "overfit_one_batch"


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_a_loss_on_ln_c_beside_an_accuracy_of_one_in_c_tells_the_number_of_classes(classes: int):
    """0.693 and a half is chance, whether or not anyone says that there are two classes."""
    chance = flat(level=1 / classes, noise=0.01, n=N)
    finding = found(loss=flat(level=math.log(classes), noise=0.003, n=N), accuracy=chance)

    assert f"ln {classes}" in finding.summary
    assert finding.severity == "error"
    assert judge(loss=linear(start=math.log(classes), end=0.9 * math.log(classes), n=N), accuracy=chance) is None


def test_what_the_training_accuracy_alone_gains_on_a_loss_at_chance_is_learnt_by_heart():
    """Random labels: a fifth of the training answers are right in the end, of validation's one in ten."""
    loss, learnt = linear(start=LN10, end=0.98 * LN10, n=N, noise=1e-4), linear(start=0.1, end=0.25, n=N)

    assert judge(TEN, loss=loss, accuracy=learnt) is None
    assert judge(TEN, loss=loss, accuracy=learnt, val_accuracy=learnt) is None
    assert found(TEN, loss=loss, accuracy=learnt, val_accuracy=flat(level=0.1, noise=0.004, n=N)).severity == "error"


def test_the_callers_baseline_is_what_guessing_scores():
    """A regression that creeps to within 3 % of it has learnt as little as one at ln C."""
    creeping = linear(start=4.05, end=3.95, n=N, noise=1e-3)

    assert "baseline 4" in found(Context(baseline=4.0), loss=creeping).summary
    assert judge(loss=creeping) is None
    assert judge(Context(baseline=8.0), loss=creeping) is None


def test_a_loss_that_came_down_to_its_baseline_step_by_step_has_learnt_what_that_takes():
    """It is poor, as whoever beats no simple model is, but not what nothing was changed in."""
    came_down = 12.0 + falling(start=28.0, floor=0.0, n=N)

    assert judge(Context(baseline=12.0), loss=came_down, val_loss=came_down) is None
    assert judge(Context(baseline=12.0), loss=flat(level=12.0, n=N), val_loss=flat(level=12.0, n=N, seed=1)) is not None


def test_an_error_that_gains_less_than_one_would_notice_overturns_nothing():
    """A mean absolute error that creeps by half a percent, however surely, is no learning."""
    assert found(loss=flat(n=N), val_mae=linear(start=0.8, end=0.796, n=N, noise=1e-4)).ceiling == UNANCHORED
    assert judge(loss=flat(n=N), val_mae=linear(start=0.8, end=0.7, n=N, noise=1e-4)) is None


def test_a_loss_of_nothing_is_told_as_what_it_is():
    """Exactly 0 throughout: no example counts, or something else was logged."""
    finding = found(loss=np.zeros(N))

    assert finding.summary.endswith("nothing counts towards it, or something else is logged.")
    assert ("No example counts:", "check_labels") == first(finding)
    assert judge(loss=np.zeros(N), accuracy=np.ones(N)) is None


@pytest.mark.parametrize("perfect", [1.0, 100.0])
def test_what_is_perfect_throughout_has_nothing_left_to_learn(perfect: float):
    """In either unit; a constant that is not perfect is a constant answer."""
    assert judge(accuracy=np.full(N, perfect)) is None
    assert judge(loss=flat(level=0.02, n=N), accuracy=np.full(N, perfect)) is None
    assert judge(accuracy=np.full(N, 0.9 * perfect)) is not None


@pytest.mark.parametrize(
    ("level", "right"), [(0.01, 0.99), (0.05, 0.98), (0.01, 99.0)], ids=["99 %", "98 %", "in percent"]
)
def test_answers_that_are_right_throughout_beside_a_loss_no_single_answer_has_were_learnt_before(
    level: float, right: float
):
    """One answer that is right for 99 % scores 0.056 at least, of however many classes."""
    assert judge(loss=np.full(12, level), accuracy=np.full(12, right)) is None
    assert judge(loss=flat(level=level, n=12, noise=level / 10), val_accuracy=np.full(12, right)) is None


@pytest.mark.parametrize(
    ("right", "level"), [(0.5, 0.693), (0.65, 0.647), (0.9, 0.325), (0.9, 0.69), (0.99, 0.056), (0.1, 1.0)]
)
def test_answers_that_are_right_for_the_commoner_class_beside_what_that_scores_were_never_learnt(
    right: float, level: float
):
    """The entropy of its share, or more."""
    assert found(loss=np.full(12, level), accuracy=np.full(12, right)).severity == "error"


@pytest.mark.parametrize(("right", "level"), [(0.9, 0.3), (0.9, 0.05), (0.98, None)])
def test_good_answers_that_never_moved_are_only_worth_knowing_where_no_loss_tells_what_they_are(
    right: float, level: float | None
):
    """A loss that is a little below, none that can be a cross-entropy, or none at all."""
    loss = {} if level is None else {"loss": np.full(20, level)}
    finding = found(None if loss else TEN, **loss, accuracy=np.full(20, right), val_accuracy=np.full(20, right - 0.01))

    assert (finding.severity, finding.ceiling) == ("info", UNANCHORED)
    assert "recall of each class" in finding.against[0]


@pytest.mark.parametrize(
    ("metric", "learnt", "guessed"), [("auc", 0.95, 0.5), ("mcc", 0.8, 0.0), ("balanced_accuracy", 0.9, 0.5)]
)
def test_a_score_that_one_answer_cannot_have_shows_that_something_was_learnt(
    metric: str, learnt: float, guessed: float
):
    """Unlike an accuracy, it is the same for one answer, whatever the base rates."""
    loss = np.full(12, 0.3)

    assert judge(loss=loss, **{metric: np.full(12, learnt)}) is None
    assert found(loss=loss, **{metric: np.full(12, guessed)}).severity != "info"


def test_a_log_that_begins_in_the_middle_of_a_run_is_not_judged():
    """What was learnt before is not known."""
    skipped = resumed("not_learning", TEN, loss=flat(level=LN10, n=N))

    assert skipped == Skipped("the log begins at epoch 200: what came before is not known")


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_a_loss_that_begins_and_stays_at_a_known_ln_is_at_chance_without_any_metric(classes: int):
    """0.693 of both losses is known by sight, even where a few examples are learnt by heart; one that falls in validation is learning."""
    rng = np.random.default_rng(0)
    creeping = math.log(classes) * (np.linspace(1.0, 0.993, N) + 2e-5 * rng.standard_normal(N))
    rests = math.log(classes) * (np.linspace(1.0, 1.004, N) + 1e-4 * rng.standard_normal(N))
    finding = found(loss=creeping, val_loss=rests)

    assert f"ln {classes}" in finding.summary
    assert judge(loss=creeping) is None
    assert judge(loss=1.2 * creeping, val_loss=1.2 * rests) is None
    assert judge(loss=creeping, val_loss=rests, val_mae=np.linspace(0.5, 0.3, N)) is None
    assert judge(loss=creeping, val_loss=creeping * np.linspace(1.0, 0.9, N)) is None


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_a_loss_alone_is_at_chance_where_every_value_is_a_known_ln_to_the_digit(classes: int):
    """0.6931 throughout is no accident; a few thousandths off may be one, and so may a validation elsewhere."""
    level = round(math.log(classes), 4)
    finding = found(loss=np.full(20, level))

    assert finding.severity == "error"
    assert f"ln {classes} =" in finding.summary
    assert found(loss=np.full(20, 1.003 * level)).ceiling == UNANCHORED
    assert found(loss=flat(level=level, n=20, noise=0.003 * level)).ceiling == UNANCHORED
    assert found(loss=np.full(20, level), val_loss=np.full(20, 1.3 * level)).ceiling == UNANCHORED


def test_an_r2_that_is_never_better_than_the_mean_answers_shows_chance():
    """Whatever the loss is measured in; one that gets better, however little, or a model that learns by heart, does not."""
    rng = np.random.default_rng(0)
    loss, none = np.linspace(1020, 990, N) + 8 * rng.standard_normal(N), -0.01 + 0.005 * rng.standard_normal(N)
    finding = found(loss=loss, val_r2=none)

    assert "mean answer" in finding.summary
    assert numbers(finding)["off_chance"].unit == "share of the variance"
    assert judge(loss=loss, val_r2=np.linspace(0.0, 0.025, N) + 0.001 * rng.standard_normal(N)) is None
    assert judge(loss=np.linspace(1020, 800, N) + 8 * rng.standard_normal(N), val_r2=none) is None


def test_a_loss_that_repeats_itself_follows_what_is_trained():
    """A wave on a level is no learning; one whose cycles sink is, for all that its first cycle was the lowest."""
    rng = np.random.default_rng(0)
    wave = 1.5 - 0.3 * np.tile(np.cos(np.arange(12) * np.pi / 6), 10) + 0.01 * rng.standard_normal(120)
    sinking = wave + np.where(np.arange(120) < 12, -0.2, np.linspace(0.1, 0.0, 120))

    assert judge(loss=wave) is not None
    assert judge(loss=sinking) is None


@pytest.mark.parametrize(("n", "noise"), [(1, 0.0), (3, 0.0), (5, 0.001), (40, 0.0001)])
def test_a_validation_that_hardly_moves_takes_nothing_from_a_training_that_falls(n: int, noise: float):
    """Few validations, or one on other data, cannot tell that nothing is learnt."""
    loss, val_loss = falling(start=2.4, floor=0.4, n=40, noise=0.1), np.full(40, np.nan)
    val_loss[np.linspace(39, 0, n).astype(int)] = 0.5 + noise * np.arange(n)

    assert judge(loss=loss, val_loss=val_loss) is None


def test_an_accuracy_that_began_elsewhere_is_none_of_guesses():
    """From one in twenty to one in ten: a loss of ln 10 is no chance of twenty classes."""
    e = np.exp(-np.arange(40) / 6)
    loss, accuracy = 2.35 + 0.65 * e, 0.1 - 0.05 * e

    assert judge(loss=loss, val_loss=loss, accuracy=accuracy, val_accuracy=accuracy) is None


@pytest.mark.parametrize(("right", "fires"), [((0.5, 0.5), True), ((0.75, 0.5), False), ((0.75, 0.75), False)])
def test_a_loss_that_comes_down_to_chance_and_no_further_learns_nothing(right: tuple[float, float], *, fires: bool):
    """From 5 to 0.7 it unlearnt what it was wrongly sure of; answers that are right one time in two say of how many classes."""
    loss = np.concatenate(([5.0, 1.2], flat(level=0.70, n=30, noise=0.004)))
    train, validation = (flat(level=level, n=32, noise=0.01, seed=6) for level in right)

    finding = judge(loss=loss, val_loss=flat(level=0.70, n=32, noise=0.004), accuracy=train, val_accuracy=validation)

    assert (isinstance(finding, Finding) and finding.severity == "error") == fires


@pytest.mark.parametrize("start", [0.002, 0.05, 0.1])
def test_training_answers_below_chance_are_none_that_were_learnt(start: float):
    """Sorted by class, each answer is the class before: less is right in training than by chance, and it creeps up."""
    loss = np.concatenate(([2.44], np.linspace(2.317, 2.308, 13)))
    right = linear(start=start, end=max(start, 0.07), n=14)

    finding = found(
        loss=loss, val_loss=flat(level=2.309, n=14, noise=0.0), accuracy=right,
        val_accuracy=flat(level=0.11, n=14, noise=0.012, seed=2),
    )  # fmt: skip

    assert "ln 10" in finding.summary


def test_a_validation_far_below_guessing_has_learnt_what_training_is_kept_from():
    """Augmentation holds training at the baseline; validation knows better."""
    context, loss = Context(baseline=1.0), flat(level=0.99, n=35)

    assert judge(context, loss=loss, val_loss=flat(level=0.97, n=35, seed=4)) is not None
    assert judge(context, loss=loss, val_loss=flat(level=0.83, n=35, seed=4)) is None


def test_a_validation_that_stands_still_tells_that_training_falls_by_chance():
    """At a rate of 1e-8 the same examples score the same each time, while batches differ."""
    loss = linear(start=1.006, end=0.999, n=15, noise=0.002)

    assert judge(loss=loss, val_loss=linear(start=0.98621, end=0.98600, n=15, noise=0.0)) is None
    assert judge(loss=loss, val_loss=linear(start=0.98621, end=0.98620, n=15, noise=0.0)) is not None


@pytest.mark.parametrize(("end", "fires"), [(0.0, True), (0.004, True), (0.02, False)])
def test_an_r2_that_rises_to_nothing_explains_nothing(end: float, *, fires: bool):
    """From below 0 to 0 only the mean was learnt."""
    finding = judge(
        loss=linear(start=1.01, end=0.98, n=25, noise=0.005),
        val_loss=linear(start=1.01, end=1.0, n=25),
        val_r2=linear(start=-0.01, end=end, n=25, noise=0.0),
    )

    assert (isinstance(finding, Finding) and finding.severity == "error") == fires


def test_where_the_first_value_is_far_off_an_accuracy_is_no_anchor():
    """What fell in the first epoch may have been learnt: beside an accuracy of unknown chance that is no error."""
    loss = np.concatenate(([0.95], flat(level=0.77, n=31, noise=0.005)))
    finding = found(
        loss=loss, val_loss=flat(level=0.75, n=32, noise=0.004), val_accuracy=flat(level=0.57, n=32, noise=0.01)
    )

    assert ("warning", False) == (finding.severity, finding.asks)


@pytest.mark.parametrize(("jumps", "severity"), [(0.01, "error"), (0.06, "warning")])
def test_a_score_that_jumps_is_none_of_guesses(jumps: float, severity: str):
    """A linear classifier at a rate of 200 is right for half of six classes, now of these, now of those."""
    finding = found(loss=flat(level=60.0, n=50, noise=6.0), val_accuracy=flat(level=0.55, n=50, noise=jumps, seed=5))

    assert finding.severity == severity


@pytest.mark.parametrize(("noise", "fires"), [(0.0005, False), (0.02, True)])
def test_a_small_r2_that_is_surely_above_0_is_a_signal(noise: float, *, fires: bool):
    """Of returns, or of patients, no more than 3 % of the variance can be known."""
    r2 = np.abs(flat(level=0.02, n=40, noise=noise))

    assert fires == isinstance(
        judge(loss=flat(level=1.0, n=40), val_loss=flat(level=0.98, n=40, noise=noise), val_r2=r2), Finding
    )


@pytest.mark.parametrize("gain", [0.0, 0.04])
def test_validation_answers_that_get_better_are_none_of_guesses(gain: float):
    """From 50 to 54 of a hundred, forty times what chance could do: a weak signal, and no error."""
    e = np.exp(-np.arange(40) / 8)
    right = 0.5 + gain * (1.0 - e) + flat(level=0.0, noise=0.001, n=40)
    finding = judge(loss=0.688 + 0.052 * e + flat(level=0.0, noise=0.001, n=40), val_accuracy=right)

    assert (isinstance(finding, Finding) and finding.severity == "error") == (gain == 0.0)


@pytest.mark.parametrize(("tau", "fires"), [(1.0, True), (8.0, False)])
def test_a_loss_that_passes_ln_c_on_a_long_way_down_is_not_at_chance(tau: float, *, fires: bool):
    """A language model at 1.42 beside a quarter of a quiz right: what is wrong at first is unlearnt soon."""
    e = np.exp(-np.arange(40) / tau)
    finding = judge(
        loss=1.42 + 0.68 * e + flat(level=0.0, noise=0.005, n=40),
        val_loss=1.45 + 0.65 * e + flat(level=0.0, noise=0.005, n=40, seed=4),
        val_accuracy=flat(level=0.25, noise=0.003, n=40, seed=5),
    )

    assert isinstance(finding, Finding) == fires


def test_a_few_accuracies_that_rise_are_learning():
    """Four evaluations have no trend; the last two are right so much more often than the first."""
    noisy = 1.5 + 0.4 * np.random.default_rng(0).standard_normal(40)
    steps = np.arange(40.0)

    def judged(*accuracies: float) -> object:
        series = (
            Series("loss", noisy, steps, "step"),
            Series("eval_accuracy", np.array(accuracies), steps[9::10], "step"),
        )
        return RULE.judge(measure(assemble(Log(series, "x"), None)))

    assert judged(0.31, 0.33, 0.52, 0.48) is None
    assert isinstance(judged(0.31, 0.33, 0.32, 0.30), Finding)


def test_a_loss_that_stays_at_a_known_logarithm_beside_poor_accuracies_is_at_chance():
    """1.386 throughout is ln 4, whatever 0.3 of a few dozen answers says."""
    loss = np.concatenate(([1.383, 1.376, 1.38], np.full(17, 1.386))) + 5e-4 * np.random.default_rng(0).standard_normal(
        20
    )

    assert (
        "ln 4"
        in found(loss=loss, val_loss=loss, val_accuracy=np.full(20, 0.3) + 0.005 * (-1.0) ** np.arange(20)).summary
    )


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        (1.3, 1.0, "went from 1.3 to "),
        (1.3, 1.4, "gets nowhere "),  # it comes back there: noise
        (1.1, 1.0, "gets nowhere "),
    ],
)
def test_a_loss_went_from_where_it_never_was_again(first: float, again: float, said: str):
    """A first value that nobody sees again is where it came from; any other is one of many."""
    values = 1.0 + 0.1 * np.random.default_rng(0).standard_normal(N)
    values[0], values[60] = first, again
    finding = found(loss=values, accuracy=flat(level=0.5, noise=0.02, n=N))

    assert finding.summary.startswith(f"Not learning: loss {said}")


@pytest.mark.parametrize(("score", "fall", "fires"), [(0.43, 0.13, False), (0.5, 0.13, False), (0.5, 0.0, True)])
def test_an_accuracy_that_never_moves_may_be_all_there_is_to_learn(score: float, fall: float, *, fires: bool):
    """In a task of noisy labels it is reached in the first epoch, and nobody says what guessing scores: 0.43 is no guess."""
    found = judge(
        Context(),
        loss=1.5 + fall * falling(start=1.0, n=20, noise=0.02),
        val_loss=flat(level=1.6, n=20, noise=0.001, seed=1),
        val_accuracy=score + 0.004 * flat(level=0.0, noise=1.0, n=20, seed=2),
    )

    assert isinstance(found, Finding) == fires


def test_an_r2_far_below_nothing_is_no_slow_start():
    """A regression that blew up in its first epoch rests there, whatever metric is looked at first."""
    blown = {
        "loss": np.append(2.7e34, np.full(9, 3.4e34)),
        "val_mae": np.full(10, 9.8e16),
        "val_r2": np.full(10, -2.5e32),
    }
    finding = found(Context(finished=False, planned_epochs=100), **blown)

    assert ("error", "lower_learning_rate") == (finding.severity, finding.fixes[0].action)
    assert "far worse than guessing" in finding.summary
    assert isinstance(
        judge(Context(finished=False, planned_epochs=100), **blown | {"val_r2": np.full(10, -0.3)}), Skipped
    )


def test_gradients_that_are_gone_are_named_before_any_rate():
    """A rate that is too high leaves no norm a millionth of what it was."""
    shrunk = np.geomspace(0.2, 1e-7, N)
    finding = found(replace(TEN, learning_rate=0.5), loss=flat(level=2.303, n=N), val_loss=flat(level=2.303, n=N, seed=3), grad_norm=shrunk)  # fmt: skip
    held = found(TEN, loss=flat(level=2.303, n=N), grad_norm=np.zeros(N))

    assert "add_normalization_layers" == finding.fixes[0].action
    assert "check_trainable_parameters" == held.fixes[0].action


def test_a_rate_that_was_only_logged_is_not_raised_unasked_where_nothing_tells_a_level():
    """A fine-tune's is a hundredth of what a training from scratch takes."""
    tuned, stuck = {"loss": flat(level=1.7, n=N), "lr-AdamW": np.full(N, 2e-5)}, {"loss": flat(level=2.303, n=N)}

    assert "overfit_one_batch" == found(**tuned).fixes[0].action
    assert ("raise_learning_rate", 0.001) == (found(TEN, **tuned | stuck).fixes[0].action, found(TEN, **tuned | stuck).fixes[0].params["learning_rate"])  # fmt: skip
    assert all("learning_rate" not in fix.params for fix in found(TEN, **stuck, lr=np.full(N, 2e-5)).fixes)


def test_a_loss_at_rest_after_its_first_value_is_only_worth_knowing():
    """A regression may have learnt all there is within the first epoch; an accuracy would have told."""
    rested = np.concatenate(([4.2], flat(level=3.6, n=N - 1, noise=0.01)))

    assert "info" == found(loss=rested, val_loss=flat(level=3.65, n=N, noise=0.02, seed=3)).severity


@pytest.mark.parametrize(
    ("first", "examples", "fires"),
    [(0.585, 400, True), (0.50, 400, False), (0.585, 10_000, False), (0.585, None, False)],
)
def test_answers_a_little_above_chance_from_the_start_may_be_an_easy_draw_of_few(
    first: float, examples: int | None, *, fires: bool
):
    """A rate too low by a factor of fifty: the loss creeps from 0.694 to 0.687, and validation's answers get no better."""
    finding = judge(
        Context(val_size=examples), loss=linear(start=0.6939, end=0.6874, n=30), val_loss=linear(start=0.6917, end=0.6869, n=30),
        accuracy=linear(start=0.5, end=0.532, n=30), val_accuracy=linear(start=first, end=0.57, n=30) + 1e-5 * math.pi,
    )  # fmt: skip

    assert fires == isinstance(finding, Finding)


def test_what_learnt_nothing_had_no_slow_start_either():
    """Where a loss is still at ln 3 at the end, the last digit of validation's is no learning that set in."""
    loss = np.round(linear(start=1.1, end=1.089, n=25), 2)
    report = diagnose(
        run(
            loss=loss,
            val_loss=np.where(np.arange(25) < 23, 1.1, 1.09),
            val_accuracy=flat(level=0.345, n=25, noise=0.006),
        )
    )

    assert "not_learning" in {j.condition for j in report.findings}
    assert "slow_start" not in {j.condition for j in report.findings}


def test_a_log_of_steps_that_goes_on_says_what_would_tell_how_far_it_came():
    """However many values it has: a pipeline may know how many steps an epoch has."""
    steps = Series("loss", flat(level=2.303, n=400), np.arange(400.0) * 250, "step")
    told = {
        per_epoch: RULE.judge(measure(assemble(Log((steps,), "x"), Context(num_classes=10, finished=False, steps_per_epoch=per_epoch))))
        for per_epoch in (None, 100)
    }  # fmt: skip

    without = told[None]
    assert isinstance(without, Skipped)
    assert "steps_per_epoch would tell" in without.why
    assert isinstance(told[100], Finding)


def test_a_validation_that_is_the_same_to_the_last_digit_asks_whether_anything_is_trained():
    """No rate matters to weights that do not move, however poor the level that they stand at."""
    still = found(
        Context(num_classes=4),
        loss=flat(level=2.62, noise=0.002, n=12),
        val_loss=flat(level=2.63, noise=0.0, n=12),
        accuracy=np.full(12, 0.385),
        val_accuracy=np.full(12, 0.372),
    )

    assert "check_trainable_parameters" == still.fixes[0].action
    assert "stays worse than guessing" in still.summary


@pytest.mark.parametrize(("times", "fires"), [(0.5, True), (2.0, False)])
def test_a_validation_that_falls_for_sure_shows_what_the_noise_of_batches_hides(times: float, *, fires: bool):
    """A fine-tune of a few steps on small batches gains less than one batch differs from the next."""
    noise = np.random.default_rng(0).standard_normal(74)
    falls = 2.4 - times * NOTICEABLE * 0.3 * np.linspace(0.0, 1.0, 10) ** 0.5

    assert fires == isinstance(judge(loss=2.3 + 0.3 * noise, val_loss=falls), Finding)


@pytest.mark.parametrize(("began", "fires"), [(0.172, False), (0.144, True)], ids=["learnt", "was sure of the wrong"])
def test_a_validation_that_came_down_at_once_and_for_good_has_learnt(began: float, *, fires: bool):
    """Single batches of a quantile loss are 16 % off each other, and the first of them comes after the first epoch."""
    noise = np.random.default_rng(6).standard_normal((2, 40))
    rests = 0.1385 + (began - 0.1385) * np.exp(-np.arange(40) / 1.2) + 0.002 * noise[1]

    assert fires == isinstance(judge(loss=0.132 + 0.021 * noise[0], val_loss=rests), Finding)


def test_a_validation_that_wavers_shows_nothing():
    """As far as it jumps from one to the next, it has not fallen."""
    noise = np.random.default_rng(1).standard_normal(74)
    wavers = 2.4 - 0.06 * np.linspace(0.0, 1.0, 12) + 0.02 * noise[:12]

    assert isinstance(judge(loss=2.3 + 0.3 * noise, val_loss=wavers), Finding)


@pytest.mark.parametrize(("level", "fires"), [(1.39, True), (0.9, False)], ids=["ln 4", "below"])
def test_a_validation_at_ln_c_beside_answers_of_one_in_c_is_known_by_sight_whatever_training_does(
    level: float, *, fires: bool
):
    """After a blow-up training spikes on, at many times ln 4; validation rests there, and a quarter of its answers is right."""
    rng = np.random.default_rng(1)
    blown = np.concatenate(([5.7, 3500.0], np.geomspace(1200.0, 2.0, 58), np.full(140, 1.4)))
    spikes = np.where(rng.random(200) < 0.2, rng.uniform(2.0, 40.0, 200), 0.0)
    curves = {
        "loss": blown + spikes,
        "val_loss": np.concatenate((np.geomspace(3400.0, level, 60), np.full(140, level))),
        "accuracy": 0.25 + rng.normal(0.0, 0.01, 200),
        "val_accuracy": 0.26 + rng.normal(0.0, 0.005, 200),
    }
    finding = judge(**curves)

    assert (isinstance(finding, Finding) and "ln 4" in finding.summary) == fires


def test_single_validations_of_a_few_hundred_answers_may_be_far_off_one_in_c():
    """0.07 to 0.14 of ten classes: the middle of them is a tenth."""
    rng = np.random.default_rng(3)
    curves = {
        "loss": np.concatenate(([8.3, 580.0, 2.5], 2.37 + rng.normal(0.0, 0.02, 13))),
        "val_loss": np.concatenate(([29.4, 2.83, 2.45], 2.35 + rng.normal(0.0, 0.03, 13))),
        "accuracy": np.concatenate(([0.149], 0.1 + rng.normal(0.0, 0.01, 15))),
        "val_accuracy": np.concatenate(([0.137], np.clip(0.1 + rng.normal(0.0, 0.015, 15), 0.07, 0.13))),
    }

    assert "ln 10" in found(**curves).summary


@pytest.mark.parametrize(
    ("fall", "action"),
    [(np.arange(40) / 39, "raise_learning_rate"), (1.0 - np.exp(-np.arange(40) / 4), "overfit_one_batch")],
    ids=["as evenly as steps", "at first"],
)
def test_a_validation_that_gets_better_as_evenly_as_steps_are_taken_asks_for_larger_ones(fall: np.ndarray, action: str):
    """Weights that move but hardly are at far too low a rate; of dead units nothing more comes after the first epochs."""
    right = 0.1 + 0.01 * np.arange(40) / 39
    told = found(TEN, loss=LN10 - 0.02 * fall, val_loss=LN10 + 0.001 - 0.018 * fall, val_accuracy=right)

    assert action == told.fixes[0].action


@pytest.mark.parametrize(("rose", "fires"), [(0.0, True), (0.1, False)], ids=["guesses", "slow"])
def test_a_loss_that_comes_down_to_ln_c_in_a_straight_line_has_unlearnt_what_is_wrong(rose: float, *, fires: bool):
    """A rate so high that only its cosine brings the loss back learns nothing, though it falls to the last; answers that get better are slow."""
    share = np.arange(40) / 39
    loss, right = LN10 * (1.2 - 0.2 * share), 0.1 + 0.01 * np.cos(np.arange(40)) + rose * share

    assert fires == isinstance(judge(TEN, loss=loss, val_loss=loss + 0.01, val_accuracy=right), Finding)


def test_of_a_loss_that_swings_no_level_is_said():
    """Data in sorted order: each class is forgotten for the next, and the loss is at no level at all."""
    loss = np.resize([0.15, 0.2, 1.1, 2.9, 3.1, 1.4], 36) * (1.0 + 0.05 * np.random.default_rng(0).standard_normal(36))

    summary = found(loss=loss, val_loss=np.linspace(1.0, 1.5, 6)).summary
    assert f"gets nowhere between {loss.min():.4g} and {loss.max():.4g}" in summary


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ([1.0, 0.6] * 12, "gets nowhere between 0.6 and 1 over all 24"),
        ([0.5, 0.6, 0.7, 0.8] * 6, "gets nowhere between 0.5 and 0.8 over all 24"),
        ([0.5] * 10 + [2.0] + [0.5] * 10, "stays at 0.5 over all 21"),
        ([0.65, 0.66] * 10, "stays at 0.66 over all 20"),
    ],
    ids=["two levels", "four levels", "one level and a spike", "one level"],
)
def test_a_loss_is_said_to_stay_only_where_all_its_values_but_spikes_are_near(loss: list[float], said: str):
    """Else the lowest and the highest are said, not those that one in ten exceeds."""
    assert said in found(loss=np.array(loss)).summary


def test_a_loss_that_blew_up_and_came_back_is_said_to_have_done_so():
    """It does not stay where it is over all values."""
    loss = np.concatenate(([1.0, 24.0, 6.0, 2.0], np.full(36, 1.0)))

    assert "came to rest at 1 after it had blown up to 24." in found(loss=loss).summary


def test_a_loss_that_began_at_ln_10_and_creeps_is_not_at_the_ln_of_nine():
    """Nobody said how many classes there are; that it is at 2.19 on its way down tells nothing."""
    course, jitter = np.arange(60) / 60, 0.004 * np.random.default_rng(0).standard_normal((3, 60))
    loss, right = 2.31 - 0.12 * course, 0.095 + 0.02 * course

    assert judge(loss=loss + jitter[0], val_loss=loss + jitter[1], val_accuracy=right + jitter[2]) is None


def test_what_learnt_and_lost_it_again_has_too_high_a_rate_before_anything_is_built_anew():
    """The first epoch was far below guessing: signals arrive, labels belong to their inputs, and the steps threw it all away."""
    loss = np.concatenate(([1.70, 2.53], 2.33 + 0.006 * np.cos(np.arange(38))))
    accuracy = np.concatenate(([0.52, 0.29], 0.1 + 0.01 * np.cos(2.0 * np.arange(38))))
    finding = found(Context(num_classes=10), loss=loss, val_loss=loss, accuracy=accuracy, val_accuracy=accuracy)

    assert "lower_learning_rate" == finding.fixes[0].action
    assert "raise_learning_rate" not in {fix.action for fix in finding.fixes}


def test_a_rate_that_threw_the_loss_above_guessing_is_not_raised():
    """Where nothing is said of it: a step too small leaves the loss where it is."""
    rest = 2.32 + 0.006 * np.cos(np.arange(38))
    accuracy = 0.1 + 0.01 * np.cos(2.0 * np.arange(40))
    thrown, calm = (
        found(
            Context(num_classes=10),
            loss=np.concatenate(([2.29, second], rest)),
            val_loss=np.concatenate(([2.3, 2.31], rest[::-1])),
            accuracy=accuracy,
            val_accuracy=accuracy[::-1],
        )
        for second in (2.54, 2.32)
    )

    assert "raise_learning_rate" not in {fix.action for fix in thrown.fixes}
    assert "raise_learning_rate" in {fix.action for fix in calm.fixes}


def test_an_accuracy_that_flips_between_one_class_and_the_other_ends_no_better_than_a_coin():
    """Of 200 examples, 111 are of one class: a model that always says that one ends at 0.555."""
    rng = np.random.default_rng(0)
    two, rests = Context(num_classes=2, val_size=200), math.log(2) + 6e-4 * rng.standard_normal(50)
    flips = np.where(rng.random(50) < 0.5, 0.445, 0.555)
    flips[0], flips[-5:] = 0.445, 0.555
    validation = math.log(2) + 4e-3 * rng.standard_normal(50)

    assert found(two, loss=rests, val_loss=validation, val_accuracy=flips).severity == "error"
    assert judge(two, loss=rests, val_loss=validation, val_accuracy=np.linspace(0.445, 0.9, 50)) is None


@pytest.mark.parametrize("classes", [6, 7, 12])
def test_a_loss_that_begins_or_rests_at_any_small_ln_to_the_digit_is_at_chance(classes: int):
    """A model whose outputs are all 0 begins at just that; what begins a little off may be anything."""
    rng = np.random.default_rng(0)
    creeping = math.log(classes) * np.linspace(1.0, 0.998, 25) + 3e-4 * rng.standard_normal(25)
    creeping[0] = math.log(classes)
    rests = math.log(classes) * np.linspace(1.002, 1.006, 25)

    came = math.log(classes) + 1e-4 * rng.standard_normal(25)
    came[0] -= 2e-3

    assert f"ln {classes}" in found(loss=creeping, val_loss=rests).summary
    assert f"ln {classes}" in found(loss=came, val_loss=rests).summary
    assert judge(loss=1.004 * creeping, val_loss=1.004 * rests) is None


@pytest.mark.parametrize(
    ("rate", "said"), [(1e-5, "It is 1/3000 of what is usual."), (3.0, "It is 100 times what is usual.")]
)
def test_how_far_off_a_rate_is_is_said_as_people_do(rate: float, said: str):
    """One part in three thousand, and no 0.00033 times."""
    finding = found(Context(num_classes=10, optimizer="sgd", learning_rate=rate), loss=flat(level=2.303, n=40))

    assert said in {fix.because for fix in finding.fixes}
