"""Rows that belong together: the runs in one table, its splits, and tables whose rows are no history at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diagnosis.names import SPLITS, understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.rows import counters, logged
from diagnosis.reading.table import Table
from diagnosis.run import FloatArray

# Columns that say which run a row is of.
RUNS = frozenset(
    ("run", "runs", "run name", "run id", "name", "experiment", "exp", "experiment name", "model", "model name", "trial", "seed", "fold",
     "cv fold", "arch", "architecture", "method", "config", "dataset", "optimizer", "id", "group", "display name")
)  # fmt: skip
# Columns that say which split a row is of.
PHASES = frozenset(
    (
        "split",
        "phase",
        "mode",
        "set",
        "subset",
        "stage",
        "partition",
        "dataset",
        "data",
        "type",
        "train",
        "is train",
        "training",
    )
)
# Columns that say so by true or false.
YES_OR_NO = {phrase: {"true": "train", "false": "val"} for phrase in ("train", "is train", "training")}
# Columns that are set for a whole run: two of them, and no column that counts, make a table of experiments.
SETTINGS = frozenset(
    ("batch size", "hidden size", "hidden dim", "hidden units", "units", "num layers", "n layers", "layers", "dropout", "dropout rate",
     "weight decay", "optimizer", "activation", "patience", "num epochs", "max epochs", "state", "created", "sweep", "tags", "hostname",
     "user", "notes")
)  # fmt: skip
# What tables of a search write before the settings of a trial: `params_lr`, `config/lr`.
SETTING = ("params ", "param ", "config ", "hparams ", "hyperparameters ")
_DATE = re.compile(r"\W*\d{1,4}[-/:.]\d{1,2}")


def is_experiments(table: Table) -> bool:
    """Whether a row is a whole run, or a thing with a name: nothing counts, or it does not count up."""
    phrases = table.header.phrases
    epoch, step = counters(table, [])
    counter = epoch or step
    if counter is None:
        settings = sum(phrase in SETTINGS or phrase.startswith(SETTING) for phrase in phrases)
        return settings > 1 or bool(RUNS.intersection(phrases)) or _first_names(table)
    named = any(_named(table, place) for place, phrase in enumerate(phrases) if phrase in RUNS)
    counts_up = bool((np.diff(counter.at) > 0).all()) and not any(phrase.startswith("best ") for phrase in phrases)
    return named and not counts_up


def _first_names(table: Table) -> bool:
    """Whether the first column is no curve, and names the rows: classes, models."""
    return table.rows > 1 and understand(table.header.names[0]).kind == "other" and _named(table, 0)


def _named(table: Table, place: int) -> bool:
    """Whether every row has a name of its own in this column."""
    if not table.columns[place].odd or table.columns[place].count > 0:
        return False
    cells = table.cells(place)
    return len(set(cells)) == len(cells) and not all(_DATE.match(cell) for cell in cells)


def by_run(table: Table) -> tuple[tuple[str | None, Table], ...]:
    """The runs of a table in which a column names the run, each with its name; else the table as it is."""
    epoch, step = counters(table, [])
    counter = epoch or step
    if counter is None or (np.diff(counter.at) > 0).all():
        return ((None, table),)
    for place, phrase in enumerate(table.header.phrases):
        if phrase in RUNS and (rows := _grouped(table.cells(place), counter.at)):
            numeric = not table.columns[place].odd
            return tuple(
                (f"{table.header.names[place]} {label}" if numeric else label, table.take(of, without=place))
                for label, of in rows.items()
            )
    return ((None, table),)


def _grouped(labels: Sequence[str], at: FloatArray) -> dict[str, list[int]]:
    """The rows of each label; none unless there are several labels, and each counts up."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        rows.setdefault(label, []).append(row)
    several = 1 < len(rows) <= len(labels) // 2
    return rows if several and all((np.diff(at[of]) >= 0).all() for of in rows.values()) else {}


def by_split(table: Table, format: str) -> Log:  # noqa: A002 - the name is given by Log
    """One log; where a column says `train` or `val` of every row, each split has series of its own."""
    for place, phrase in enumerate(table.header.phrases):
        if phrase not in PHASES or not table.columns[place].odd:
            continue
        cells = [cell.strip().lower() for cell in table.cells(place)]
        if phrase in YES_OR_NO:
            cells = [YES_OR_NO[phrase].get(cell, cell) for cell in cells]
        if all(cell in SPLITS for cell in cells):
            return _joined(table, place, cells, format)
    return logged(table, format)


def _joined(table: Table, place: int, cells: Sequence[str], format: str) -> Log:  # noqa: A002
    """`loss` in the rows of `val` becomes `val_loss`."""
    logs = []
    for split in dict.fromkeys(cells):
        log = logged(table.take([row for row, cell in enumerate(cells) if cell == split], without=place), format)
        named = [
            s if understand(s.name).split else replace(s, name=f"{split}_{s.name}") for s in log.series if s.values.size
        ]
        logs.append(replace(log, series=tuple(named)))
    first = logs[0]
    return replace(
        first,
        series=tuple(series for log in logs for series in log.series),
        ignored=tuple(dict.fromkeys(name for log in logs for name in log.ignored)),
        notes=(*table.notes, *dict.fromkeys(note for log in logs for note in log.notes)),
    )
