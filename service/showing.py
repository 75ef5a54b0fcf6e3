"""Which curves of a run are worth showing where not all have a place: those that were found something in, and those judged."""

from __future__ import annotations

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.report import Judged, Report
from diagnosis.run import Curve
from schemas.curves import JUDGED

FOUND = ("recall", "specificity")  # of the positive class, and of the negative one
BESIDE = ("precision", "f1")


def named_by(judged: Judged, features: Features) -> tuple[str, ...]:
    """What a finding names; of counts what was derived from them: how much of the worse class is found, then the rest."""
    confusion, series = features.confusion, judged.finding.series
    if confusion is None or not confusion.derived or set(series) != set(confusion.series):
        return series
    derived = {curve.metric: curve for curve in confusion.derived}
    found = sorted((derived[kind] for kind in FOUND if kind in derived), key=lambda curve: float(curve.values[-1]))
    return tuple(curve.name for curve in (*found[:1], *(derived[kind] for kind in BESIDE if kind in derived)))


def chief_of(features: Features) -> tuple[Measured, ...]:
    """What stands for the run: its losses, then its metrics; one that stands in for a loss is there twice."""
    chief = (features.train_loss, features.val_loss, features.train_metric, features.val_metric)
    return tuple(m for m in chief if m)


def curves_of(features: Features) -> dict[str, Curve]:
    """Every curve that has a value, by name, what was derived from counts as well; NaN where a logger hid it."""
    logged = {curve.name: curve for curve in features.run.curves if len(curve)}
    return {**{m.name: m.curve for m in features.curves}, **logged, **features.unmasked}


def worth_showing(report: Report, most: int) -> list[Curve]:
    """At most so many curves: what findings name, then those that stand for the run, then other losses and metrics. Losses first."""
    features = report.features
    curves = curves_of(features)
    named = [name for judged in report.findings for name in named_by(judged, features)]
    others = sorted((c for c in curves.values() if c.role in JUDGED), key=lambda c: JUDGED.index(c.role))
    names = dict.fromkeys((*named, *(m.name for m in chief_of(features)), *(curve.name for curve in others)))
    chosen = [curves[name] for name in names if name in curves][:most]
    return sorted(chosen, key=lambda c: JUDGED.index(c.role) if c.role in JUDGED else len(JUDGED))
