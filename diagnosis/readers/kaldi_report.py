r"""Kaldi's `accuracy.report`: a line an iteration, with its objective on training and on held-out data.

    %Iter⇥duration⇥train_objective⇥valid_objective⇥difference
    0⇥49.0⇥-0.512⇥-0.538⇥0.026
    1⇥47.0⇥-0.391⇥-0.411⇥0.020

Recognised by its header. Positions are iterations. The objective is a log-probability, or an accuracy: it should rise.
"""

from dataclasses import replace

from diagnosis.names import Meaning
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table

ENDS = ("objective", "accuracy", "logprob")


def recognises(document: Document) -> bool:
    """Whether the header names both, and their difference."""
    header = document.header
    if header is None or header.names[0] != "%Iter" or "difference" not in header.names:
        return False
    return any(f"valid_{end}" in header.names for end in ENDS)


def read(document: Document) -> Log:
    """Both curves; the difference is said by them."""
    assert document.header is not None  # noqa: S101 - recognised
    named = replace(document.header, names=("iter", *document.header.names[1:]))
    log = logged(read_table(document.text, named), "kaldi_report")
    kept = tuple(_understood(s) for s in log.series if s.name.startswith(("train_", "valid_")))
    aside = tuple(s.name for s in log.series if not s.name.startswith(("train_", "valid_")))
    return replace(log, series=kept, ignored=(*log.ignored, *aside))


def _understood(series: Series) -> Series:
    split, _, what = series.name.partition("_")
    meaning = Meaning("metric", "val" if split == "valid" else "train", what, direction="max")
    return replace(series, meaning=meaning)
