r"""CatBoost `learn_error.tsv` and `test_error.tsv`: an iteration and its metrics; the file's name tells the split.

    iter⇥Logloss⇥AUC
    0⇥0.6241⇥0.71
    1⇥0.5699⇥0.73

Recognised by a header of `iter` and names that CatBoost gives its metrics. Send the name along
(`?filename=test_error.tsv`), or both files together: without it the values are taken for training's, and that is said.
"""

from dataclasses import replace
from pathlib import PurePath

from diagnosis.boosting import TOLD, is_catboost, meaning_of, optimised
from diagnosis.names import SPLITS, Split, words
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.header import Header
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table

DATA = {"train": "learn", "val": "test", "test": "test"}


def recognises(document: Document) -> bool:
    """Whether the header is `iter` and metrics of CatBoost, between tabs."""
    first, *metrics = document.head[0][1].split("\t") if document.head else ("",)
    return first.strip() == "iter" and bool(metrics) and all(is_catboost(name.strip()) for name in metrics)


def read(document: Document) -> Log:
    """Every metric at its iterations, of the split that the file's name tells."""
    line, first = document.head[0]
    names = tuple(name.strip() for name in first.split("\t"))
    log = logged(read_table(document.text, Header(names, "\t", line)), "catboost_tsv")
    split = _split(document.filename or "")
    known, loss = split or "train", optimised(names[1:])
    series = [
        replace(s, name=f"{DATA[known]}/{s.name}", meaning=meaning_of(s.name, known, loss=s.name == loss))
        for s in log.series
    ]
    unnamed = "the file's name, which tells the split, was not sent (?filename=test_error.tsv): taken for training's"
    return replace(log, series=tuple(series), told=TOLD, notes=log.notes if split else (*log.notes, unnamed))


def _split(filename: str) -> Split | None:
    """CatBoost stops by the test set, so it takes validation's place."""
    found = next((SPLITS[word] for word in words(PurePath(filename).stem) if word in SPLITS), None)
    return "val" if found == "test" else found
