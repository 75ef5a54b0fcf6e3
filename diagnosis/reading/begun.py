"""A log of one record in JSON Lines is a log that has just begun; a summary of a run is not.

Both are one JSON object of single values. A record stands on one line and says where it is, in epochs or steps; a summary
lacks that, or says what the whole run took.
"""

from __future__ import annotations

from dataclasses import replace

from diagnosis.names import understand
from diagnosis.reading.document import Document
from diagnosis.reading.records import Records, table_of
from diagnosis.reading.rows import counters

# What is known of a run as a whole: Hugging Face's last record and `all_results.json`.
WHOLE_RUN = ("train_runtime", "train_samples_per_second", "total_flos")
SUMMARY = ("_wandb", *WHOLE_RUN)


def just_begun(document: Document) -> Document | None:
    """The document as a list of its one record; None where it is anything else than the first record of a log."""
    record = document.json
    if not isinstance(record, dict) or "\n" in document.text.strip() or any(key in record for key in SUMMARY):
        return None
    if "_runtime" in record and record.get("_step") != 0:  # W&B's history begins with step 0; its summary has these too
        return None
    table = table_of(Records([record], [1]))
    logged = {name for name, column in zip(table.header.names, table.columns, strict=True) if column.count}
    curves = {name for name in logged if document.knows(name) and understand(name).kind != "learning_rate"}
    return replace(document, parsed=[record]) if curves and any(counters(table, [])) else None
