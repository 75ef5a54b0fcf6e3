"""Two stoppers that look for a plateau: Ray Tune's trial stopper, and dlib's count of steps without a decrease.

Sources: ray-project/ray `TrialPlateauStopper`; davisking/dlib `count_steps_without_decrease` (D. King, "Automatic
learning rate scheduling that really works", 2018), patience 2000 iterations as in its trainer.
"""

import numpy as np
from scipy.special import ndtr

from benchmarks.peers import Context, FloatArray, History, Peer

SPREAD, RESULTS, GRACE = 0.01, 4, 4
PROBABILITY, ITERATIONS = 0.51, 2000.0
RECENT = 1000  # points looked back on: dlib's trainer looks at what it needs for its patience


def ray(history: History, _: Context) -> set[str]:
    """The last four validation losses lie within a hundredth, at any time after the grace period."""
    loss = history.val_loss
    ends = range(max(RESULTS, GRACE) + 1, loss.size + 1)
    flat = any(float(np.std(loss[end - RESULTS : end])) < SPREAD for end in ends)
    return {"plateau|not_learning"} if flat else set()


def dlib(history: History, _: Context) -> set[str]:
    """For two thousand iterations the training loss is not known to fall."""
    finite = history.loss[np.isfinite(history.loss)]
    resting = without_decrease(finite) * history.iterations >= ITERATIONS
    return {"plateau|not_learning|divergence"} if resting else set()


def without_decrease(values: FloatArray) -> int:
    """The longest tail whose slope is hardly more likely negative than not."""
    recent = values[-RECENT:][::-1]
    n = np.arange(1, recent.size + 1, dtype=np.float64)
    sums, squares, products = np.cumsum(recent), np.cumsum(recent**2), np.cumsum((n - 1.0) * recent)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (n**3 - n) / 12.0
        slope = -(products - (n - 1.0) / 2.0 * sums) / spread  # the tail is read backwards
        rest = np.maximum(squares - sums**2 / n - slope**2 * spread, 0.0)
        falling = ndtr(-slope / np.sqrt(rest / np.maximum(n - 2.0, 1.0) / spread))
    resting = np.flatnonzero((n > 2) & (falling < PROBABILITY))
    return int(n[resting[-1]]) if resting.size else 0


PEERS = (
    Peer("Ray TrialPlateauStopper", "ray.io", frozenset({"plateau"}), ray, "std 0.01, 4 results, grace 4"),
    Peer("dlib steps without decrease", "dlib.net", frozenset({"plateau"}), dlib, "probability 0.51, 2000 iterations"),
)
