"""Callbacks that stop, or lower the rate, when a loss no longer improves.

Sources: Keras `EarlyStopping` and `ReduceLROnPlateau`, Lightning `EarlyStopping`, PyTorch `ReduceLROnPlateau`, with the
defaults of their signatures. A stop says that nothing more is to be gained: overfitting or a plateau.
"""

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Judge, Peer

STOPPED = "overfitting|plateau"
RESTING = "plateau|overfitting"


def stops_at(values: FloatArray, patience: int, delta: float = 0.0, relative: float = 0.0) -> int | None:
    """Index of the value, before the last one, at which the best has not been improved upon for as long as the patience."""
    best, waited = np.inf, 0
    for index, value in enumerate(values[:-1]):
        target = best - delta - (relative * abs(best) if np.isfinite(best) else 0.0)
        best, waited = (value, 0) if value < target else (best, waited + 1)
        if waited > 0 and waited >= patience:
            return index
    return None


def _stopper(patience: int, *, checks_finite: bool = False) -> Judge:
    def judge(history: History, _: Context) -> set[str]:
        if checks_finite and not np.isfinite(history.val_loss).all():
            return {"non_finite"}
        return set() if stops_at(history.val_loss, patience) is None else {STOPPED}

    return judge


def _reducer(delta: float, relative: float) -> Judge:
    def judge(history: History, _: Context) -> set[str]:
        return set() if stops_at(history.val_loss, 10, delta, relative) is None else {RESTING}

    return judge


PEERS = (
    Peer("Keras EarlyStopping", "keras.io", frozenset({"overfitting"}), _stopper(0), "patience 0, min_delta 0"),
    Peer("Keras EarlyStopping, patience 10", "keras.io", frozenset({"overfitting"}), _stopper(10), "a common setting"),
    Peer(
        "Lightning EarlyStopping",
        "lightning.ai",
        frozenset({"overfitting", "non_finite"}),
        _stopper(3, checks_finite=True),
        "patience 3, min_delta 0, check_finite",
    ),
    Peer("Keras ReduceLROnPlateau", "keras.io", frozenset({"plateau"}), _reducer(1e-4, 0.0), "patience 10, min_delta 1e-4"),
    Peer("PyTorch ReduceLROnPlateau", "pytorch.org", frozenset({"plateau"}), _reducer(0.0, 1e-4), "patience 10, relative 1e-4"),
)  # fmt: skip
