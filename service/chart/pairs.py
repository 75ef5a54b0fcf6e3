"""Which curves are drawn, and which of them belong together: training and validation of one metric are a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnosis.features import Features
from diagnosis.report import Judged
from diagnosis.run import Curve
from service.showing import chief_of, curves_of, named_by

SPLITS = {"train_loss": "train", "train_metric": "train", "val_loss": "val", "val_metric": "val"}
LOSSES = ("train_loss", "val_loss")


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
    curves = curves_of(features)
    losses = {(m.curve.role in LOSSES, m.curve.metric) for m in (features.train_loss, features.val_loss) if m}
    chief = [m.name for m in chief_of(features)]
    named = [name for judged in findings for name in named_by(judged, features)]
    grouped: dict[tuple[bool, str], list[Curve]] = {}
    alone: list[Curve] = []
    for curve in curves.values():
        if curve.role in SPLITS:
            grouped.setdefault((curve.role in LOSSES, curve.metric), []).append(curve)
        elif curve.name in named:
            alone.append(curve)
    if not grouped and not alone:
        alone = list(curves.values())
    pairs = [Pair(metric, _both(group, named, chief)) for (_, metric), group in grouped.items()]
    pairs += [Pair(curve.name, (curve,)) for curve in alone]

    def matters(pair: Pair) -> tuple[int, int]:
        names, of_losses = [curve.name for curve in pair.curves], pair.curves[0].role in LOSSES
        if (of_losses, pair.metric) in losses or (not chief and of_losses):
            return 0, 0
        told = [named.index(name) for name in names if name in named]
        if told:
            return 1, min(told)
        return (2 if set(names) & set(chief) else 3 if of_losses else 4), 0

    return tuple(sorted(pairs, key=matters))


def _both(group: list[Curve], named: Sequence[str], chief: Sequence[str]) -> tuple[Curve, ...]:
    """One curve of each split: the one that was found something in first, else the one that is judged, else the first."""

    def matters(curve: Curve) -> tuple[int, bool]:
        return named.index(curve.name) if curve.name in named else len(named), curve.name not in chief

    found = []
    for split in ("train", "val"):
        of_split = [curve for curve in group if SPLITS[curve.role] == split]
        found += sorted(of_split, key=matters)[:1]
    return tuple(found)
