"""What other tools cost on the very same history, in the same process: CPU milliseconds, beside the engine's.

python -m benchmarks.beside_cost

Packages that are not installed (`pip install -e '.[bench]'`) are left out of the table. A tool that is quicker says less:
the last column says what it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from benchmarks.cost import milliseconds
from benchmarks.peers import all_peers, history_of
from diagnosis import diagnose
from diagnosis.run import FloatArray, Run
from diagnosis.synthetic import falling, run, turning

POINTS, TIMES = 100, 60  # values a curve; calls
FRACTION = 0.2  # of the values, that lowess smooths over: about what shows the course of a hundred epochs
BY_HAND = "a trend and change points of each curve; no verdict, nothing on validation against training, no fixes"
SMOOTHED = "two smooth curves alone; no trend, no verdict"
PACKAGED = {
    "sk-autod": "the conditions of `Peers: sources`, in the loss's own unit; no evidence, no numbers in its advice",
    "trainpulse": "losses that are not finite, spikes, rest, gradient norms; nothing on validation, no fixes",
}


@dataclass(frozen=True)
class Tool:
    """Something that is asked the same as we are, and what it leaves unsaid."""

    name: str
    ask: Callable[[], object]
    without: str


def example() -> Run:
    """The history that all are asked about: two curves of an overfitting run."""
    return run(loss=falling(n=POINTS), val_loss=turning(n=POINTS, at=POINTS // 3, rise=1 / POINTS))


def tools(of: Run) -> Iterator[Tool]:
    """Those that are installed."""
    curves = [curve.values for curve in of.curves]
    yield Tool("**this engine**", lambda: diagnose(of), "–")
    if find_spec("pymannkendall") and find_spec("ruptures"):
        yield Tool("pymannkendall + ruptures, by hand", lambda: [by_hand(values) for values in curves], BY_HAND)
    if find_spec("statsmodels"):
        yield Tool("statsmodels lowess", lambda: [lowess(values) for values in curves], SMOOTHED)
    history = history_of(of)
    for peer in all_peers():
        if peer.package:
            yield Tool(peer.package, lambda judge=peer.judge: judge(history, {}), PACKAGED[peer.package])  # type: ignore[misc]


def by_hand(values: FloatArray) -> tuple[object, object]:
    """What one would write with two libraries: is there a trend, and where does the level change."""
    trend = import_module("pymannkendall").original_test(values)
    penalty = 3.0 * np.log(values.size) * np.var(np.diff(values)) / 2
    return trend, import_module("ruptures").Pelt(model="l2").fit(values).predict(pen=penalty)


def lowess(values: FloatArray) -> object:
    """One smooth curve."""
    return import_module("statsmodels.nonparametric.smoothers_lowess").lowess(
        values, np.arange(values.size), frac=FRACTION
    )


def table() -> str:
    """Each tool's median beside ours, as markdown."""
    taken = [(tool, milliseconds(tool.ask, TIMES)) for tool in tools(example())]
    ours = taken[0][1]
    lines = [
        "| on two curves of 100 values | CPU ms | times ours | what it leaves out |",
        "| --- | ---: | ---: | --- |",
    ]
    lines += [f"| {tool.name} | {cost:.3g} | {cost / ours:.2g} | {tool.without} |" for tool, cost in taken]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
