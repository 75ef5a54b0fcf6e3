"""What a validation set of n examples can tell apart: the noise budget.

The standard error of a share p of n right answers is √(p(1 − p)/n). The same examples every time jitter by less than
that from one validation to the next, because most of them are answered alike; examples drawn afresh jitter by as much.
More than that is the model's own: it really is better and worse from one validation to the next.
A. Agresti, B. A. Coull, The American Statistician 52 (1998), for p near 0 or 1: two right and two wrong are added.
"""

import math
from dataclasses import dataclass

from diagnosis.features.granularity import counted_on
from diagnosis.features.measured import Measured
from diagnosis.features.skill import ANSWERS
from diagnosis.run import Context

ADDED = 2.0  # right answers, and as many wrong ones
SWING = 2.0  # standard errors of the accuracy: the size of the set does not explain more
TELLS = 0.05  # of all answers: examples too few to tell as much are no witness
HANDFUL = 25  # examples: fewer are no sample, and what they lose for good others may not
BELIEVED = 2.0  # standard errors: a smaller difference is as likely chance


@dataclass(frozen=True)
class Budget:
    """In the unit the metric is logged in: `error` of one validation, `jitter` measured from one to the next."""

    name: str
    examples: int
    error: float
    jitter: float
    told: bool  # how many examples, by whoever asks; else by the steps in which the metric moves

    @property
    def believable(self) -> float:
        """The smallest difference worth believing."""
        return BELIEVED * self.error

    @property
    def counted(self) -> str:
        """On how many examples, and how that is known where nobody said it."""
        return f"{self.examples} examples" + ("" if self.told else f" (it moves in steps of 1/{self.examples})")

    @property
    def says(self) -> str:
        """What was seen."""
        return "more than the size of the set explains" if self.owns else "the same examples each time jitter less"

    @property
    def owns(self) -> bool:
        """Whether the model itself jumps, beyond what chance does to so few examples."""
        return self.swing > SWING

    @property
    def swing(self) -> float:
        """The jitter in standard errors; far above one, the set's size cannot explain it."""
        return self.jitter / self.error


def measure_budget(metric: Measured | None, context: Context) -> Budget | None:
    """The noise budget of a share of right answers; None without one, or where nobody says on how many examples."""
    if metric is None or metric.curve.metric not in ANSWERS:
        return None
    n = _examples(metric, context)
    if not n:
        return None
    share = min(max(metric.right(metric.end), 0.0), 1.0)
    adjusted = (share * n + ADDED) / (n + 2.0 * ADDED)
    error = math.sqrt(adjusted * (1.0 - adjusted) / (n + 2.0 * ADDED))
    return Budget(metric.name, n, error * metric.scale, metric.noise, bool(context.val_size))


def few_examples(metric: Measured | None, context: Context) -> int | None:
    """How many validation examples there are, where they are too few to tell of others; None where there are more, or nobody knows."""
    n = _examples(metric, context)
    return n if n and n < HANDFUL else None


def handful(metric: Measured | None, context: Context) -> str | None:
    """The same in words."""
    if (n := few_examples(metric, context)) is None:
        return None
    return f"validation has {n} example{'s' * (n > 1)}: what they lose, others may not; {HANDFUL} and more would tell"


def by_chance(metric: Measured, context: Context) -> bool:
    """Whether right answers are no further below their best than one standard error of so many: a wrong one more, of a few dozen."""
    budget = measure_budget(metric, context)
    return budget is not None and metric.rebound <= budget.error


def _examples(metric: Measured | None, context: Context) -> int | None:
    """On how many examples validation is measured: as said, or as the steps of a share of right answers betray it."""
    if context.val_size or metric is None or metric.curve.metric not in ANSWERS:
        return context.val_size
    return counted_on(metric)


def by_luck(training: Measured | None, validation: Measured | None, context: Context) -> str | None:
    """What to say where answers are as right as training's to within what so many examples tell; None where they are not, or nobody knows."""
    budget = measure_budget(validation, context)
    if budget is None or training is None or validation is None or training.curve.metric != validation.curve.metric:
        return None
    behind = training.right(training.end) - validation.right(validation.end)
    if behind * validation.scale > budget.believable or budget.believable > TELLS * validation.scale:
        return None
    return f"{validation.name} is no further behind {training.name} than chance leaves it on {budget.counted}: other examples may show no gap."
