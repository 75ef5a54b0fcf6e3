"""Amazon SageMaker Debugger's built-in rules that work on what a curve shows.

Source: awslabs/sagemaker-debugger-rules-container and AWS's list of built-in rules; each judged at every point, as the
rules are, with their defaults. Rules on weights, activations and inputs need more than a curve and are left out.
"""

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

OVERFIT_RATIO, OVERFIT_PATIENCE = 0.1, 1
TRAIN_PATIENCE, VALIDATION_PATIENCE, DELTA = 5, 10, 0.01
STEPS, FALL = 10, 0.001  # LossNotDecreasing: num_steps, and diff_percent 0.1
VANISHED = 1e-7


def overfit(train: FloatArray, val: FloatArray) -> bool:
    """The validation loss stands more than a tenth above the training loss, for longer than the patience."""
    with np.errstate(divide="ignore", invalid="ignore"):
        above = (val - train) / train > OVERFIT_RATIO
    return longest(above) > OVERFIT_PATIENCE


def overtraining(train: FloatArray, val: FloatArray) -> bool:
    """Neither loss has improved by the delta for as long as it may."""
    t, v = since_better(train), since_better(val)
    return bool(((t >= TRAIN_PATIENCE) & (v >= VALIDATION_PATIENCE)).any())


def loss_not_decreasing(loss: FloatArray) -> bool:
    """Every ten points the loss must be a thousandth below what it was ten points before."""
    checked = loss[::STEPS]
    return bool((checked[1:] > checked[:-1] * (1.0 - FALL)).any())


def longest(flags: np.ndarray) -> int:
    """The longest stretch of true values."""
    best = now = 0
    for flag in flags:
        now = now + 1 if flag else 0
        best = max(best, now)
    return best


def since_better(values: FloatArray) -> np.ndarray:
    """How many points ago the value last improved on its best by the delta (n,)."""
    best, waited, counts = np.inf, 0, []
    for value in values:
        better = value < best - DELTA
        best, waited = (value, 0) if better else (best, waited + 1)
        counts.append(waited)
    return np.array(counts)


def judge(history: History, _: Context) -> set[str]:
    """Every rule, once per run."""
    alarms = set()
    if not history.finite or not np.isfinite(history.grad_norm).all():
        alarms.add("non_finite|exploding_gradients")  # ExplodingTensor
    if history.paired.size:
        if overfit(history.paired, history.val_loss):
            alarms.add("overfitting")
        if overtraining(history.paired, history.val_loss):
            alarms.add("plateau|overfitting")
    if loss_not_decreasing(history.loss):
        alarms.add("not_learning|divergence|plateau")
    if history.grad_norm.size and (history.grad_norm < VANISHED).any():
        alarms.add("vanishing_gradients")
    return alarms


PEERS = (
    Peer(
        "SageMaker Debugger",
        "AWS built-in rules: Overfit, Overtraining, LossNotDecreasing, ExplodingTensor, VanishingGradient",
        frozenset({"overfitting", "plateau", "not_learning", "non_finite", "vanishing_gradients"}),
        judge,
        "one point counts as one step",
    ),
)
