"""What it would cost to stop where a run is told to, and what it would save; beside callbacks that wait for a patience.

The cost is counted on the clean test set, which no detector is shown: how much better the best epoch of the whole run is than
the best one until then, in shares of what the run learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.intervals import share
from benchmarks.peers.early_stopping import stops_at
from diagnosis.features import measure
from diagnosis.run import Run

if TYPE_CHECKING:
    from benchmarks.prefixes import Told

MUCH = 0.05  # of what the run learnt on the clean test set: who stops before that is gained stopped too early
PATIENCES = (3, 5, 10)  # validations without a better one


def told_to_stop(run: Told) -> float | None:
    """The share of the run after which it was told to stop for the first time, before its end."""
    return next((at for at, decided in zip(run.at, run.decided[:-1], strict=False) if decided == "stop"), None)


def out_of_patience(whole: Run, patience: int) -> float | None:
    """The share of the validations after which a callback that waits so long stops, before the last one."""
    validation = measure(whole).val_loss
    if validation is None:
        return None
    at = stops_at(validation.sign * validation.curve.values, patience)
    return None if at is None else (at + 1) / validation.n


def lost_by(run: Told, at: float) -> float | None:
    """What stopping there would have lost, as a share of what the run learnt; None where it learnt nothing."""
    test = np.array(run.record["truth"]["test_loss"], dtype=np.float64)
    test = np.where(np.isfinite(test), test, np.inf)
    learnt = run.record["truth"]["initial_loss"] - test.min()
    if not (np.isfinite(learnt) and learnt > 0.0):
        return None
    return float((test[: max(round(at * test.size), 1)].min() - test.min()) / learnt)


def stopping(runs: Sequence[Told], whole: Callable[[Told], Run]) -> str:
    """One line of markdown for each that says when to stop."""
    callers = {"**this engine**: `decision` is `stop`": [told_to_stop(run) for run in runs]}
    for patience in PATIENCES:
        callers[f"early stopping, patience {patience}"] = [out_of_patience(whole(run), patience) for run in runs]
    lines = [
        f"| who says stop | runs | stopped too early: over {100 * MUCH:.0f} % of what was learnt still to come | of the run saved, median |",
        "| --- | ---: | --- | ---: |",
    ]
    for name, stops in callers.items():
        asked = [
            (lost, at) for run, at in zip(runs, stops, strict=True) if at and (lost := lost_by(run, at)) is not None
        ]
        early = sum(lost > MUCH for lost, _ in asked)
        saved = f"{100 * np.median([1.0 - at for _, at in asked]):.0f} %" if asked else "–"
        lines.append(f"| {name} | {len(asked)} | {share(early, len(asked))} | {saved} |")
    return "\n".join(lines)
