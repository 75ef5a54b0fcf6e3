"""DeepDiagnosis' symptoms that a loss or an accuracy shows.

Source: M. Wardat et al., "DeepDiagnosis: Automatically diagnosing faults and recommending actionable fixes in deep
learning programs", ICSE 2022. Its symptoms of weights, gradients and activations need a layer: left out.
"""

from benchmarks.peers import Context, FloatArray, History, Peer

LOSS_WINDOW, ACCURACY_WINDOW = 5, 20


def stuck(values: FloatArray, window: int) -> bool:
    """The mean of a window is its maximum: nothing moves, at any time."""
    return any(float(part.mean()) >= float(part.max()) for part in _windows(values, window))


def _windows(values: FloatArray, window: int) -> list[FloatArray]:
    return [values[end - window : end] for end in range(window, values.size + 1)]


def judge(history: History, _: Context) -> set[str]:
    """Every symptom, at any time."""
    alarms = set()
    if not history.finite:
        alarms.add("non_finite")
    if stuck(history.loss, LOSS_WINDOW) or stuck(history.accuracy, ACCURACY_WINDOW):
        alarms.add("not_learning|plateau|divergence|vanishing_gradients|metric_loss_mismatch")
    return alarms


PEERS = (
    Peer(
        "DeepDiagnosis",
        "ICSE 2022: numerical error in loss, loss not decreasing, accuracy not increasing",
        frozenset({"non_finite", "not_learning"}),
        judge,
        "windows N = 5 and FRQ = 20; without its per-layer symptoms",
    ),
)
