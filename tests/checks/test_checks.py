"""The promises of every check of a model: each example under each promise, without an edit when a check is added."""

from dataclasses import replace
from pathlib import Path

import pytest

from diagnosis.advice.verbs import VERBS
from diagnosis.examining.check import FIRST, HOPELESS, check
from diagnosis.examining.deferring import HARMLESS
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Check, Fires, Quiet, all_checks
from diagnosis.rule import Finding
from diagnosis.units import SECTIONS

CHECKS = [pytest.param(one, id=name) for name, one in all_checks().items()]
EXAMPLES = [
    pytest.param(one, example, id=f"{name}: {type(example).__name__.lower()}, {example.says}")
    for name, one in all_checks().items()
    for example in one.examples
]
SPECIFIED = [
    "cannot_overfit",
    "no_trainable_parameters",
    "dead_parameters",
    "detached_graph",
    "unregistered_parameters",
    "non_finite_output",
    "non_finite_loss",
    "non_finite_gradients",
    "vanishing_gradients",
    "exploding_gradients",
    "relu_output",
    "softmax_before_cross_entropy",
    "sigmoid_before_bce_with_logits",
    "shape_broadcast",
    "target_out_of_range",
    "target_dtype",
    "constant_output",
    "input_ignored",
    "batch_leakage",
    "eval_mode_stochastic",
    "train_mode_baked",
    "unnormalized_inputs",
    "single_class_batch",
    "contradictory_targets",
    "bad_initial_loss",
    "dead_relu",
    "saturated_activations",
    "symmetric_init",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "unbounded_loss",
]
LINES = 120


def test_every_specified_condition_has_a_check_and_no_other():
    """The names are the contract's."""
    assert sorted(SPECIFIED) == sorted(all_checks())


@pytest.mark.parametrize(("one", "example"), EXAMPLES)
def test_examples_hold(one: Check, example: Fires | Quiet):
    """What is said to fire fires, and the near miss stays quiet."""
    assert isinstance(example, Fires) == isinstance(one.judge(example.examination), Finding)


@pytest.mark.parametrize(("one", "example"), EXAMPLES)
def test_a_finding_is_complete(one: Check, example: Fires | Quiet):
    """Numbers as evidence, a cause with an experiment, a fix of the table, a severity that was declared."""
    report = check(example.examination)

    assert not report.bugs
    for judged in report.findings:
        assert judged.finding.evidence
        assert judged.causes
        assert judged.fixes
        assert all(fix.action in VERBS and fix.advice and fix.because for fix in judged.fixes)
        assert judged.severity in judged.rule.severity
        assert judged.finding.summary.endswith(".")


@pytest.mark.parametrize(("one", "example"), EXAMPLES)
def test_every_condition_is_in_exactly_one_place(one: Check, example: Fires | Quiet):
    """Found, clear, skipped or failed."""
    report = check(example.examination)
    places = (
        [j.condition for j in report.findings]
        + list(report.outcomes.clear)
        + list(report.outcomes.skipped)
        + list(report.outcomes.failed)
    )

    assert sorted(all_checks()) == sorted(places)


@pytest.mark.parametrize("one", CHECKS)
def test_the_page_has_its_sections_and_examples(one: Check):
    """Four sections, one example that fires, one near miss; and it is read in one go."""
    lines = Path("diagnosis/checks", f"{one.name}.py").read_text(encoding="utf-8").splitlines()

    assert list(SECTIONS) == list(one.page)
    assert {Fires, Quiet} == {type(example) for example in one.examples}
    assert len(lines) <= LINES


def test_a_sound_model_has_no_findings():
    """Nothing is said where nothing is wrong."""
    report = check(examined())

    assert ("overfits", "healthy", ()) == (report.verdict, report.status, report.findings)


def test_the_names_in_the_tables_of_the_verdict_exist():
    """A misspelt name would weigh nothing."""
    explained = {name for one in all_checks().values() for name in (*one.explains, *one.supersedes)}

    assert set(FIRST) | HOPELESS | HARMLESS | explained <= set(all_checks())


def test_a_check_that_raises_is_failed_and_takes_no_other_down(monkeypatch: pytest.MonkeyPatch):
    """One bug must not pass for health."""

    def raises() -> None:
        raise ZeroDivisionError

    checks = all_checks()
    broken = replace(checks["relu_output"], ask=raises, needs=())
    monkeypatch.setattr("diagnosis.examining.check.all_checks", lambda: {**checks, "relu_output": broken})

    report = check(examined())

    assert ("relu_output",) == report.outcomes.failed
    assert isinstance(report.bugs["relu_output"], ZeroDivisionError)
