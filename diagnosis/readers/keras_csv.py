"""Keras `CSVLogger`: one row an epoch, first column `epoch`, the others in the order of the alphabet.

    epoch,accuracy,loss,val_accuracy,val_loss
    0,0.61,1.10,0.70,0.88
    1,0.70,0.85,0.74,0.81

Recognised by its header: `epoch`, then names in alphabetical order with `loss` among them. Epochs count from 0. A log
written with `append=True` starts its epochs anew, without another header: these are attempts of one run, and where
they overlap the last one counts.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import STEPS, logged
from diagnosis.reading.table import read_table


def recognises(document: Document) -> bool:
    """Whether the header is `epoch` and then the alphabet, with an unprefixed loss."""
    header = document.header
    if header is None or header.delimiter not in {",", ";"}:
        return False
    first, *others = header.names
    return first == "epoch" and others == sorted(others) and "loss" in others and not set(STEPS) & set(header.phrases)


def read(document: Document) -> Log:
    """Read one value an epoch from every column."""
    assert document.header is not None  # noqa: S101 - recognised
    return logged(read_table(document.text, document.header), "keras_csv")
