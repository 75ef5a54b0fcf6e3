"""The questions of the reported side: what a curve shows must hold for the clean test, and for the same run trained again.

Again with ten times the rate, twice as long, with a fifth of the rate, or shuffled: whichever would tell.
Where neither a rerun nor the clean test is asked, `measured.py` and `labels.py` know enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import labels
import measured
import numpy as np
from cache import again
from facts import ARGUABLE, NO, YES, Facts, facts_of, guess_of, level, noise, off_line, smooth, tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from training import Run

QUICK, CALM = 10.0, 0.2  # times the rate
RIGHT = 0.15  # more often right than by chance
LEAP = 0.2  # of the run's progress, between one validation and both its neighbours
STUCK = 0.9  # of a guess's loss: nobody learnt this task
# plans for which it matters whether a longer or a quicker run gains; beside any other fault that may be said, and costs no rerun
ASKED = {"healthy", "slow_convergence", "undertrained", "underfitting", "plateau"}
ENOUGH = 10  # values; with fewer a trend cannot be seen, whatever a rerun tells
OPEN = 0.1  # of the progress: a gap that the logged curves show
REST = 0.04  # of its progress, that validation still moves over its last third
STRAIGHT = 0.66, 0.76  # of the way done at half-time


def learnable(f: Facts) -> float:
    """What there was to learn: from the untrained model's loss, or a guess's where that is lower, to the best known one."""
    return max(min(f.start, max(guess_of(f), f.reference)) - f.reference, 1e-9)


def best_test(run: Run) -> float:
    """Return the lowest clean test loss of a run, smoothed a little."""
    return float(np.nanmin(smooth(np.array(run.truth["test_loss"], dtype=float), 0.05)))


def ended(f: Facts) -> float:
    """Return the clean test loss at the end."""
    return float(tail(f.test, 0.05).mean())


def not_learning(f: Facts) -> int:
    """Never below guessing, although others learnt the same task; one that is often right has learnt."""
    grade = measured.not_learning(f)
    right = np.array(f.run.measured["test_right"], dtype=float)
    if f.run.classes and max(smooth(right).max(), tail(right, 0.05).mean()) > 1 / f.run.classes + RIGHT:
        grade = min(grade, ARGUABLE)
    guess = guess_of(f)
    return grade if f.reference < guess - (1 - STUCK) * abs(guess) else min(grade, ARGUABLE)


def divergence(f: Facts) -> int:
    """A period that never comes back to the dip of its first turn has not left the ground."""
    turns = f.run.recipe.sorted_data and labels.folded(f) > 0.2
    return min(measured.divergence(f), ARGUABLE if turns else YES)


def blew(f: Facts) -> bool:
    """The loss first rose by half of what was then learnt, or more: what follows is the wreck of that."""
    return bool(f.loss.max() - f.start > 0.5 * f.drop)


def slow_start(f: Facts) -> int:
    """A shelf is one only where nothing blew up before it."""
    return min(measured.slow_start(f), ARGUABLE if blew(f) else YES)


def slow_convergence(f: Facts) -> int:
    """Ten times the rate got clearly lower in as many epochs; and the fall was seen, nearly straight."""
    calm = smooth(f.test, 0.05)
    fell = f.start - calm[-1]
    if (
        len(calm) < 4
        or fell < max(4 * noise(f.val), 0.005 * abs(f.start))
        or f.loss[0] - f.loss[-1] < 4 * noise(f.loss)
    ):
        return NO
    half = (f.start - calm[len(calm) // 2]) / max(fell, 1e-9)
    late = float(calm[-max(2, round(0.2 * len(calm))) - 1] - calm[-1]) / max(fell, 1e-9)
    grade = min(level(-half, -STRAIGHT[1], -STRAIGHT[0]), level(half, 0.15, 0.25), level(late, 0.05, 0.1))
    grade = min(grade, level(fell / abs(f.start), 0.005, 0.02), straight(f, calm))
    if grade == NO or ended(f) - f.reference < 0.1 * learnable(f):
        return NO
    if f.run.recipe.fault not in ASKED or min(len(f.loss), len(f.val)) < ENOUGH:
        return ARGUABLE
    gained = ended(f) - best_test(again(f.run, lr=QUICK * f.run.recipe.lr, future=0))
    return min(grade, level(gained / learnable(f), 0.1, 0.25))


def straight(f: Facts, calm: np.ndarray) -> int:
    """Grade how nearly the clean test fell in a line; where the training examples alone did, measured the same way, it may be said."""
    arguable, yes = measured.LINE
    trained = smooth(np.array(f.run.measured["clean_train_loss"], dtype=float), 0.05)
    return max(level(-off_line(calm), -arguable, -yes), ARGUABLE if off_line(trained) < yes else NO)


def undertrained(f: Facts) -> int:
    """Validation still fell, by more than it wavers, and twice the epochs got lower on the clean test."""
    if len(f.val) < 5:
        return NO
    calm = smooth(f.val, 0.05)
    fell = max(calm[0] - calm[-1], 1e-9)
    late = float(calm[-max(2, round(0.2 * len(calm))) - 1] - calm[-1]) / fell
    grade = level(late, 0.02, 0.05)
    if late * fell < 2 * noise(f.val) or f.run.recipe.pretrain or fell < 0.02 * abs(f.start):
        grade = min(grade, ARGUABLE)
    if grade == NO or f.run.recipe.fault not in ASKED or len(f.val) < ENOUGH:
        return min(grade, ARGUABLE)
    gained = ended(f) - best_test(again(f.run, epochs=2 * f.run.recipe.epochs, future=0))
    return min(grade, level(gained / max(f.start - ended(f), 1e-9), 0.02, 0.05))


def underfitting(f: Facts) -> int:
    """Flat, no gap, no better at ten times the rate, and far from what a larger or freer model reached; visible where much of a guess's loss is left."""
    if len(f.val) < 5 or undertrained(f) == YES or generalization_gap(f) == YES:
        return NO
    grade = level((ended(f) - f.reference) / learnable(f), 0.12, 0.3)
    calm = smooth(f.val)
    falling = calm[int(0.8 * len(calm)) - 1] - calm[-1] > 0.05 * (calm[0] - calm.min()) + noise(f.val)
    shaken = blew(f) or falling or measured.oscillation(f) > NO
    shaken = shaken or not_learning(f) > NO  # then that may be the word
    if grade < YES or shaken or not measured.looks_poor(f) or f.run.recipe.pretrain:
        return min(grade, ARGUABLE)
    quick = ended(f) - best_test(again(f.run, lr=QUICK * f.run.recipe.lr, future=0))
    return grade if quick < 0.25 * learnable(f) else ARGUABLE  # else the rate was too small, not the model


def overfitting(f: Facts) -> int:
    """Validation and clean test both rose; where validation alone did, it may be said."""
    return measured.overfitting(f) or min(measured.overfitting(f, confirmed=False), ARGUABLE)


def generalization_gap(f: Facts) -> int:
    """The clean test, too, stays above the training examples measured the same way; what the logged curves show may be said."""
    trained = np.array(f.run.measured["clean_train_loss"], dtype=float)
    gap = tail(f.test).mean() - tail(trained).mean()
    grade = min(measured.generalization_gap(f), level(gap / max(f.start - trained[-1], 1e-9), 0.05, 0.1))
    shown = len(f.val) >= ENOUGH and tail(f.val).mean() - tail(f.loss).mean() > max(3 * noise(f.val), OPEN * f.seen)
    return max(grade, ARGUABLE if shown else NO)


def plateau(f: Facts) -> int:
    """Training rests; where validation alone does, that may be said."""
    third = tail(smooth(f.val, 0.05), 0.35) if len(f.val) >= ENOUGH else np.zeros(0)
    moved = abs(third[0] - third[-1]) / max(f.val[0] - f.val.min(), 1e-9) if third.size else 1.0
    return max(measured.plateau(f), ARGUABLE if moved < REST else NO)


def oscillation(f: Facts) -> int:
    """A fifth of the rate swings much less."""
    grade = measured.oscillation(f)
    if grade == NO or f.run.recipe.fault not in {"oscillation", "healthy"}:
        return min(grade, ARGUABLE)
    calm = facts_of(again(f.run, lr=CALM * f.run.recipe.lr, future=0), f.reference)
    half = calm.loss[len(calm.loss) // 2 :]
    return grade if noise(half) < noise(f.loss[len(f.loss) // 2 :]) / 2 else min(grade, ARGUABLE)


def loss_spike(f: Facts) -> int:
    """Where nobody put one in, a spike may be said."""
    recipe = f.run.recipe
    grade = measured.loss_spike(f)
    return grade if recipe.bad_batches or recipe.lr_bumps else min(grade, ARGUABLE)


def noisy_validation(f: Facts) -> int:
    """The clean test, of the same distribution and the same weights, wavers far less; a single leap may be said.

    Where it wavers alike, the model jumps: validation is as noisy, and no reader of the log can tell the one from the other.
    """
    logged = measured.noisy_validation(f)
    grade = min(logged, level(noise(f.val) / max(noise(f.test), 1e-9), 1.5, 2.5))
    grade = max(grade, ARGUABLE if logged == YES else NO)
    leaps = f.val[1:-1] - np.maximum(f.val[:-2], f.val[2:]) if len(f.val) > 4 else np.zeros(1)
    return max(grade, ARGUABLE if leaps.max() > LEAP * f.drop else NO)


def metric_loss_mismatch(f: Facts) -> int:
    """Loss up and accuracy as good as ever, on the clean test as well."""
    grade = measured.metric_loss_mismatch(f)
    if grade == NO:
        return NO
    return min(grade, measured.kept(np.array(f.run.measured["test_right"], dtype=float), 0.03, 0.015))


def periodic_pattern(f: Facts) -> int:
    """Shuffled, the same run has no such period."""
    grade = labels.periodic_pattern(f)
    if grade == NO or not f.run.recipe.sorted_data:
        return grade
    shuffled = facts_of(again(f.run, sorted_data=False, future=0), f.reference)
    return grade if labels.folded(shuffled) < labels.folded(f) / 2 else min(grade, ARGUABLE)


QUESTIONS: dict[str, Callable[[Facts], int]] = labels.QUESTIONS | {
    "divergence": divergence,
    "not_learning": not_learning,
    "slow_start": slow_start,
    "slow_convergence": slow_convergence,
    "undertrained": undertrained,
    "underfitting": underfitting,
    "overfitting": overfitting,
    "generalization_gap": generalization_gap,
    "plateau": plateau,
    "oscillation": oscillation,
    "loss_spike": loss_spike,
    "noisy_validation": noisy_validation,
    "metric_loss_mismatch": metric_loss_mismatch,
    "periodic_pattern": periodic_pattern,
}
