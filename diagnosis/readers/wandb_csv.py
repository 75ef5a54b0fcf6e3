"""Weights & Biases chart export: a step, and for every run its value and the range of it.

    "Step","bold-sun-7 - train/loss","bold-sun-7 - train/loss__MIN","bold-sun-7 - train/loss__MAX"
    "0","2.31","2.31","2.31"
    "50","1.84","1.84","1.84"

Recognised by columns that end in `__MIN` beside their own. What stands before the last ` - ` of a column is the run, what
follows is the name; each run is read for itself. `__MIN` and `__MAX`, the range within one point of the chart, are set
aside.
"""

from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.rows import EPOCHS
from diagnosis.reading.table import Table, read_table
from diagnosis.run import Axis

RANGES = ("__MIN", "__MAX")


def recognises(document: Document) -> bool:
    """Whether a column of a run stands beside its minimum."""
    names = document.header.names if document.header else ()
    return any(f"{name}__MIN" in names for name in names[1:] if " - " in name)


def read(document: Document) -> tuple[Log, ...]:
    """One log for each run in the chart."""
    assert document.header is not None  # noqa: S101 - recognised
    table = read_table(document.text, document.header)
    runs: dict[str, list[Series]] = {}
    for place, name in enumerate(table.header.names):
        run, dash, metric = name.rpartition(" - ")
        if dash and not name.endswith(RANGES) and metric != "_step":
            runs.setdefault(run, []).append(_series(metric, table, place))
    notes = (*table.notes, "the columns __MIN and __MAX are the range of each point, and set aside")
    return tuple(Log(tuple(series), "wandb_csv", notes=notes, name=run) for run, series in runs.items())


def _series(name: str, table: Table, place: int) -> Series:
    """One column at the steps of the first, where it was logged."""
    steps, column = table.columns[0], table.columns[place]
    here = column.logged & steps.logged
    axis: Axis = "epoch" if table.header.phrases[0] in EPOCHS else "step"
    return Series(name, column.values[here], steps.values[here], axis)
