"""What is said of the loss of features/unmoved.py that gained nothing: where it is, and how it came there, in words and as numbers."""

from __future__ import annotations

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.stuck import Stuck
from diagnosis.features.unmoved import Unmoved
from diagnosis.rule import ERRORS, Evidence

NEAR, FAR = 0.5, 5.0  # times what guessing scores, off it: at chance level, and no longer anywhere near
WIDE = 0.2  # of the level: what spans more is at none


def said_of(stuck: Stuck, unmoved: Unmoved, loss: Measured) -> str:
    """After the name of the loss: that it stays, came to rest, or left for nowhere, and at which level."""
    void = ": nothing counts towards it, or something else is logged" if stuck.void else ""
    if stuck.sank and not stuck.at_chance:
        return f"ends at {loss.said(loss.end)}, and right answers only got fewer since the first value{void}"
    if unmoved.course == "left":
        got = "no accuracy got better" if stuck.deaf else "got nowhere"
        return f"went from {loss.said(loss.start)} to {loss.said(loss.end)}, and {got}{void}"
    if stuck.hump and not stuck.at_chance:
        return f"came to rest at {loss.said(loss.end)} after it had blown up to {loss.said(loss.z.max())}{void}"
    worse = "worse than guessing" if stuck.off_chance < FAR else "far worse than guessing"
    chance = "at chance level" if stuck.off_chance < NEAR else worse
    if not stuck.at_chance and unmoved.course == "stays" and (between := _swings(loss)):
        return f"gets nowhere {between} over all {loss.n} values{void}"
    level = f"{chance} ({stuck.says})" if stuck.at_chance else f"at {loss.said(loss.end)}"
    return (
        f"came to rest {level}{void}" if unmoved.course == "fell" else f"stays {level} over all {loss.n} values{void}"
    )


def evidence_of(stuck: Stuck, unmoved: Unmoved, loss: Measured) -> tuple[Evidence, ...]:
    """How far the best tenth is below the first, and the end from guessing."""
    says = f"how far the best tenth of {loss.name} is {loss.went('below', 'above')} its first tenth"
    fall = Evidence("fall", stuck.sigmas, unmoved.bound, ERRORS, says, exceeds=False)
    if not stuck.at_chance:
        return (fall,)
    near = stuck.within if stuck.off_chance < stuck.within else None
    unit = "share of what guessing scores" if stuck.guessing else "share of the variance"
    off = "how far the end is from the level of guessing"
    return fall, Evidence("off_chance", stuck.off_chance, near, unit, off, exceeds=False)


def _swings(loss: Measured) -> str:
    """Between which levels a loss swings that is at none, but for its spikes; empty where only single values are off."""
    if float(np.ptp(loss.clean)) <= WIDE * abs(loss.end):
        return ""
    ordinary = loss.curve.values.copy()
    for spike in loss.spikes:
        ordinary[spike.index : spike.index + spike.recovery] = np.nan
    return f"between {np.nanmin(ordinary):.4g} and {np.nanmax(ordinary):.4g}"
