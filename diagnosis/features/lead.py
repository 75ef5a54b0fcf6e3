"""Whether validation is better than training by more than training's averages explain, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.gap import Gap
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level

OFTEN = 0.80  # share of the second half in which validation is better
SHARE = 0.015  # share of what training learnt
SIGMAS = 4.0  # standard errors of the median lead over the second half
STEADILY = 2.0  # standard errors that are enough where the lead is clear and steady
STEADY = 0.6  # share of the median lead that a steady one never falls below in the second half
CLEAR = 0.04  # share of what was learnt that a clear lead exceeds
# Times validation, and shares of that: it spreads by less, and is off a whole number by less.
MOST, EVENLY, WHOLE = 1000.0, 0.15, 0.04
SLOWLY = 0.02  # share of what training learnt, from the first value to the next
LEARNT = 5.0  # noise levels of training that it must have learnt: else there is nothing to be better than


@dataclass(frozen=True)
class Lead:
    """By how much validation is ahead over the second half of the run, in the loss's unit and as a `share`.

    `trained`: it is a share of what training learnt, and not of what validation did. `error`: its standard error.
    `surely`: how many of these it takes. `often`: the share of values that are ahead. `averaging`: the share of the
    difference that the averages explain. `begins`: the grid index from which validation is ahead. `times`: training
    is so many times validation all along, a whole number; None where it is not. `at_once`: it was as far ahead before anything
    much was learnt.
    """

    better: float
    share: float
    trained: bool
    error: float
    surely: float
    often: float
    averaging: float
    begins: int
    times: int | None
    at_once: bool


def measure_lead(pair: Gap) -> Lead | None:
    """Compare validation with training half a stretch later; None where it is not ahead surely and by what matters."""
    validation = pair.validation
    half = validation.index_after(0.5)
    ahead = (pair.caught_up - validation.s)[half:]
    better, often = median(ahead), float(np.count_nonzero(ahead > 0)) / ahead.size
    trained = pair.learnt > LEARNT * pair.train_noise
    learnt = pair.learnt if trained else validation.progress  # which has it easier
    if better <= SHARE * learnt or learnt <= LEARNT * pair.train_noise:
        return None
    # A steep beginning bends, and is no noise.
    noise = min(pair.noise, noise_level((pair.level - validation.z)[half:]))
    error = noise * float(np.sqrt(0.5 * np.pi / ahead.size))
    steady = float(ahead.min()) > STEADY * better > STEADY * CLEAR * learnt
    surely = STEADILY if steady and better <= SIGMAS * error else SIGMAS
    if often <= OFTEN or better <= surely * error:
        return None
    behind = min(median(pair.difference[half:]), -better)
    return Lead(
        better=better,
        share=better / learnt,
        trained=trained,
        error=error,
        surely=surely,
        often=often,
        averaging=max(1.0 + better / behind, 0.0),
        begins=half + int(np.argmax(ahead > 0)),
        times=_times(pair),
        at_once=_at_once(pair, better),
    )


def _times(pair: Gap) -> int | None:
    """How many times validation training is, where that is a whole number and hardly moves: a sum over as many."""
    training, validation = pair.caught_up, pair.validation.s
    if min(training.min(), validation.min()) <= 0.0:
        return None
    ratio = training / validation
    times = round(usual) if (usual := median(ratio[pair.validation.index_after(0.5) :])) < MOST else 0
    even = float(np.ptp(ratio)) < EVENLY * usual and abs(usual - times) < WHOLE * usual
    return times if even and times > 1 else None


def _at_once(pair: Gap, better: float) -> bool:
    """Whether it was ahead by most of that at the first value already, when hardly anything was learnt: no training made it."""
    slow = float(pair.train[0] - pair.train[:2][-1]) < SLOWLY * pair.learnt
    return pair.train.size > 1 and slow and float(pair.caught_up[0] - pair.validation.s[0]) > STEADY * better
