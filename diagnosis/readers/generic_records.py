"""Records in JSON, one an epoch or step: JSON Lines, or a list of objects, under names as people write them.

    {"epoch": 0, "loss": 1.1, "val": {"loss": 0.98}}
    {"epoch": 1, "loss": 0.85, "val": {"loss": 0.88}}

Asked last, when no other format claims the document. Recognised by objects in which a known name holds a number. What a
record lacks was not logged there; objects inside are flattened (`val/loss`). Where a key such as `run` or `fold` names
the run of a record, each is a run of its own; where one says `train` or `val`, the splits are told apart by it.
One record that counts epochs or steps is a log that has just begun; without a count it is the end of a run, and refused.
"""

from dataclasses import replace

from diagnosis.errors import NoCurve
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.groups import by_run, by_split, is_experiments
from diagnosis.reading.records import Records, table_of

LAST_RESORT = True
LOOKED_AT = 50  # records in which a known name must turn up


def recognises(document: Document) -> bool:
    """Whether a known name holds a number in one of the first records."""
    records = document.records
    if records is None:
        return False
    table = table_of(Records(records.rows[:LOOKED_AT], records.lines[:LOOKED_AT]))
    return any(
        column.count and document.knows(name) for name, column in zip(table.header.names, table.columns, strict=True)
    )


def read(document: Document) -> tuple[Log, ...]:
    """Read every number at its step; several runs where a key names them."""
    assert document.records is not None  # noqa: S101 - recognised
    table = table_of(document.records)
    if is_experiments(table):
        named = ", ".join(table.header.names[:6])
        detail = (
            f"These look like records of experiments or results, one a run ({named}, …), not like a history. "
            "Send the history of a run: one record an epoch or step, with a key that counts them."
        )
        raise NoCurve(detail)
    return tuple(replace(by_split(part, "generic_records"), name=name) for name, part in by_run(table))
