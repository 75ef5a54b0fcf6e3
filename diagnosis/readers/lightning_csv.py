"""PyTorch Lightning `CSVLogger`: a sparse `metrics.csv`, in which a row holds what one call logged.

    epoch,step,train_loss_epoch,train_loss_step,val_loss
    0,49,,0.61,
    0,62,,,0.58
    0,62,0.66,,

Recognised by a header with `epoch` and `step` among names in alphabetical order, or at its end, or with `created_at`
(early versions). Every column is read for itself: a column with one value an epoch at its epochs, the others at the
optimiser's steps. What `test` logged once at the end is a result, not a curve, and is set aside.
"""

from dataclasses import replace

from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table


def recognises(document: Document) -> bool:
    """Whether the header is one that some version of Lightning writes."""
    header = document.header
    if header is None or header.delimiter != ",":
        return False
    names = list(header.names)
    if names[-2:] == ["epoch", "created_at"]:
        return True
    return {"epoch", "step"} <= set(names) and (names == sorted(names) or names[-2:] == ["epoch", "step"])


def read(document: Document) -> Log:
    """Merge the sparse rows column by column."""
    assert document.header is not None  # noqa: S101 - recognised
    log = logged(read_table(document.text, document.header), "lightning_csv")
    results = [s.name for s in log.series if understand(s.name).split == "test" and s.values.size == 1]
    if not results or len(results) == len(log.series):
        return log
    note = f"{', '.join(results)}: logged once, after training; a result and not a curve"
    kept = tuple(s for s in log.series if s.name not in results)
    return replace(log, series=kept, ignored=(*log.ignored, *results), notes=(*log.notes, note))
