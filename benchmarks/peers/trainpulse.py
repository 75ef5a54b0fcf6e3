"""trainpulse's monitor: its detectors re-implemented, and the package itself where it is installed.

Source: PyPI `trainpulse` 0.4.0 (Apache-2.0), defaults of `MonitorConfig`. It is fed training loss, gradient norm and
learning rate, a point a step; its alarm of a changed learning rate has no counterpart among our conditions.
"""

import importlib
import importlib.util

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

SPIKE, WINDOW = 5.0, 50
EXPLODED, VANISHED = 100.0, 1e-7
PATIENCE, DELTA = 100, 1e-5
NAMED = {
    "nan_detector": "non_finite",
    "loss_spike": "loss_spike|divergence|exploding_gradients",
    "plateau": "plateau|not_learning",
}
GRADIENT = ("vanishing_gradients", "exploding_gradients")  # its detector calls both `gradient`; the severity tells


def judge(history: History, _: Context) -> set[str]:
    """Its six detectors, at every point."""
    alarms = set()
    logged = (history.loss, history.grad_norm, history.learning_rate)
    if not all(np.isfinite(values).all() for values in logged):
        alarms.add(NAMED["nan_detector"])
    if spiked(history.loss):
        alarms.add(NAMED["loss_spike"])
    if rests(history.loss):
        alarms.add(NAMED["plateau"])
    if (history.grad_norm > EXPLODED).any():
        alarms.add("exploding_gradients")
    if ((history.grad_norm > 0.0) & (history.grad_norm < VANISHED)).any():
        alarms.add("vanishing_gradients")
    return alarms


def spiked(loss: FloatArray) -> bool:
    """A point is five times the mean of the fifty before it."""
    means = [float(loss[at - WINDOW : at].mean()) for at in range(WINDOW, loss.size)]
    return any(mean > 0.0 and value > SPIKE * mean for mean, value in zip(means, loss[WINDOW:], strict=True))


def rests(loss: FloatArray) -> bool:
    """A hundred points in a row bring no improvement."""
    if not loss.size:
        return False
    best, waited = loss[0], 0
    for value in loss[1:]:
        best, waited = (value, 0) if value < best - DELTA else (best, waited + 1)
        if waited >= PATIENCE:
            return True
    return False


def packaged(history: History, _: Context) -> set[str]:
    """What the package alerts to."""
    package = importlib.import_module("trainpulse")
    monitor = package.Monitor()
    for name, values in (("loss", history.loss), ("grad_norm", history.grad_norm), ("lr", history.learning_rate)):
        for step, value in enumerate(values):
            monitor.log(name, step, float(value))
    found = {NAMED[alert.detector] for alert in monitor.alerts if alert.detector in NAMED}
    return found | {GRADIENT[alert.severity.value == "critical"] for alert in monitor.alerts if alert.detector == "gradient"}  # fmt: skip


CLAIMS = frozenset({"non_finite", "loss_spike", "plateau", *GRADIENT})
PEERS: tuple[Peer, ...] = (
    Peer("trainpulse, re-implemented", "PyPI trainpulse 0.4.0", CLAIMS, judge, "defaults of MonitorConfig"),
)
if importlib.util.find_spec("trainpulse"):
    PEERS += (Peer("trainpulse", "PyPI trainpulse", CLAIMS, packaged, "the package itself", "trainpulse"),)
