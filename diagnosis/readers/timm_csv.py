"""timm (pytorch-image-models) `summary.csv`: one row an epoch, training loss and rate, evaluation loss and accuracy.

    epoch,train_loss,train_lr,eval_loss,eval_top1,eval_top5
    0,6.13,"[3e-07, 3e-07]",5.37,0.57,2.74
    1,5.65,"[7.3e-06, 7.3e-06]",5.31,0.55,2.70

Recognised by `epoch,train_loss` at the start of the header beside `eval_loss` or `eval_top1`. Accuracies run from 0 to
100. The rate is a list, one number a parameter group: the first is read. A resumed run begins at its own epoch.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table


def recognises(document: Document) -> bool:
    """Whether the header begins as timm's does."""
    header = document.header
    if header is None or header.delimiter != "," or header.names[:2] != ("epoch", "train_loss"):
        return False
    return bool({"eval_loss", "eval_top1"} & set(header.names))


def read(document: Document) -> Log:
    """One value an epoch from every column."""
    assert document.header is not None  # noqa: S101 - recognised
    return logged(read_table(document.text, document.header), "timm_csv")
