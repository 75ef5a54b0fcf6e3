"""Whose a metric is that tells no split, beside losses that do: validation's, as it is there that answers are counted.

    train_loss, valid_loss, accuracy

So fastai, many scripts and most tables have it. What the values say is heard first: a metric that is logged where validation
is not, a perplexity that is nearer to the exponential of the training loss, and right answers that leave nothing for validation's loss to be
made of are training's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.listed import listed
from diagnosis.names import LEARNT_FOR, Meaning, Split
from diagnosis.run import FloatArray, Role

if TYPE_CHECKING:
    from diagnosis.reading.assemble import Series

NAMED = 3  # series in a note
HELD_OUT: tuple[Split, ...] = ("val", "test")
SIDES: dict[str, Split] = {"train_loss": "train", "val_loss": "val"}
DEAREST = 30.0  # nats for a wrong answer, in the mean: the most confident of overfitted networks stay below
RIGHT = math.log(2.0)  # likewise, for a right one of two classes, and of many hardly ever more
LATE = 4  # the last of so many parts of a run
NEARLY, TWICE = 0.9, 2.0  # of its values, that are logged where validation's are; times as often, that training's are
# What a metric is of a loss in nats.
NATS: dict[str, Callable[[FloatArray], FloatArray]] = {"perplexity": np.log, "bits": lambda bits: bits * math.log(2.0)}


def held_out(
    series: Sequence[Series], meanings: Mapping[str, Meaning], said: Mapping[str, Role], notes: list[str]
) -> dict[str, Meaning]:
    """The meanings, with metrics that tell no split taken for those of the held-out loss; it is noted.

    The caller's word is stronger, a metric that says that it is validation's keeps the others what they are, and a reward is
    training's.
    """
    values = {s.name: s for s in series}
    sides = {name: SIDES.get(role) for name, role in said.items() if name in values}
    sides |= {name: m.split for name, m in meanings.items() if m.kind == "loss" and name not in said}
    losses = {side for name, side in sides.items() if side or name not in said}
    split = next((s for s in HELD_OUT if losses == {"train", s}), None)
    metrics = {name: m for name, m in meanings.items() if m.kind == "metric" and name not in said}
    told = {m.split for m in metrics.values()} - {None, "train"}
    if split is None or told or any(m.metric in LEARNT_FOR for m in metrics.values()):
        return dict(meanings)
    ours = [values[name] for name, side in sides.items() if side == "train"]
    theirs = [values[name] for name, side in sides.items() if side == split]
    untold = sorted(
        name for name, m in metrics.items() if m.split is None and not _is_trained(values[name], m, ours, theirs)
    )
    if not untold:
        return dict(meanings)
    whose = "validation's" if split == "val" else "the test set's"
    notes.append(
        f"{listed(untold, NAMED)}: taken for {whose}, as both losses tell their splits and this does not (say otherwise with roles)"
    )
    return {name: replace(m, split=split) if name in untold else m for name, m in meanings.items()}


def _is_trained(metric: Series, meaning: Meaning, ours: Sequence[Series], theirs: Sequence[Series]) -> bool:
    """Whether its values are plainly training's."""
    if not _is_validated(metric, ours, theirs):
        return True
    if meaning.metric in NATS:
        nats = NATS[meaning.metric]
        return min(_off(metric, nats, loss) for loss in ours) < min(_off(metric, nats, loss) for loss in theirs)
    steps, values = _numbers(metric)
    if meaning.metric != "accuracy" or len(theirs) != 1 or not values.size:
        return False
    late = slice(-max(values.size // LATE, 1), None)
    right = min(float(values[late].mean()) / (100.0 if values.max() > 1.0 else 1.0), 1.0)
    at, nats_lost = _numbers(theirs[0])
    cost = float(np.interp(steps[late], at, nats_lost).mean()) if at.size else 0.0
    return cost > DEAREST * (1.0 - right) + RIGHT * right


def _is_validated(metric: Series, ours: Sequence[Series], theirs: Sequence[Series]) -> bool:
    """Whether it is logged where validation is, but for a few gaps; or as often, where training is logged more often."""
    at, validated = _logged(metric), np.concatenate([_logged(loss) for loss in theirs])
    if not at.size or float(np.isin(at, validated).mean()) >= NEARLY:
        return bool(at.size)
    return bool(
        at.size * NEARLY <= validated.size and max(_logged(loss).size for loss in ours) >= TWICE * validated.size
    )


def _off(metric: Series, nats: Callable[[FloatArray], FloatArray], loss: Series) -> float:
    """How far what a metric says of a loss is off it, in the mean."""
    (steps, values), (at, lost) = _numbers(metric), _numbers(loss)
    sound = values > 0.0
    return (
        float(np.abs(nats(values[sound]) - np.interp(steps[sound], at, lost)).mean())
        if at.size and sound.any()
        else math.inf
    )


def _numbers(series: Series) -> tuple[FloatArray, FloatArray]:
    """Steps and values of what is a number, in order."""
    steps = _steps(series)
    there = np.isfinite(series.values) & np.isfinite(steps)
    if series.missing is not None:
        there &= ~series.missing
    order = np.argsort(steps[there], kind="stable")
    return steps[there][order], series.values[there][order]


def _logged(series: Series) -> FloatArray:
    """The steps at which something was logged, be it no number."""
    steps = _steps(series)
    return steps if series.missing is None else steps[~series.missing]


def _steps(series: Series) -> FloatArray:
    return np.arange(series.values.size, dtype=np.float64) if series.steps is None else series.steps
