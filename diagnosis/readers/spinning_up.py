r"""Spinning Up `progress.txt`: a table between tabs, one row an epoch, with the return of its episodes.

    Epoch⇥AverageEpRet⇥StdEpRet⇥EpLen⇥TotalEnvInteracts⇥LossPi⇥LossV
    0⇥21.4⇥10.2⇥21.4⇥4000⇥-0.01⇥180.2
    1⇥28.9⇥14.0⇥28.9⇥8000⇥-0.01⇥221.7

Recognised by the number of environment interactions beside the average return, in this spelling or in that of its forks
(`average-episode-return`). Positions are interactions. Returns should rise, and are judged.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table
from diagnosis.rewards import judged_by_reward

COUNTER = "total env interacts"
RETURNS = {"average ep ret", "average episode return", "average test ep ret", "average test episode return"}


def recognises(document: Document) -> bool:
    """Whether interactions are counted beside returns."""
    header = document.header
    return header is not None and COUNTER in header.phrases and bool(RETURNS & set(header.phrases))


def read(document: Document) -> Log:
    """Every column at the environment interactions."""
    assert document.header is not None  # noqa: S101 - recognised
    return judged_by_reward(logged(read_table(document.text, document.header), "spinning_up"))
