"""What the examples of PyTorch Geometric and of OGB print: a loss, and after the splits their scores.

    Epoch: 001, Loss: 1.9459, Train: 0.2786, Val: 0.1980, Test: 0.2110
    Epoch: 002, Loss: 1.9312, Train: 0.4143, Val: 0.3160, Test: 0.3220
    Epoch: 003, Loss: 1.9120, Train: 0.5571, Val: 0.4120, Test: 0.4210

Recognised by such a line. `Train`, `Val` and `Test` stand there for an accuracy, or another score of which higher is better;
that is said, and `roles` says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import replace

from diagnosis.names import SPLITS, Meaning
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (
    Line(
        re.compile(
            rf"^(?:Run: \d+, )?Epoch:? *(?P<epoch>\d+)(?:/\d+)?, Loss:? (?P<Loss>-?{NUMBER}),"
            rf" Train:? (?P<Train>{NUMBER})%?(?:, Val(?:id)?:? (?P<Val>{NUMBER})%?)?(?:, Test:? (?P<Test>{NUMBER})%?)?",
            re.MULTILINE,
        )
    ),
)


def recognises(document: Document) -> bool:
    """Whether splits stand for their scores, after a loss."""
    return recognised(document, LAYOUT)


def read(document: Document) -> Log:
    """The loss, and the score of each split."""
    log = read_console(document, LAYOUT, "graph_console")
    named = [s.name for s in log.series if s.name.lower() in SPLITS]
    note = f"{', '.join(named)}: taken for a score of which higher is better, an accuracy most often (say otherwise with roles)"
    return replace(log, series=tuple(_understood(s) for s in log.series), notes=(*log.notes, note))


def _understood(series: Series) -> Series:
    split = SPLITS.get(series.name.lower())
    return replace(series, meaning=Meaning("metric", split, "score", direction="max")) if split else series
