"""Series as they were written → a Run: names understood, roles given, steps in order.

This is the one way in, for a JSON request and for every reader alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from diagnosis.boosting import boosted
from diagnosis.errors import NoCurve
from diagnosis.names import LEARNT_FOR, QUOTIENTS, Meaning, understand
from diagnosis.reading.beside import paired
from diagnosis.reading.eval_sets import of_eval_sets
from diagnosis.reading.held_out import held_out
from diagnosis.roles import beyond, check_roles, directed, give_roles, set_aside
from diagnosis.run import FARTHEST, NEAREST, Axis, Context, Curve, Direction, FloatArray, Role, Run, Source

NOWHERE = "at positions that are not finite, or beyond 2^63"
FEWEST = 2  # values: one after it is no "ever after"
NAMED = 6  # parts of a sum that are named
UNTOLD = Context()  # as most runs are


@dataclass(frozen=True, eq=False)
class Series:
    """One series as written: `values` (n,) with NaN and infinity as data; nothing is left out yet.

    `missing` (n,) marks what was not logged (`null`, an empty cell); `steps` (n,) defaults to 0, 1, 2, …
    A reader that knows more than the name tells says so in `meaning`.
    """

    name: str
    values: FloatArray
    steps: FloatArray | None = None
    axis: Axis | None = None
    direction: Direction | None = None
    missing: np.ndarray | None = None
    meaning: Meaning | None = None


@dataclass(frozen=True, eq=False)
class Log:
    """What a reader returns for one run; `told` is what the log itself says of the training, by the fields of Context."""

    series: tuple[Series, ...]
    format: str
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    name: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def assemble(log: Log, context: Context | None = None, roles: Mapping[str, Role] | None = None) -> Run:
    """Understand the names, put every series in order, and return the Run.

    Raises NoCurve where nothing is left, InvalidRun and ContradictoryRoles for roles that cannot be meant.
    """
    roles = roles or {}
    never = _never_defined(log.series, roles)
    if never:
        said = f"{', '.join(never[:4])}: never defined (NaN throughout); left out"
        rest = tuple(s for s in log.series if s.name not in never)
        log = replace(log, series=rest, ignored=(*log.ignored, *never), notes=(*log.notes, said))
    ways = {s.name: s.direction for s in log.series}
    notes, ignored = list(log.notes), list(log.ignored)
    named = {s.name: directed(s.name, s.meaning or understand(s.name), s.direction) for s in log.series}
    meanings = paired(named, roles, notes)
    asked = [s.name for s in log.series if s.meaning is None]
    sets = of_eval_sets(meanings, asked, ways, trees=boosted(context or UNTOLD))
    notes += sets.notes
    meanings = held_out(log.series, sets.meanings, roles, notes)
    if roles:
        roles = beyond(roles, meanings, ways)
    check_roles(roles, meanings, ways)
    taken = give_roles(meanings, roles, ways, notes)
    curves: list[Curve] = []
    for series in log.series:
        if series.name not in taken:
            ignored.append(series.name)
            continue
        curve = _curve(series, meanings[series.name], taken[series.name], notes)
        if len(curve):
            curves.append(curve)
        else:
            ignored.append(series.name)
            notes.append(f"{series.name}: no value was logged")
    if not curves:
        listed = ", ".join(repr(s.name) for s in log.series[:8]) or "nothing"
        empty = ""
        if log.series and not any(_logged(s) for s in log.series):
            empty = ", in which no value was logged"
        elif any(_logged(s) for s in log.series if s.name in taken):
            empty = f", with values only {NOWHERE}"
        detail = (
            f"No curve was found: the {log.format} input holds {listed}{empty}. Expected at least one series of numbers "
            'such as "loss" or "val_loss".'
        )
        raise NoCurve(detail)
    told = {*roles, *(s.name for s in log.series if s.meaning)}  # a reader knows what it reads
    notes += set_aside({c.name: c.values for c in curves}, {c.name: meanings[c.name] for c in curves}, told)
    lengths = {len(s.values) for s in log.series if s.steps is None and s.name in taken}
    if len(lengths) > 1:
        notes.append(f"lists of unequal length ({min(lengths)} to {max(lengths)}) are taken to start together")
    context = _informed(context or UNTOLD, {**sets.told, **log.told}, notes)
    mapping = {c.name: c.role for c in curves}
    source = Source(log.format, mapping, tuple(ignored), tuple(dict.fromkeys(notes)))
    return Run(tuple(curves), context, source, log.name)


def _never_defined(series: Sequence[Series], roles: Mapping[str, Role]) -> list[str]:
    """The scores that never were a number where the losses were, and that nobody asked for: nothing of their kind was in the data.

    Without a loss another score must have been one, and they must be such as may be 0/0.
    """
    blank = [s for s in series if np.isnan(s.values[:1]).any() and np.isnan(s.values).all() and s.name not in roles]
    if not blank:  # as in nearly every log, whose names need be understood but once
        return []
    kinds = {s.name: s.meaning or understand(s.name) for s in series}
    losses = [s for s in series if kinds[s.name].kind == "loss"]
    sound = losses or [s for s in series if kinds[s.name].kind == "metric" and s not in blank]
    if not sound or not all(np.isfinite(s.values).any() for s in sound):
        return []
    scores = [s.name for s in blank if kinds[s.name].kind == "metric" and kinds[s.name].metric not in LEARNT_FOR]
    return scores if losses else [name for name in scores if kinds[name].metric in QUOTIENTS]


def _logged(series: Series) -> bool:
    """Whether any value of a series was logged, be it NaN."""
    return series.values.size > 0 and (series.missing is None or not series.missing.all())


def _informed(context: Context, told: Mapping[str, Any], notes: list[str]) -> Context:
    """Let what the log says stand where the caller says nothing."""
    news = {name: value for name, value in told.items() if getattr(context, name) is None}
    if not news:
        return context
    notes.append(f"the log itself says: {', '.join(f'{name} {_said(value)}' for name, value in news.items())}")
    return replace(context, **news)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _curve(series: Series, meaning: Meaning, role: Role, notes: list[str]) -> Curve:
    """Drop what was not logged, sort by step, keep the last of a step logged twice."""
    values = np.array(series.values, dtype=np.float64)
    steps = (
        np.arange(values.size, dtype=np.float64) if series.steps is None else np.array(series.steps, dtype=np.float64)
    )
    if series.missing is not None and series.missing.any():
        keep = ~series.missing
        values, steps = values[keep], steps[keep]
    if series.steps is not None and not (placed := np.abs(steps) <= FARTHEST).all():  # NaN compares false
        notes.append(f"{series.name}: {int((~placed).sum())} values {NOWHERE}, are left out")
        values, steps = values[placed], steps[placed]
    if series.steps is not None and steps.size > 1:
        values, steps = _in_order(series.name, values, steps, notes)
        if role.endswith("_loss") and _nothing_yet(values, steps):
            notes.append(
                f"{series.name}: exactly 0 at step 0, and above it ever after: nothing was measured yet, and it is left out"
            )
            values, steps = values[1:], steps[1:]
    axis: Axis = series.axis or ("step" if meaning.view == "step" else "epoch")
    direction = meaning.direction
    metric = meaning.metric if role.endswith("_metric") else role.removeprefix("train_").removeprefix("val_")
    if meaning.qualifier and role.endswith("_metric"):
        metric = f"{meaning.metric}_{meaning.qualifier}"
    return Curve(series.name, role, metric or series.name, values, steps, axis, direction)


def _nothing_yet(values: FloatArray, steps: FloatArray) -> bool:
    """Whether the first value is what a counter holds before the first step: 0, and then a loss that falls and never comes near."""
    if values.size <= FEWEST or steps[0] != 0.0 or values[0] != 0.0:
        return False
    return bool(values[1:].min() > 0.0 and values[-1] < values[1])


def _in_order(name: str, values: FloatArray, steps: FloatArray, notes: list[str]) -> tuple[FloatArray, FloatArray]:
    rises = np.diff(steps)
    if (rises > NEAREST).all():
        return values, steps
    if (rises < 0).any():
        notes.append(f"{name}: steps go back; values are put in the order of their steps")
        order = np.argsort(steps, kind="stable")
        values, steps = values[order], steps[order]
    last = np.append(np.diff(steps) > NEAREST, True)
    if not last.all():
        again = int((~last).sum())
        steps_are = "1 step is" if again == 1 else f"{again} steps are"
        notes.append(f"{name}: {steps_are} logged more than once; the last value of each counts")
    return values[last], steps[last]


def totals(curves: Iterable[Curve]) -> Curve | None:
    """The sum of component losses logged at the same steps: what an optimiser saw when no total is logged."""
    parts = list(curves)
    if len(parts) <= 1 or any(not np.array_equal(p.steps, parts[0].steps) for p in parts[1:]):
        return None
    split = parts[0].role.removesuffix("_loss")
    shown = [understand(p.name).qualifier or p.name for p in parts[:NAMED]]
    named = " + ".join(shown) + (f" + {len(parts) - NAMED} more" if len(parts) > NAMED else "")
    summed = np.sum([p.values for p in parts], axis=0)
    return replace(parts[0], name=f"{split} loss ({named})", values=summed, steps=parts[0].steps.copy())
