"""Which split a series is of, where a format says so and its name does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from diagnosis.boosting import TOLD, of_networks, understood
from diagnosis.listed import listed
from diagnosis.names import Split, understand
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.eval_sets import Name, are_of_trees, said_of, splits, training_set

NAMED = 3  # series in a note


def of_split(series: Series, split: Split) -> Series:
    """The same series, known to be of this split."""
    return replace(series, meaning=replace(series.meaning or understand(series.name), split=split))


def validated(log: Log, is_validation: Callable[[str], bool]) -> Log:
    """Series with such names are validation's, whatever their names say."""
    return replace(log, series=tuple(of_split(s, "val") if is_validation(s.name) else s for s in log.series))


def without_undefined(log: Log, is_metric: Callable[[str], bool], undefined: float | None = None) -> Log:
    """NaN in such metrics means "no such objects", not a fault of training: it was not logged there. So does `undefined`."""
    series, named = [], []
    for one in log.series:
        gone = np.isnan(one.values) if is_metric(one.name) else np.zeros(one.values.size, dtype=np.bool_)
        if undefined is not None and is_metric(one.name):
            gone |= one.values == undefined
        if gone.any():
            named.append(one.name)
        missing = gone if one.missing is None else one.missing | gone
        series.append(replace(one, missing=missing) if gone.any() else one)
    if not named:
        return log
    note = f"{listed(named, NAMED)}: where it is undefined (no objects of that kind), it counts as not logged"
    return replace(log, series=tuple(series), notes=(*log.notes, note))


def of_sets(sets: Mapping[Name, tuple[Sequence[float], Sequence[float]]], format: str) -> Log:  # noqa: A002 - the name is given by Log
    """One log from the rounds and values of every metric of every data set, as libraries of boosting write them."""
    first = training_set(sets)
    split = splits(sets, first)
    series = []
    for (data, metric), (rounds, values) in sets.items():
        steps = np.array(rounds, dtype=np.float64)
        one = Series(f"{data}/{metric}", np.array(values, dtype=np.float64), steps, "step", meaning=understood(metric))
        series.append(of_split(one, split[data, metric]))
    unsure = format == "evals_result" and not are_of_trees(sets) and of_networks(metric for _, metric in sets)
    return Log(tuple(series), format, notes=said_of(first), told={} if unsure else TOLD)
