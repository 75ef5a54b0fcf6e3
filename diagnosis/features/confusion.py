"""How the classes fare one by one: from counts of right and wrong answers, or from precision, recall and their kin.

Counts (TP, FP, TN, FN) are turned into curves, position by position: `derived/` and the metric's name. What is 0/0 has
no value there. Precision where nothing was called positive is no number; F1 without a single positive neither.
B. W. Matthews, Biochimica et Biophysica Acta 405 (1975) for the MCC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, reduce

import numpy as np

from diagnosis.features.measured import NOT_PERCENT, PERCENT
from diagnosis.features.middle import median
from diagnosis.features.trend import trend
from diagnosis.lazy import lazy
from diagnosis.names import understand, words
from diagnosis.run import LARGEST, Curve, FloatArray, Role, Run

DERIVED = "derived/"  # before the name of a curve that was not logged
LATE, LATE_MIN = 0.25, 3  # share of the run, and points, over which a class is looked at
COUNTS: tuple[Role, ...] = ("tp", "fp", "tn", "fn")
SIDES: tuple[tuple[Role, tuple[str, ...]], ...] = (
    ("val_metric", ("val", "", "test")),
    ("train_metric", ("train", "")),
)
KINDS = ("balanced_accuracy", "f1", "mcc", "precision", "recall", "specificity", "accuracy")
GIVEN = {*KINDS, "kappa", "auc", "average_precision"}
# Averages over examples: accuracy in other words. They say nothing of a rare class.
BLIND = {"accuracy", "auc", "average_precision", "precision", "micro"}  # fine with a class left out
EASY = {"weighted", "micro", "samples"}
NUMBERED = {"class", "minority", "rare"}
PLAIN = {"macro", "binary", "score", "positive", "pos", "minority", "rare", "avg", "mean", "class"}


@dataclass(frozen=True)
class Late:
    """One curve on its 0–1 scale over the last quarter: its median, or that of the last three where higher, and its most; `ever` is that of the whole run."""

    curve: Curve
    scale: float
    median: float
    most: float
    ever: float

    def climbs_to(self, level: float) -> bool:
        """Whether it really rises over the second half, and at that rate passes a level within another run."""
        half = self.curve.finite.values.size // 2
        steps, values = self.curve.finite.steps[half:], self.curve.finite.values[half:]
        if values.size <= LATE_MIN:
            return False
        late, run = trend(steps, values), float(steps[-1] - self.curve.finite.steps[0])
        return late.rising and self.median + late.slope * run / self.scale > level

    def below(self, bound: float) -> int:
        """Index from which it stays at or below a bound to its end."""
        above = np.flatnonzero(self.curve.values > bound * self.scale)
        return int(above[-1]) + 1 if above.size else 0


@dataclass(frozen=True, eq=False)
class Confusion:
    """Curves of one split by what they measure, those `derived` from counts included; `counts` (n, 4) is TP, FP, TN, FN."""

    curves: Mapping[str, Curve]
    series: tuple[str, ...]
    derived: tuple[Curve, ...] = ()
    counts: FloatArray | None = None

    def late(self, kind: str) -> Late | None:
        """Where a curve stands at the end; None where it was not logged, or has no value there."""
        curve = self.curves.get(kind)
        if curve is None:
            return None
        tail = curve.values[-max(LATE_MIN, int(curve.values.size * LATE)) :]
        tail = tail[np.abs(tail) < LARGEST]
        if not tail.size:
            return None
        scale = PERCENT if curve.finite.values.max() > NOT_PERCENT else 1.0
        middle = max(median(tail), median(tail[-LATE_MIN:]))
        ever = float(curve.finite.values.max()) / scale
        return Late(curve, scale, middle / scale, float(tail.max()) / scale, ever)

    @lazy
    def shares(self) -> tuple[float, float] | None:
        """Of all examples, the share of the negative and of the positive class, from the counts at the end."""
        if self.counts is None:
            return None
        negative, positive = self.examples
        return negative / (negative + positive), positive / (negative + positive)

    @property
    def examples(self) -> tuple[float, float]:
        """How many examples of the negative and of the positive class were counted last."""
        tp, fp, tn, fn = (float(count) for count in self.counts[-1]) if self.counts is not None else (0.0,) * 4
        return fp + tn, tp + fn


def measure_confusion(run: Run) -> Confusion | None:
    """The classes in validation, else in training; None where neither counts nor metrics of single classes are logged."""
    counted = run.having(*COUNTS)
    kinds = [(kind, _upright(curve)) for curve in run.having("train_metric", "val_metric") if (kind := kind_of(curve))]
    if not counted and not {kind for kind, _ in kinds} - BLIND:
        return None
    validated = any(curve.role.startswith("val_") for curve in run.curves)
    tables = _tables(counted) if counted else {}
    for role, sides in SIDES:
        here = [(kind, curve) for kind, curve in kinds if curve.role == role]
        given = {kind: _one([curve for other, curve in here if other == kind]) for kind, _ in here}
        side = next((side for side in sides if side in tables), None)
        if side is not None and (side or validated == (role == "val_metric")):
            logged, counts = tables[side]
            taken = {curve.name for curve in run.curves}
            derived = tuple(c for c in _derived(logged, counts, side, role) if c.name not in taken)
            series = tuple(curve.name for curve in logged)
            return Confusion({**given, **{c.metric: c for c in derived}}, series, derived, counts)
        if given.keys() - BLIND:
            return Confusion(given, tuple(curve.name for curve in given.values()))
    return None


def _upright(curve: Curve) -> Curve:
    """A share as a share, where its negative was logged."""
    return curve if curve.direction == "max" else replace(curve, values=-curve.values, direction="max")


def kind_of(curve: Curve) -> str:
    """What a logged metric measures, where it is one of all classes or of the rare one; `micro` where of all examples."""
    return _kind(curve.name) if understand(curve.name).metric in GIVEN else ""


@lru_cache(maxsize=1024)
def _kind(name: str) -> str:
    meaning, said = understand(name), set(words(name))
    if EASY & said:
        return "micro"
    left = [word for word in meaning.qualifier.split("_") if word]
    plain = all(word in PLAIN or word.isdigit() for word in left)
    if not plain:
        return ""
    return f"macro_{meaning.metric}" if "macro" in said else meaning.metric


def _one(same: list[Curve]) -> Curve:
    """Of several curves of a kind the unnumbered one, else the one that ends lowest: the class that is looked for."""
    plain = [curve for curve in same if not NUMBERED & set(words(curve.name)) and not curve.name[-1].isdigit()]
    return plain[0] if plain else min(same, key=lambda curve: float(np.nan_to_num(curve.values[-1])))


def _tables(counted: Iterable[Curve]) -> dict[str, tuple[tuple[Curve, ...], FloatArray]]:
    """The four counts of each split at the positions they share (n, 4); nothing where one is missing."""
    by_side: dict[str, dict[Role, Curve]] = {}
    for curve in counted:
        by_side.setdefault(understand(curve.name).split or "", {}).setdefault(curve.role, curve)
    tables = {}
    for side, four in by_side.items():
        if set(four) != set(COUNTS):
            continue
        logged = tuple(four[role] for role in COUNTS)
        shared = reduce(np.intersect1d, [c.steps for c in logged])
        counts = np.stack([c.values[np.searchsorted(c.steps, shared)] for c in logged], axis=1)
        sound = (counts >= 0).all(axis=1) & (counts < LARGEST).all(axis=1) & (counts.sum(axis=1) > 0)
        if sound.any() and not _averaged(counts[sound]):
            tables[side] = tuple(_at(c, shared[sound]) for c in logged), counts[sound]
    return tables


def _at(curve: Curve, steps: FloatArray) -> Curve:
    kept = np.isin(curve.steps, steps)
    return Curve(curve.name, curve.role, curve.metric, curve.values[kept], curve.steps[kept], curve.axis)


def _averaged(counts: FloatArray) -> bool:
    """Whether the counts are summed over classes, one against the rest: each wrong answer is then an FP and an FN."""
    _, fp, _, fn = counts.T
    return bool((fp == fn).all() and np.unique(fp).size > LATE_MIN)


def _derived(logged: tuple[Curve, ...], counts: FloatArray, side: str, role: Role) -> tuple[Curve, ...]:
    """The metrics of a table of counts (n, 4) as curves; a position without a value is left out."""
    tp, fp, tn, fn = counts.T
    with np.errstate(all="ignore"):
        precision, recall, specificity = tp / (tp + fp), tp / (tp + fn), tn / (tn + fp)
        values = (
            0.5 * (recall + specificity),
            2 * tp / (2 * tp + fp + fn),
            (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
            precision,
            recall,
            specificity,
            (tp + tn) / counts.sum(axis=1),
        )
    first = logged[0]
    prefix = DERIVED + (f"{side}_" if side else "")
    curves = []
    for kind, series in zip(KINDS, values, strict=True):
        defined = np.isfinite(series)
        if defined.any():
            steps = first.steps[defined]
            curves.append(Curve(prefix + kind, role, kind, series[defined].copy(), steps, first.axis, "max"))
    return tuple(curves)
