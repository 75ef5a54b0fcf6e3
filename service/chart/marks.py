"""A finding → where it is drawn: in which panel, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.period import epoch_length, measure_period
from diagnosis.features.rate import rate_at, restarted
from diagnosis.report import Judged
from diagnosis.run import Curve, Position
from service.chart.ruler import Ruler
from service.chart.shapes import Drop, Lane, Mark

BESIDE = frozenset(("overfitting", "generalization_gap", "validation_better_than_training"))
CYCLES = 60  # of a period that are marked; more are closer together than the eye can tell
DROPS = 12  # changes of the rate that are marked, the strongest


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
    return f"at {since}" if since == until else f"{since} to {until.at}"


def marks_of(
    judged: Judged, features: Features, curves: Sequence[Curve], ruler: Ruler, end: float, *, first: bool
) -> tuple[Mark, ...]:
    """What one finding draws over these curves, of one panel; `end` is where the picture ends."""
    finding, names = judged.finding, {curve.name for curve in curves}
    if finding.since is None:
        return ()
    until = ruler.place(finding.until) if finding.until else end
    plain = Mark("interval" if finding.until else "since", judged.severity, first, ruler.place(finding.since), until)
    sets_in = finding.until is not None or _sets_in(judged, features)
    if not names & set(finding.series):
        return (plain,) if first and sets_in else ()
    if judged.condition == "non_finite":
        return (replace(plain, kind="broken"),)
    named = next((m for m in features.curves if m.name in names and m.name in finding.series), None)
    special = SPECIAL.get(judged.condition)
    if special is not None and named is not None:
        return special(plain, named, features, ruler)
    both = judged.condition in BESIDE and len([curve for curve in curves if curve.sound.any()]) > 1
    between = (replace(plain, kind="gap"),) if both else ()
    return (plain, *between) if sets_in else between


def _sets_in(judged: Judged, features: Features) -> bool:
    """Whether it begins within the run, and not with it."""
    since = judged.finding.since
    first = [m.curve.steps[0] for m in features.curves if since is not None and m.curve.axis == since.axis]
    return since is not None and (not first or since.at > min(first))


def _rest(mark: Mark, measured: Measured, features: Features, ruler: Ruler) -> tuple[Mark, ...]:  # noqa: ARG001 - one signature for all
    return (replace(mark, kind="rest", level=measured.sign * measured.end),)


def _spikes(mark: Mark, measured: Measured, features: Features, ruler: Ruler) -> tuple[Mark, ...]:
    """The jumps that are counted: not those of a rate that was put back up."""
    rates = rate_at(features.learning_rate, measured.curve)
    found = [spike.index for spike in measured.spikes if not restarted(rates, spike.index)]
    return (replace(mark, kind="spikes", at=ruler.places(measured.curve)[found], y=measured.curve.values[found]),)


def _periods(mark: Mark, measured: Measured, features: Features, ruler: Ruler) -> tuple[Mark, ...]:
    """Where each cycle begins, from the last that was seen whole backwards."""
    curve = measured.curve
    found = measure_period(curve.steps, measured.sign * curve.values, epoch_length(curve, features.run))
    if found is None or found.points < 1.0:
        return ()
    index = np.arange(min(found.origin, len(curve) - 1), 0.0, -found.points)[:CYCLES].astype(np.intp)
    return (replace(mark, kind="periods", at=ruler.places(curve)[index[::-1]]),)


# How the findings are drawn that are more than a stretch of the run.
SPECIAL: Mapping[str, Callable[[Mark, Measured, Features, Ruler], tuple[Mark, ...]]] = {
    "plateau": _rest,
    "loss_spike": _spikes,
    "periodic_pattern": _periods,
}


def drops_of(features: Features, ruler: Ruler) -> tuple[Drop, ...]:
    """Where the learning rate went down, or back up, at once."""
    schedule = features.schedule
    if schedule is None:
        return ()
    changes = sorted((*schedule.drops, *schedule.restarts), key=lambda change: abs(np.log(change.factor)))
    return tuple(Drop(ruler.place(change.at), change.factor) for change in changes[-DROPS:])
