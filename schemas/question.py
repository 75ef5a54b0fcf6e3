"""A question, whatever it came as → the runs to judge.

Canonical JSON and the logs of any reader meet here: names are understood, context and roles applied, by one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from diagnosis.errors import DiagnosisError, InvalidRun, NoCurve
from diagnosis.reading.assemble import Log, assemble
from diagnosis.roles import SHOWN
from diagnosis.run import Role, Run
from schemas.context import ContextIn
from schemas.limits import Limits
from schemas.pointer import pointer
from schemas.run import Roles, RunIn, RunsIn
from schemas.wire import refused

ROLES = TypeAdapter(Roles, config={"strict": True})


@dataclass(frozen=True)
class Said:
    """What is said of a run, or beside several for all of them; `notes` tell what of it does not stand."""

    context: ContextIn = field(default_factory=ContextIn)
    roles: Mapping[str, Role] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, context: object = None, roles: object = None) -> Said:
        """Check a parsed `context` and `roles`; None is nothing said."""
        if not (context or roles):
            return NOTHING
        return cls(ContextIn.model_validate(context or {}), ROLES.validate_python(roles or {}))

    def over(self, shared: Said) -> Said:
        """Both together, where what this one says goes first."""
        if shared is NOTHING:
            return self
        own = self.context
        said = {n: getattr(own, n) for n in (*own.model_fields_set, *own.unknown)}
        context = shared.context.model_copy(update={n: fact for n, fact in said.items() if fact is not None})
        return Said(context, {**shared.roles, **self.roles})

    def unlike(self, other: Said) -> list[str]:
        """The names of what the other says, and this one otherwise."""
        own, facts = self.context, vars(other.context).items()
        context = [n for n, v in facts if v is not None and getattr(own, n, None) not in (None, v)]
        roles = [name[:SHOWN] for name, role in other.roles.items() if self.roles.get(name, role) != role]
        return [*(f"context.{name}" for name in context), *(f"roles.{name}" for name in roles)]


NOTHING = Said()  # as most say beside their log


@dataclass(frozen=True, eq=False)
class Asked:
    """One run as it was sent: its log, what is said of it, and its place in our own JSON, where it was that."""

    log: Log
    said: Said = NOTHING
    place: tuple[str | int, ...] | None = None


@dataclass(frozen=True)
class Question:
    """The runs that are asked about, and whether the answer is that of many."""

    runs: tuple[Run, ...]
    many: bool


def is_canonical(document: object) -> bool:
    """Whether a parsed document is this service's own JSON beyond doubt; a look-alike may be some program's log."""
    if not isinstance(document, dict):
        return False
    if "runs" in document:
        runs = document["runs"]
        known = document.keys() <= RunsIn.model_fields.keys() | {"history"}
        return (
            known and isinstance(runs, list) and (not runs or any(isinstance(r, dict) and "history" in r for r in runs))
        )
    return isinstance(document.get("history"), dict) and document.keys() <= RunIn.model_fields.keys()


def read_document(document: dict[str, Any], limits: Limits) -> tuple[tuple[Asked, ...], bool]:
    """The runs in canonical JSON, and whether they were asked about as several."""
    limits.check_document(document)
    if "runs" not in document:
        run = RunIn.model_validate(document)
        return (Asked(run.to_log(run.name), _said(run), ()),), False
    if "history" in document:
        raise refused((("history",), 'Expected either "history", for one run, or "runs", for several; got both.'))
    several = RunsIn.model_validate(document)
    if not several.runs:
        raise NoCurve('There are no runs in "runs": expected at least one object with "history".', "/runs")
    shared = _said(several)
    named = zip(several.names(), several.runs, strict=True)
    asked = tuple(Asked(run.to_log(name), _said(run), ("runs", i)) for i, (name, run) in enumerate(named))
    return share(shared, asked), True


def share(shared: Said, asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Let what is said for all stand where a run says nothing; a role is used where its series is, and must be somewhere."""
    if shared is NOTHING:
        return tuple(asked)
    names = [{series.name for series in one.log.series} for one in asked]
    for name in shared.roles:
        if not any(name in of_run for of_run in names):
            listed = ", ".join(repr(n) for n in sorted(set().union(*names))[:12])
            raise InvalidRun(
                f"roles: there is no series {name[:SHOWN]!r}; there are {listed or 'none'}.",
                pointer(("roles", name)) if len(name) <= SHOWN else "/roles",
            )
    fitting = [Said(shared.context, {n: r for n, r in shared.roles.items() if n in of_run}) for of_run in names]
    return tuple(replace(one, said=one.said.over(fit)) for one, fit in zip(asked, fitting, strict=True))


def question(asked: Iterable[Asked], *, many: bool) -> Question:
    """Make the runs; an error of one is given its place in the whole document, and of several the name of that one."""
    asked = tuple(asked)
    return Question(tuple(_run(one, several=len(asked) > 1) for one in asked), many)


def _run(asked: Asked, *, several: bool) -> Run:
    log, unknown = asked.log, asked.said.context.unknown
    if unknown:
        notes = (f"context.{name[:80]} means nothing here and was not used" for name in unknown)
        log = replace(log, notes=(*log.notes, *notes))
    context = None if asked.said is NOTHING else asked.said.context.to_context()
    try:
        return assemble(log, context, asked.said.roles)
    except DiagnosisError as error:
        if asked.place is not None:
            error.pointer = pointer(asked.place) + (error.pointer or "/history")
        if several and log.name:
            error.add_note(log.name)
        raise


def _said(run: RunIn | RunsIn) -> Said:
    return Said(run.context or ContextIn(), run.roles or {}) if run.context or run.roles else NOTHING
