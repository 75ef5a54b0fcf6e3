"""A value a row: one column says what it is of, and another holds it, as TensorBoard's, Aim's and Comet's tables are exported.

    step,tag,value
    0,Loss/train,2.31
    0,Loss/val,2.35
    1,Loss/train,1.74
    1,Loss/val,1.92

Recognised by such a pair of columns (`tag`, `metric`, `metricName`, … and `value`, `metricValue`) in a table or in records
of JSON, where a known name stands under the first. Where a column names the run of a row, each is a run of its own; one
that says `train` or `val` goes before the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnosis.names import SPLITS, understand, words
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import NOT_JSON, Document
from diagnosis.reading.groups import PHASES
from diagnosis.reading.header import Header, header_of
from diagnosis.reading.prefixes import begins
from diagnosis.reading.records import Records, of_json, table_of
from diagnosis.reading.rows import EPOCHS, STEPS, logged
from diagnosis.reading.table import Table, read_table

NAMES = ("metric", "metric name", "tag", "scalar", "key", "variable", "quantity", "measure", "name")
VALUES = ("value", "metric value", "scalar value")
RUNS = ("run", "run name", "run id", "run hash", "run uuid", "experiment", "experiment key", "experiment id")
SPLIT = PHASES | {"context", "context subset", "run context"}
MLFLOW = {"key", "value", "step"}  # a list of these is the answer of MLflow's server
LOOKED_AT = 20  # records in which a known name must turn up
CURVES = {"loss", "metric", "learning_rate", "grad_norm"}
Key = tuple[str, str]


def recognises(document: Document) -> bool:
    """Whether one column names what another holds, and a name is known."""
    if document.binary:
        return False
    records = _records(document)
    if records is not None:
        first = records.rows[:LOOKED_AT]
        phrases = {" ".join(words(key)): key for key in first[0]}
        name, value = _first(NAMES, phrases), _first(VALUES, phrases)
        return bool(name and value) and any(_known(document, str(row.get(phrases[name or ""]))) for row in first)
    header = _header(document)
    if header is None or len(document.head) < 2:  # noqa: PLR2004 - the header and a row
        return False
    try:
        table = read_table("\n".join(line for _, line in document.head), Header(header.names, header.delimiter, 1))
    except ValueError:
        return False
    return any(_known(document, cell) for cell in table.cells(_place(table, NAMES) or 0))


def read(document: Document) -> tuple[Log, ...]:
    """A series for each name, at the steps of its rows; a run for each that a column names."""
    records = _records(document)
    header = _header(document)
    if records is not None:
        table = table_of(records)
    else:
        assert header is not None  # noqa: S101 - recognised
        table = read_table(document.text, header)
    groups = _groups(table)
    used = {*NAMES, *VALUES, *RUNS, *SPLIT, *EPOCHS, *STEPS}
    ignored = tuple(n for n, phrase in zip(table.header.names, table.header.phrases, strict=True) if phrase not in used)
    several = len({run for run, _ in groups}) > 1
    logs: dict[str, list[Log]] = {}
    for (run, name), rows in groups.items():
        logs.setdefault(run, []).append(logged(_only(table, name, rows), "long_table"))
    return tuple(_joined(of, run if several else None, ignored) for run, of in logs.items())


def _joined(logs: Sequence[Log], name: str | None, ignored: tuple[str, ...]) -> Log:
    series = tuple(one for log in logs for one in log.series)
    notes = tuple(dict.fromkeys(note for log in logs for note in log.notes))
    return Log(series, "long_table", ignored, notes, name)


def _records(document: Document) -> Records | None:
    """Objects with a name and a value each; a list of them may be the member `metrics` of an object."""
    value = document.json
    records = of_json(value.get("metrics")) if isinstance(value, dict) else document.records
    if records is None or (value is not NOT_JSON and records.rows[0].keys() >= MLFLOW):
        return None
    return records


def _header(document: Document) -> Header | None:
    """The first line, where it has both columns, and no logger's stamp before them."""
    header = header_of(document.head, lambda name: " ".join(words(name)) in NAMES)
    if (
        header is None
        or begins(header.names[0])
        or _first(NAMES, header.phrases) is None
        or _first(VALUES, header.phrases) is None
    ):
        return None
    return header


def _first(wanted: Sequence[str], phrases: Sequence[str] | Mapping[str, str]) -> str | None:
    return next((phrase for phrase in wanted if phrase in phrases), None)


def _place(table: Table, wanted: Sequence[str]) -> int | None:
    phrase = _first(wanted, table.header.phrases)
    return None if phrase is None else table.header.phrases.index(phrase)


def _known(document: Document, name: str) -> bool:
    return name in document.roles or understand(name).kind in CURVES


def _groups(table: Table) -> dict[Key, list[int]]:
    """The rows of every run and name."""
    names = table.cells(_place(table, NAMES) or 0)
    run = _place(table, RUNS)
    runs = [""] * table.rows if run is None else table.cells(run)
    split = next((at for at, phrase in enumerate(table.header.phrases) if phrase in SPLIT), None)
    splits = [""] * table.rows if split is None else [cell.strip().lower() for cell in table.cells(split)]
    found: dict[Key, list[int]] = {}
    for row, (of, said, name) in enumerate(zip(runs, splits, names, strict=True)):
        if name:
            told = said not in SPLITS or understand(name).split
            found.setdefault((of, name if told else f"{said}/{name}"), []).append(row)
    return found


def _only(table: Table, name: str, rows: Sequence[int]) -> Table:
    """The rows of one name: what counts, and the value."""
    counting = [at for at, phrase in enumerate(table.header.phrases) if phrase in (*EPOCHS, *STEPS)]
    places = [*counting, _place(table, VALUES) or 0]
    names = (*(table.header.names[at] for at in counting), name)
    columns = tuple(table.columns[at].take(rows) for at in places)
    return Table(Header(names, ",", table.header.line), columns, [table.lines[row] for row in rows])
