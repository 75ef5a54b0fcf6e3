"""Metrics as gradient boosting names them: one of them is what is optimised, and few have "loss" in their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diagnosis.names import SPLITS, Meaning, Split, understand, words
from diagnosis.run import Context, Direction

# CatBoost's names, in its capitals, that stand as column names; with a colon its parameters follow.
CATBOOST = frozenset(
    ("RMSE", "Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll", "MultiLogloss", "MultiRMSE", "MAE", "MAPE", "MSLE",
     "Quantile", "Poisson", "Expectile", "Huber", "LogLinQuantile", "Tweedie", "Lq", "SMAPE", "R2", "AUC", "PRAUC", "QueryAUC",
     "Accuracy", "Precision", "Recall", "F1", "TotalF1", "F", "MCC", "Kappa", "WKappa", "BalancedAccuracy", "BalancedErrorRate",
     "ZeroOneLoss", "HingeLoss", "HammingLoss", "BrierScore", "QueryRMSE", "QuerySoftMax", "PairLogit", "PairLogitPairwise", "YetiRank",
     "YetiRankPairwise", "NDCG", "DCG", "MAP", "MRR", "ERR", "PFound", "PairAccuracy", "MedianAbsoluteError", "NumErrors")
)  # fmt: skip
BETTER_HIGHER = frozenset(
    ("R2", "AUC", "PRAUC", "QueryAUC", "Accuracy", "Precision", "Recall", "F1", "TotalF1", "F", "MCC", "Kappa", "WKappa",
     "BalancedAccuracy", "NDCG", "DCG", "MAP", "MRR", "ERR", "PFound", "PairAccuracy", "QuerySoftMax")
)  # fmt: skip
# XGBoost's and LightGBM's, whose names say nothing elsewhere; behind an @ stands a parameter.
LOWER = frozenset(
    ("l1", "l2", "quantile", "fair", "poisson", "gamma", "tweedie", "cross_entropy_lambda", "xentlambda", "kullback_leibler", "kldiv",
     "mphe", "merror", "expectile")
)  # fmt: skip
LOWER_ENDINGS = ("nloglik", "error", "loss", "deviance")
HIGHER = frozenset(("pre", "auc_mu", "interval-regression-accuracy"))
TOLD = {"optimizer": "gradient boosting"}  # what a log says that only boosting writes
OF_BOOSTING = ("boost", "gbm", "gbdt", "gbrt")  # in the names of libraries and methods
# Metrics that no network logs; CatBoost's by their capitals, or by a parameter behind a colon.
OF_TREES = re.compile(
    r"(?:(?i:mlogloss|merror|(?:binary|multi)_logloss|.{1,100}-nloglik)(?![^@])|[A-Z]\w{1,30}:\w+=|"
    r"(?:Logloss|MultiClass(?:OneVsAll)?|Poisson|Tweedie|(?:LogLin)?Quantile|Expectile|PairLogit\w*|YetiRank\w*)$)"
)
OF_NETWORKS = frozenset(("loss", "acc", "accuracy"))  # words in names of metrics, that no library of boosting prints


def boosted(context: Context) -> bool:
    """Whether trees were boosted: the log or the caller names that as what optimises."""
    return any(part in str(context.optimizer or "").lower() for part in OF_BOOSTING)


def is_catboost(name: str) -> bool:
    """Whether CatBoost has a metric of this name."""
    return name.partition(":")[0] in CATBOOST


def direction_of(name: str) -> Direction:
    """Whether less or more of a metric is better."""
    word = name.partition(":")[0]
    return "max" if word in BETTER_HIGHER else "min" if word in CATBOOST else understand(name).direction


def understood(metric: str) -> Meaning:
    """What a metric is: by its name, or because one of the libraries has it."""
    known, word = understand(metric), metric.partition("@")[0].partition(":")[0]
    stem = word.lower()
    if known.kind != "other":
        return known
    if stem in LOWER or stem.endswith(LOWER_ENDINGS):
        return Meaning("metric", None, stem, direction="min")
    if stem in HIGHER:
        return Meaning("metric", None, stem, direction="max")
    return Meaning("metric", None, stem, direction=direction_of(word)) if word in CATBOOST else known


def of_networks(metrics: Iterable[str]) -> bool:
    """Whether one of the metrics is called as no library of boosting calls it."""
    return not OF_NETWORKS.isdisjoint(word for metric in metrics for word in words(metric))


def optimised(names: Sequence[str]) -> str | None:
    """The loss among the metrics: the first of which less is better."""
    return next((name for name in names if direction_of(name) == "min"), None)


def meaning_of(name: str, split: Split, *, loss: bool, direction: Direction | None = None) -> Meaning:
    """What a metric of boosting is."""
    known = understand(name)
    direction = direction or direction_of(name)
    if loss:
        return Meaning("loss", split, "loss", "" if known.metric == "loss" else name)
    metric = known.metric if known.kind == "metric" else name.lower()
    return Meaning("metric", split, metric, known.qualifier if known.kind == "metric" else "", direction=direction)


def split_of(name: str) -> Split | None:
    """The split of a data set: `validation_0`, `valid_1`, `train`, `learn`, `eval`, `test`."""
    return next((SPLITS[word] for word in words(name) if word in SPLITS), None)
