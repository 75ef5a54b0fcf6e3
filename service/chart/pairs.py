"""Which curves are drawn, and which of them belong together: training and validation of one metric are a pair."""

from __future__ import annotations

from dataclasses import dataclass

from diagnosis.features import Features
from diagnosis.report import Judged
from diagnosis.run import Curve

SPLITS = {"train_loss": "train", "train_metric": "train", "val_loss": "val", "val_metric": "val"}
LOSSES = ("train_loss", "val_loss")
FOUND = ("recall", "specificity")  # of the positive class, and of the negative one
BESIDE = ("precision", "f1")


@dataclass(frozen=True, eq=False)
class Pair:
    """Curves of one metric, training first; one of them may be missing."""

    metric: str
    curves: tuple[Curve, ...]


def pairs_of(features: Features, findings: tuple[Judged, ...]) -> tuple[Pair, ...]:
    """Every pair there is, that which matters most first: the judged loss, what findings name, the judged metric.

    What is neither loss nor metric (gradient norm, learning rate …) is there where a finding names it, or where there is
    nothing else.
    """
    curves = {curve.name: curve for curve in features.run.curves if len(curve)}
    curves = {**{m.name: m.curve for m in features.curves}, **curves}
    losses = [m.name for m in (features.train_loss, features.val_loss) if m]
    chief = losses + [m.name for m in (features.train_metric, features.val_metric) if m]
    named = [name for judged in findings for name in _told(judged, features)]
    grouped: dict[tuple[bool, str], list[Curve]] = {}
    alone: list[Curve] = []
    for curve in curves.values():
        if curve.role in SPLITS:
            grouped.setdefault((curve.role in LOSSES, curve.metric), []).append(curve)
        elif curve.name in named:
            alone.append(curve)
    if not grouped and not alone:
        alone = list(curves.values())
    pairs = [Pair(metric, _both(group, chief)) for (_, metric), group in grouped.items()]
    pairs += [Pair(curve.name, (curve,)) for curve in alone]

    def matters(pair: Pair) -> tuple[int, int]:
        names = [curve.name for curve in pair.curves]
        if set(names) & set(losses) or (not chief and pair.curves[0].role in LOSSES):
            return 0, 0
        told = [named.index(name) for name in names if name in named]
        if told:
            return 1, min(told)
        return (2 if set(names) & set(chief) else 3 if pair.curves[0].role in LOSSES else 4), 0

    return tuple(sorted(pairs, key=matters))


def _told(judged: Judged, features: Features) -> tuple[str, ...]:
    """What a finding names; of counts what was derived from them: how much of the worse class is found, then the rest."""
    confusion, series = features.confusion, judged.finding.series
    if confusion is None or not confusion.derived or set(series) != set(confusion.series):
        return series
    derived = {curve.metric: curve for curve in confusion.derived}
    found = sorted((derived[kind] for kind in FOUND if kind in derived), key=lambda curve: float(curve.values[-1]))
    return tuple(curve.name for curve in (*found[:1], *(derived[kind] for kind in BESIDE if kind in derived)))


def _both(group: list[Curve], chief: list[str]) -> tuple[Curve, ...]:
    """One curve of each split: the one that is judged, else the first."""
    found = []
    for split in ("train", "val"):
        of_split = [curve for curve in group if SPLITS[curve.role] == split]
        found += sorted(of_split, key=lambda curve: curve.name not in chief)[:1]
    return tuple(found)
