"""Which series plays which part: what the caller says, else what the name tells; contradictions are refused.

A series whose name does not tell which way is better is set aside and noted, unless the caller says the way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from diagnosis.errors import ContradictoryRoles, InvalidRun
from diagnosis.listed import listed
from diagnosis.names import Meaning, role_of, words
from diagnosis.run import ROLES, Direction, FloatArray, Role

NAMED = 6  # series that are named in one note
LOSS_ROLES = ("train_loss", "val_loss")
# One curve each; what is no loss may be logged once more for the other split.
SINGLE = (*LOSS_ROLES, "learning_rate", "grad_norm", "tp", "fp", "tn", "fn")
WAYS: dict[str, Direction] = {"tp": "max", "tn": "max", "fp": "min", "fn": "min"}
SHOWN = 200  # characters of a name that is not known
BETTER = {"min": "lower", "max": "higher"}


def check_roles(
    said: Mapping[str, Role], meanings: Mapping[str, Meaning], ways: Mapping[str, Direction | None]
) -> None:
    """Refuse roles that cannot be meant: unknown ones, of no series, two series in one place, against a direction."""
    placed: dict[tuple[str, str], str] = {}
    for name, role in said.items():
        key = name.replace("~", "~0").replace("/", "~1")  # in a JSON pointer (RFC 6901)
        place = f"/roles/{key}" if len(name) <= SHOWN else "/roles"
        if role not in ROLES:
            detail = f"roles: {name[:SHOWN]!r} is given the role {role!r}; expected one of {', '.join(ROLES)}."
            raise InvalidRun(detail, place)
        if name not in meanings:
            known = ", ".join(repr(n) for n in list(meanings)[:12])
            raise InvalidRun(f"roles: there is no series {name[:SHOWN]!r}; the history has {known or 'none'}.", place)
        first = placed.setdefault((role, _side(meanings[name], role)), name)
        if role in SINGLE and first != name:
            detail = f"roles: {first!r} and {name!r} are both said to be {role}; one curve can be. Leave one out."
            raise ContradictoryRoles(detail, place)
        way = ways[name]
        if way and way != WAYS.get(role, way):
            better, right = BETTER[way], BETTER[WAYS[role]]
            detail = f"roles: {name!r} is said to be {role}, of which {right} is better, and {better} to be better. Leave one out."
            raise ContradictoryRoles(detail, place)


def beyond(
    said: Mapping[str, Role], meanings: Mapping[str, Meaning], ways: Mapping[str, Direction | None]
) -> dict[str, Role]:
    """What the caller says beyond what names say: where all that share a place are said to have it, as an answer's mapping has them, nothing is new."""
    shared = {
        place: names for place, names in _places(give_roles(meanings, {}, ways, []), meanings).items() if len(names) > 1
    }
    asked = _places({name: role for name, role in said.items() if name in meanings}, meanings)
    echoed = {name for place, names in shared.items() if names == asked.get(place) for name in names}
    return {name: role for name, role in said.items() if name not in echoed}


def _places(roles: Mapping[str, Role], meanings: Mapping[str, Meaning]) -> dict[tuple[Role, str], set[str]]:
    """The series in each place that one curve can have."""
    places: dict[tuple[Role, str], set[str]] = {}
    for name, role in roles.items():
        if role in SINGLE:
            places.setdefault((role, _side(meanings[name], role)), set()).add(name)
    return places


def _side(meaning: Meaning, role: str) -> str:
    """Where a second series of the same role would contradict; a loss has its split in the role."""
    return "" if role in LOSS_ROLES else meaning.split or ""


def directed(name: str, meaning: Meaning, way: Direction | None) -> Meaning:
    """What a name says, with a direction that is said: with it, any number is a metric. A running best is none."""
    if way is None:
        best = meaning.kind in {"loss", "metric"} and words(name)[0] == "best"
        return replace(meaning, kind="other") if best else meaning
    return replace(meaning, kind="metric" if meaning.kind == "other" else meaning.kind, direction=way)


def give_roles(
    meanings: Mapping[str, Meaning], said: Mapping[str, Role], ways: Mapping[str, Direction | None], notes: list[str]
) -> dict[str, Role]:
    """Give every series but clocks a role; what the caller says wins."""
    validated = {m.kind for m in meanings.values() if m.split == "val"}
    taken: dict[str, Role] = {}
    for name, meaning in meanings.items():
        if name in said:
            taken[name] = said[name]
            if said[name].endswith("_metric") and ways[name] is None and meaning.kind in {"other", "clock"}:
                taken[name] = "other"
                notes.append(
                    f"{name}: not judged as {said[name]}, because its name does not tell which way is better; {ASK}"
                )
        elif meaning.kind != "clock":
            taken[name] = role_of(meaning, has_validation=meaning.kind in validated)
            if meaning.split == "test" and taken[name].startswith("val_"):
                notes.append(f"{name}: no validation series is logged, so the test series is judged in its place")
    places = _places(said, meanings)
    for name, role in taken.items():  # the caller's loss is the loss: others in its place step back
        if name not in said and (role, _side(meanings[name], role)) in places:
            taken[name] = "other"
    return taken


ASK = 'send it as JSON with "direction": "max" or "min"'


def set_aside(
    values: Mapping[str, FloatArray], meanings: Mapping[str, Meaning], said: Collection[str]
) -> tuple[str, ...]:
    """Say which series are not judged, and why: constants, counters, and names that do not tell which way is better."""
    unknown = [name for name, meaning in meanings.items() if meaning.kind == "other" and name not in said]
    several = [name for name in unknown if values[name].size > 1]
    constant = [name for name in several if (values[name] == values[name][0]).all()]
    counting = [name for name in several if name not in constant and _counts(values[name])]
    rest = [name for name in unknown if name not in constant and name not in counting]
    notes = (
        (constant, "constant, so taken for a setting and not judged"),
        (counting, "counting evenly, so taken for a counter and not judged"),
        (rest, f"not judged, because the name does not tell what it is or which way is better; {ASK}, or give it a role"),
    )  # fmt: skip
    return tuple(f"{listed(names, NAMED)}: {says}" for names, says in notes if names)


def _counts(values: FloatArray) -> bool:
    """Whether whole numbers go up by the same each time."""
    if not np.isfinite(values).all():
        return False
    rises = np.diff(values)
    return bool(values.size > 2 and rises[0] > 0 and (rises == rises[0]).all() and not (values % 1.0).any())  # noqa: PLR2004 - two differences, or nothing is even
