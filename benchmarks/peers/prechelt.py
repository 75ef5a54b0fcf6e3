"""Prechelt's stopping criteria: generalisation loss, its quotient by progress, and strips that rise.

Source: L. Prechelt, "Early stopping, but when?", 1998. Of each family the middle of the values he compares.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.peers import Context, FloatArray, History, Peer

STRIP = 5
GL, PQ, UP = 5.0, 1.0, 4
Criterion = Callable[[FloatArray, FloatArray], bool]


def generalisation_loss(val: FloatArray) -> FloatArray:
    """How far validation is above its best so far, in percent (n,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(100.0 * (val / np.minimum.accumulate(val) - 1.0), dtype=np.float64)


def gl(_: FloatArray, val: FloatArray) -> bool:
    """Validation is 5 % above its best."""
    return bool((generalisation_loss(val) > GL).any())


def pq(train: FloatArray, val: FloatArray) -> bool:
    """The generalisation loss exceeds what training still makes of a strip."""
    ends = range(STRIP, train.size + 1, STRIP)
    for end in ends:
        strip = train[end - STRIP : end]
        progress = 1000.0 * (float(strip.mean()) / float(strip.min()) - 1.0) if strip.min() > 0.0 else 0.0
        if progress > 0.0 and generalisation_loss(val)[end - 1] / progress > PQ:
            return True
    return False


def up(_: FloatArray, val: FloatArray) -> bool:
    """Four strips in a row end higher than they began."""
    rises = np.diff(val[STRIP - 1 :: STRIP]) > 0.0
    return any(bool(rises[end - UP : end].all()) for end in range(UP, rises.size + 1))


def _peer(name: str, criterion: Criterion) -> Peer:
    def judge(history: History, _: Context) -> set[str]:
        usable = history.paired.size > 1 and bool(np.isfinite([history.paired, history.val_loss]).all())
        return {"overfitting"} if usable and criterion(history.paired, history.val_loss) else set()

    return Peer(
        f"Prechelt {name}", "Prechelt 1998", frozenset({"overfitting"}), judge, (criterion.__doc__ or "").rstrip(".")
    )


PEERS = (_peer("GL 5", gl), _peer("PQ 1", pq), _peer("UP 4", up))
