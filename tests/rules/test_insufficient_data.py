import math

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.confidence import MOST, confidence
from diagnosis.features import measure
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.insufficient_data import POINTS_FOR_LEVEL, POINTS_FOR_TREND
from diagnosis.synthetic import falling, run

RULE = all_rules()["insufficient_data"]


def judge(**series: np.ndarray) -> Finding | Skipped | None:
    """Ask the one rule."""
    return RULE.judge(measure(run(None, **series)))


def found(**series: np.ndarray) -> Finding:
    """Ask the one rule, and expect that it fires."""
    finding = judge(**series)
    assert isinstance(finding, Finding)
    return finding


def test_one_value_less_than_a_trend_needs_fires():
    """And as many as it needs do not."""
    assert judge(loss=falling(n=POINTS_FOR_TREND)) is None
    assert judge(loss=falling(n=POINTS_FOR_TREND - 1)) is not None


@pytest.mark.parametrize(
    ("n", "could"),
    [(POINTS_FOR_LEVEL - 1, "not even levels can be compared"), (POINTS_FOR_LEVEL, "levels can be compared")],
)
def test_what_could_be_judged_is_said(n: int, could: str):
    """Below a handful of values not even levels."""
    finding = found(loss=falling(n=n))

    assert could in finding.summary
    assert f"{n} values of loss" in finding.summary
    assert finding.evidence[0].value == n
    assert finding.evidence[0].bound == POINTS_FOR_TREND


def test_one_value_is_written_in_the_singular():
    """The headline is read by people."""
    assert "1 value of loss logged" in found(loss=np.array([1.0])).summary


def test_the_longest_loss_counts():
    """A validation loss once an epoch beside a training loss of three epochs is enough, and the other way round."""
    short, long = falling(n=3), falling(n=POINTS_FOR_TREND)

    assert judge(loss=short, val_loss=long) is None
    assert judge(loss=long, val_loss=short) is None
    assert found(loss=short, val_loss=falling(n=4)).series == ("loss", "val_loss")


def test_values_that_are_not_finite_do_not_count():
    """A NaN tells no trend."""
    values = falling(n=POINTS_FOR_TREND)
    values[4] = np.nan

    assert judge(loss=values) is not None


def test_a_metric_stands_in_for_a_loss():
    """Accuracies alone are enough, if there are enough of them."""
    assert judge(accuracy=1 - falling(start=0.9, n=POINTS_FOR_TREND)) is None
    assert found(accuracy=1 - falling(start=0.9, n=3)).series == ("accuracy",)


def test_a_run_without_any_loss_or_metric_says_so():
    """A learning rate alone, however long."""
    finding = found(lr=np.full(100, 0.1))

    assert "no loss and no known metric" in finding.summary
    assert finding.series == ()
    assert finding.evidence[0].value == 0


@pytest.mark.parametrize("n", [1, 3, 5, 9])
def test_going_on_that_much_longer_would_do(n: int):
    """The factor leads to as many values as a trend needs, and is at least two."""
    fix, often = found(loss=falling(n=n)).fixes

    assert fix.action == "train_longer"
    assert fix.params == {"factor": max(2, math.ceil(POINTS_FOR_TREND / n))}
    assert n * fix.params["factor"] >= POINTS_FOR_TREND
    assert ("log_losses", {"values": POINTS_FOR_TREND}) == (often.action, often.params)


def test_where_no_loss_was_logged_longer_training_tells_nothing():
    """Logging one is all there is to do."""
    assert ["log_losses"] == [fix.action for fix in found(lr=np.full(100, 0.1)).fixes]


def test_that_little_was_logged_is_a_fact():
    """A count needs no sample to be sure of."""
    assert confidence(found(loss=falling(n=1))) == MOST


def test_it_is_always_judged():
    """It needs nothing, and so is never skipped."""
    assert RULE.needs == ()
    assert RULE.severity == ("info",)


def test_what_could_not_be_judged_is_listed_with_the_values_it_needs():
    """Whoever waits knows how long: each condition whose curves are there and too short, fewest values first."""
    listed = next(e for e in found(loss=falling(n=7)).evidence if e.name == "not_judged")
    report = diagnose(run(loss=falling(n=7)))
    short = {name: all_rules()[name].points for name, why in report.outcomes.skipped.items() if "too short" in why}

    assert short
    assert len(short) == listed.value
    assert all(f"{name} {points}" in listed.says for name, points in short.items())
    assert "overfitting" not in listed.says  # it lacks a validation loss, not values


def test_nothing_is_listed_where_values_would_not_help():
    """Without a loss there is nothing to wait for."""
    assert [e.name for e in found(lr=np.full(100, 0.1)).evidence] == ["points"]


def test_two_networks_that_play_against_each_other_are_no_losses_that_lack_values():
    """Their losses rise and fall together; what is missing is a measure of what is made."""
    finding = found(d_loss=falling(n=60), g_loss=-falling(n=60))

    assert "d_loss and g_loss depend on each other" in finding.summary
    assert ["change_metric"] == [fix.action for fix in finding.fixes]
    assert {"to": "fid"} == finding.fixes[0].params
    assert {"to": "reward"} == found(actor_loss=falling(n=60), critic_loss=-falling(n=60)).fixes[0].params
    assert judge(d_loss=falling(n=60), g_loss=-falling(n=60), val_loss=falling(n=60)) is None


@pytest.mark.parametrize(
    ("val", "said"), [([2.3, 2.2, 2.0, 1.8], True), ([2.3, 2.2, 2.21, 1.8], False), ([2.3, 2.2], False)]
)
def test_a_few_values_that_each_got_better_are_told_by_their_last_step(val: list[float], *, said: bool):
    """A fine-tune of three epochs has no more: whether to go on is seen there."""
    finding = found(loss=np.array(val), val_loss=np.array(val))

    assert said == finding.summary.endswith(
        "is better than the one before; the last step brought 40 % of all it gained."
    )
    assert said == any(one.name == "last_step" and one.value == pytest.approx(0.4) for one in finding.evidence)


@pytest.mark.parametrize(
    ("val", "seen"),
    [
        ([0.5, 0.4, 0.35, 0.31, 0.31], "no value of val_loss is worse than the one before; the last step brought 0 %"),
        ([0.36, 0.33, 0.37], "val_loss was 0.36 at first, 0.33 at best, at epoch 1, and 0.37 at last."),
        ([2.3, 2.3, 2.3], "val_loss has not moved."),
    ],
)
def test_what_a_few_values_show_is_said(val: list[float], seen: str):
    """That is what a reader would ask next; no verdict, and no trend."""
    assert f"So far {seen}" in found(val_loss=np.array(val)).summary
