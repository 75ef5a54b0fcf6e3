"""UMLAUT's heuristics on the metrics of an epoch.

Source: E. Schoop et al., "UMLAUT: Debugging deep learning programs using program structure and model behavior", CHI 2021,
and BerkeleyHCI/umlaut. Its checks of inputs, layers and learning rate look at the program: left out.
"""

import numpy as np

from benchmarks.peers import Context, History, Peer

SUSPICIOUS, AHEAD, AFTER = 0.95, 0.05, 3  # validation accuracy, its lead over training, epochs


def judge(history: History, _: Context) -> set[str]:
    """Every heuristic, at every epoch."""
    alarms = set()
    if not history.finite:
        alarms.add("non_finite")
    rises, falls = np.diff(history.val_loss) > 0.0, np.diff(history.paired) <= 0.0
    if history.paired.size and (rises & falls).any():
        alarms.add("overfitting")
    val, train = history.val_accuracy, history.accuracy
    if val.size and val.size == train.size:
        ahead = (val > SUSPICIOUS) | (val - train > AHEAD)
        if ahead[AFTER:].any():
            alarms.add("validation_better_than_training")
    return alarms


PEERS = (
    Peer(
        "UMLAUT",
        "CHI 2021: NaN in loss, possible overfitting, check validation accuracy",
        frozenset({"non_finite", "overfitting", "validation_better_than_training"}),
        judge,
        "curve heuristics only",
    ),
)
