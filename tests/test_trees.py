"""What is said of boosted trees, and that no network is taken for them."""

from dataclasses import replace

import numpy as np
import pytest

from diagnosis import Report, diagnose, read
from diagnosis.advice.trees import CAUSES, WORDS
from diagnosis.advice.verbs import OF_NETWORKS, VERBS
from diagnosis.boosting import TOLD, boosted
from diagnosis.errors import UnrecognisedFormat
from diagnosis.reading.assemble import assemble
from diagnosis.reading.splits import of_sets
from diagnosis.rule import all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, linear, spiked, turning

N = 120
NETWORK = (
    "layer",
    "batch",
    "weight decay",
    "dropout",
    "warm-up",
    "checkpoint",
    "gradient norm",
    "augment",
    "width",
    "epoch",
)
WAVE = np.tile(np.random.default_rng(0).standard_normal(12), 10)
CURVES = {
    "overfitting": (falling(n=N), turning(n=N, at=40)),
    "generalization_gap": (falling(n=N), falling(n=N, floor=0.9)),
    "divergence": (np.append(falling(n=60), linear(start=0.2, end=9.0, n=60)), None),
    "not_learning": (flat(n=N, level=0.693, noise=1e-4), None),
    "slow_convergence": (linear(n=N), linear(n=N)),
    "loss_spike": (spiked(falling(n=N), at=(40, 60, 90), height=2.0), None),
    "periodic_pattern": (falling(n=N) + 0.3 * WAVE, None),
    "plateau": (falling(n=N, tau=0.05), falling(n=N, tau=0.05, seed=2)),
    "noisy_validation": (falling(n=N), falling(n=N, noise=0.2)),
    "non_finite": (np.append(falling(n=60), np.full(60, np.nan)), None),
}


def of_trees(condition: str, context: Context | None = None) -> Report:
    """The report on what XGBoost printed."""
    train, val = CURVES[condition]
    rounds = range(N)
    sets = {("train", "logloss"): (rounds, train)} | ({("eval", "logloss"): (rounds, val)} if val is not None else {})
    return diagnose(assemble(of_sets(sets, "boosting_console"), context))


@pytest.mark.parametrize("condition", CURVES)
def test_causes_and_fixes_of_trees_are_of_trees(condition: str):
    """No word of layers, batches or epochs, at least one thing to try, and no verb that only networks know."""
    (judged,) = (each for each in of_trees(condition).findings if each.condition == condition)
    said = " ".join(
        [
            *(f"{cause.cause} {cause.test}" for cause in judged.causes),
            *(f"{fix.advice} {fix.because}" for fix in judged.fixes),
        ]
    )

    assert judged.fixes
    assert not {fix.action for fix in judged.fixes} & OF_NETWORKS
    assert [] == [word for word in NETWORK if word in said.lower()]


def asked_of(values: np.ndarray) -> list[str]:
    """What is advised to trees whose training loss this is, likeliest first."""
    sets = {(data, "logloss"): (range(N), values) for data in ("train", "eval")}
    (judged,) = diagnose(assemble(of_sets(sets, "boosting_console"), Context(learning_rate=0.1))).findings

    assert judged.condition == "not_learning"
    return [fix.action for fix in judged.fixes]


def test_trees_that_never_split_are_told_of_their_limits():
    """Where not a digit moves, no rate and no depth matters; where one does, they may."""
    still, moving = np.full(N, 0.654), flat(n=N, level=0.693, noise=1e-4)

    assert ["decrease_regularization", "check_labels"] == asked_of(still)
    assert ["decrease_regularization", "check_labels"] == asked_of(still * 1000.0 - 100.0)
    assert "raise_learning_rate" in asked_of(moving)
    assert len(asked_of(moving)) == len({*asked_of(moving)})


def test_the_limits_of_trees_are_named_as_their_libraries_name_them():
    """Of XGBoost and of LightGBM; a network is told of dropout, which trees have not."""
    context = Context(optimizer="lightgbm", dropout=0.8)
    run = replace(of_trees("not_learning").features.run, context=context)
    advice = next(fix for fix in diagnose(run).findings[0].fixes if fix.action == "decrease_regularization")

    assert {} == advice.params
    assert all(word in advice.advice for word in ("min_data_in_leaf", "min_child_weight", "gamma", "min_split_gain"))
    assert "dropout" not in advice.advice


def test_what_the_caller_calls_boosting_is_boosting():
    """In a history of one's own as in a library's log; with another optimiser it is a network's."""
    history = replace(of_trees("overfitting").features.run, context=Context())
    trees = diagnose(replace(history, context=Context(optimizer="xgboost")))
    network = diagnose(replace(history, context=Context(optimizer="adamw")))

    assert "increase_regularization" in {fix.action for fix in network.findings[0].fixes}
    assert "increase_regularization" not in {fix.action for fix in trees.findings[0].fixes}
    assert "deeper" in trees.findings[0].causes[0].cause


@pytest.mark.parametrize(("metric", "trees"), [("logloss", True), ("rmse", True), ("loss", False), ("accuracy", False)])
def test_a_history_of_splits_is_of_trees_where_its_metrics_may_be(metric: str, *, trees: bool):
    """No library of boosting has a metric called loss or accuracy; many a script of a network has."""
    (run,) = read(f'{{"train": {{"{metric}": [0.9, 0.7, 0.6]}}, "val": {{"{metric}": [0.9, 0.8, 0.7]}}}}')

    assert run.source.format == "evals_result"
    assert trees == boosted(run.context)
    assert trees == any("gradient boosting" in note for note in run.source.notes)


@pytest.mark.parametrize(
    ("rate", "raised"), [(None, {"factor": 10.0}), (0.3, {"factor": 3.33, "learning_rate": 1.0}), (0.9, None)]
)
def test_a_learning_rate_of_trees_stays_below_one(rate: float | None, raised: dict[str, float] | None):
    """Beyond, a tree overshoots what it was fitted to."""
    fixes = of_trees("slow_convergence", Context(learning_rate=rate)).findings[0].fixes

    assert raised == next((fix.params for fix in fixes if fix.action == "raise_learning_rate"), None)


def test_the_tables_name_what_there_is():
    """Conditions and verbs."""
    assert CAUSES.keys() <= all_rules().keys()
    assert WORDS.keys() <= VERBS.keys() - OF_NETWORKS
    assert boosted(Context(**TOLD))
    assert not boosted(Context(optimizer="adam"))
    assert not boosted(Context())


@pytest.mark.parametrize(
    ("metric", "direction"),
    [("l2", "min"), ("quantile", "min"), ("poisson-nloglik", "min"), ("merror", "min"), ("tweedie-nloglik@1.5", "min"),
     ("auc_mu", "max"), ("pre@5", "max"), ("auc", "max")],
)  # fmt: skip
def test_a_log_of_one_metric_is_read_whichever_of_the_libraries_it_is(metric: str, direction: str) -> None:
    """LightGBM's default for regression is `l2`."""
    values = [1.0 - 0.01 * i for i in range(30)]
    (run,) = read(str({"training": {metric: values}, "valid_1": {metric: values}}).replace("'", '"'))

    assert {"train_metric", "val_metric"} == {curve.role for curve in run.curves}
    assert {direction} == {curve.direction for curve in run.curves}


def test_an_object_of_objects_that_no_library_writes_is_no_boosting() -> None:
    """Whatever its names are."""
    with pytest.raises(UnrecognisedFormat):
        read('{"training": {"weight_of_layer": [1, 2]}, "valid_1": {"weight_of_layer": [1, 2]}}')


@pytest.mark.parametrize("every", [1, 50])
def test_the_patience_of_trees_is_counted_in_rounds_however_seldom_they_are_logged(every: int):
    """Their libraries look after each round: three of them are not three lines of the log."""
    train, val = CURVES["overfitting"]
    rounds = range(0, every * N, every)
    sets = {("train", "logloss"): (rounds, train), ("eval", "logloss"): (rounds, val)}
    report = diagnose(assemble(of_sets(sets, "boosting_console")))
    fix = next(
        fix for j in report.findings if j.condition == "overfitting" for fix in j.fixes if fix.action == "stop_early"
    )
    other = next(fix for j in of_trees("overfitting").findings for fix in j.fixes if fix.action == "stop_early")

    assert fix.params["patience"] == every * other.params["patience"]
    assert (f"after {fix.params['patience']} rounds" in fix.advice) == (every > 1)
