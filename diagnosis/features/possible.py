"""What cannot be: an accuracy of 1.7, fewer than no examples, counts of ever another set. It is not judged, and that is said.

A share is written from 0 to 1 or in percent, and one that is minimised as its negative. Percent that stay below what any
answer would score are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from diagnosis.features.confusion import COUNTS
from diagnosis.features.language import PERPLEXITY
from diagnosis.features.measured import NOT_PERCENT, PERCENT
from diagnosis.metrics import METRICS
from diagnosis.names import understand, words
from diagnosis.run import Curve, Run

SHARES = frozenset(metric.name for metric in METRICS.values() if metric.perfect == 1.0 and metric.chance != 0.0)
ANSWERS = frozenset(("accuracy", "balanced_accuracy", "auc"))  # guessing alone scores some of these
FEW_PERCENT, MANY_CLASSES = 2.0, 50  # a best of so few percent is a guess among so many classes, or it is no percent
CODEBOOK = {"vq", "codebook", "commit", "commitment"}  # in the names of losses that only such models log
ROUNDED = 1e-6  # of the whole; more is no rounding
QUARTERS, TWICE = (
    (0.25, 0.75),
    2.0,
)  # of the places: counts so many times as large in one as in another are of no one set


def possible(run: Run, notes: list[str]) -> Run:
    """The run without the metrics and counts that cannot be what they are called."""
    why = {curve.name: reason for curve in run.curves if (reason := _impossible(curve, run.context.num_classes))}
    why |= {name: reason for name, reason in _of_other_sets(run.having(*COUNTS)).items() if name not in why}
    perplexities = [curve.name for curve in run.curves if curve.metric == PERPLEXITY]
    if perplexities and run.context.task != "language_model" and any(map(_of_codebook, run.curves)):
        why |= dict.fromkeys(perplexities, "beside a codebook's loss it tells how many entries are in use, and no more")
    if not why:
        return run
    for reason in dict.fromkeys(why.values()):
        named = ", ".join(name for name, said in why.items() if said == reason)
        notes.append(f"{named}: not judged, because {reason}")
    return replace(run, curves=tuple(curve for curve in run.curves if curve.name not in why))


def _of_codebook(curve: Curve) -> bool:
    said = set(words(curve.name))
    return "loss" in said and bool(CODEBOOK & said)


def _impossible(curve: Curve, classes: int | None) -> str | None:
    """Why the values of a curve cannot be; None where they can."""
    counts, values = curve.role in COUNTS, curve.finite.values
    share = curve.metric in SHARES and curve.role.endswith("_metric")
    if not (counts or share) or not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if counts:
        return f"{low:.4g} examples cannot be counted" if low < 0.0 else None
    if curve.direction == "min":
        low, high = -high, -low
    if low < -ROUNDED:
        return f"a share of {low:.4g} cannot be"
    if high > PERCENT * (1.0 + ROUNDED):
        return f"{high:.4g} is neither a share from 0 to 1 nor percent"
    guessed = curve.metric in ANSWERS and (classes is None or classes < MANY_CLASSES)
    if guessed and NOT_PERCENT < high <= FEW_PERCENT:
        return f"{high:.4g} is no share from 0 to 1, and as percent less than guessing"
    return None


def _of_other_sets(counted: Iterable[Curve]) -> dict[str, str]:
    """The counts of a split that often add up to quite another number of examples, and why they tell nothing."""
    by_split: dict[str | None, dict[str, Curve]] = {}
    for curve in counted:
        by_split.setdefault(understand(curve.name).split, {}).setdefault(curve.role, curve)
    found: dict[str, str] = {}
    for four in by_split.values():
        curves = list(four.values())
        if len(curves) < len(COUNTS) or any(not np.array_equal(c.steps, curves[0].steps) for c in curves):
            continue
        totals = np.sum([curve.values for curve in curves], axis=0)
        totals = totals[np.isfinite(totals) & (totals > 0.0)]
        low, high = np.quantile(totals, QUARTERS) if totals.size else (0.0, 0.0)
        if high > TWICE * low:
            reason = f"they add up to {totals.min():.4g} examples in one place and to {totals.max():.4g} in another"
            found |= dict.fromkeys((curve.name for curve in curves), reason)
    return found
