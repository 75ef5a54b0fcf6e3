"""Series as they were written → a Run: names understood, roles given, steps in order.

This is the one way in, for a JSON request and for every reader alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from diagnosis.errors import ContradictoryRoles, InvalidRun, NoCurve
from diagnosis.names import Meaning, role_of, understand
from diagnosis.run import ROLES, Axis, Context, Curve, Direction, FloatArray, Role, Run, Source

NAMED = 6  # parts of a sum that are named
LOSS_ROLES = ("train_loss", "val_loss")


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
    """What a reader returns for one run."""

    series: tuple[Series, ...]
    format: str
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    name: str | None = None


def assemble(log: Log, context: Context | None = None, roles: Mapping[str, Role] | None = None) -> Run:
    """Understand the names, put every series in order, and return the Run.

    Raises NoCurve where nothing is left, InvalidRun and ContradictoryRoles for roles that cannot be meant.
    """
    roles = roles or {}
    _check_roles(roles, [s.name for s in log.series])
    meanings = {s.name: s.meaning or understand(s.name) for s in log.series}
    notes, ignored = list(log.notes), list(log.ignored)
    taken = _roles(meanings, roles, notes)
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
        detail = (
            f"No curve was found: the {log.format} input holds {listed}. Expected at least one series of numbers "
            'such as "loss" or "val_loss".'
        )
        raise NoCurve(detail)
    lengths = {len(s.values) for s in log.series if s.steps is None and s.name in taken}
    if len(lengths) > 1:
        notes.append(f"lists of unequal length ({min(lengths)} to {max(lengths)}) are taken to start together")
    mapping = {c.name: c.role for c in curves}
    source = Source(log.format, mapping, tuple(ignored), tuple(dict.fromkeys(notes)))
    return Run(tuple(curves), context or Context(), source, log.name)


def _check_roles(roles: Mapping[str, Role], names: Sequence[str]) -> None:
    said: dict[str, str] = {}
    for name, role in roles.items():
        if role not in ROLES:
            detail = f"roles: {name!r} is given the role {role!r}; expected one of {', '.join(ROLES)}."
            raise InvalidRun(detail, f"/roles/{_escape(name)}")
        if name not in names:
            known = ", ".join(repr(n) for n in names[:12])
            detail = f"roles: there is no series {name!r}; the history has {known or 'none'}."
            raise InvalidRun(detail, f"/roles/{_escape(name)}")
        if role in LOSS_ROLES and role in said:
            detail = f"roles: {said[role]!r} and {name!r} are both said to be {role}; one curve can be. Leave one out."
            raise ContradictoryRoles(detail, f"/roles/{_escape(name)}")
        said[role] = name


def _escape(name: str) -> str:
    """A key inside a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _roles(meanings: Mapping[str, Meaning], said: Mapping[str, Role], notes: list[str]) -> dict[str, Role]:
    """Give every series but clocks a role; what the caller says wins."""
    validated = {(m.kind, m.metric, m.qualifier) for m in meanings.values() if m.split == "val"}
    taken: dict[str, Role] = {}
    for name, meaning in meanings.items():
        if name in said:
            taken[name] = said[name]
        elif meaning.kind != "clock":
            has_validation = any(kind == meaning.kind for kind, *_ in validated)
            taken[name] = role_of(meaning, has_validation=has_validation)
            if meaning.split == "test" and taken[name].startswith("val_"):
                notes.append(f"{name}: no validation series is logged, so the test series is judged in its place")
    for role in said.values():
        if role in LOSS_ROLES:  # the caller's loss is the loss: others of that role step back
            taken.update({other: "other" for other, r in taken.items() if r == role and other not in said})
    return taken


def _curve(series: Series, meaning: Meaning, role: Role, notes: list[str]) -> Curve:
    """Drop what was not logged, sort by step, keep the last of a step logged twice."""
    values = np.array(series.values, dtype=np.float64)
    steps = (
        np.arange(values.size, dtype=np.float64) if series.steps is None else np.array(series.steps, dtype=np.float64)
    )
    if series.missing is not None and series.missing.any():
        keep = ~series.missing
        values, steps = values[keep], steps[keep]
    if series.steps is not None and steps.size > 1:
        values, steps = _in_order(series.name, values, steps, notes)
    axis: Axis = series.axis or ("step" if meaning.view == "step" else "epoch")
    direction: Direction = series.direction or meaning.direction
    metric = meaning.metric if role.endswith("_metric") else role.removeprefix("train_").removeprefix("val_")
    if meaning.qualifier and role.endswith("_metric"):
        metric = f"{meaning.metric}_{meaning.qualifier}"
    return Curve(series.name, role, metric or series.name, values, steps, axis, direction)


def _in_order(name: str, values: FloatArray, steps: FloatArray, notes: list[str]) -> tuple[FloatArray, FloatArray]:
    rises = np.diff(steps)
    if (rises > 0).all():
        return values, steps
    if (rises < 0).any():
        notes.append(f"{name}: steps go back; values are put in the order of their steps")
        order = np.argsort(steps, kind="stable")
        values, steps = values[order], steps[order]
    last = np.append(np.diff(steps) > 0, True)
    if not last.all():
        notes.append(f"{name}: {int((~last).sum())} steps are logged more than once; the last value of each counts")
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
