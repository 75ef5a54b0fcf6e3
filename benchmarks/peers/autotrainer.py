"""AUTOTRAINER's symptoms as far as losses and accuracies show them.

Source: X. Zhang et al., "AUTOTRAINER: An automatic DNN training problem detection and repair system", ICSE 2021, and
shiningrain/AUTOTRAINER. Vanishing gradients and dying ReLU are judged per layer, which no curve holds: left out.
"""

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

EXPLODED = 1e3
ZETA, ETA = 0.03, 0.2  # a swing of accuracy, and the share of epochs that may swing
GAIN, THETA, JUDGED_AFTER = 0.01, 0.6, 0.3
GAP_BELOW, GAP_ABOVE, KNEE = 0.1, 0.07, 0.9
TURN, TURNS = 0.01, 1


def swings(accuracy: FloatArray) -> int:
    """How many neighbouring extremes of training accuracy lie further apart than zeta."""
    change = np.diff(accuracy)
    turning = np.flatnonzero(change[1:] * change[:-1] < 0.0) + 1
    return int((np.abs(np.diff(accuracy[turning])) >= ZETA).sum())


def slow(accuracy: FloatArray, val_accuracy: FloatArray) -> bool:
    """No epoch gains a hundredth, and neither accuracy is any good."""
    if accuracy.size * JUDGED_AFTER < 1 or accuracy.size < 2:
        return False
    return bool(np.diff(accuracy).max() <= GAIN and max(accuracy[-1], val_accuracy[-1]) < THETA)


def gap(accuracy: float, val_accuracy: float) -> bool:
    """Training accuracy is ahead by a tenth, or by 0.07 where it is high."""
    return accuracy - val_accuracy >= (GAP_BELOW if accuracy <= KNEE else GAP_ABOVE)


def turned(train: FloatArray, val: FloatArray) -> bool:
    """The last epochs in a row lower the training loss and raise that of validation."""
    bad = (np.diff(train) < -TURN) & (np.diff(val) > TURN)
    return int(np.argmin(bad[::-1]) if not bad.all() else bad.size) > TURNS


def judge(history: History, _: Context) -> set[str]:
    """Every symptom, at the end of the run."""
    alarms = set()
    if not history.finite or (history.loss > EXPLODED).any():
        alarms.add("exploding_gradients|non_finite|divergence")
    if history.paired.size and turned(history.paired, history.val_loss):
        alarms.add("overfitting")
    if history.accuracy.size and history.val_accuracy.size:
        if gap(history.accuracy[-1], history.val_accuracy[-1]):
            alarms.add("overfitting|generalization_gap")
        if swings(history.accuracy) >= ETA * history.accuracy.size:
            alarms.add("oscillation|divergence")
        if slow(history.accuracy, history.val_accuracy):
            alarms.add("slow_convergence|not_learning|slow_start|underfitting|vanishing_gradients")
    return alarms


PEERS = (
    Peer(
        "AUTOTRAINER",
        "ICSE 2021: exploding gradient by loss, oscillating loss, slow convergence, over-fitting",
        frozenset({"exploding_gradients", "overfitting", "oscillation", "slow_convergence"}),
        judge,
        "without its per-layer rules; accuracy rules are silent where none is logged",
    ),
)
