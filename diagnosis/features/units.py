"""Shares of one metric in one unit: an accuracy from 0 to 1 beside a validation accuracy in percent.

Which of the two a curve is in, its highest value tells. Of a value below 1 that may be a share or less than one percent, the
curves beside it tell: as a share it comes to about what they come to.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnosis.features.measured import NOT_PERCENT, PERCENT
from diagnosis.features.possible import FEW_PERCENT, SHARES
from diagnosis.listed import listed
from diagnosis.run import Curve, Run

FAR = 4.0  # times: bests of two splits so far apart may be one of them below one percent
DIGITS = 12  # behind the point: 0.29 is 29 percent, and not 28.999999999999996
NAMED = 4  # curves in a note


def in_one_unit(run: Run, notes: list[str]) -> Run:
    """The run with all curves of a metric in percent where one is; it is noted which were not."""
    shares = [c for c in run.having("train_metric", "val_metric") if c.metric in SHARES and c.finite.values.size]
    percent = [c for c in shares if _best(c) > FEW_PERCENT]
    small = {c.name: near for c in shares if (near := [p.name for p in percent if _is_share_of(c, p)])}
    if not small:
        return run
    beside = listed(list(dict.fromkeys(name for near in small.values() for name in near)), NAMED)
    notes.append(f"{listed(list(small), NAMED)}: from 0 to 1, where {beside} is in percent; taken {PERCENT:g} times")
    curves = (replace(c, values=np.round(PERCENT * c.values, DIGITS)) if c.name in small else c for c in run.curves)
    return replace(run, curves=tuple(curves))


def _best(curve: Curve) -> float:
    return float(np.abs(curve.finite.values).max())


def _is_share_of(curve: Curve, percent: Curve) -> bool:
    """Whether a curve is from 0 to 1, and as a share comes near another of its metric, which is in percent."""
    as_share, other = PERCENT * _best(curve), _best(percent)
    return curve.metric == percent.metric and _best(curve) <= NOT_PERCENT and other / FAR < as_share < other * FAR
