"""The recorded runs of faults/ as the engine sees them; faults/README.md says what a record holds.

`tune` is what thresholds are set on; `reported` is other tasks, which nobody looks at while setting them.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Run

Record: TypeAlias = dict[str, Any]

FAULTS = Path(__file__).parent / "faults"
FILES = {"tune": FAULTS / "runs.jsonl.gz", "reported": FAULTS / "reported.jsonl.gz"}
# Of the reported tasks, those whose misses were looked at after the first count, to mend rules and labels that were plainly
# wrong; the others never were. The halves were drawn by a hash of the name.
LOOKED_AT = frozenset(
    ("autoregression", "blobs", "checkerboard", "denoising", "descriptions", "friedman2", "hastie")
)  # fmt: skip
KNOWN = frozenset(field.name for field in fields(Context))


def splits() -> tuple[str, ...]:
    """The halves that are there, the one to believe first."""
    return tuple(split for split in ("reported", "tune") if FILES[split].exists())


def recorded(split: str) -> Iterator[Record]:
    """The recorded runs of one half, or of both (`all`)."""
    for path in [FILES[each] for each in splits() if split in {"all", each}]:
        with gzip.open(path, "rt") as lines:
            for line in lines:
                record = json.loads(line)
                if "history" in record:
                    yield record


def groups(records: list[Record]) -> dict[str, list[Record]]:
    """The folds or seeds that belong together and of which it is known what holds across them."""
    together: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.get("group") and record.get("expected_across") is not None:
            together[record["group"]].append(record)
    return dict(together)


def to_run(record: Record) -> Run:
    """A record as the engine sees it."""
    series = []
    for name, given in record["history"].items():
        logged = given if isinstance(given, dict) else {"values": given}
        values = np.array(logged["values"], dtype=np.float64)
        missing = np.array([value is None for value in logged["values"]])
        steps = np.array(logged["steps"], dtype=np.float64) if "steps" in logged else None
        series.append(Series(name, values, steps, logged.get("axis"), missing=missing))
    known = {name: value for name, value in record["context"].items() if name in KNOWN}
    return assemble(Log(tuple(series), "faults", name=record["name"]), Context(**known))


def asked_split(description: str | None, *flags: tuple[str, str]) -> argparse.Namespace:
    """The command line of every part: which half, and its own flags, each with what it does."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("split", nargs="?", default="tune", choices=("tune", "reported", "all"))
    for flag, does in flags:
        parser.add_argument(flag, action="store_true", help=does)
    return parser.parse_args()


def unseen(records: list[Record]) -> list[Record]:
    """The reported runs of tasks at which nobody looked."""
    return [record for record in records if record["split"] == "reported" and record["task"] not in LOOKED_AT]
