"""Which facts come to which verdict."""

import pytest

from diagnosis.examining.check import check
from diagnosis.examining.examined import attempt, examined, stuck

UNTRAINED: dict[str, object] = {"attempts": [], "used": None, "after": None}


@pytest.mark.parametrize(
    ("verdict", "changes"),
    [
        ("overfits", {}),
        ("cannot_overfit", {"attempts": [stuck()]}),
        ("inconclusive", {"attempts": [attempt(final=1.0, steps=5, stopped="steps")]}),
        ("inconclusive", {"attempts": [attempt(final=1.0, stopped="deadline", falling=True)], "settled": False}),
        ("cannot_overfit", {"attached": False, "gradients": None, **UNTRAINED}),
        ("cannot_overfit", {"batch": {"outside": 2}, **UNTRAINED}),
        ("cannot_overfit", {"batch": {"refused_dtype": "float32"}}),
        ("inconclusive", {"asked": {"loss": "nll"}}),
        (
            "inconclusive",
            {"asked": {"loss": "bce_with_logits"}, "batch": {"outside": 16, "low": -1.0, "high": 1.0, "classes": None}},
        ),
        ("overfits", {"dependence": {"leaks": 0.5}}),
    ],
)
def test_verdict(verdict: str, changes: dict[str, object]):
    """Learnt, impossible, or not to be told."""
    assert verdict == check(examined(**changes)).verdict


def test_an_unbounded_loss_is_never_a_pass():
    """However low it fell."""
    report = check(examined(asked={"loss": "nll"}, attempts=[attempt(final=-50.0)]))

    assert "inconclusive" == report.verdict
    assert ["unbounded_loss"] == [j.condition for j in report.findings]


def test_a_claim_to_have_reached_what_was_not_reached_is_no_pass():
    """Facts may be written by the model itself: the numbers count, not the word."""
    assert "overfits" != check(examined(attempts=[attempt(final=2.0)])).verdict


def test_the_cause_stands_before_that_it_cannot_be_learnt():
    """The first finding is the one to act on."""
    report = check(
        examined(
            attempts=[stuck(final=1.47)], output={"last": "softmax", "probabilities": True, "low": 0.0, "high": 0.3}
        )
    )

    assert ["softmax_before_cross_entropy", "cannot_overfit"] == [j.condition for j in report.findings]
    assert "softmax" in report.headline


def test_a_model_that_does_not_learn_and_its_curve_are_judged_alike():
    """The check's curve goes through the engine's own rules."""
    flat = [2.3 + 0.001 * (i % 3) for i in range(200)]
    report = check(examined(attempts=[stuck()], curve={"steps": list(range(200)), "loss": flat}))

    assert report.curve is not None
    assert ("failing", "failing") == (report.status, report.curve.status)
    assert "not_learning" in {j.condition for j in report.curve.findings}


def test_the_curve_of_a_model_that_passed_says_nothing_against_it():
    """It was stopped at its floor: what a longer run would show is not to be told."""
    curve = [2.3 * 0.95**i for i in range(100)]
    report = check(examined(curve={"steps": list(range(100)), "loss": curve}))

    assert report.curve is not None
    assert () == report.curve.findings


def test_the_id_does_not_depend_on_how_long_it_took():
    """The same facts are the same answer."""
    slow = examined(timing={"all_ms": 900.0}, attempts=[attempt(seconds=3.0)])

    assert check(examined()).id == check(slow).id
    assert check(examined()).id != check(examined(attempts=[attempt(final=0.015)])).id


def test_advice_in_general_comes_after_that_of_the_defect_that_was_found():
    """Labels are not suspected first where a softmax is why."""
    report = check(
        examined(
            attempts=[stuck(final=1.47)], output={"last": "softmax", "probabilities": True, "low": 0.0, "high": 0.3}
        )
    )
    softmax, general = report.findings

    assert softmax.fixes[0] == general.fixes[0]
    assert ["remove_output_activation", "check_labels"] == [fix.action for fix in general.fixes[:2]]
    assert general.causes[0].cause.startswith("softmax_before_cross_entropy: ")


def test_a_warning_can_be_why_it_cannot_be_learnt():
    """Inputs of a millionth: the headline says so, and normalising comes first."""
    report = check(examined(attempts=[stuck()], operand={"rms": 1e-6, "largest": 3e-6}))

    assert ["cannot_overfit", "unnormalized_inputs"] == [j.condition for j in report.findings]
    assert {"normalize_inputs"} == {j.fixes[0].action for j in report.findings}
    assert "not normalised" in report.headline


def test_what_explains_is_itself_explained():
    """Dead units after pixels of 0 to 255: normalising comes first everywhere."""
    dead = [{"place": "0", "kind": "relu", "units": 64, "share": 1.0, "looks": 32}]
    report = check(examined(attempts=[stuck()], operand={"rms": 147.0, "largest": 255.0}, units=dead))

    assert ["dead_relu", "cannot_overfit", "unnormalized_inputs"] == [j.condition for j in report.findings]
    assert {"normalize_inputs"} == {j.fixes[0].action for j in report.findings}


def test_nothing_is_said_of_inputs_where_no_answer_is_a_number():
    """NaN against NaN is no sameness."""
    lost = attempt(final=None, stopped="non_finite")
    broken = {"what": "output", "step": 3, "where": "0", "start": False}
    report = check(examined(attempts=[lost], broken=broken, after={"loss": None, "ignored": None, "metric": {}}))

    assert {"non_finite_output"} == {j.condition for j in report.findings} - {"cannot_overfit"}


def test_half_precision_is_named_where_it_is_what_broke():
    """Adam divides by an epsilon that is zero in it."""
    broken = {"what": "output", "step": 2, "where": "0", "start": False}
    lost = attempt(final=None, stopped="non_finite")
    report = check(examined(attempts=[lost], broken=broken, model={"dtypes": ["float16"]}, after={"loss": None}))

    assert "use_bf16" == report.findings[0].fixes[0].action


def test_no_fix_is_advised_twice():
    """Clipping bounds a step, and keeps weights from overflowing: it is one fix."""
    broken = {"what": "output", "step": 2, "where": "0", "start": False}
    report = check(examined(attempts=[attempt(final=None, stopped="non_finite")], broken=broken, after={"loss": None}))
    actions = [fix.action for fix in report.findings[0].fixes]

    assert "clip_gradients" in actions
    assert len(set(actions)) == len(actions)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 number of the batch is not"), (2, "2 numbers of the batch are not")]
)
def test_one_is_one_and_two_are_two(count: int, said: str):
    """In what is said of a batch."""
    broken = {"what": "output", "step": 0, "where": "0", "start": True}
    batch = {"inputs_not_finite": count}
    report = check(examined(attempts=[], used=None, after=None, broken=broken, batch=batch))

    assert said in report.findings[0].finding.summary


def test_a_batch_of_ignored_labels_is_told_apart_from_a_logarithm_of_nothing():
    """Both make the loss NaN."""
    broken = {"what": "loss", "step": 0, "where": "cross_entropy", "start": True}
    report = check(
        examined(
            broken=broken, attempts=[], used=None, after=None, batch={"labels": 0, "seen": 0, "low": None, "high": None}
        )
    )

    assert "-100" in report.headline
    assert "check_labels" == report.findings[0].fixes[0].action
