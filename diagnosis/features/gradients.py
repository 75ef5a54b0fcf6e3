"""Where gradient norms exploded or vanished, measured against the norms the run itself began with.

A gradient is counted in units of its loss, so no norm is large or small by itself: what counts is how far it has come
from the run's first norms, and whether the loss went along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.skill import GOOD, LUCK, SHARES, Skill, learns
from diagnosis.features.spikes import SURROUNDINGS
from diagnosis.run import Context, FloatArray, Position, Run

FIRST = 0.10  # of the run, and at least FIRST_MIN norms: what the run began with
FIRST_MIN = 3  # norms
BURST = 10.0  # times the median of the norms around it
AROUND = 100  # norms around a burst
LEFT = 10.0  # times the first norms: where they pass that, an explosion is said to have begun
DAMAGED = 0.25  # share of progress that the loss has lost again: more is no wiggle
LITTLE = 0.01  # share of the range that the loss went through
SIGMAS = 6.0  # noise levels of the loss: jitter alone is no damage, and no progress
INFINITE = 0.25  # share of the norms of the second half: a loss scale that is sought makes fewer infinite
FALLEN = 1e3  # times below the first norms; models that learn nothing for other reasons keep theirs within 10
UNANCHORED = 1e4  # times below the first norms, where only a loss that never moved shows that nothing is learnt
TINY = 1e-7  # share of the loss: smaller norms are lost in the rounding of single precision


def _first(values: FloatArray) -> FloatArray:
    return values[: max(FIRST_MIN, int(values.size * FIRST))]


def _last(values: FloatArray) -> float:
    return median(values[-min(max(FIRST_MIN, int(values.size * FIRST)), values.size) :])


@dataclass(frozen=True)
class Growth:
    """Norms that ended, or stood until the loss was lost, `times` those the run began with; from norm `since` on."""

    times: float
    first: float
    peak: float
    since: int


def growth(norms: Measured, *, lost: bool) -> Growth | None:
    """How far the norms have grown and stayed; where the loss is `lost`, their highest counts: what is dead is calm."""
    values = norms.curve.values
    first = median(_first(values))
    if values.size <= FIRST_MIN or first <= 0.0:
        return None
    later = values[_first(values).size :]
    reached = float(later.max()) if lost and later.size else _last(values)
    above = np.flatnonzero(values > LEFT * first)
    if not above.size:
        return None
    peak = int(values.argmax())
    calm = np.flatnonzero(values[:peak] <= LEFT * first)
    return Growth(reached / first, first, reached, int(calm[-1]) + 1 if calm.size else 0)


def damaged(loss: Measured) -> bool:
    """Whether the loss ended worse than it had been, by a good part of what it gained."""
    lost = loss.end - loss.best
    return lost > max(DAMAGED * (loss.start - loss.best), SIGMAS * loss.grid_noise)


def shared_bursts(norms: Measured, loss: Measured) -> FloatArray:
    """Steps at which the norm stands `BURST` times above its surroundings while the loss jumps: (k,)."""
    if norms.curve.axis != loss.curve.axis or not loss.spikes:
        return np.empty(0)
    values, steps = norms.curve.values, norms.curve.steps
    apart = max(median(np.diff(c.curve.steps)) for c in (norms, loss) if c.n > 1)
    found = []
    for spike in loss.spikes:
        at = loss.curve.steps[spike.index]
        low, high = np.searchsorted(steps, (at - 1.5 * apart, at + 1.5 * apart))
        if low == high:
            continue
        peak = low + int(values[low:high].argmax())
        near = values[max(peak - AROUND // 2, 0) : peak + AROUND // 2]
        if values[peak] > BURST * median(near):
            found.append(float(steps[peak]))
    return np.array(sorted(set(found)))


def infinite(norms: Measured, loss: Measured, run: Run) -> tuple[float, Position] | None:
    """The share of the second half of the norms that is infinite, and where the first is; None where hardly any is.

    A loss scale that is sought, or grows too far now and then, makes fewer so; NaN says nothing of size. A mean over an
    epoch is infinite where a single step was skipped: many are so in a run that learns by all the others.
    """
    if norms.curve.axis == "epoch" and norms.curve.whole_steps and not (damaged(loss) or still(loss)):
        return None
    for logged in run.having("grad_norm"):
        over = np.isinf(logged.values)
        if logged.name == norms.name and (share := float(over[over.size // 2 :].mean())) > INFINITE:
            return share, logged.position(int(over.argmax()))
    return None


@dataclass(frozen=True)
class Fall:
    """Norms that ended `times` below the first ones; from norm `since` on."""

    times: float
    first: float
    last: float
    since: int


def fall(norms: Measured, times: float) -> Fall:
    """How far the norms have fallen, and since when by `times`; infinitely far where they are exactly zero."""
    values = norms.curve.values
    first, last = float(_first(values).max()), _last(values)
    above = np.flatnonzero(values > first / times)
    since = int(above[-1]) + 1 if above.size and above[-1] + 1 < values.size else 0
    return Fall(first / last if last > 0.0 else np.inf, first, last, since)


def still(loss: Measured) -> bool:
    """Whether the loss has not moved but by its noise."""
    fell = max(loss.start - median(loss.clean), loss.start - loss.end)
    return not loss.whole.falling and fell <= SIGMAS * loss.grid_noise


def never_below(loss: Measured) -> bool:
    """Whether the loss rose high above its start, and came below it by next to nothing of that."""
    return loss.start - float(loss.s.min()) <= LITTLE * float(np.ptp(loss.z))


def guessing(
    loss: Measured, metrics: tuple[Measured | None, ...], skill: Skill | None, context: Context
) -> tuple[bool, bool]:
    """Whether the model still guesses, and whether that is known by an anchor or only seen by nothing moving."""
    judged = [m for m in metrics if m and m.curve is not loss.curve]
    if any(learns(m, context) for m in judged):
        return False, True
    chance = context.guessing if loss.curve.metric == "loss" and context.task in {None, "classification"} else None
    if chance is not None and abs(loss.end / chance - 1.0) < LUCK:
        return True, True
    if skill is not None:
        return skill.share < LUCK, True
    poor = [m for m in judged if m.curve.metric in SHARES and m.right(m.sign * median(m.curve.values)) < GOOD]
    return bool(poor) or still(loss), bool(poor)


def beside(grad_norm: Measured | None, at: Position) -> float | None:
    """The gradient norm at a position of another curve against the median around it; None where it was not logged there."""
    if grad_norm is None or grad_norm.curve.axis != at.axis:
        return None
    norms, place = grad_norm.curve.values, int(np.searchsorted(grad_norm.curve.steps, at.at))
    near = norms[max(place - SURROUNDINGS, 0) : place + SURROUNDINGS]
    here = norms[max(place - 1, 0) : place + 2]
    usual = median(near) if near.size else 0.0
    return float(here.max()) / usual if usual > 0.0 and here.size else None


@dataclass(frozen=True)
class Vanished:
    """A gradient that is all but gone while nothing is learnt: how far it `fell`, its `share` of the loss, whether guessing is `known` by an anchor."""

    fell: Fall
    share: float
    bound: float
    known: bool

    @property
    def by_falling(self) -> bool:
        """Whether it is gone against what it was; else it is next to nothing of the loss."""
        return self.fell.times > self.bound


def measure_vanished(
    norms: Measured, loss: Measured, metrics: tuple[Measured | None, ...], skill: Skill | None, context: Context
) -> Vanished | None:
    """Where the model still guesses and next to no gradient arrives; None where it learns, or has gradients like any."""
    guesses, known = guessing(loss, metrics, skill, context)
    size = median(np.abs(loss.z))
    guesses = guesses or (not known and median(norms.curve.values) < TINY * size and never_below(loss))
    if not guesses:
        return None
    bound = FALLEN if known else UNANCHORED
    fell = fall(norms, bound)
    share = fell.last / max(size, 1e-300)
    small = share < (1 / FALLEN if known else np.inf)  # a first norm that was far too large is another matter
    return Vanished(fell, share, bound, known) if (fell.times > bound and small) or share < TINY else None
