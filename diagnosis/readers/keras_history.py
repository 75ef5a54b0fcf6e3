"""Keras `History.history` as JSON: one list a name, one value an epoch.

    {"accuracy": [0.61, 0.70],
     "loss": [1.10, 0.85],
     "val_loss": [0.98, 0.88]}

Recognised by an object in which a known name holds a list of numbers; what other loops write in this shape is read
alike. A list called `epoch` beside them gives the positions, which else count from 0. The form of pandas' `to_json`,
`{"loss": {"0": 1.10, "1": 0.85}}`, is read too. Single numbers, texts and nested objects are set aside.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from diagnosis.errors import InvalidRun
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.numbers import Numbers, from_json
from diagnosis.reading.rows import side_by_side

LOOKED_AT = 2000  # members in which a known name must turn up
# What json.dump(vars(history)) holds beside the history itself.
BESIDE = {"epoch", "model", "params", "validation_data", "stop_training"}


def recognises(document: Document) -> bool:
    """Whether a known name holds a list, and no list holds objects."""
    found = _history(document.json)
    if found is None or any(_is_records(value) for value in found.values()):
        return False
    first = islice(found.items(), LOOKED_AT)
    return any(document.knows(name) and _items(value) is not None for name, value in first)


def read(document: Document) -> Log:
    """Take every list of numbers; raises InvalidRun where a known one holds something else."""
    history = _history(document.json) or {}
    columns: dict[str, Numbers] = {}
    ignored = []
    for name, value in history.items():
        column = _column(name, value, document.knows)
        if column is None:
            ignored.append(name)
        else:
            columns[name] = column
    notes = (f"{', '.join(ignored)}: set aside, no list of numbers",) if ignored else ()
    return Log(side_by_side(columns), "keras_history", tuple(ignored), notes)


def _history(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - a JSON value
    """The object with the lists, which may itself be a member of a dumped History."""
    if not isinstance(value, dict):
        return None
    inner = value.get("history")
    if isinstance(inner, dict) and value.keys() - {"history"} <= BESIDE:
        return {"epoch": value["epoch"], **inner} if isinstance(value.get("epoch"), list) else inner
    return value


def _items(value: Any) -> list[Any] | None:  # noqa: ANN401 - a JSON value
    """The items of a list, or of pandas' object with the keys "0", "1" and so on."""
    if isinstance(value, list):
        return value
    if (
        isinstance(value, dict)
        and value
        and all(key.isdecimal() for key in value)
        and not _is_records([*value.values()])
    ):
        return [value[key] for key in sorted(value, key=int)]
    return None


def _is_records(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    return isinstance(value, list) and any(isinstance(item, dict) for item in value[:10])


def _column(name: str, value: Any, known: Callable[[str], bool]) -> Numbers | None:  # noqa: ANN401 - a JSON value
    items = _items(value)
    if items is None:
        return None
    numbers = from_json(items)
    if not numbers.odd:
        return numbers
    if not known(name):
        return None
    at = numbers.odd[0]
    pointer = f"/{name.replace('~', '~0').replace('/', '~1')}/{at}"
    raise InvalidRun(f"{name}: expected a number at index {at}, found {str(items[at])[:40]!r}.", pointer)
