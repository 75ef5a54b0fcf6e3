"""What was logged: curves with a role, and what the caller said about the training.

Arrays are float64, one-dimensional, of equal length, sorted by step and read-only.
NaN and infinity in `values` are data: the number the training produced.
A value that was not logged (`null`, an empty cell) is not in the arrays at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from diagnosis.lazy import lazy

FloatArray: TypeAlias = npt.NDArray[np.float64]
Axis = Literal["epoch", "step"]
Direction = Literal["min", "max"]
Task = Literal["classification", "regression", "language_model", "other"]
Role = Literal[
    "train_loss",
    "val_loss",
    "train_metric",
    "val_metric",
    "learning_rate",
    "grad_norm",
    "tp",
    "fp",
    "tn",
    "fn",
    "other",
]
# A number beyond is an overflow in all but name: single precision ends at 3.4e38.
LARGEST = 1e100
# A position beyond is none: 64 bits count no further, and a clock in nanoseconds has until the year 2262.
FARTHEST = 2.0**63
# Positions no farther apart are one: of the longest epoch there is, that is a single example.
NEAREST = 1e-12
# Of the planned epochs, where steps or fractions are counted: the last few need not have been logged.
NEARLY = 0.98
# Characters of a number in prose; longer ones are cut to six digits, and JSON has them all.
LONG = 15
ROLES: tuple[Role, ...] = get_args(Role)


def number(value: float) -> int | float:
    """A position as it was logged: 14, not 14.0."""
    return int(value) if float(value).is_integer() else float(value)


def spoken(value: float) -> str:
    """A position as people say it: `14`, `0.333333`, `1.3e300`."""
    text = str(value)
    return text if len(text) <= LONG else f"{value:.6g}".replace("e+", "e")


@dataclass(frozen=True)
class Position:
    """A place on a curve, in the numbers that were logged."""

    axis: Axis
    at: int | float

    def __str__(self) -> str:
        """Read it aloud: `epoch 14`."""
        return f"{self.axis} {spoken(self.at)}"


@dataclass(frozen=True, eq=False)
class Curve:
    """One series: `values` (n,) at ascending `steps` (n,)."""

    name: str
    role: Role
    metric: str
    values: FloatArray = field(repr=False)
    steps: FloatArray = field(repr=False)
    axis: Axis = "epoch"
    direction: Direction = "min"

    def __post_init__(self) -> None:
        """Look at the arrays through frozen ones: a rule that wrote to them would change its neighbour's verdict."""
        for name in ("values", "steps"):
            frozen = np.asarray(getattr(self, name), dtype=np.float64).view()  # the caller's own stays as it is
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        if self.values.shape != self.steps.shape or self.values.ndim != 1:
            message = f"{self.name}: {self.values.shape} values at {self.steps.shape} steps"
            raise ValueError(message)

    def __len__(self) -> int:
        """How many values were logged, non-finite ones included."""
        return self.values.size

    def position(self, index: int) -> Position:
        """Where the value at `index` was logged."""
        return Position(self.axis, number(self.steps[index]))

    def before(self, at: Position) -> Position | None:
        """Where the value before that of a position was logged; None where that is the first."""
        index = int(np.searchsorted(self.steps, at.at))
        return self.position(index - 1) if index else None

    def best_before(self, end: Position | None) -> Position | None:
        """Where the best value before a position was logged; None where that was the first, or cannot be told."""
        if end is None or end.axis != self.axis:
            return None
        before = self.finite.values[: int(np.searchsorted(self.finite.steps, end.at))]
        best = int(before.argmin() if self.direction == "min" else before.argmax()) if before.size else 0
        return self.finite.position(best) if best else None

    @lazy
    def whole_steps(self) -> bool:
        """Whether every value was logged at a whole number."""
        return bool((np.floor(self.steps) == self.steps).all())

    @lazy
    def sound(self) -> npt.NDArray[np.bool_]:
        """Which values are numbers one can reckon with: neither NaN nor infinite, nor beyond `LARGEST` (n,)."""
        return np.abs(self.values) < LARGEST

    @lazy
    def finite(self) -> Curve:
        """The same curve without its NaN and infinite values."""
        if len(self) and self.values.min() > -LARGEST and self.values.max() < LARGEST:
            return self  # NaN compares false
        keep = self.sound
        return Curve(
            self.name,
            self.role,
            self.metric,
            self.values[keep],
            self.steps[keep],
            self.axis,
            self.direction,
        )


@dataclass(frozen=True)
class Context:
    """What the caller said of the training; everything may be missing (`None`)."""

    task: Task | None = None
    num_classes: int | None = None
    batch_size: int | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    dropout: float | None = None
    train_size: int | None = None
    val_size: int | None = None
    steps_per_epoch: float | None = None
    planned_epochs: float | None = None
    finished: bool | None = None
    monitor: str | None = None
    baseline: float | None = None
    scheduler: str | bool | None = None
    gradient_clipping: float | bool | None = None
    early_stopping: Any = None
    shuffle: bool | None = None
    augmentation: Any = None
    checkpoint_every: float | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)

    @property
    def guessing(self) -> float | None:
        """The cross-entropy of guessing, ln C (Stanford CS231n notes: 2.302 for ten classes); None where C is unknown."""
        return math.log(self.num_classes) if self.num_classes and self.num_classes > 1 else None

    @property
    def steps_an_epoch(self) -> float:
        """As said, else by the sizes of data and batch; 0 where neither is known."""
        counted = -(-self.train_size // self.batch_size) if self.train_size and self.batch_size else 0
        return self.steps_per_epoch or counted


@dataclass(frozen=True)
class Source:
    """Where the curves came from, and what was made of their names."""

    format: str = "json"
    mapping: Mapping[str, Role] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Run:
    """One training run as it was logged."""

    curves: tuple[Curve, ...]
    context: Context = field(default_factory=Context)
    source: Source = field(default_factory=Source)
    name: str | None = None

    def having(self, *roles: Role) -> tuple[Curve, ...]:
        """The curves of these roles, by metric and name: the order of a log's columns, or of JSON's keys, tells nothing."""
        found = [curve for curve in self.curves if curve.role in roles]
        return tuple(sorted(found, key=lambda curve: (ROLES.index(curve.role), curve.metric, curve.name)))

    @lazy
    def epochs_logged(self) -> float | None:
        """How many epochs the log covers; `None` where only steps are known.

        Epochs counted in whole numbers begin at 0 or at 1; in fractions they say how far training had come.
        """
        ends = [end for end, _ in self._ends]
        return max(ends) if ends else None

    @lazy
    def _counts_from_one(self) -> bool:
        """Whether the first whole epoch is called 1: one is, or every fifth of them is logged as 5, 10, and so on."""
        whole = [c.steps for c in self.curves if c.axis == "epoch" and len(c) and c.whole_steps]
        first = min(whole, key=lambda steps: float(steps[0]), default=None)
        if first is None or first[0] <= 1:
            return first is not None and first[0] == 1
        apart = first[1] - first[0] if first.size > 1 else 1.0
        return bool(apart > 1 and first[0] % apart == 0)

    @lazy
    def _ends(self) -> list[tuple[float, bool]]:
        """How many epochs each curve covers, and whether that is counted in whole epochs."""
        ends = []
        for curve in self.curves:
            if curve.axis == "epoch" and len(curve):
                whole = curve.whole_steps
                ends.append((float(curve.steps[-1]) + (1.0 if whole and not self._counts_from_one else 0.0), whole))
            elif len(curve) and self.context.steps_per_epoch:
                ends.append((float(curve.steps[-1]) / self.context.steps_per_epoch, False))
        return ends

    @lazy
    def finished(self) -> bool:
        """Whether training is over: as said, else unless fewer epochs are logged than planned."""
        if self.context.finished is not None:
            return self.context.finished
        planned = self.context.planned_epochs
        if planned is None or not self._ends:
            return True
        return any(end >= planned * (1.0 if whole else NEARLY) for end, whole in self._ends)
