"""Which learning rates are tried, and in which order: the one given, then where its failure points to.

A rate that fails by blowing up is lowered, one that crawls is raised; a rung is left as soon as it shows no promise.
What came closest is then carried on, with smaller steps when it no longer falls.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from service.examination.choosing import ITS_OWN
from service.examination.floors import Levels
from service.examination.probing import broken_at
from service.examination.refused import of_the_jail
from service.examination.subject import Subject
from service.examination.training import BLOWN_UP, Attempt, State, optimizer_of, train

ENOUGH_STEPS = 30  # fewer are too few to judge, and no reason to try anything else
SLOW = (10.0, 100.0, 0.1, 1000.0)  # factors to try where the loss crawls
WILD = (0.1, 0.01, 0.001, 10.0)  # and where it blows up or swings
USUAL = {"adam": 1e-3, "sgd": 3e-2}  # rates that suit most models
FAR = 30.0  # times: then the neighbours of the usual rate are tried before those of the given one
PILOT = 0.25  # of the steps: by then a rung must be better than what there is, or falling
RAISED, HIGHER = 10.0, 2  # times the highest of these, so often at most, where it came closest
FIRST_SHARE = 0.5  # of the time, for the rate that was given
REST_SHARE = 0.75  # by when the others are through: what is left is for what came closest
ROUNDS = 6  # of `steps` more, for what came closest
ROUNDED = 1e-6  # of the first loss: what a sum in single precision may lie below zero
SMALLER = 0.3  # times the rate, once it no longer falls
IMPROVED = 0.9  # times what was above the floor: a round that leaves more has not helped
STILL = 3  # rounds that have not helped, until it is given up


@dataclass(frozen=True, eq=False)
class Climb:
    """Every attempt, and the one to judge by."""

    attempts: tuple[Attempt, ...]
    used: Attempt
    end: State | None
    settled: bool  # whether there was time to try everything


@dataclass(frozen=True, eq=False)
class Rung:
    """An attempt as it ended, and all that it takes to carry it on."""

    attempt: Attempt
    optimizer: torch.optim.Optimizer
    state: State


@dataclass(eq=False)
class Ladder:
    """What is tried on one subject, each time from the same start, and what came closest so far."""

    subject: Subject
    start: State
    levels: Levels
    tell: Callable[[dict[str, Any]], None]
    random: bool
    bounded: bool
    ceiling: float  # of a loss: beyond, it has blown up
    attempts: list[Attempt] = field(default_factory=list)
    closest: Rung = field(init=False)  # the first one begun, until another comes closer

    def begin(self, lr: float, until: float) -> Attempt:
        """Train with this rate from the start; one that is not the first is left after a pilot that shows no promise."""
        config = self.subject.config
        self.start.restore()
        torch.manual_seed(config.seed)
        self.subject.train_mode()
        first, attempt, optimizer = not self.attempts, Attempt(lr), optimizer_of(self.subject, lr)
        self.attempts.append(attempt)
        pilot = config.steps if first else max(int(config.steps * PILOT), min(config.steps, ENOUGH_STEPS))
        self.run(attempt, optimizer, pilot, until)
        if (rest := config.steps - pilot) and attempt.stopped == "steps" and self._promises(attempt):
            self.run(attempt, optimizer, rest, until)
        if attempt.stopped == "reached" and self.subject.fitted.kind == ITS_OWN:
            self._look_lower(attempt, optimizer, config.steps, until)
        if first or attempt.stopped == "reached" or _closer(attempt, self.closest.attempt):
            self.closest = Rung(attempt, optimizer, State.of(self.subject.module))
        return attempt

    def run(self, attempt: Attempt, optimizer: torch.optim.Optimizer, steps: int, until: float) -> None:
        """Take so many steps more; a step that fails ends the attempt, and says why."""
        try:
            train(self.subject, attempt, optimizer, steps=steps, until=until, reached=self._reached, tell=self.tell,
                  watch=lambda: broken_at(self.subject)[:2], random=self.random, ceiling=self.ceiling)  # fmt: skip
        except (RuntimeError, torch.jit.Error) as error:
            if of_the_jail(error):
                raise
            attempt.stopped, attempt.says = "failed", str(error).strip().splitlines()[-1][:200]

    def _look_lower(self, attempt: Attempt, optimizer: torch.optim.Optimizer, steps: int, until: float) -> None:
        """Go on with a loss of the model's own that came near zero: one that falls below has a floor that is not known."""
        count, judged = len(attempt.losses), attempt.judged
        attempt.stopped, self.bounded = "steps", False
        self.run(attempt, optimizer, max(steps - count, ENOUGH_STEPS), until)
        self.bounded = attempt.best >= -ROUNDED * abs(attempt.losses[0])
        if self.bounded:
            attempt.stopped, attempt.judged, attempt.broken = "reached", judged, None
            del attempt.losses[count:]

    def judged_by(self, attempt: Attempt, *, settled: bool, end: State | None = None) -> Climb:
        """All that was tried, and the one to judge by."""
        return Climb(tuple(self.attempts), attempt, end, settled)

    def _promises(self, attempt: Attempt) -> bool:
        return attempt.best < self.closest.attempt.best or attempt.falling(self.levels.floor)

    def _reached(self, loss: float) -> bool:
        return self.bounded and loss <= self.levels.target


def climb(
    subject: Subject, start: State, levels: Levels, first_loss: float, tell: Callable[[dict[str, Any]], None], *,
    until: float, random: bool, hopeless: bool, bounded: bool,
) -> Climb:  # fmt: skip
    """Train until the floor is reached, or nothing is left to try."""
    begun, config = time.monotonic(), subject.config
    ceiling = BLOWN_UP * max(abs(first_loss), levels.reference, 1e-12) if math.isfinite(first_loss) else math.inf
    ladder = Ladder(subject, start, levels, tell, random, bounded, ceiling)
    given = ladder.begin(config.lr, begun + FIRST_SHARE * (until - begun))
    if given.stopped in ("reached", "failed") or config.steps < ENOUGH_STEPS or not ladder.bounded:
        return ladder.judged_by(given, settled=True)
    if given.stopped == "deadline" and given.falling(levels.floor):
        given.stopped = "steps"
        ladder.run(given, ladder.closest.optimizer, config.steps, until)
        return ladder.judged_by(given, settled=False)
    factors = _factors(config.lr, USUAL[config.optimizer], wild=wild(given))[: 1 if hopeless else None]
    if reached := _other_rates(ladder, factors, begun, until):
        return ladder.judged_by(reached, settled=True)
    if not hopeless and (reached := _higher_still(ladder, begun, until)):
        return ladder.judged_by(reached, settled=True)
    used = ladder.closest.attempt
    if hopeless or time.monotonic() > until:
        return ladder.judged_by(used, settled=hopeless, end=ladder.closest.state)
    return ladder.judged_by(used, settled=_carry_on(ladder, until))


def _other_rates(ladder: Ladder, factors: tuple[float, ...], begun: float, until: float) -> Attempt | None:
    """Try the given rate times each of these, and no higher one after one that was raised in vain; the attempt that reached the floor."""
    raised_in_vain = False
    for factor in factors:
        if (factor > 1.0 and raised_in_vain) or time.monotonic() > until:
            continue
        before = ladder.closest.attempt.best
        attempt = ladder.begin(ladder.subject.config.lr * factor, begun + REST_SHARE * (until - begun))
        if attempt.stopped == "reached" or not ladder.bounded:
            return attempt
        if factor > 1.0 and (attempt.stopped in ("non_finite", "blown_up") or attempt.best >= before):
            raised_in_vain = True
    return None


def _higher_still(ladder: Ladder, begun: float, until: float) -> Attempt | None:
    """Where the highest rate that was tried came closest, go on raising it while that helps: a sigmoid before a squared error flattens every slope."""
    for _ in range(HIGHER):
        highest = ladder.closest.attempt
        if highest.lr < max(a.lr for a in ladder.attempts) or wild(highest) or time.monotonic() > until:
            break
        attempt = ladder.begin(RAISED * highest.lr, begun + REST_SHARE * (until - begun))
        if attempt.stopped == "reached" or not ladder.bounded:
            return attempt
    return None


def _factors(lr: float, usual: float, *, wild: bool) -> tuple[float, ...]:
    """What to multiply the rate by, likeliest first: far from the usual rate, that one and its neighbours come first."""
    order = WILD if wild else SLOW
    away = usual / lr
    if away > FAR and not wild:
        return (away, away * 10.0, away * 0.1, *order[:2])
    if away < 1.0 / FAR and wild:
        return (away, away * 0.1, away * 10.0, *order[:2])
    return order


def _carry_on(ladder: Ladder, until: float) -> bool:
    """Go on with what came closest; True where it stands still, and no longer for want of time."""
    used, optimizer = ladder.closest.attempt, ladder.closest.optimizer
    ladder.closest.state.restore()
    ladder.subject.train_mode()
    still = 0
    for _ in range(ROUNDS):
        left = used.best - ladder.levels.floor
        used.stopped = "steps"
        ladder.run(used, optimizer, ladder.subject.config.steps, until)
        if used.stopped != "steps":
            return used.stopped != "deadline"
        if used.best - ladder.levels.floor > IMPROVED * left:
            still += 1
            for group in optimizer.param_groups:
                group["lr"] *= SMALLER
        if still == STILL or time.monotonic() > until:
            break
    return still > 0


def _closer(one: Attempt, other: Attempt) -> bool:
    """Whether one came closer than the other; what was lost on the way is no nearer, however low it once was."""
    return _rank(one) < _rank(other)


def _rank(attempt: Attempt) -> tuple[bool, float]:
    lost = attempt.stopped in ("non_finite", "blown_up")
    return lost, attempt.best if attempt.judged is None else attempt.judged


def wild(attempt: Attempt) -> bool:
    """Whether the steps were too large: it blew up, or ended well above where it had been."""
    if attempt.stopped in ("non_finite", "blown_up"):
        return True
    losses = [loss for loss in attempt.losses if math.isfinite(loss)]
    if len(losses) < ENOUGH_STEPS // 2:
        return False
    late = sorted(losses[-len(losses) // 4 :])
    top, middle, low = losses[0], late[len(late) // 2], min(losses)
    return middle > top or (middle - low > 0.5 * (top - low) and middle > 1.5 * low > 0.0)
