"""Monitors of the training loss in large runs.

Sources: mosaicml/llm-foundry `KillLossSpike`; the spike score of OLMo 2 (arXiv 2501.00656). Both count training steps;
one logged point counts as one step, and where a run is shorter than a window, all of it so far is the window.
"""

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

OUTLIER, WINDOW, PATIENCE = 2.0, 100, 4
CAP = 10.0
SIGMAS, ROLLING, LEAST = 7.0, 1000, 100


def kill_loss_spike(history: History, _: Context) -> set[str]:
    """Twice the mean of the window for more than four points in a row, or half a window above the cap."""
    loss = history.loss[np.isfinite(history.loss)]
    above = 0
    for at in range(WINDOW, loss.size):
        window = loss[at - WINDOW : at]
        above = above + 1 if loss[at] >= OUTLIER * window.mean() else 0
        if above > PATIENCE:
            return {"divergence|loss_spike|exploding_gradients"}
        if at >= 2 * WINDOW and 2 * int((window > CAP).sum()) >= WINDOW:
            return {"divergence|not_learning|loss_spike"}
    return set()


def spike_score(history: History, _: Context) -> set[str]:
    """Any point seven deviations from the mean of the thousand before it."""
    loss = history.loss[np.isfinite(history.loss)]
    return {"loss_spike|divergence|exploding_gradients"} if spikes(loss) else set()


def spikes(loss: FloatArray) -> int:
    """How many points lie that far out."""
    count = 0
    for at in range(LEAST, loss.size):
        window = loss[max(0, at - ROLLING) : at]
        spread = float(window.std())
        count += spread > 0.0 and abs(loss[at] - window.mean()) >= SIGMAS * spread
    return count


PEERS = (
    Peer("llm-foundry KillLossSpike", "mosaicml/llm-foundry", frozenset({"divergence"}), kill_loss_spike, "2 × mean of 100, patience 4, cap 10; silent on runs of fewer points"),
    Peer("OLMo 2 spike score", "arXiv 2501.00656", frozenset({"loss_spike"}), spike_score, "7 σ of 1000; silent on runs of fewer than 100 points"),
)  # fmt: skip
