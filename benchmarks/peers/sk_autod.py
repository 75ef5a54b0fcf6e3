"""sk-autod's ten detectors: re-implemented, and the package itself where it is installed.

Source: PyPI `sk-autod` 0.1.1 (MIT). It asks for both losses, of equal length, finite, at five points or more, and
raises otherwise, which counts as no answer; a training loss logged by step is averaged between validations for it.
"""

import importlib
import importlib.util

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

ALPHA, POINTS = 0.3, 5
NAMED = {
    "Classic overfitting": "overfitting",
    "Exploding gradient": "exploding_gradients|divergence|loss_spike",
    "LR too high": "oscillation|divergence|not_learning",
    "LR too low": "slow_convergence|not_learning|slow_start|undertrained",
    "Underfitting": "underfitting|not_learning|slow_convergence",
    "Dying ReLU proxy": "not_learning|slow_start|vanishing_gradients",
    "Noisy training": "oscillation|periodic_pattern",
    "Data leakage": "validation_better_than_training",
    "Missed early stopping": "overfitting",
    "Label noise floor": "underfitting|plateau|not_learning",
}


def ema(values: FloatArray) -> FloatArray:
    """The exponential mean it smooths with (n,)."""
    smooth = [float(values[0])]
    for value in values[1:]:
        smooth.append(ALPHA * float(value) + (1.0 - ALPHA) * smooth[-1])
    return np.array(smooth)


def detectors(train: FloatArray, val: FloatArray) -> dict[str, bool]:
    """Which of its ten detectors fire."""
    t, v, n = ema(train), ema(val), train.size
    raw, calm = np.diff(train), np.diff(t)
    flips = (raw[1:] == 0) | (raw[:-1] == 0) | ((raw[1:] > 0) != (raw[:-1] > 0))
    turns = (calm[1:] != 0) & (calm[:-1] != 0) & ((calm[1:] > 0) != (calm[:-1] > 0))
    gain, third, late, warm = t[0] - t[-1], max(2, n // 3), max(1, int(0.6 * n)), max(1, n // 4)
    best = int(val.argmin())
    return {
        "Classic overfitting": t[-3] > t[-1] and v[-3] < v[-1],
        "Exploding gradient": bool(((train[:-1] > 0) & (train[1:] >= 3 * train[:-1])).any()),
        "LR too high": int(flips.sum()) >= 2 and train[-1] > 0.5 * train[0],
        "LR too low": gain < 0.4 and t[-1] > 0.5 and gain / (n - 1) < 0.001,
        "Underfitting": gain < 0.5 and t[-1] > 0.8 and v[-1] > 0.8,
        "Dying ReLU proxy": np.ptp(t[:third]) < 0.15 and t[-1] > 0.7,
        "Noisy training": turns.sum() / max(1, calm.size - 1) >= 0.4,
        "Data leakage": train[warm:].mean() - val[warm:].mean() > 0.1 and bool((train[warm:] > val[warm:]).all()),
        "Missed early stopping": best < int(0.9 * n) and val[-1] > 1.05 * val[best],
        "Label noise floor": n > 5 and t[late] - t[-1] < 0.05 and t[-1] > 0.7 and abs(t[late:].mean() - v[late:].mean()) < 0.2,
    }  # fmt: skip


def takes(history: History) -> bool:
    """Whether it would not raise."""
    return history.finite and history.paired.size == history.val_loss.size >= POINTS


def judge(history: History, _: Context) -> set[str]:
    """Its detectors, at the end of the run."""
    if not takes(history):
        return set()
    return {NAMED[name] for name, fires in detectors(history.paired, history.val_loss).items() if fires}


def packaged(history: History, _: Context) -> set[str]:
    """What the package finds."""
    if not takes(history):
        return set()
    report = importlib.import_module("sk_autod").diagnose(history.paired.tolist(), history.val_loss.tolist())
    return {NAMED[finding.detector_name] for finding in report.findings}


CLAIMS = frozenset(alarm.split("|")[0] for alarm in NAMED.values())
PEERS: tuple[Peer, ...] = (Peer("sk-autod, re-implemented", "PyPI sk-autod 0.1.1", CLAIMS, judge, "all ten detectors"),)
if importlib.util.find_spec("sk_autod"):
    PEERS += (Peer("sk-autod", "PyPI sk-autod", CLAIMS, packaged, "the package itself", "sk-autod"),)
