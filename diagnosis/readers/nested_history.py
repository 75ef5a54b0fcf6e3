"""A history inside other JSON: below a key such as `results`, split by split, epoch by epoch, or one for each fold.

    {"config": {"lr": 0.1, "epochs": 3},
     "results": {"epochs": [1, 2, 3],
                 "train": {"loss": [1.9, 1.4, 1.1], "acc": [0.3, 0.5, 0.6]},
                 "val": {"loss": [1.8, 1.5, 1.3], "acc": [0.3, 0.45, 0.5]}}}

Asked last, when no other format claims the document. Recognised where one member, or a member of it, is a history that
another JSON format reads, or where the keys are splits or epochs. Several members that each hold one are a run each,
under their keys. What stands beside them is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from diagnosis.names import SPLITS
from diagnosis.reader import Reader, all_readers
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import NOT_JSON, Document
from diagnosis.reading.records import of_json

LAST_RESORT = True
INSIDE = ("trainer_state", "evals_result", "keras_history", "metric_records", "generic_records")
OURS = ("context", "roles", "name")  # fields of this service's own JSON
DEPTH = 4  # objects inside each other
MOST = 100  # members that are looked at, and runs
_EPOCH = re.compile(r"(?i)(?:epoch|step|iter|iteration)?[ _-]?(\d{1,9})")
Found = tuple[str, Log]


def recognises(document: Document) -> bool:
    """Whether a history is found inside, and none outside."""
    value = document.json
    if not isinstance(value, dict) or value is NOT_JSON or _readable(value, document) or _is_ours(value):
        return False
    return bool(_found(value, document, "", 0))


def _is_ours(value: Mapping[str, Any]) -> bool:
    """Whether this is this service's own JSON with a field misspelled: its own check says so better."""
    beside = value.keys() - {"history", "runs"}
    meant = all(get_close_matches(key, OURS, cutoff=0.7) for key in beside)
    return len(beside) < len(value) and bool(beside) and meant


def read(document: Document) -> tuple[Log, ...]:
    """The histories that are found first, from the outside in; each a run of its own."""
    found = _found(document.json, document, "", 0)
    several = len(found) > 1
    return tuple(
        replace(
            log,
            format="nested_history",
            name=log.name or (path.rpartition("/")[2] if several else None),
            notes=(*log.notes, f"read from {path}; what stands beside it is set aside"),
        )
        for path, log in found
    )


def _readable(value: Any, document: Document) -> tuple[Reader, Document] | None:  # noqa: ANN401 - a JSON value
    """The format that reads a value, and the value as a document."""
    inner = Document.of(b"{}", document.filename, value, document.roles)
    return next(((all_readers()[name], inner) for name in INSIDE if all_readers()[name].recognises(inner)), None)


def _found(value: Any, document: Document, path: str, depth: int) -> list[Found]:  # noqa: ANN401 - a JSON value
    """Histories in a value, or in its members: those that are least deep."""
    if not isinstance(value, dict) or depth > DEPTH:
        return []
    for form in (_by_split(value), _by_epoch(value)):
        if form is not None and (readable := _readable(form, document)):
            return _logs(path or "/", readable)
    members = [(f"{path}/{key}", item) for key, item in list(value.items())[:MOST] if isinstance(item, dict | list)]
    here = [(at, readable) for at, item in members if (readable := _readable(item, document))]
    if here:
        return [found for at, readable in here for found in _logs(at, readable)][:MOST]
    return [found for at, item in members for found in _found(item, document, at, depth + 1)][:MOST]


def _logs(path: str, readable: tuple[Reader, Document]) -> list[Found]:
    reader, inner = readable
    read_in = reader.read(inner)
    return [(path, log) for log in (read_in if isinstance(read_in, tuple) else (read_in,))]


def _by_split(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """`{"epochs": […], "train": {"loss": […]}}` with its names put together: `train/loss`."""
    splits = [key for key, item in value.items() if key.lower() in SPLITS and isinstance(item, dict)]
    if not splits:
        return None
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    inner = {f"{key}/{name}": item for key in splits for name, item in value[key].items() if isinstance(item, list)}
    return {**lists, **inner} if inner else None


def _by_epoch(value: Mapping[str, Any]) -> list[Any] | None:
    """`{"epoch_1": {"loss": 0.3}, "epoch_2": …}` as records."""
    keys = [_EPOCH.fullmatch(key) for key in value]
    if len(keys) <= 1 or not all(keys) or not all(isinstance(item, dict) for item in value.values()):
        return None
    rows = [{"epoch": int(key[1]), **item} for key, item in zip(keys, value.values(), strict=True) if key]
    return rows if of_json(rows) is not None else None
