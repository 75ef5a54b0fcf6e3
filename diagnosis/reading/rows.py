"""Columns of a table → series: which column counts the steps of which, and what rows that go back mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diagnosis.errors import NoCurve, UnreadableLog
from diagnosis.names import understand, words
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.attempts import last_attempt, misplaced, say_attempts
from diagnosis.reading.numbers import Numbers, positions
from diagnosis.reading.table import Table
from diagnosis.run import Axis, FloatArray, number

# Names of columns that count, best first.
EPOCHS = ("epoch", "epochs", "ep")
STEPS = (
    "global step", "trainer global step", "step", "steps", "current steps", "iteration", "iterations", "iter", "iters",
    "num iterations", "update", "updates", "num updates", "n updates", "round", "total timesteps", "timesteps", "num timesteps",
    "time total timesteps", "time iterations", "timesteps total", "training iteration", "total env interacts", "episode", "episodes", "generation", "batch",
    "tokens", "samples", "it",
)  # fmt: skip
MANY = 3  # rows of one epoch on average, from which rows are batches and no longer repetitions
ROUNDED = 1.1  # values to an epoch on average, from which epochs that are fractions tell them apart no longer


@dataclass(frozen=True, eq=False)
class Counter:
    """A column (n,) that counts: never NaN, forward-filled where a row does not say."""

    name: str
    axis: Axis
    at: FloatArray


def counters(table: Table, notes: list[str]) -> tuple[Counter | None, Counter | None]:
    """The column that counts epochs and the one that counts steps, as far as they are there."""
    epoch = _counter(table, EPOCHS, "epoch", notes)
    step = _counter(table, STEPS, "step", notes)
    if epoch is None or step is None:
        return epoch, step
    back, on = np.diff(step.at) < 0, np.diff(epoch.at) > 0
    if back.any() and not (back & ~on).any():
        step = _counted_on(epoch, step, notes)
    return epoch, step


def _counter(table: Table, names: Sequence[str], axis: Axis, notes: list[str]) -> Counter | None:
    by_phrase = {phrase: place for place, phrase in reversed(list(enumerate(table.header.phrases)))}
    for place in (by_phrase[name] for name in names if name in by_phrase):
        column = table.columns[place]
        if 2 * len(column.odd) > table.rows:
            column = positions(table.cells(place))
        column = column.told_apart(whole=axis == "step")
        at = np.where(column.logged & np.isfinite(column.values), column.values, np.nan)
        if np.isnan(at).all() or (at.size > 1 and (at == at[0]).all()):
            continue
        name = table.header.names[place]
        if np.isnan(at).any():
            notes.append(f"{name}: rows that do not say it are counted to the row before")
            at = _filled(at)
        return Counter(name, axis, at)
    return None


def _filled(at: FloatArray) -> FloatArray:
    """Repeat the last known position; before the first known one, that one."""
    known = ~np.isnan(at)
    last = np.maximum.accumulate(np.where(known, np.arange(at.size), int(np.argmax(known))))
    return at[last]


def _counted_on(epoch: Counter, step: Counter, notes: list[str]) -> Counter:
    """A step that starts anew with every epoch, counted on over the epochs."""
    gaps = np.diff(step.at)
    per_epoch = float(step.at.max() + (gaps[gaps > 0].min() if (gaps > 0).any() and step.at.min() == 0 else 0))
    notes.append(f"{step.name} starts anew with every {epoch.name}; it is counted on, {number(per_epoch)} to an epoch")
    return Counter(step.name, "step", step.at + (epoch.at - epoch.at.min()) * per_epoch)


def logged(table: Table, format: str, *, one_axis: bool = False) -> Log:  # noqa: A002 - the name is given by Log
    """Every column as a series at its own steps; raises NoCurve and UnreadableLog where there are no numbers.

    `one_axis`: all of them at the steps, unless each of them stands at epochs.
    """
    header = table.header
    if not table.rows:
        detail = f"The table has a header ({', '.join(header.names[:6])}) and no rows. Expected one row an epoch or step below it."
        raise NoCurve(detail)
    notes = list(table.notes)
    epoch, step = counters(table, notes)
    counting = {counter.name for counter in (epoch, step) if counter}
    epoch, step = _per_value(table, _per_row(table, epoch, step, notes), step, notes)
    series, ignored = [], []
    curves = [
        (place, name)
        for place, name in enumerate(header.names)
        if name not in counting and not (name.startswith("(column ") and not table.columns[place].count)
    ]
    for place, name in curves:
        column = table.columns[place]
        if _is_text(column) or _is_index(name, column):
            ignored.append(name)
        else:
            series.append(_series(name, column, epoch, step))
            _say_odd(table, place, notes)
    if one_axis and epoch and step and len({s.axis for s in series}) > 1:
        epoch = None
        series = [_series(name, table.columns[place], None, step) for place, name in curves if name not in ignored]
    if counter := epoch or step:
        say_attempts(table, counter.name, counter.at, series, notes)
    _check(table, series)
    return Log(tuple(series), format, tuple(ignored), tuple(notes))


def _per_row(table: Table, epoch: Counter | None, step: Counter | None, notes: list[str]) -> Counter | None:
    """Where only epochs are counted and each holds many rows, or is rounded until several are alike, a row is a step."""
    if epoch is None or step is not None or (np.diff(epoch.at) < 0).any():
        return epoch
    each = _values_each(table, epoch)
    if each < (ROUNDED if (epoch.at % 1.0).any() else MANY):
        return epoch
    says = f"every {epoch.name} has about {each:.0f} rows" if each >= MANY else f"{epoch.name} is rounded"
    notes.append(f"{says}; rows are counted as steps")
    return Counter(epoch.name, "step", np.arange(epoch.at.size, dtype=np.float64))


def _values_each(table: Table, epoch: Counter) -> float:
    """How many values a column has to an epoch, at most: rows of training and of validation may share theirs."""
    named = zip(table.header.names, table.columns, strict=True)
    logged = [epoch.at[column.logged] for name, column in named if name != epoch.name]
    return max((at.size / np.unique(at).size for at in logged if at.size > MANY), default=1.0)


def _is_text(column: Numbers) -> bool:
    return bool(column.odd) and 2 * len(column.odd) > column.count


def _is_index(name: str, column: Numbers) -> bool:
    """A data frame's index: a column without a name that counts the rows."""
    return name.startswith("(column ") and np.array_equal(column.values, np.arange(column.values.size))


def _counting(name: str, column: Numbers, epoch: Counter | None, step: Counter | None) -> Counter | None:
    """What counts a column's values: the epochs where it has one value in each, the steps otherwise."""
    if not (epoch and step):
        return epoch or step
    once = (np.diff(epoch.at[column.logged]) != 0).all() and understand(name).view != "step"
    return epoch if once else step


def _per_value(
    table: Table, epoch: Counter | None, step: Counter | None, notes: list[str]
) -> tuple[Counter | None, Counter | None]:
    """Where the curve with most values has them at positions that cannot be theirs, the rows themselves are counted."""
    named = zip(table.header.names, table.columns, strict=True)
    curves = [(column.count, name, column) for name, column in named if understand(name).kind in {"loss", "metric"}]
    _, name, column = max(curves, key=lambda curve: curve[0], default=(0, "", None))
    counter = _counting(name, column, epoch, step) if column is not None else None
    if column is None or counter is None:
        return epoch, step
    if not misplaced(column.values[column.logged], counter.at[column.logged]):
        return epoch, step
    notes.append(
        f"{counter.name}: most values stand where others did, and no run began anew; the rows are counted instead"
    )
    return None, Counter(counter.name, "step", np.arange(table.rows, dtype=np.float64))


def _series(name: str, column: Numbers, epoch: Counter | None, step: Counter | None) -> Series:
    """One column at the positions that count it."""
    here = column.logged
    counter = _counting(name, column, epoch, step)
    values = column.values[here]
    if counter is None:
        return Series(name, values, np.flatnonzero(here).astype(np.float64))
    values, at = last_attempt(values, counter.at[here])
    return Series(name, values, at, counter.axis)


def side_by_side(columns: Mapping[str, Numbers]) -> tuple[Series, ...]:
    """Lists of a JSON object as series; one that counts epochs or steps gives the positions of those as long as it is."""
    by_phrase = {" ".join(words(name)): name for name in reversed(list(columns))}
    for phrase in (*EPOCHS, *STEPS):
        counter = columns[by_phrase[phrase]] if phrase in by_phrase else None
        if counter is not None and np.isfinite(counter.values).all() and (np.diff(counter.values) != 0).all():
            axis: Axis = "epoch" if phrase in EPOCHS else "step"
            return tuple(
                Series(name, column.values, counter.values, axis, missing=~column.logged)
                if column.values.size == counter.values.size
                else Series(name, column.values, missing=~column.logged)
                for name, column in columns.items()
                if name != by_phrase[phrase]
            )
    return tuple(Series(name, column.values, missing=~column.logged) for name, column in columns.items())


def _say_odd(table: Table, place: int, notes: list[str]) -> None:
    column, name = table.columns[place], table.header.names[place]
    if column.odd:
        cell, line = table.cells(place)[column.odd[0]], table.lines[column.odd[0]]
        which = "a cell is no number" if len(column.odd) == 1 else f"{len(column.odd)} cells are no numbers"
        notes.append(f"{name}: {which} ({cell[:40]!r} in line {line}); left out")
    if column.wrapped:
        notes.append(f"{name}: of a list or tensor in a cell, the first number is read")


def _check(table: Table, series: Sequence[Series]) -> None:
    """A table in which no known column holds a number is broken where the first of them is."""
    if any(s.values.size for s in series):
        return
    for place, name in enumerate(table.header.names):
        odd = table.columns[place].odd
        if odd and understand(name).kind not in {"clock", "other"}:
            raise UnreadableLog(
                line=table.lines[odd[0]], expected=f"a number for {name!r}", found=table.cells(place)[odd[0]]
            )
