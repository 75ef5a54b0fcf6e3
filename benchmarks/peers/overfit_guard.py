"""OverfitGuard's detectors: three rules, and three features with the cut-offs it was trained to.

Source: H. Li et al., "Keeping deep learning models in check: a history-based approach to mitigate overfitting", 2024,
and its replication package. Its classifiers of whole series are models, not rules: left out.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from benchmarks.peers import Context, FloatArray, History, Peer

GAP = 0.05  # mild
WINDOW, FALLING, APART, LEVEL = 10, 0.01, 0.05, 0.005
SIGNIFICANT = 0.05
SPEARMAN, PEARSON, AUTOCORRELATION, LAG = 0.0, 0.9, 0.8, 5
Detector = Callable[[FloatArray, FloatArray], bool]


def gap(train: FloatArray, val: FloatArray) -> bool:
    """The two losses end a twentieth of the training loss apart."""
    return bool(abs(val[-1] - train[-1]) >= GAP * abs(train[-1]))


def curve(train: FloatArray, val: FloatArray) -> bool:
    """Over the last ten epochs: they part, or stand apart, or validation rests while training falls."""
    if train.size < WINDOW:
        return False
    t, v = train[-WINDOW:], val[-WINDOW:]
    down, up = (float(np.polyfit(np.arange(WINDOW), each, 1)[0]) for each in (t, v))
    apart = float(np.abs(v - t).mean()) > APART
    return (down < -FALLING and up > FALLING) or apart or (down < -FALLING and abs(up) < LEVEL)


def statistics(train: FloatArray, val: FloatArray) -> bool:
    """A paired t-test or a Kolmogorov–Smirnov test tells the two losses apart."""
    if train.size < 2 or np.ptp(val - train) == 0.0:
        return False
    return bool(min(stats.ttest_rel(train, val).pvalue, stats.ks_2samp(train, val).pvalue) < SIGNIFICANT)


def spearman(train: FloatArray, val: FloatArray) -> bool:
    """The order of the two losses disagrees."""
    return _moves(train, val) and bool(stats.spearmanr(train, val).statistic < SPEARMAN)


def pearson(train: FloatArray, val: FloatArray) -> bool:
    """The two losses are not on one line."""
    return _moves(train, val) and bool(np.corrcoef(train, val)[0, 1] < PEARSON)


def autocorrelation(train: FloatArray, val: FloatArray) -> bool:
    """Training does not follow what validation did five epochs before."""
    t, v = train[LAG:], val[:-LAG]
    return _moves(t, v) and bool(np.corrcoef(t, v)[0, 1] < AUTOCORRELATION)


def _moves(train: FloatArray, val: FloatArray) -> bool:
    return min(train.size, val.size) > 2 and bool(np.ptp(train) > 0.0 and np.ptp(val) > 0.0)


def _peer(name: str, detector: Detector) -> Peer:
    def judge(history: History, _: Context) -> set[str]:
        usable = history.paired.size > 1 and bool(np.isfinite([history.paired, history.val_loss]).all())
        return {"overfitting"} if usable and detector(history.paired, history.val_loss) else set()

    return Peer(
        f"OverfitGuard: {name}",
        "OverfitGuard, 2024",
        frozenset({"overfitting"}),
        judge,
        (detector.__doc__ or "").rstrip("."),
    )


PEERS = tuple(
    _peer(name, detector)
    for name, detector in (
        ("gap", gap),
        ("curve", curve),
        ("statistics", statistics),
        ("Spearman", spearman),
        ("Pearson", pearson),
        ("autocorrelation", autocorrelation),
    )
)
