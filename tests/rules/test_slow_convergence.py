import math

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.forecast import LONGEST
from diagnosis.features.line import ENOUGH
from diagnosis.features.slow_fall import ARRIVED, BENT, CALMER, EVEN, FAR, SIGMAS, WARMED
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.slow_convergence import HARDLY_BENT
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, linear, run
from tests.rules.asking import ask, faintest, numbers, resumed

RULE = all_rules()["slow_convergence"]
judge, found = ask("slow_convergence")
N = 100
SHARES = np.linspace(0.0, 1.0, N)
JITTER = np.random.default_rng(0).standard_normal(N)


def bowed(bow: float) -> np.ndarray:
    """A fall from 2 to 1 that is straight but for a bow, deepest in the middle."""
    return 2.0 - SHARES - bow * 4 * SHARES * (1 - SHARES)


def kinked(first_half: float) -> np.ndarray:
    """A fall from 2 to 1 of which this share lies in the first half."""
    return np.interp(SHARES, [0.0, 0.5, 1.0], [2.0, 2.0 - first_half, 1.0])


def test_the_strongest_bow_that_is_still_a_line_is_the_named_one():
    """The share of variance that a line leaves unexplained."""
    straight = faintest(lambda calm: judge(loss=bowed(0.1 / calm)) is not None, 0.5, 10.0)
    bend = numbers(found(loss=bowed(0.1 / straight)))["bend"]

    assert bend.value == pytest.approx(BENT, rel=1e-2)
    assert bend.bound == BENT


@pytest.mark.parametrize("side", [1, -1])
def test_a_fall_that_is_mostly_in_one_half_is_no_line(side: int):
    """A long straight line whose first value stands apart, so that just over or under the named share is in one half."""
    half = 0.5 + side * (0.5 - EVEN)
    for times, fires in ((0.85, True), (1.15, False)):
        line = np.linspace(2.0, 1.0, 400)
        line[0] += times * (half - 0.5) / (1 - half)

        assert fires == (judge(loss=line) is not None)


@pytest.mark.parametrize("side", [1, -1])
def test_the_share_of_the_first_half_is_told(side: int):
    """A bow either way."""
    finding = found(loss=bowed(0.05 * side))

    assert numbers(finding)["first_half"].value == pytest.approx(0.5 + 0.05 * side, abs=0.02)
    assert judge(loss=kinked(0.5 + 0.3 * side)) is None


def test_a_fall_within_the_noise_is_not_steady():
    """The faintest that fires is the named number of noise levels."""
    calm = faintest(lambda calm: judge(loss=2.0 - SHARES + JITTER / calm) is not None, 2.0, 100.0)

    assert numbers(found(loss=2.0 - SHARES + JITTER / calm))["fall_over_noise"].value >= SIGMAS
    assert judge(loss=2.0 - SHARES + JITTER / SIGMAS * 1.5) is None


def test_the_step_to_try_depends_on_how_straight_it_is():
    """Without any bend a tenfold rate is safe to try; with a little one, threefold."""
    context = Context(learning_rate=0.001)
    for bow, params in (
        (0.0, {"factor": 10.0, "learning_rate": 0.01}),
        (0.06, {"factor": 3.0, "learning_rate": 0.003}),
    ):
        finding = found(context, loss=bowed(bow))

        assert (numbers(finding)["bend"].value < HARDLY_BENT) == (bow == 0.0)
        assert params == finding.fixes[0].params


def test_fixes_change_the_rate_the_optimiser_the_inputs_then_the_length():
    """Only time helps where nothing else can be changed: three times as many epochs."""
    finding = found(loss=linear(n=N))

    assert ["raise_learning_rate", "change_optimizer", "normalize_inputs", "train_longer"] == [
        fix.action for fix in finding.fixes
    ]
    assert finding.fixes[1].params == {"to": "adam", "learning_rate": 1e-3}
    assert finding.fixes[3].params == {"factor": 3, "epochs": 3 * N}
    assert finding.since == Position("epoch", 0)


@pytest.mark.parametrize(("times", "fires"), [(0.85, False), (1.05, True)])
def test_a_loss_that_has_come_most_of_the_way_is_not_slow(times: float, *, fires: bool):
    """However straight: below the named share of ln C it has arrived."""
    end = times * ARRIVED * math.log(10)
    line = linear(start=2.3, end=end, n=N)

    assert fires == (judge(Context(num_classes=10), loss=line) is not None)
    assert judge(loss=line) is not None


@pytest.mark.parametrize(("times", "fires"), [(1.1, False), (0.9, True)])
def test_a_warm_up_over_most_of_the_run_explains_the_line(times: float, *, fires: bool):
    """A rate that was warmed up for longer than the named share, and then held."""
    rates = 1e-3 * np.minimum(SHARES / (times * WARMED), 1.0)

    assert fires == (judge(loss=linear(n=N), lr=rates) is not None)


def test_how_far_the_end_is_off_is_told_as_far_as_anybody_sees():
    """In times the run, to half of what is left; of a straight line only that the end is not in sight."""
    far, near = found(loss=linear(n=N)), found(loss=linear(n=N) - 0.08 * SHARES * (1 - SHARES))

    assert FAR == numbers(far)["half_way"].bound
    assert numbers(far)["half_way"].value > LONGEST
    assert "where it ends is not in sight" in far.summary
    assert "times the run" not in far.summary
    assert f"is forecast to take {numbers(near)['half_way'].value:.1f} times the run" in near.summary


@pytest.mark.parametrize("percent", [1.0, 100.0])
@pytest.mark.parametrize(("end", "fires"), [(0.99, False), (0.6, False), (0.5, True), (0.2, True)])
def test_a_metric_that_is_soon_perfect_at_its_own_pace_is_not_slow(end: float, percent: float, *, fires: bool):
    """From 0.1: half of what is left takes half a run more, or longer; what is left cannot be gained twice."""
    report = diagnose(run(accuracy=percent * np.linspace(0.1, end, 20)))

    assert fires == ("slow_convergence" in {judged.condition for judged in report.findings})
    assert (end < 0.9) == ("undertrained" in {judged.condition for judged in report.findings})


def test_a_rate_that_has_run_out_leaves_the_line_to_speak_alone():
    """Nothing can be carried on, and the fall was straight all the same."""
    finding = found(loss=linear(n=N), lr=np.linspace(1e-3, 0.0, N))

    assert "half_way" not in numbers(finding)


@pytest.mark.parametrize(("times", "fires"), [(0.9, True), (1.1, False)])
def test_a_straighter_validation_speaks_for_a_noisy_training(times: float, *, fires: bool):
    """Its bend must be less than the named part of training's bound."""
    noisy = 2.0 + JITTER
    edge = faintest(lambda calm: judge(loss=bowed(0.1 / calm)) is not None, 0.5, 10.0)
    validation = bowed(0.1 / edge * times * CALMER**0.5)

    assert judge(loss=noisy) is None
    assert fires == (judge(loss=noisy, val_loss=validation) is not None)


def test_an_unfinished_run_is_not_judged():
    """Its beginning may be straight by itself."""
    verdict = judge(Context(finished=False), loss=linear(n=N))

    assert verdict == Skipped("the run is not finished: its beginning may be straight by itself")


LOOK_ALIKES = {
    "a bend": falling(tau=0.3, n=N),
    "a power-law tail": np.arange(1.0, N + 1) ** -0.2,
    "a staircase of one step": np.where(SHARES < 0.5, 2.0, 1.0),
    "a level": flat(n=N),
    "a rise": linear(start=1.0, end=2.0, n=N),
    "a slow start": np.interp(SHARES, [0.0, 0.7, 1.0], [2.0, 2.0, 1.0]),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Only a straight fall is slow."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """A few points are straight by chance."""
    assert judge(val_loss=linear()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=linear(n=RULE.points - 1)), Skipped)


def test_it_doubts_what_says_the_same_and_explains_the_level():
    """A run that is hardly on its way was not done either, and its level is not its last."""
    assert RULE.lowers == ("undertrained",)
    assert RULE.supersedes == ("underfitting",)
    assert RULE.decides == "continue"


def test_a_gap_that_opens_on_a_slow_way_down_is_told_beside_it():
    """More and other data are wanted there, at whatever rate."""
    loss = 2.0 - SHARES + 0.005 * JITTER
    val_loss = 2.0 - 0.55 * SHARES + 0.005 * JITTER[::-1]
    findings = [each.condition for each in diagnose(run(loss=loss, val_loss=val_loss)).findings]

    assert {"slow_convergence", "generalization_gap"} <= {*findings}


@pytest.mark.parametrize(("noise", "fires"), [(0.002, False), (0.12, True)])
def test_a_line_that_came_to_rest_in_the_end_is_over(noise: float, *, fires: bool):
    """Straight in the middle, and hardly moving in the last fifth; only noise may hide that."""
    fall = np.interp(SHARES, [0.0, 0.1, 0.62, 0.8, 0.88, 1.0], [3.0, 2.94, 2.39, 2.09, 2.04, 2.0])

    assert fires == (judge(loss=fall + noise * JITTER) is not None)


@pytest.mark.parametrize(("power", "fires"), [(1.4, True), (3.0, False)])
def test_a_fall_that_gathers_pace_to_its_end_is_as_slow(power: float, *, fires: bool):
    """It moved from the beginning; one that stood still first is a slow start."""
    verdict = judge(loss=2.0 - SHARES**power + 0.001 * JITTER)

    assert fires == isinstance(verdict, Finding)
    if isinstance(verdict, Finding):
        assert "falls ever faster from 2 to 1" in verdict.summary
        assert numbers(verdict)["bend"].bound is None


def test_a_warm_up_explains_a_fall_that_gathers_pace():
    """It is the rate that does."""
    gathering = 2.0 - SHARES**1.4
    warm = 0.1 * np.minimum(SHARES / 0.3, 1.0) + 0.001

    assert judge(loss=gathering, lr=np.full(N, 0.1)) is not None
    assert judge(loss=gathering, lr=warm) is None


def test_a_few_validations_are_no_line():
    """A training too noisy to tell needs enough of them to speak for it."""
    noisy = 2.0 + 0.3 * JITTER - 0.3 * SHARES
    few, many = np.linspace(2.0, 1.5, ENOUGH - 1), np.linspace(2.0, 1.5, 3 * ENOUGH)

    assert judge(loss=noisy, val_loss=few) is None
    assert judge(loss=noisy, val_loss=many) is not None


def test_a_log_that_begins_in_the_middle_of_a_run_is_not_judged():
    """A late stretch of any run is straight."""
    skipped = resumed("slow_convergence", loss=2.0 - SHARES)

    assert skipped == Skipped("the log begins at epoch 200: what came before is not known")


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.02])
def test_a_training_that_has_converged_is_not_slow_though_validation_still_falls(noise: float):
    """Validation's straight line is spoken of where training's noise may hide one as steep, and no steps are too small here."""
    converged = falling(start=2.3, floor=0.02, tau=0.02, n=N, noise=noise)

    assert judge(loss=converged, val_loss=linear(n=N)) is None


def test_the_evidence_names_the_curve_that_was_read_and_why_it_was_not_training():
    """Summary, evidence and series are of one curve."""
    finding = found(loss=2.0 + 0.3 * JITTER - 0.3 * SHARES, val_loss=np.linspace(2.0, 1.5, 3 * ENOUGH))

    assert finding.series == ("val_loss",)
    assert "val_loss falls in a straight line" in finding.summary
    assert all("val_loss" in numbers(finding)[name].says for name in ("bend", "fall_over_noise"))
    assert "loss may fall with it, and is too noisy to tell" in numbers(finding)["bend"].says


def test_what_validation_does_not_follow_is_no_slow_convergence():
    """Training falls in a straight line because it is learnt by heart: a larger step would only do that sooner."""
    loss = linear(start=0.7, end=0.36, n=40)

    assert isinstance(judge(loss=loss, val_loss=linear(start=0.7, end=0.4, n=40)), Finding)
    assert judge(loss=loss, val_loss=linear(start=0.7, end=0.68, n=40)) is None


def test_a_validation_that_gathers_pace_tells_where_training_is_too_noisy_to():
    """Each quarter of the run gains more than the one before; of training the quarters are ragged."""
    course = 2.0 - 1.2 * np.linspace(0.0, 1.0, 40) ** 1.4
    ragged = course + 0.15 * np.sin(np.linspace(0.0, 7.0, 40))

    assert judge(loss=ragged) is None
    assert isinstance(judge(loss=ragged, val_loss=course), Finding)


def test_where_few_validations_only_got_worse_no_larger_step_is_advised():
    """Training goes down in a straight line through what it learns by heart: three times the rate does so sooner."""
    loss = Series("loss", linear(n=60, start=0.69, end=0.1), np.arange(1.0, 61.0), "step")
    worse, better = (
        Series("val_loss", np.array(values), np.array([20.0, 40.0, 60.0]), "step")
        for values in ((0.7, 0.72, 0.75), (0.7, 0.5, 0.3))
    )

    assert RULE.judge(measure(assemble(Log((loss, worse), "example")))) is None
    assert isinstance(RULE.judge(measure(assemble(Log((loss, better), "example")))), Finding)


def test_where_validation_has_come_to_rest_a_larger_step_only_memorises_sooner():
    """Training's line goes on without it."""
    line = np.linspace(2.1, 1.2, 40)
    rests = np.maximum(np.linspace(2.1, 1.5, 40), 1.8)

    assert judge(loss=line, val_loss=line + 0.01) is not None
    assert judge(loss=line, val_loss=rests) is None


def test_single_values_far_above_all_that_was_gained_want_no_larger_step():
    """Validation's line then tells nothing of a step that is too small."""
    line = np.linspace(2.1, 1.5, 40)
    spiked = line + 0.6 * np.random.default_rng(0).standard_normal(40)
    spiked[5::9] += 9.0

    assert judge(loss=spiked, val_loss=line) is None


@pytest.mark.parametrize(("first", "fires"), [(4.158, True), (4.03, False)])
def test_what_creeps_where_it_was_thrown_at_once_does_not_converge(first: float, *, fires: bool):
    """To the last digit it falls in a straight line, which is nothing beside what the first step lost."""
    training = np.append(first, 4.158 - np.linspace(0.0, 1e-4, 29))
    validation = 4.158 - np.linspace(0.0, 3e-4, 30)

    assert fires == isinstance(judge(loss=training, val_loss=validation), Finding)


def test_a_straight_fall_by_a_hundredth_of_ln_c_is_slow_however_many_classes_are_known():
    """Without a bend or a noise it is learning, and the same with `num_classes` as without: a greater rate is wanted."""
    line = np.linspace(2.304, 2.27, 20)
    curves = {"loss": line, "val_loss": line[0] - 0.85 * (line[0] - line)}

    for context in (Context(), Context(num_classes=10)):
        said = diagnose(run(context, **curves))

        assert "not_learning" not in {judged.condition for judged in said.findings}
        assert said.findings[0].condition == "slow_convergence"
