"""Any table with a header: one row an epoch or step, columns under names as people write them.

    epoch;train loss;val loss;lr
    1;0,61;0,70;0,001
    2;0,48;0,66;0,001

Asked last, when no other format claims the document. Recognised by a first line in which at least one column has a
known name. Columns may be separated by comma, semicolon, tab, bar or blanks. Positions come from a column such as
`epoch`, `step` or `iteration`, else rows are counted. Where a column such as `fold` or `run` names the run of a row,
each is a run of its own; where one says `train` or `val`, the splits are told apart by it. A table of experiments, one
row a run, is refused.
"""

from dataclasses import replace

from diagnosis.errors import NoCurve
from diagnosis.names import understand
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.eval_sets import is_of_boosting
from diagnosis.reading.groups import by_run, by_split, is_experiments
from diagnosis.reading.header import Header
from diagnosis.reading.rows import EPOCHS, STEPS
from diagnosis.reading.table import Table, read_table
from diagnosis.rewards import judged_by_reward

LAST_RESORT = True
# Metrics that other tables hold too: alone, and beside nothing that counts, they make no training log.
EVERYDAY = {"score", "return", "reward", "error", "map", "hits", "ap", "recall", "precision", "f1"}


EPISODES = {"episode", "episodes", "ep"}


def recognises(document: Document) -> bool:
    """Whether the first line names columns, at least one of them known."""
    header = document.header
    return header is not None and (bool(document.roles.intersection(header.names)) or _is_training(header))


def _is_training(header: Header) -> bool:
    """Whether the known columns are more than everyday words."""
    if any(phrase in (*EPOCHS, *STEPS) for phrase in header.phrases) or any(map(is_of_boosting, header.names)):
        return True
    meanings = [understand(name) for name in header.names]
    known = [m for m in meanings if m.kind not in {"clock", "other"}]
    return any(m.kind != "metric" or m.split or m.metric not in EVERYDAY for m in known)


def read(document: Document) -> tuple[Log, ...]:
    """Read every column of numbers at its steps; several runs where a column names them."""
    assert document.header is not None  # noqa: S101 - recognised
    table = read_table(document.text, document.header)
    if table.rows and is_experiments(table):
        raise _no_history(table)
    played = bool(EPISODES.intersection(document.header.phrases))
    logs = (replace(by_split(part, "generic_csv"), name=name) for name, part in by_run(table))
    return tuple(judged_by_reward(log) if played else log for log in logs)


def _no_history(table: Table) -> NoCurve:
    named = ", ".join(table.header.names[:6])
    return NoCurve(
        f"This looks like a table of experiments or results, one row a run or a thing ({named}, …), not like a history. "
        "Send the history of a run: one row an epoch or step, with a column that counts them."
    )
