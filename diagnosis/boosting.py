"""Metrics as gradient boosting names them: one of them is what is optimised, and few have "loss" in their names."""

from __future__ import annotations

from collections.abc import Sequence

from diagnosis.names import Meaning, Split, understand
from diagnosis.run import Direction

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


def is_catboost(name: str) -> bool:
    """Whether CatBoost has a metric of this name."""
    return name.partition(":")[0] in CATBOOST


def direction_of(name: str) -> Direction:
    """Whether less or more of a metric is better."""
    word = name.partition(":")[0]
    return "max" if word in BETTER_HIGHER else "min" if word in CATBOOST else understand(name).direction


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
