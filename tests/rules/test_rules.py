"""The promises of every rule: each example under each promise, without an edit when a rule is added."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from diagnosis import Report, Run, diagnose
from diagnosis.across import rules_across
from diagnosis.advice.verbs import VERBS
from diagnosis.masking import order_of_judgement
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Fires, Quiet, Rule, all_rules
from diagnosis.run import Context, Curve
from diagnosis.units import SECTIONS

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}: {type(example).__name__.lower()}, {example.says}")
    for rule in all_rules().values()
    for example in rule.examples
    if rule.name not in rules_across()  # tests/rules/test_unstable_across_runs.py: they need several runs
]
LOSSES = {"train_loss", "val_loss"}
# What a finished run may be accused of, and a running one not.
ONLY_AT_THE_END = {"underfitting", "slow_convergence"}


def verdict(report: Report) -> dict[str, object]:
    """What must not change: who was found, how bad, since when; and what became of the others."""
    found = {j.condition: (j.severity, str(j.finding.since)) for j in report.findings}
    assert not report.bugs
    return {"status": report.status, "action": report.decision.action, "found": found, "outcomes": report.outcomes}


def conditions(report: Report) -> set[str]:
    """What was found."""
    assert not report.bugs
    return {j.condition for j in report.findings}


def changed(run: Run, roles: set[str], change) -> Run:
    """The run with the values of some roles changed."""
    curves = tuple(
        replace(c, values=change(c.values.copy()), steps=c.steps.copy()) if c.role in roles else c for c in run.curves
    )
    return replace(run, curves=curves)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_examples_hold(rule: Rule, example: Fires | Quiet):
    """What is said to fire fires, and the near miss stays quiet."""
    assert isinstance(example, Fires) == (rule.name in conditions(diagnose(example.run)))


@pytest.mark.parametrize("factor", [1000.0, 0.001, 1024.0])
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_loss_in_other_units_gets_the_same_verdict(rule: Rule, example: Fires | Quiet, factor: float):
    """No threshold knows the unit of a loss, except where an anchor in the context does."""
    if example.run.context.num_classes and "scale" in rule.exempt:
        pytest.skip(rule.exempt["scale"])

    other = changed(example.run, LOSSES, lambda values: values * factor)

    assert verdict(diagnose(example.run)) == verdict(diagnose(other))


@pytest.mark.parametrize("constant", [10.0, -100.0])
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_loss_with_a_constant_added_gets_the_same_verdict(rule: Rule, example: Fires | Quiet, constant: float):
    """A negative loss is as good as any."""
    if example.run.context.num_classes and "offset" in rule.exempt:
        pytest.skip(rule.exempt["offset"])

    other = changed(example.run, LOSSES, lambda values: values + constant)

    assert verdict(diagnose(example.run)) == verdict(diagnose(other))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_accuracy_in_percent_gets_the_same_verdict(rule: Rule, example: Fires | Quiet):
    """0.97 and 97 are the same accuracy."""
    other = changed(example.run, {"train_metric", "val_metric"}, lambda values: values * 100.0)

    assert verdict(diagnose(example.run)) == verdict(diagnose(other))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_maximised_negative_loss_gets_the_same_verdict(rule: Rule, example: Fires | Quiet):
    """Direction is part of the curve, not of the rule."""
    curves = tuple(
        replace(c, values=-c.values, steps=c.steps.copy(), direction="max") if c.role in LOSSES else c
        for c in example.run.curves
    )
    if example.run.context.num_classes and "scale" in rule.exempt:
        pytest.skip(rule.exempt["scale"])

    assert verdict(diagnose(example.run)) == verdict(diagnose(replace(example.run, curves=curves)))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_minimised_negative_metric_gets_the_same_verdict(rule: Rule, example: Fires | Quiet):
    """An accuracy is one where somebody logs its negative, and so is what it is known to score by guessing."""
    curves = tuple(
        replace(c, values=-c.values, steps=c.steps.copy(), direction="min" if c.direction == "max" else "max")
        if c.role.endswith("_metric")
        else c
        for c in example.run.curves
    )

    assert verdict(diagnose(example.run)) == verdict(diagnose(replace(example.run, curves=curves)))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_steps_relabelled_as_epochs_get_the_same_verdict(rule: Rule, example: Fires | Quiet):
    """What counts is the order and the distance of the points, not what they are called."""
    if "axis" in rule.exempt:
        pytest.skip(rule.exempt["axis"])
    curves = tuple(replace(c, values=c.values.copy(), steps=c.steps * 50.0, axis="step") for c in example.run.curves)
    expected, found = diagnose(example.run), diagnose(replace(example.run, curves=curves))

    assert {j.condition: j.severity for j in expected.findings} == {j.condition: j.severity for j in found.findings}
    assert expected.status == found.status


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_step_logged_several_times_changes_nothing(rule: Rule, example: Fires | Quiet):
    """Of a step logged twice the last counts."""
    series = tuple(
        Series(c.name, np.repeat(c.values, 3), np.repeat(c.steps, 3), c.axis, c.direction) for c in example.run.curves
    )

    again = assemble(Log(series, "example"), example.run.context)

    assert verdict(diagnose(example.run)) == verdict(diagnose(again))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_order_of_columns_changes_nothing(rule: Rule, example: Fires | Quiet):
    """Neither what is found nor a word of it: JSON's keys have no order, and a log's columns have any."""
    first_curve = example.run.curves[0]
    rises = (np.linspace(0.1, end, len(first_curve)) for end in (0.9, 0.3))
    beside = (
        replace(first_curve, name=f"val_{m}", role="val_metric", metric=m, direction="max", values=values)
        for m, values in zip(("kappa", "mcc"), rises, strict=True)
    )
    run = replace(example.run, curves=(*example.run.curves, *beside))
    first, last = diagnose(run), diagnose(replace(run, curves=run.curves[::-1]))

    assert verdict(first) == verdict(last)
    assert [j.finding for j in first.findings] == [j.finding for j in last.findings]
    assert first.headline == last.headline


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_inputs_are_not_modified_and_the_answer_is_the_same_twice(rule: Rule, example: Fires | Quiet):
    """A rule only reads."""
    before = [(c.values.copy(), c.steps.copy()) for c in example.run.curves]

    first, second = diagnose(example.run), diagnose(example.run)

    assert (first.id, verdict(first)) == (second.id, verdict(second))
    assert [f.finding for f in first.findings] == [f.finding for f in second.findings]
    for (values, steps), curve in zip(before, example.run.curves, strict=True):
        np.testing.assert_array_equal(values, curve.values)
        np.testing.assert_array_equal(steps, curve.steps)


@pytest.mark.parametrize("rule", all_rules().values(), ids=all_rules().keys())
def test_a_missing_curve_is_said_and_never_taken_for_health(rule: Rule):
    """A rule that needs a curve which was not logged is skipped, with the reason."""
    only_lr = assemble(Log((Series("lr", np.full(40, 1e-3)),), "example"))
    report = diagnose(only_lr)

    assert rule.name not in report.outcomes.clear or not rule.needs
    assert report.status == "inconclusive"
    if rule.needs:
        assert "lacks" in report.outcomes.skipped[rule.name]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_every_condition_is_in_exactly_one_place(rule: Rule, example: Fires | Quiet):
    """Found, clear, skipped or failed: never two of them, never none."""
    report = diagnose(example.run)
    places = [*conditions(report), *report.outcomes.clear, *report.outcomes.skipped, *report.outcomes.failed]

    assert sorted(all_rules()) == sorted(places)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_running_training_is_not_accused_of_what_is_only_true_at_the_end(rule: Rule, example: Fires | Quiet):
    """A partial history is normal."""
    running = replace(example.run, context=replace(example.run.context, finished=False))
    report = diagnose(running)

    assert not conditions(report) & ONLY_AT_THE_END
    assert all(j.severity == "info" for j in report.findings if j.condition == "undertrained")
    if report.status == "healthy" and report.decision.because != ("plateau",):
        assert report.decision.action == "continue"


@pytest.mark.parametrize("rule", all_rules().values(), ids=all_rules().keys())
def test_a_rule_explains_itself(rule: Rule):
    """Claim, four sections, causes, one example that fires and one near miss."""
    assert rule.title.endswith(".")
    assert set(SECTIONS) == {name for name, text in rule.page.items() if text}
    assert rule.causes
    assert {Fires, Quiet} == {type(example) for example in rule.examples}
    assert isinstance(rule.examples[0], Fires)


@pytest.mark.parametrize(("rule", "example"), [p for p in EXAMPLES if isinstance(p.values[1], Fires)])
def test_a_finding_is_complete(rule: Rule, example: Fires):
    """Evidence with numbers, what speaks against it, and fixes a machine can apply, in a confidence that is none."""
    judged = next(j for j in diagnose(example.run).findings if j.condition == rule.name)

    assert judged.severity in rule.severity
    assert 0.5 <= judged.confidence <= 0.99
    assert judged.finding.evidence
    assert judged.finding.summary
    assert judged.fixes
    assert judged.finding.series or rule.name == "insufficient_data"
    assert all(fix.action in VERBS and set(fix.params) <= set(VERBS[fix.action].params) for fix in judged.fixes)
    assert all(e.unit and e.says for e in judged.finding.evidence)


def test_explanations_do_not_go_in_circles():
    """Who explains whom is an order, so what is masked does not depend on the order of files."""
    assert sorted(all_rules()) == sorted(order_of_judgement())
    for rule in all_rules().values():
        assert set(rule.supersedes) <= {*all_rules(), "*"}
        assert set(rule.lowers) <= set(all_rules())


DONE = {
    "early_stopping": (True, "stop_early"),
    "gradient_clipping": (1.0, "clip_gradients"),
    "augmentation": (True, "augment_data"),
    "shuffle": (True, "shuffle_data"),
    "scheduler": ("cosine with warmup", "schedule_learning_rate"),
    "optimizer": ("adamw", "change_optimizer"),
}


@pytest.mark.parametrize(("key", "said", "verb"), [(k, *v) for k, v in DONE.items()])
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_what_is_already_done_is_not_advised(rule: Rule, example: Fires | Quiet, key: str, said: object, verb: str):
    """Advice to do what one does is worse than none."""
    context = replace(example.run.context, **{key: said})
    report = diagnose(replace(example.run, context=context))

    assert verb not in {fix.action for j in report.findings for fix in j.fixes}


DEGENERATE = {
    "one point": [1.0],
    "two points": [2.0, 1.0],
    "four points": [2.0, 1.0, 1.5, 0.5],
    "constant": [1.0] * 40,
    "zero": [0.0] * 40,
    "all NaN": [np.nan] * 40,
    "all infinite": [np.inf] * 40,
    "one finite": [np.nan] * 39 + [1.0],
    "huge": [1e308, -1e308] * 20,
    "tiny": [5e-324, 0.0] * 20,
    "two levels": [1.0] * 20 + [0.0] * 20,
    "NaN then numbers": [np.nan] * 20 + list(np.linspace(2, 1, 20)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("second", DEGENERATE)
@pytest.mark.parametrize("first", DEGENERATE)
def test_degenerate_curves_never_raise(first: str, second: str):
    """Too little, nothing, constant, not finite, of unequal length: an answer, never an error."""
    series = (
        Series("loss", np.array(DEGENERATE[first])),
        Series("val_loss", np.array(DEGENERATE[second])),
        Series("accuracy", np.array(DEGENERATE[second])),
        Series("lr", np.array(DEGENERATE[first])),
        Series("grad_norm", np.array(DEGENERATE[second])),
    )
    for context in (Context(), Context(num_classes=10, finished=False, steps_per_epoch=7, baseline=0.0)):
        report = diagnose(assemble(Log(series, "example"), context))

        assert not report.bugs


FLOATS = arrays.arrays(
    np.float64, st.integers(1, 80), elements=st.floats(allow_nan=True, allow_infinity=True, width=32)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loss=FLOATS, val=FLOATS, metric=FLOATS, steps=st.booleans())
def test_arbitrary_numbers_never_raise(loss: np.ndarray, val: np.ndarray, metric: np.ndarray, *, steps: bool):
    """Whatever was logged, every rule gives a verdict."""
    order = np.random.default_rng(0).permutation(loss.size).astype(float) if steps else None
    series = (
        Series("loss", loss, order, "step" if steps else None),
        Series("val_loss", val),
        Series("val_acc", metric),
    )

    assert not diagnose(assemble(Log(series, "example"))).bugs


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_random_walks_keep_their_verdict_in_other_units(data: st.DataObject):
    """Scale and offset by powers of two are exact, so not even a borderline verdict may move."""
    seed = data.draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    n = data.draw(st.integers(5, 120))
    loss = np.cumsum(rng.normal(-0.02, 0.05, n)) + 2
    val = loss + np.cumsum(rng.normal(0.01, 0.03, n))
    run = assemble(Log((Series("loss", loss), Series("val_loss", val)), "example"))

    other = changed(run, LOSSES, lambda values: values * 1024.0)

    assert verdict(diagnose(run)) == verdict(diagnose(other))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_named_curve_is_the_logged_one(rule: Rule, example: Fires | Quiet):
    """A finding speaks of curves by the names they were logged under."""
    names = {curve.name for curve in example.run.curves}

    for judged in diagnose(example.run).findings:
        assert set(judged.finding.series) <= names


def test_a_curve_cannot_be_written_to():
    """Arrays are frozen, so a rule cannot change its neighbour's verdict."""
    curve = Curve("loss", "train_loss", "loss", np.ones(3), np.arange(3.0))

    with pytest.raises(ValueError, match="read-only"):
        curve.values[0] = 2.0
