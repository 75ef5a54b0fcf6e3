"""Whether a loss still fell when its log ended, and what more training of the same kind should gain."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.carried import falls_behind, falls_with
from diagnosis.features.cliff import creeps
from diagnosis.features.forecast import refused, warmed_late
from diagnosis.features.measured import Measured
from diagnosis.features.schedule import ahead, ends_low, falls_after_rest
from diagnosis.features.skill import left_of

if TYPE_CHECKING:
    from diagnosis.features import Features

WINDOW = 0.20  # share of the run: its end, over which the loss must have gained
RECENT = 0.025  # share of progress, gained over that window
SIGMAS = 3.0  # standard errors of the final level, likewise
PROVEN = 15  # points over which the fall is proven, where the window has fewer
HALF = 0.5  # share of the run over which a fall is proven at most
AHEAD = 0.5  # share of the run, by which training would go on
EXPECTED = 0.05  # share of progress that training longer by that should gain
NOTHING = 0.02  # share of progress: a forecast that reaches down to that may mean no gain at all
MUCH = 0.75  # share of progress: one that reaches further up as well is too vague for a number
ALL = 1.0  # share of progress: one that reaches even further tells nothing
LATELY = 3  # last values, which must have brought something where it is vague
BARELY = 0.005  # share of progress: one that reaches down to that tells no gain while validation falls behind training
FALLS = 0.10  # share of progress, gained over the window: so much tells by itself, where the forecast is too vague
QUARTERS = 4  # parts of the window
PACE, BEGINS = 0.5, 0.25  # of the fastest: less in its last quarter comes to rest, less in its first dropped just now
UNPROVEN = "Its noise would hide a rest: only training, with which it fell, surely falls."
BEHIND_IT = "It falls ever farther behind training: it may soon fall no more."


@dataclass(frozen=True)
class CutShort:
    """What was still gained at the end, and what training on should gain; as shares of progress.

    `recent`, and in standard errors `sigmas`: the gain at the end. `expected`: the middle of the forecast, which lies
    between `low` and `high`, `vague` if these are nothing and much. `enough`: times the run to train in all, and `after`
    that half a run more should still gain so much. `rested`: it had
    come to rest and fell again, though no rate is logged. `beside`: validation's few values, where training is carried on in
    their place. `unforeseen`: nobody can tell what is ahead, and the fall speaks for itself. `doubted`: why it may gain nothing all the same, in words.
    """

    recent: float
    sigmas: float
    rested: bool
    beside: Measured | None
    unforeseen: bool = True
    expected: float = 0.0
    low: float = 0.0
    high: float = math.inf
    vague: bool = True
    enough: float = 1.0 + AHEAD
    after: float = 0.0
    doubted: str | None = None


def measure_cut_short(loss: Measured, features: Features) -> CutShort | str | None:
    """Ask whether a loss still fell, and carry it on; None where it has little to gain, or why nobody knows."""
    schedule, recent = features.schedule, -loss.last(WINDOW).change
    share, sigmas = loss.share(recent), recent / max(loss.end_error, 1e-300)
    if share <= RECENT or sigmas <= SIGMAS or ends_low(schedule, features.run):
        return None
    if features.train_loss and creeps(loss, features.train_loss):
        return None
    window = min(max(WINDOW, PROVEN / loss.z.size), HALF)
    proven = loss.last(window).falling
    if not proven and not _told_by_training(loss, window, features):
        return None
    found = CutShort(
        recent=share,
        sigmas=sigmas,
        rested=schedule is None and falls_after_rest(loss),
        beside=features.val_loss if loss is features.train_loss else None,
    )
    plain = proven and features.run.finished and _falls_on(loss)
    return _ahead(found, loss, features, proven=proven, plain=plain)


def _ahead(found: CutShort, loss: Measured, features: Features, *, proven: bool, plain: bool) -> CutShort | str | None:
    """The same with what more training should gain; where that cannot be told, as it is if the fall is `plain`."""
    forecast, schedule = features.forecast, features.schedule
    if forecast is None:
        if plain and schedule is not None and warmed_late(schedule):
            return found
        why = refused(loss, ahead(schedule, finished=features.run.finished))
        return f"cannot be carried on: {why if isinstance(why, str) else 'no curve fits it'}"
    most = math.inf if (left := left_of(loss)) is None else loss.share(left)
    expected, low, high = (min(loss.share(gain), most) for gain in forecast.gain(1.0 + AHEAD))
    vague = low <= NOTHING and high > MUCH
    if vague and high > ALL:
        return found if plain and found.recent > FALLS else None
    if expected <= EXPECTED or (vague and loss.z[-1] >= loss.z[-LATELY]):
        return None
    enough, after = forecast.enough(EXPECTED * loss.progress)
    behind = low <= BARELY and falls_behind(features.gap)
    return replace(
        found,
        unforeseen=False,
        expected=expected,
        low=low,
        high=high,
        vague=vague,
        enough=1.0 + AHEAD if vague else enough,
        after=loss.share(after),
        doubted=None if proven and not behind else BEHIND_IT if behind else UNPROVEN,
    )


def _told_by_training(loss: Measured, window: float, features: Features) -> bool:
    """Whether the run is too short to prove validation's fall, and training proves it."""
    return (
        window >= HALF and loss is features.val_loss and features.gap is not None and falls_with(features.gap, window)
    )


def _falls_on(loss: Measured) -> bool:
    """Whether a loss still fell about as fast as before when its log ended: neither did it slow down, nor drop just now."""
    at = np.linspace(loss.index_after(1.0 - WINDOW), loss.z.size - 1, QUARTERS + 1).round().astype(int)
    paces = -np.diff(loss.s[at]) / np.diff(at)
    fastest = float(paces.max())
    return fastest > 0.0 and float(paces[-1]) > PACE * fastest and float(paces[0]) > BEGINS * fastest
