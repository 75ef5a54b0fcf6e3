"""Whether validation hears nothing of what training gains: no accuracy of it ever gets better."""

from __future__ import annotations

from diagnosis.features.measured import Measured
from diagnosis.features.skill import ANSWERS, GOOD, beyond_chance, chance_of
from diagnosis.run import Context

TENTHS = 10
SMALL, FOLLOWS, LOST = 0.06, 0.3, 4.0  # of all answers; of what training gained; noise levels: less is nothing
ONE_IN = 0.08  # of 1/C: so far the accuracies of guessing models were off it, of a hundred examples
BY_HEART = 8.0  # noise levels that training gains: less is not seen in single values


def is_deaf(loss: Measured, validation: Measured | None, metrics: tuple[Measured, ...], context: Context) -> bool:
    """Whether no accuracy ever got better, none is good, and validation did not gain what training did."""
    told = _told(metrics)
    if not told or validation is None:
        return False
    gained = validation.start - validation.end
    moved = gained > max(FOLLOWS * (loss.start - loss.end), LOST * validation.grid_noise)
    poor = all(m.right(m.end) < GOOD for m in told)
    if not all(chance_of(m, context) is not None for m in told):
        # With no level to hold it against, an accuracy that never moves may be all there is to learn in a noisy task.
        poor = poor and all(map(_one_in_some, told))
        moved = moved or (loss.whole.falling and loss.progress > BY_HEART * loss.grid_noise)
    return poor and not moved and all(m.progress < SMALL * m.scale and not beyond_chance(m, context) for m in told)


def _one_in_some(metric: Measured) -> bool:
    """Whether a share of right answers is about one in two, in three, in four …, as of a guess."""
    share = max(metric.right(metric.end), 1e-3)
    return abs(share * round(1.0 / share) - 1.0) <= ONE_IN


def sank(validation: Measured | None, metrics: tuple[Measured, ...]) -> bool:
    """Whether right answers of training and of validation only got fewer, by far, none are many, and validation gained nothing either.

    What the loss of training gains then, from an epoch in which it was thrown up, is no answer.
    """
    told = _told(metrics)
    if validation is None or len(told) <= 1 or not all(m.right(m.end) < GOOD and _got_worse(m) for m in told):
        return False
    return validation.start - validation.end <= LOST * validation.grid_noise


def _told(metrics: tuple[Measured, ...]) -> list[Measured]:
    """The accuracies, where nothing else is logged beside them, and each is long enough."""
    told = [m for m in metrics if m.curve.metric in ANSWERS and m.n > TENTHS]
    return told if len(told) == len(metrics) else []


def _got_worse(metric: Measured) -> bool:
    """Whether there were more right answers at first than ever in the second half, by far: what was learnt is gone again."""
    later = float(metric.z[metric.z.size // 2 :].min())
    return later - float(metric.z[0]) > max(SMALL * metric.scale, LOST * metric.grid_noise)
