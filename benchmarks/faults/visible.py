"""Whether what was sent could show a fault to any reader: asked of the record's own facts, never of a rule.

The judge knows the clean test, the epochs trained on in secret and the same run trained again; a reader of the log does not. What
only the judge can know is tolerated, not due. Each question below weighs what really happened (the clean curve, the loss
before the first step) against what was logged (how many values, how noisy) and what was said (classes, a metric with a known
chance level). It is asked of what would be found and of what would be missed alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from facts import Facts, guess_of, noise, smooth, tail
from optimisation import Now, schedule

if TYPE_CHECKING:
    from collections.abc import Callable

ENOUGH = 10  # values; with fewer a trend cannot be seen
SHELF = 5  # of them before learning set in: fewer are no level
STILL = 3.0  # noise levels of a logged value, that the clean test may move under a curve that looks flat
POOR = 0.4  # of the loss of a guess, or of the way from perfect answers to guessed ones
HEAVY = 0.6  # dropout that explains by itself what training is worse for
ENDED = 0.11  # of the highest rate: a schedule that came down by a factor of ten has ended the run
ACCURACIES = ("accuracy", "val_accuracy")


def level_known(f: Facts) -> bool:
    """Whether a guess's score can be told: the number of classes was said, of a loss in nats, or R² or Matthews' correlation logged."""
    return bool({"num_classes", "baseline"} & set(f.sent)) or bool({"val_r2", "val_mcc"} & set(f.run.history))


def not_learning(f: Facts) -> bool:
    """What guessing scores is known, or an accuracy shows it; else only a curve that nothing moved says so by itself."""
    accuracy = any(name in f.run.history for name in ACCURACIES)
    moved = f.test[0] - np.nanmin(smooth(f.test, 0.05)) if len(f.test) else np.inf
    return len(f.loss) >= ENOUGH and bool(level_known(f) or accuracy or moved <= STILL * noise(f.loss))


def slow_start(f: Facts) -> bool:
    """Enough was logged of the shelf to tell it from a first step."""
    onset = float(np.argmax(f.test < f.start - 0.1 * f.drop)) / len(f.test)
    return onset * len(f.loss) >= SHELF


def underfitting(f: Facts) -> bool:
    """The clean test is poor by every score that was sent; or the reason was: a heavy dropout, a softmax that only an accuracy betrays."""
    if min(len(f.loss), len(f.val)) < ENOUGH:
        return False
    classes, accuracy = f.sent.get("num_classes"), any(name in f.run.history for name in ACCURACIES)
    if f.run.recipe.head == "softmax":
        return bool(classes and accuracy)
    if f.sent.get("dropout", 0.0) >= HEAVY:
        return True
    poor = level_known(f) and float(tail(f.test, 0.05).mean()) > POOR * guess_of(f)
    if poor and classes and accuracy:
        wrong = 1.0 - float(tail(np.array(f.run.truth["test_right"], dtype=float)).mean())
        return wrong > POOR * (1.0 - 1.0 / classes)
    return poor


def followed(f: Facts) -> bool:
    """Training and validation were logged often enough to see where they go."""
    return min(len(f.loss), len(f.val)) >= ENOUGH


def undertrained(f: Facts) -> bool:
    """The rate was still up: a schedule that took it to next to nothing ended the run, and what a longer one would bring shows nowhere."""
    recipe, each = f.run.recipe, f.run.steps_per_epoch
    total = recipe.epochs * each
    return followed(f) and schedule(recipe, Now(total - 1, total, each, list(f.val))) > ENDED * recipe.lr


VISIBLE: dict[str, Callable[[Facts], bool]] = {
    "not_learning": not_learning,
    "slow_start": slow_start,
    "slow_convergence": followed,
    "undertrained": undertrained,
    "underfitting": underfitting,
}
