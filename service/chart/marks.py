"""A finding → where it is drawn: in which panel, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnosis.features import Features
from diagnosis.marks import Mark as Pointed
from diagnosis.marks import changes_of, mark_of
from diagnosis.report import Judged
from diagnosis.run import Curve, Position, spoken
from service.chart.ruler import Ruler
from service.chart.shapes import Drop, Lane, Mark

BESIDE = frozenset(("overfitting", "generalization_gap", "validation_better_than_training"))


def lanes_of(findings: Sequence[Judged], ruler: Ruler, most: int) -> tuple[Lane, ...]:
    """Each finding by name with the stretch it is about; the last line counts those that have no place."""
    shown = findings if len(findings) <= most else findings[: most - 1]
    lanes = []
    for judged in shown:
        since, until = judged.finding.since, judged.finding.until
        start, end = (ruler.place(at) if at else None for at in (since, until))
        lanes.append(Lane(judged.condition, _when(since, until), judged.severity, start, end))
    others = len(findings) - len(shown)
    if others:
        lanes.append(Lane(f"and {others} more", "", "info", None, None))
    return tuple(lanes)


def _when(since: Position | None, until: Position | None) -> str:
    """A stretch in words: `since epoch 13`, `at epoch 40`, `epoch 0 to 20`."""
    if since is None:
        return ""
    if until is None:
        return f"since {since}"
    return f"at {since}" if since == until else f"{since} to {spoken(until.at)}"


def marks_of(
    judged: Judged, features: Features, curves: Sequence[Curve], ruler: Ruler, end: float, *, first: bool
) -> tuple[Mark, ...]:
    """What one finding draws over these curves, of one panel; `end` is where the picture ends."""
    finding, names = judged.finding, frozenset(curve.name for curve in curves)
    if finding.since is None:
        return ()
    until = ruler.place(finding.until) if finding.until else end
    plain = Mark("interval" if finding.until else "since", judged.severity, first, ruler.place(finding.since), until)
    sets_in = finding.until is not None or _sets_in(judged, features)
    if not names & set(finding.series):
        return (plain,) if first and sets_in else ()
    if judged.condition == "non_finite":
        return (replace(plain, kind="broken"),)
    found = mark_of(judged, features, names)
    if found is not None:
        return (_drawn(plain, found, ruler),)
    both = judged.condition in BESIDE and len([curve for curve in curves if curve.sound.any()]) > 1
    between = (replace(plain, kind="gap"),) if both else ()
    return (plain, *between) if sets_in else between


def _drawn(plain: Mark, found: Pointed, ruler: Ruler) -> Mark:
    """What a finding points at, where it is drawn."""
    curve = found.measured.curve
    if found.kind == "level":
        return replace(plain, kind="rest", level=found.level)
    return replace(plain, kind=found.kind, at=ruler.places(curve)[found.at], y=curve.values[found.at])


def _sets_in(judged: Judged, features: Features) -> bool:
    """Whether it begins within the run, and not with it."""
    since = judged.finding.since
    first = [m.curve.steps[0] for m in features.curves if since is not None and m.curve.axis == since.axis]
    return since is not None and (not first or since.at > min(first))


def drops_of(features: Features, ruler: Ruler) -> tuple[Drop, ...]:
    """Where the learning rate went down, or back up, at once."""
    return tuple(Drop(ruler.place(change.at), change.factor) for change in changes_of(features))
