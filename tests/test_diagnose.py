from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.measured import Measured
from diagnosis.identity import VERSION, identify
from diagnosis.rule import Rule, all_rules
from diagnosis.synthetic import falling, run, turning

OVERFITTED = run(loss=falling(), val_loss=turning(at=20))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """The rule for spikes, with a bug in it."""

    def check(train_loss: Measured) -> None:
        message = f"a bug that shows on {train_loss.name}"
        raise ZeroDivisionError(message)

    rule = replace(all_rules()["loss_spike"], check=check, needs=("train_loss",), wants=())
    rules = {**all_rules(), "loss_spike": rule}
    for module in ("diagnosis.diagnose", "diagnosis.report"):
        monkeypatch.setattr(import_module(module), "all_rules", lambda: rules)
    return rule


@pytest.mark.usefixtures("broken")
def test_a_rule_that_raises_fails_and_the_others_go_on():
    """One bug does not take down the other verdicts, nor pass for health."""
    report = diagnose(OVERFITTED)

    assert report.outcomes.failed == ("loss_spike",)
    assert "loss_spike" not in report.outcomes.clear
    assert "loss_spike" not in report.outcomes.skipped
    assert ["overfitting"] == [judged.condition for judged in report.findings]
    assert "divergence" in report.outcomes.clear


@pytest.mark.usefixtures("broken")
def test_the_bug_is_handed_to_the_caller_who_logs_it():
    """With its type, its message and where it was raised."""
    (name, bug), *others = diagnose(OVERFITTED).bugs.items()

    assert not others
    assert name == "loss_spike"
    assert isinstance(bug, ZeroDivisionError)
    assert "a bug that shows on loss" in str(bug)
    assert bug.__traceback__ is not None


@pytest.mark.usefixtures("broken")
def test_a_rule_that_is_ignored_cannot_fail():
    """It is not asked."""
    report = diagnose(OVERFITTED, ignore=["loss_spike"])

    assert (report.outcomes.failed, dict(report.bugs)) == ((), {})
    assert report.outcomes.skipped["loss_spike"] == "ignored, as asked"


def test_a_run_without_bugs_has_none():
    """The usual case."""
    report = diagnose(OVERFITTED)

    assert (report.outcomes.failed, dict(report.bugs)) == ((), {})


def test_what_is_ignored_is_said_and_explains_nothing():
    """Without overfitting, the gap that it explains is found."""
    report = diagnose(OVERFITTED, ignore=["overfitting"])

    assert report.outcomes.skipped["overfitting"] == "ignored, as asked"
    assert "generalization_gap" in {judged.condition for judged in report.findings}
    assert "masked by overfitting" not in report.outcomes.skipped.values()


def test_ignoring_what_does_not_exist_changes_nothing_but_the_question():
    """The verdict is the same."""
    plain, other = diagnose(OVERFITTED), diagnose(OVERFITTED, ignore=["gremlins"])

    assert plain.headline == other.headline
    assert plain.outcomes == other.outcomes


def test_the_report_carries_the_identity_of_its_question():
    """And the run's name, the version and what was measured."""
    named = replace(OVERFITTED, name="fold 3")
    report = diagnose(named, ignore=["plateau"])

    assert (identify(named, ["plateau"]), VERSION, "fold 3") == (report.id, report.version, report.name)
    assert report.features.run is named


def test_every_condition_is_judged():
    """None is forgotten, none appears twice."""
    report = diagnose(run(loss=np.array([1.0])))
    places = [*(j.condition for j in report.findings), *report.outcomes.clear, *report.outcomes.skipped]

    assert sorted(all_rules()) == sorted(places)


def test_too_little_is_inconclusive_though_it_is_ignored():
    """Leaving a condition out makes nobody healthy."""
    one = run(loss=np.array([1.0]))

    for report in (diagnose(one, ["insufficient_data"]), diagnose(run(loss=falling()), all_rules())):
        assert report.status == "inconclusive"
        assert "Nothing wrong" not in report.headline


def test_a_validation_that_is_training_to_the_last_digit_is_pointed_at():
    """As where the metric is computed on the wrong split."""
    loss = falling()
    same, other = (diagnose(run(loss=loss, val_loss=val)).features.notes for val in (loss, loss + 1e-9))

    assert any("to the last digit" in note for note in same)
    assert not any("to the last digit" in note for note in other)
