"""fastai `CSVLogger` `history.csv`: one row an epoch, training and validation loss, metrics of validation, time.

    epoch,train_loss,valid_loss,accuracy,time
    0,1.061200,0.770140,0.735294,00:04
    1,0.730011,0.688012,0.764706,00:04

Recognised by `epoch,train_loss,valid_loss` at the start of the header. Metrics have no prefix and are computed on the
validation set. Written with `append=True`, the epochs start anew: attempts of one run.
"""

from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.splits import validated
from diagnosis.reading.table import read_table

START = ("epoch", "train_loss", "valid_loss")


def recognises(document: Document) -> bool:
    """Whether the header begins as fastai's does."""
    header = document.header
    return header is not None and header.delimiter == "," and header.names[: len(START)] == START


def read(document: Document) -> Log:
    """One value an epoch from every column; unprefixed metrics are validation's."""
    assert document.header is not None  # noqa: S101 - recognised
    log = logged(read_table(document.text, document.header), "fastai_csv")
    return validated(log, lambda name: understand(name).split is None)
