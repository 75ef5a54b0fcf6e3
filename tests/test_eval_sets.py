"""What boosting calls its data sets and metrics is understood in any log, as in the library's own."""

import json

import numpy as np
import pytest

from diagnosis import Run, read
from diagnosis.boosting import BETTER_HIGHER, CATBOOST, HIGHER, LOWER, TOLD, boosted
from diagnosis.features import measure
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.reading.eval_sets import is_of_boosting
from diagnosis.run import Context, Role
from diagnosis.synthetic import falling

TRAIN, VAL = falling(n=40), falling(n=40, floor=0.5, seed=1)
METRICS = sorted(
    {*CATBOOST, *LOWER, *HIGHER, "rmse", "mae", "mape", "rmsle", "huber", "logloss", "mlogloss", "error", "error@0.7", "auc", "aucpr", "ndcg@5",
     "poisson-nloglik", "gamma-nloglik", "gamma-deviance", "tweedie-nloglik@1.5", "cox-nloglik", "Quantile:alpha=0.9", "Tweedie:variance_power=1.5",
     "binary_logloss", "binary_error", "multi_logloss", "multi_error", "cross_entropy", "average_precision"}
)  # fmt: skip
WRITTEN = (
    ("train", "val", "{data}-{metric}"), ("train", "val", "{data}_{metric}"), ("train", "eval", "{data}/{metric}"),
    ("training", "valid_1", "{data}-{metric}"), ("training", "valid_1", "{data}'s {metric}"), ("training", "valid_0", "{data}_{metric}"),
    ("learn", "validation", "{data}:{metric}"), ("validation_0", "validation_1", "{data}-{metric}"),
)  # fmt: skip


def logged(*names: str, optimizer: str | None = None) -> Run:
    """A history of one's own, in which these were logged."""
    series = [Series(name, VAL if "1" in name or "val" in name else TRAIN) for name in names]
    return assemble(Log(tuple(series), "test"), Context(optimizer=optimizer))


def roles(*names: str, optimizer: str | None = None) -> list[Role]:
    """The roles of these names, beside each other."""
    return [curve.role for curve in logged(*names, optimizer=optimizer).curves]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("train", "val", "form"), WRITTEN)
def test_a_pair_of_names_has_the_roles_that_the_library_s_own_log_gives_it(
    metric: str, train: str, val: str, form: str
):
    """Role, metric and direction of training and validation, for every metric of every library."""
    (native,) = read(json.dumps({train: {metric: [*TRAIN]}, val: {metric: [*VAL]}}))
    own = logged(*(form.format(data=data, metric=metric) for data in (train, val)))

    assert {"train", "val"} == {curve.role.partition("_")[0] for curve in native.curves}
    assert [(c.role, c.metric, c.direction) for c in native.curves] == [
        (c.role, c.metric, c.direction) for c in own.curves
    ]


@pytest.mark.parametrize("metric", sorted(CATBOOST))
def test_a_metric_of_catboost_has_its_direction(metric: str):
    """By the names that say nothing elsewhere; of what is known elsewhere, by what is known."""
    (curve, _) = logged(f"learn:{metric}", f"validation:{metric}").curves

    assert ("max" if metric in BETTER_HIGHER else "min") == curve.direction or metric == "ERR"


@pytest.mark.parametrize("name", ["train_l2", "val_l1", "l2", "train/gamma", "val_quantile"])
def test_a_lone_name_that_boosting_has_stays_unjudged(name: str):
    """It may be the norm of weights; where the caller says that trees are boosted, it is none."""
    assert ["train_loss", "other"] == roles("train_loss", name)
    assert ["other"] == roles(name)
    if is_of_boosting(name):
        assert ["other"] != roles(name, optimizer="lightgbm")


def test_a_pair_beside_a_network_s_loss_stays_unjudged():
    """The penalty may be logged of both splits."""
    names = ("train_loss", "train_l2", "val_loss", "val_l2")

    assert ["train_loss", "other", "val_loss", "other"] == roles(*names)
    assert ["train_loss", "train_metric", "val_loss", "val_metric"] == roles(*names, optimizer="xgboost")


@pytest.mark.parametrize("form", ["{}-rmse", "{}_rmse", "{}/rmse", "{}:rmse", "{}-loss", "{}_logloss"])
def test_of_what_xgboost_numbers_the_first_is_training_s_and_the_last_validation_s(form: str):
    """It stops early by the last; alone, the first is what was held out."""
    sets = [form.format(f"validation_{i}") for i in range(3)]

    run = logged(*sets[:2])
    assert ["train", "val"] == [curve.role.partition("_")[0] for curve in run.curves]
    assert any("validation_0 is taken for the training set" in note for note in run.source.notes)
    assert measure(run).gap is not None
    assert ["train", "other", "val"] == [role.partition("_")[0] for role in roles(*sets)]
    assert ["val"] == [role.partition("_")[0] for role in roles(sets[0])]


@pytest.mark.parametrize("training", ["learn", "train", "training"])
def test_beside_a_training_set_what_is_numbered_is_validation_s(training: str):
    """And the last of it counts, as in the library's own log."""
    names = [f"{data}-rmse" for data in (training, "validation_0", "validation_1")]
    (native,) = read(json.dumps({name.split("-")[0]: {"rmse": [*TRAIN]} for name in names}))

    assert ["train_metric", "other", "val_metric"] == [curve.role for curve in native.curves]
    assert {"train_metric", "val_metric"} <= {*roles(*names)}
    assert "train_metric" == roles(*names)[0]


def test_several_validation_sets_of_a_network_stay_what_they_are():
    """The first of them is no training set where training is logged."""
    assert ["train_loss", "val_loss", "val_loss"] == roles("loss", "validation_0_loss", "validation_1_loss")
    assert {"val_metric"} == {*roles(*(f"valid_{fold}_auc" for fold in range(4)))}


@pytest.mark.parametrize(
    ("names", "trees"),
    [
        (("learn:logloss", "validation:logloss"), True),
        (("learn:loss", "validation:loss"), True),
        (("training's auc", "valid_1's auc"), True),
        (("training-l2", "valid_0-l2"), True),
        (("valid_0-auc",), True),
        (("validation_0-rmse", "validation_1-rmse"), True),
        (("train-mlogloss", "val-mlogloss"), True),
        (("train_Logloss", "val_Logloss"), True),
        (("validation_0-loss", "validation_1-loss"), False),
        (("training_loss", "valid_1_loss"), False),
        (("train_rmse", "val_rmse"), False),
        (("train_logloss", "val_logloss"), False),
        (("train_l1", "val_l1"), False),
        (("valid_0_auc", "valid_1_auc", "valid_2_auc"), False),
    ],
)
def test_trees_give_themselves_away_by_what_only_their_libraries_write(names: tuple[str, ...], *, trees: bool):
    """The caller knows better, where one says what optimises."""
    assert trees == boosted(logged(*names).context)
    assert not boosted(logged(*names, optimizer="adam").context)
    assert TOLD.keys() == {"optimizer"}


@pytest.mark.parametrize("names", [("training-l2", "valid_1-l2"), ("train-poisson", "val-poisson")])
@pytest.mark.parametrize("first", ["iteration", "note"])
def test_a_table_of_them_is_a_log(names: tuple[str, str], first: str):
    """Whether or not a column counts its rows."""
    rows = "\n".join(f"{i},{a},{b}" for i, (a, b) in enumerate(zip(TRAIN, VAL, strict=True)))
    (run,) = read(f"{first},{','.join(names)}\n{rows}\n")

    assert {"train_metric", "val_metric"} <= {curve.role for curve in run.curves}
    assert np.array_equal(TRAIN, next(c.values for c in run.curves if c.role == "train_metric"))


@pytest.mark.parametrize(
    "names",
    [
        ("training_loss", "validation_loss", "learn_rate"),
        ("train_rmse", "test_rmse", "learn_rate"),
        ("loss", "lr", "validation_0_rmse"),
        ("loss", "validation_0_rmse", "validation_1_rmse"),
    ],
)
def test_a_network_is_not_told_to_be_trees_by_one_name_of_its_log(names: tuple[str, ...]):
    """A rate is no metric of a set that is learnt, and who logs a loss of training besides has no library of boosting."""
    assert not boosted(measure(logged(*names)).run.context)
