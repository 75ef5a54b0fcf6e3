"""Whose a metric is that tells no split, beside losses that do: validation's, as it is there that answers are counted.

    train_loss, valid_loss, accuracy

So fastai, many scripts and most tables have it. What the values say is heard first: a metric that is logged where validation
is not, a perplexity that is the exponential of the training loss, and right answers that leave nothing for validation's loss to be
made of are training's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.names import LEARNT_FOR, Meaning, Split
from diagnosis.run import FloatArray, Role

if TYPE_CHECKING:
    from diagnosis.assemble import Series

NAMED = 3  # series in a note
HELD_OUT: tuple[Split, ...] = ("val", "test")
SIDES: dict[str, Split] = {"train_loss": "train", "val_loss": "val"}
DEAREST = 30.0  # nats for a wrong answer, in the mean: the most confident of overfitted networks stay below
RIGHT = math.log(2.0)  # likewise, for a right one of two classes, and of many hardly ever more
LATE = 4  # the last of so many parts of a run
NEAR = 1e-3  # share of it: so far a perplexity may be off the exponential of its own loss


def held_out(
    series: Sequence[Series], meanings: Mapping[str, Meaning], said: Mapping[str, Role], notes: list[str]
) -> dict[str, Meaning]:
    """The meanings, with metrics that tell no split taken for those of the held-out loss; it is noted.

    The caller's word is stronger, a metric that says that it is validation's keeps the others what they are, and a reward is
    training's.
    """
    sides = {name: SIDES.get(role) for name, role in said.items()}
    sides |= {name: m.split for name, m in meanings.items() if m.kind == "loss" and name not in said}
    losses = {side for name, side in sides.items() if side or name not in said}
    split = next((s for s in HELD_OUT if losses == {"train", s}), None)
    metrics = {name: m for name, m in meanings.items() if m.kind == "metric" and name not in said}
    told = {m.split for m in metrics.values()} - {None, "train"}
    if split is None or told or any(m.metric in LEARNT_FOR for m in metrics.values()):
        return dict(meanings)
    values = {s.name: s for s in series}
    ours = [values[name] for name, side in sides.items() if side == "train"]
    theirs = [values[name] for name, side in sides.items() if side == split]
    untold = sorted(
        name for name, m in metrics.items() if m.split is None and not _is_trained(values[name], m, ours, theirs)
    )
    if not untold:
        return dict(meanings)
    shown = ", ".join(untold[:NAMED]) + (f" and {len(untold) - NAMED} more" if len(untold) > NAMED else "")
    whose = "validation's" if split == "val" else "the test set's"
    notes.append(
        f"{shown}: taken for {whose}, as both losses tell their splits and this does not (say otherwise with roles)"
    )
    return {name: replace(m, split=split) if name in untold else m for name, m in meanings.items()}


def _is_trained(metric: Series, meaning: Meaning, ours: Sequence[Series], theirs: Sequence[Series]) -> bool:
    """Whether its values are plainly training's."""
    steps, values = _logged(metric)
    validated = np.concatenate([_logged(loss)[0] for loss in theirs])
    if not steps.size or not np.isin(steps, validated).all():
        return True
    if meaning.metric == "perplexity":
        return any(_is_exponential(steps, values, loss) for loss in ours)
    if meaning.metric != "accuracy" or len(theirs) != 1:
        return False
    late = slice(-max(values.size // LATE, 1), None)
    right = min(float(values[late].mean()) / (100.0 if values.max() > 1.0 else 1.0), 1.0)
    cost = float(np.interp(steps[late], *_logged(theirs[0])).mean())
    return cost > DEAREST * (1.0 - right) + RIGHT * right


def _is_exponential(steps: FloatArray, values: FloatArray, loss: Series) -> bool:
    """Whether a perplexity is that of this loss, value for value."""
    at, nats = _logged(loss)
    known = np.isin(steps, at) & (values > 0.0)
    return bool(known.any()) and bool(
        np.allclose(np.log(values[known]), np.interp(steps[known], at, nats), rtol=NEAR, atol=NEAR)
    )


def _logged(series: Series) -> tuple[FloatArray, FloatArray]:
    """Steps and values of what was logged and is a number, in order."""
    steps = np.arange(series.values.size, dtype=np.float64) if series.steps is None else series.steps
    there = np.isfinite(series.values) & np.isfinite(steps)
    if series.missing is not None:
        there &= ~series.missing
    order = np.argsort(steps[there], kind="stable")
    return steps[there][order], series.values[there][order]
