"""TensorBoard scalar download: the columns `Wall time`, `Step` and `Value`; the name stands in the file's name.

    Wall time,Step,Value
    1559699797.28,0,12.43
    1559702341.01,1,8.37

Recognised by its header. The browser saves it as `run-<run>-tag-<tag>.csv`, and that is where its name is taken from:
send it along (`?filename=`), or say with roles what `Value` is. A run called `train` or `validation` names the split.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.downloads import VALUE, named
from diagnosis.reading.header import Header
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table

COLUMNS = ("Wall time", "Step", VALUE)


def recognises(document: Document) -> bool:
    """Whether the header is that of every scalar download."""
    return bool(document.head) and document.head[0][1].strip() == ",".join(COLUMNS)


def read(document: Document) -> Log:
    """The one curve, under the name that the file's name tells."""
    table = read_table(document.text, Header(COLUMNS, ",", document.head[0][0]))
    return named(logged(table, "tensorboard_csv"), document)
