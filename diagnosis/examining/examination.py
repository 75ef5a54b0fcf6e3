"""What an examination measured, checked field by field: it comes from a process that a stranger's model may have run.

Frozen and plain; nothing is judged here but whether the batch was learnt. `Examination.of` refuses whatever the
examination could not have written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnosis.errors import InvalidExamination
from diagnosis.examining.sections import (
    FEW_STEPS,
    REACHED,
    After,
    Asked,
    Attempt,
    Batch,
    Broken,
    CurveFacts,
    Dependence,
    Gradients,
    Graph,
    Levels,
    Model,
    Operand,
    Output,
    Symmetric,
    Units,
)
from diagnosis.examining.strict import read_strictly
from diagnosis.lazy import lazy

NEAR = 0.1  # of 0 and of 1: an output that is squashed and wants to go further gets there
ROUNDED = 1e-6  # of a loss: as far below zero as sums in single precision bring what is never negative
MOSTLY = 0.5  # of the squared error that is left, and of the way from the best constant answer to the floor
FEW_NUMBERS = 8  # fewer may all lie between 0 and 1 by chance


@dataclass(frozen=True)
class Examination:
    """Everything that a check may ask for, by the names of its fields; None where it was not asked."""

    asked: Asked
    device: str
    model: Model
    graph: Graph | None
    batch: Batch
    operand: Operand | None
    output: Output
    attached: bool
    broken: Broken | None
    levels: Levels
    gradients: Gradients | None
    symmetric: tuple[Symmetric, ...]
    units: tuple[Units, ...]
    dependence: Dependence | None
    attempts: tuple[Attempt, ...]
    used: int | None
    settled: bool
    curve: CurveFacts
    after: After | None
    timing: Mapping[str, float]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, facts: object) -> Examination:
        """Read the facts strictly; raises InvalidExamination where they make no sense."""
        read = read_strictly(cls, facts, "")
        if (read.used is None) == bool(read.attempts) or (
            read.used is not None and not 0 <= read.used < len(read.attempts)
        ):
            raise InvalidExamination("used names no attempt", "/used")
        if len(read.curve.steps) != len(read.curve.loss):
            raise InvalidExamination("steps and losses differ in number", "/curve")
        if list(read.curve.steps) != sorted(set(read.curve.steps)) or read.batch.examples < 0:
            raise InvalidExamination("steps do not ascend", "/curve/steps")
        gradients = read.gradients
        if (
            gradients
            and len(
                {
                    len(gradients.names),
                    len(gradients.norms),
                    len(gradients.sizes),
                    len(gradients.numbers),
                    len(gradients.dimensions),
                }
            )
            > 1
        ):
            raise InvalidExamination("lists of gradients differ in length", "/gradients")
        return read

    @lazy
    def given(self) -> Attempt | None:
        """The attempt with the learning rate that was asked for."""
        return self.attempts[0] if self.attempts else None

    @lazy
    def best(self) -> Attempt | None:
        """The attempt to judge by."""
        return self.attempts[self.used] if self.used is not None else None

    @lazy
    def squashed(self) -> bool:
        """Whether the output stays between 0 and 1, and training that failed drove it against both ends."""
        first, last = self.output, self.after
        if self.passed or None in (first.low, first.high) or last is None or last.low is None or last.high is None:
            return False
        inside = min(first.low or 0.0, last.low) >= 0.0 and max(first.high or 0.0, last.high) <= 1.0
        return inside and first.numbers >= FEW_NUMBERS and last.low < NEAR < 1.0 - NEAR < last.high

    @lazy
    def held_at_ends(self) -> bool:
        """Whether most of what is left of the loss is of outputs at an end of the last activation's range, where no gradient is."""
        return not self.passed and self.after is not None and (self.after.at_ends or 0.0) > MOSTLY

    @lazy
    def nearly(self) -> bool:
        """Whether it learnt most of the batch, and is held from the rest at the ends of its last activation."""
        reference, final = self.levels.reference, self.best.final if self.best else None
        if not self.held_at_ends or reference is None or final is None:
            return False
        return final - self.levels.floor < MOSTLY * (reference - self.levels.floor)

    @lazy
    def bounded(self) -> bool:
        """Whether the loss has a floor on this batch: that of a loss of the model's own is not known once it is below zero."""
        if self.model.returns_loss:
            lowest = [self.levels.initial or 0.0, *(a.best or 0.0 for a in self.attempts)]
            return min(lowest) >= -ROUNDED * max(map(abs, lowest))
        if self.asked.loss == "nll":
            return self.output.log_probabilities
        return not (self.asked.loss == "bce_with_logits" and self.batch.outside)

    @lazy
    def passed(self) -> bool:
        """Whether the batch was learnt."""
        best, target = self.best, self.levels.target
        if best is None or best.final is None or target is None or not self.bounded:
            return False
        return best.stopped == REACHED and best.final <= target

    @lazy
    def enough(self) -> bool:
        """Whether there were enough steps to say that it cannot be learnt, and nothing was still falling."""
        best = self.best
        if best is None:
            return True
        return best.stopped == "failed" or (best.steps >= FEW_STEPS and self.settled and not best.falling)

    @lazy
    def progress(self) -> float:
        """The share of the way from its start to the floor that the best attempt went; 0 where there is none."""
        return self.went(self.best) if self.best else 0.0

    def went(self, attempt: Attempt) -> float:
        """The share of the way from the start to the floor that an attempt went."""
        start, end = self.levels.initial, attempt.final
        if attempt.best is not None and end is not None and attempt.stopped == "steps":
            end = min(end, attempt.best) if attempt.falling else end
        if start is None or end is None or start <= self.levels.floor:
            return 0.0
        return (start - end) / (start - self.levels.floor)
