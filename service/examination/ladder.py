"""Which learning rates are tried, and in which order: the one given, then where its failure points to.

A rate that fails by blowing up is lowered, one that crawls is raised; a rung is left as soon as it shows no promise.
What came closest is then carried on, with smaller steps when it no longer falls.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

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
FIRST_SHARE = 0.5  # of the time, for the rate that was given
ROUNDS = 6  # of `steps` more, for what came closest
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


def climb(  # noqa: C901, PLR0917 - the order of what is tried is best read in one place
    subject: Subject, start: State, levels: Levels, first_loss: float, tell: Callable[[dict[str, Any]], None], until: float,
    *, random: bool, hopeless: bool, bounded: bool,
) -> Climb:  # fmt: skip
    """Train until the floor is reached, or nothing is left to try."""
    begun, steps = time.monotonic(), subject.config.steps
    ceiling = BLOWN_UP * max(abs(first_loss), levels.reference, 1e-12) if math.isfinite(first_loss) else math.inf
    best: tuple[Attempt, torch.optim.Optimizer, State] | None = None
    attempts: list[Attempt] = []

    def reached(loss: float) -> bool:
        return bounded and loss <= levels.target

    def run(attempt: Attempt, optimizer: torch.optim.Optimizer, count: int, end: float) -> None:
        try:
            train(subject, attempt, optimizer, steps=count, until=end, reached=reached, tell=tell,
                  watch=lambda: broken_at(subject), random=random, ceiling=ceiling)  # fmt: skip
        except (RuntimeError, torch.jit.Error) as error:
            if of_the_jail(error):
                raise
            attempt.stopped, attempt.says = "failed", str(error).strip().splitlines()[-1][:200]

    def begin(lr: float, count: int, end: float) -> Attempt:
        nonlocal best
        start.restore()
        torch.manual_seed(subject.config.seed)
        subject.train_mode()
        attempt = Attempt(lr)
        attempts.append(attempt)
        optimizer = optimizer_of(subject, lr)
        pilot = count if len(attempts) == 1 else max(int(count * PILOT), min(count, ENOUGH_STEPS))
        run(attempt, optimizer, pilot, end)
        rest = count - pilot
        if (
            rest
            and attempt.stopped == "steps"
            and (best is None or attempt.best < best[0].best or attempt.falling(levels.floor))
        ):
            run(attempt, optimizer, rest, end)
        if best is None or attempt.stopped == "reached" or _closer(attempt, best[0]):
            best = (attempt, optimizer, State.of(subject.module))
        return attempt

    given = begin(subject.config.lr, steps, begun + FIRST_SHARE * (until - begun))
    if given.stopped in ("reached", "failed") or steps < ENOUGH_STEPS or not bounded:
        return Climb(tuple(attempts), given, None, settled=True)
    if given.stopped == "deadline" and given.falling(levels.floor):
        given.stopped = "steps"
        assert best is not None  # noqa: S101 - begin has set it
        run(given, best[1], steps, until)
        return Climb(tuple(attempts), given, None, settled=False)
    factors = _factors(subject.config.lr, USUAL[subject.config.optimizer], wild=wild(given))[: 1 if hopeless else None]
    raised_in_vain = False
    for factor in factors:
        if (factor > 1.0 and raised_in_vain) or time.monotonic() > until:
            continue
        before = best[0].best if best else math.inf
        attempt = begin(subject.config.lr * factor, steps, begun + 0.75 * (until - begun))
        if attempt.stopped == "reached":
            return Climb(tuple(attempts), attempt, None, settled=True)
        if factor > 1.0 and (attempt.stopped in ("non_finite", "blown_up") or attempt.best >= before):
            raised_in_vain = True
    assert best is not None  # noqa: S101 - begin has set it
    used, optimizer, state = best
    if hopeless or time.monotonic() > until:
        return Climb(tuple(attempts), used, state, settled=hopeless)
    state.restore()
    subject.train_mode()
    settled = _carry_on(used, optimizer, levels, lambda: run(used, optimizer, steps, until), until)
    return Climb(tuple(attempts), used, None, settled=settled)


def _factors(lr: float, usual: float, *, wild: bool) -> tuple[float, ...]:
    """What to multiply the rate by, likeliest first: far from the usual rate, that one and its neighbours come first."""
    order = WILD if wild else SLOW
    away = usual / lr
    if away > FAR and not wild:
        return (away, away * 10.0, away * 0.1, *order[:2])
    if away < 1.0 / FAR and wild:
        return (away, away * 0.1, away * 10.0, *order[:2])
    return order


def _carry_on(
    used: Attempt, optimizer: torch.optim.Optimizer, levels: Levels, more: Callable[[], None], until: float
) -> bool:
    """Go on with what came closest; True where it stands still, and no longer for want of time."""
    still = 0
    for _ in range(ROUNDS):
        left = used.best - levels.floor
        used.stopped = "steps"
        more()
        if used.stopped != "steps":
            return used.stopped != "deadline"
        if used.best - levels.floor > IMPROVED * left:
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
