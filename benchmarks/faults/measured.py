"""Ask of one run, for each condition, whether it really happened: 0 no, 1 arguable, 2 yes.

The judge sees more than any request does: the loss on a large clean test set, the
loss before the first step, the epochs trained on in secret, and the fault put in.
"""

from __future__ import annotations

import numpy as np
from facts import ARGUABLE, NO, YES, Facts, guess_of, level, noise, off_line, rebound, smooth, tail

LEFT = 0.5  # of the loss at the start, that the clean test rose after its first value
SKY = 100.0  # times the loss at the start
HUMP = 40  # noise levels from end to end: one excursion, not an oscillation
SHELF = 3  # validations before anything is called a shelf
MANY = 6  # spikes
REST = 0.04  # of what training brought, that the clean test still moves over its last third
LEARNT = 0.05  # of the untrained model's loss
BUMP = 0.05  # of the steps: a rate that is raised for longer is a phase of the run, no event
LINE = 0.12, 0.05  # of the variance of the clean test's course, that a straight line leaves
POOR = 0.4  # of the loss of a guess still left: visibly poor, whatever the task allows


def overfitting(f: Facts, *, confirmed: bool = True) -> int:
    """Validation and clean test both rose again while training went on falling; unconfirmed, validation alone did.

    A rise of less than three noise levels of one value, but three of the means it lies between, may be said if the clean test confirms it.
    """
    if len(f.val) < 5:
        return NO
    rise, best = rebound(f.val)
    clean, _ = rebound(f.test)
    at = int(smooth(f.val).argmin())
    fell = f.loss[min(int(at * len(f.loss) / len(f.val)), len(f.loss) - 1)] - tail(f.loss, 0.1).mean()
    shown = max(f.val[0] - best, 0.1 * f.drop)
    if fell < noise(f.loss):
        return NO
    calmed = np.sqrt(2 / max(2, round(0.1 * len(f.val)))) if confirmed else 1.0
    plain = level(rise / max(noise(f.val), 1e-9), 3.0 * calmed, 3.0)
    grade = min(plain, level(rise / shown, 0.04, 0.08), level(rise / f.drop, 0.01, 0.03))
    return min(grade, level(clean / f.drop, 0.0, 0.01)) if confirmed else grade


def generalization_gap(f: Facts) -> int:
    """Validation ended clearly above training, measured the same way, and stood still."""
    if len(f.val) < 5:
        return NO
    gap = tail(f.val).mean() - max(f.train_end, tail(f.loss).mean())
    if gap < 3 * noise(f.val):
        return NO
    shares = gap / (f.start - f.train_end + 1e-9), gap / f.seen, gap / abs(f.start)
    opened = ARGUABLE if f.val[0] - f.loss[0] > gap / 2 else YES  # there from the start: two unlike samples
    return min(opened, level(shares[0], 0.06, 0.15), level(shares[1], 0.12, 0.25), level(shares[2], 0.03, 0.08))


def wrecked(f: Facts) -> bool:
    """After an event that was put in, the clean test ended above the untrained model's, though it had come down: the run did not survive it."""
    if not (f.run.recipe.bad_batches or f.run.recipe.lr_bumps or f.run.recipe.schedule[0] == "jump"):
        return False
    learnt = f.start - np.nanmin(f.test) > LEARNT * abs(f.start)
    return bool(learnt and np.median(tail(f.test)) > f.start and np.median(tail(f.loss)) > f.start)


def divergence(f: Facts) -> int:
    """Training loss stands far above its best, or above where it began, at the end; noise that an event left hides nothing."""
    if wrecked(f):
        return YES
    calm = smooth(f.loss, 0.05)
    end = float(np.median(tail(f.loss)))
    if end - calm.min() < 5 * noise(f.loss) or tail(f.loss).min() <= calm.min():
        return NO
    if f.start > 0 and end > 1.1 * max(f.start, calm[0]):
        return YES
    before = float(np.median(tail(f.loss, 0.4)[: len(tail(f.loss))]))
    recovering = before - end > max(noise(f.loss) / 3, 0.02 * before) and end < 0.8 * f.start
    grade = level((end - calm.min()) / max(f.start - calm.min(), 0.05 * abs(f.start)), 0.15, 0.5)
    return min(grade, ARGUABLE) if recovering else grade


def not_learning(f: Facts) -> int:
    """Neither the clean test nor the training loss ever got below what guessing gives; one that still falls is on its way."""
    if f.run.recipe.pretrain:
        return NO
    guess = min(f.start, guess_of(f))
    tested = guess - np.nanmin(smooth(f.test, 0.05))
    trained = min(guess, f.loss[0]) - smooth(f.loss, 0.05).min() - 2 * noise(f.loss)
    grade = level(-max(tested, trained) / abs(guess), -0.08, -0.03)
    left_upwards = f.test[-1] - f.test[0] > LEFT * abs(f.start)  # that is no standstill, but another fault
    moves = left_upwards or _still_falling(f.loss, f.start) or _still_falling(f.test, f.start)
    return min(grade, ARGUABLE) if moves else grade


def _still_falling(curve: np.ndarray, start: float) -> bool:
    """Whether the second half brought more than its noise, and more than anyone would call standing still."""
    late = smooth(curve)[len(curve) // 2 :]
    return len(late) > 1 and bool(late[0] - late[-1] > max(0.005 * abs(start), 4 * noise(curve)))


def slow_start(f: Facts) -> int:
    """The clean test loss stood still for a good part of the run before it fell."""
    onset = int(np.argmax(f.test < f.start - 0.1 * f.drop)) / len(f.test)
    half_way = f.test[int(0.6 * onset * len(f.test))]
    if onset * len(f.test) < SHELF:
        return NO
    still = level(half_way - f.start, -0.08 * f.drop, -0.03 * f.drop)
    return min(still, level(onset, 0.08, 0.15), level(f.drop / abs(f.start), 0.005, 0.1))


def slow_convergence(f: Facts) -> int:
    """A straight, slow fall with most of the way still to go, as the task's best run shows."""
    calm = smooth(f.test, 0.05)
    left = (calm[-1] - f.reference) / max(f.start - f.reference, 1e-9)
    half = (f.start - calm[len(calm) // 2]) / max(f.start - calm[-1], 1e-9)
    fell = f.start - calm[-1]
    if fell < max(4 * noise(f.val), 0.005 * abs(f.start)) or f.loss[0] - f.loss[-1] < 4 * noise(f.loss):
        return NO
    # One that stood still first is a slow start; one that came to rest again is no longer slow.
    late = float(calm[-max(2, round(0.2 * len(calm))) - 1] - calm[-1]) / max(fell, 1e-9)
    bent = min(level(-half, -0.72, -0.62), level(half, 0.15, 0.25), level(late, 0.05, 0.1))
    line = level(-off_line(calm), -LINE[0], -LINE[1])
    return min(level(left, 0.25, 0.4), bent, line, level(fell / abs(f.start), 0.005, 0.02))


def undertrained(f: Facts) -> int:
    """Validation still fell at the end; the epochs trained on in secret went further down."""
    if len(f.val) < 5:
        return NO
    calm = smooth(f.val, 0.05)
    late = float(calm[-max(2, round(0.2 * len(calm))) - 1] - calm[-1]) / max(calm[0] - calm[-1], 1e-9)
    grade = level(late, 0.025, 0.06)
    if late * (calm[0] - calm[-1]) < 2 * noise(f.val):
        grade = min(grade, ARGUABLE)
    left = (f.test[-1] - f.reference) / max(f.start - f.reference, 1e-9)
    scheduled = f.run.recipe.schedule != ("constant",)
    if f.run.recipe.pretrain or (scheduled and left < 0.2) or calm[0] - calm[-1] < 0.02 * abs(f.start):
        grade = min(grade, ARGUABLE)
    if len(f.future):
        gained = (f.test[-1] - f.future.min()) / max(f.start - f.test[-1], 1e-9)
        return min(grade, level(gained, 0.02, 0.05))
    return grade


def underfitting(f: Facts) -> int:
    """Flat, no gap, and far from what a better run reached on the same task."""
    if len(f.val) < 5 or undertrained(f) == YES or generalization_gap(f) == YES:
        return NO
    left = (f.test[-1] - f.reference) / max(f.start - f.reference, 1e-9)
    grade = level(left, 0.15, 0.3)
    if not_learning(f):  # then that may be the word
        return min(grade, ARGUABLE)
    return grade if looks_poor(f) and not f.run.recipe.pretrain else min(grade, ARGUABLE)


def looks_poor(f: Facts) -> bool:
    """Much of the loss of a guess is left at the end: without an anchor, underfitting or a noise floor."""
    if f.run.kind == "language_model" or f.run.recipe.loss == "gaussian" or not f.run.recipe.scaled or not len(f.val):
        return False
    return bool(tail(f.val).mean() > POOR * guess_of(f))


def blown(f: Facts) -> bool:
    """The loss went sky-high on the way, whatever came after."""
    return len(f.loss) > 1 and f.start > 0 and f.loss[1:].max() > SKY * f.start


def oscillation(f: Facts) -> int:
    """The training loss swings by a good part of its whole progress in the second half."""
    half = f.loss[len(f.loss) // 2 :]
    if f.run.recipe.log_every or len(half) < 5 or np.ptp(half) > HUMP * noise(half):
        return NO
    return level(noise(half) / max(f.seen, 0.1 * abs(f.start)), 0.06, 0.15)


def loss_spike(f: Facts) -> int:
    """The logged loss jumped where the fault was put in, or stands alone above both its sides."""
    recipe = f.run.recipe
    if len(f.loss) < 10:
        return NO
    spread = max(noise(f.loss), 1e-9)
    steps = f.run.steps_per_epoch * recipe.epochs
    bumps = [*recipe.bad_batches, *(first for first, length, _ in recipe.lr_bumps if length < BUMP * steps)]
    if recipe.lr_bumps and not bumps:
        return ARGUABLE
    if bumps:
        places = [min(step // (recipe.log_every or f.run.steps_per_epoch), len(f.loss) - 4) for step in bumps]
        high = max(f.loss[at : at + 3].max() - np.median(f.loss[max(0, at - 3) : at]) for at in places if at)
        return level(high / f.seen, 0.1, 0.25) if high > 6 * spread else NO
    width = max(4, len(f.loss) // 20)
    inside = range(2, len(f.loss) - 2)
    sides = [max(np.median(f.loss[max(0, i - width) : i]), np.median(f.loss[i + 1 : i + 1 + width])) for i in inside]
    over = f.loss[2:-2] - sides
    if (
        not 0 < (np.diff((over > 10 * spread).astype(int), prepend=0) == 1).sum() <= MANY
    ):  # else: the shape of the noise
        return NO
    grade = level(over.max() / f.seen, 0.1, 0.3)
    return min(grade, ARGUABLE) if recipe.log_every else grade


def noisy_validation(f: Facts) -> int:
    """Validation jumps far more than training does, and by a part of the progress that matters."""
    if len(f.val) < 8 or f.run.recipe.log_every:
        return NO
    grade = level(noise(f.val) / max(noise(f.loss), 1e-9), 2.0, 3.0)
    return min(grade, level(noise(f.val) / max(f.val[0] - f.val.min(), f.seen), 0.02, 0.06))


def validation_better_than_training(f: Facts) -> int:
    """Validation below training for most of the second half, by more than half an epoch explains.

    Logged by step, training has no value to set against each validation: what it scores in evaluation mode says whether it may be said.
    """
    by_step = f.run.recipe.log_every or len(f.val) != len(f.loss)
    trained = np.array(f.run.measured.get("clean_train_loss", []), dtype=float) if by_step else f.loss
    if len(f.val) != len(trained) or len(f.val) < 6:
        return NO
    better = (trained - f.val)[len(f.val) // 2 :]
    grade = min(level(float((better > 0).mean()), 0.5, 0.85), level(better.mean() / f.seen, 0.01, 0.03))
    return min(grade, ARGUABLE) if by_step else grade


def plateau(f: Facts) -> int:
    """The last third of the run brought next to nothing; where the clean test alone rests, that may be said."""
    if len(f.loss) < 8:
        return NO
    third = tail(smooth(f.loss, 0.05), 0.35)
    grade = level(-abs(third[0] - third[-1]) / f.seen, -0.04, -0.015)
    clean = tail(smooth(f.test, 0.05), 0.35)
    rests = len(f.test) >= 8 and abs(clean[0] - clean[-1]) < REST * f.drop
    return max(grade, ARGUABLE if rests else NO)


def metric_loss_mismatch(f: Facts) -> int:
    """Validation loss clearly up, validation accuracy as good as ever."""
    shown = f.run.history.get("val_accuracy")
    if shown is None or isinstance(shown, dict) or len(shown) < 10:
        return NO
    return min(overfitting(f), kept(np.array(shown, dtype=float), 0.02, 0.01))


def kept(right: np.ndarray, arguable: float, yes: float) -> int:
    """Grade how much of the answers that were once right still are; a loss within the noise of the means it lies between may be none."""
    calm = smooth(right)
    lost = calm.max() - tail(calm, 0.1).mean()
    unsure = 3.0 * noise(right) * np.sqrt(2 / max(2, round(0.1 * len(right))))
    return level(-lost, -max(arguable, unsure), -yes)
