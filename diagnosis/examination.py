"""What an examination measured, checked field by field: it comes from a process that a stranger's model may have run.

Frozen and plain; nothing is judged here. `Examination.of` refuses whatever the examination could not have written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from diagnosis.errors import InvalidExamination

LONGEST, MOST = 400, 2001  # characters of a string, entries of a list
REACHED = "reached"
FEW_STEPS = 30  # fewer are too few to say that a model cannot learn
Section = TypeVar("Section")


@dataclass(frozen=True)
class Asked:
    """What the caller asked for."""

    loss: str
    optimizer: str
    lr: float
    lr_given: bool
    steps: int
    seed: int
    deadline_s: float


@dataclass(frozen=True)
class Hidden:
    """A constant that is used as weights, and the module whose parameters come before it."""

    place: str
    shape: tuple[int, ...]
    operation: str


@dataclass(frozen=True)
class Model:
    """Its parameters and its arguments."""

    parameters: int
    trainable: int
    names: int
    frozen: tuple[str, ...]
    inputs: tuple[str, ...]
    arguments: tuple[str, ...]
    dtypes: tuple[str, ...]
    layers: int
    random: bool
    hidden: tuple[Hidden, ...]
    returns_loss: bool
    outputs: int
    norms_held: bool


@dataclass(frozen=True)
class Graph:
    """Whether it was traced, and which operations have their mode as a constant (name, training)."""

    traced: bool
    baked: tuple[tuple[str | bool, ...], ...]


@dataclass(frozen=True)
class Batch:
    """Its shapes and what its targets are made of."""

    examples: int
    made: bool
    inputs: tuple[tuple[str | int, ...], ...]
    targets: tuple[str | int, ...]
    fit: str
    classes: int | None
    outside: int
    refused_dtype: str | None
    labels: int
    seen: int
    share: float | None
    inputs_not_finite: int
    low: float | None
    high: float | None
    mean: float | None
    deviation: float | None
    targets_not_finite: int
    contradicting: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class Operand:
    """What the first layer with weights is given."""

    rms: float
    largest: float


@dataclass(frozen=True)
class Output:
    """The first output: its range, and the last operation before it."""

    shape: tuple[int, ...]
    not_finite: int
    low: float | None
    high: float | None
    numbers: int
    zeros: float
    broadcast: tuple[int, ...] | None
    probabilities: bool
    log_probabilities: bool
    last: str | None
    place: str


@dataclass(frozen=True)
class Broken:
    """What was not finite first (output, loss, gradients), at which step, where."""

    what: str
    step: int
    where: str
    start: bool


@dataclass(frozen=True)
class Levels:
    """Losses: at the start, expected there, the lowest possible, of the best constant answer, and what counts as learnt."""

    initial: float | None
    expected: float | None
    floor: float
    reference: float | None
    target: float | None


@dataclass(frozen=True)
class Gradients:
    """Norms at step 0, in the order in which parameters are used."""

    names: tuple[str, ...]
    norms: tuple[float | None, ...]
    sizes: tuple[float | None, ...]
    numbers: tuple[int, ...]
    dimensions: tuple[int, ...]
    norm: float
    missing: tuple[str, ...]
    zero: tuple[str, ...]
    not_finite: tuple[str, ...]
    last: tuple[str, ...]


@dataclass(frozen=True)
class Symmetric:
    """Weights whose units are all alike, and whose gradients are too."""

    name: str
    units: int
    constant: bool
    gradient: float


@dataclass(frozen=True)
class Units:
    """The units of one activation: the share that is dead or saturated, over how many looks at each."""

    place: str
    kind: str
    units: int
    share: float
    looks: int


@dataclass(frozen=True)
class Dependence:
    """What the outputs depend on, in eval mode before training."""

    random: tuple[str, ...] = ()
    eval_differs: float | None = None
    spread: float | None = None
    leaks: float | None = None
    mixes_in_eval: bool = False
    causal: bool = False


@dataclass(frozen=True)
class Attempt:
    """One training with one learning rate."""

    lr: float
    steps: int
    first: float | None
    best: float | None
    final: float | None
    stopped: str
    falling: bool
    seconds: float
    says: str


@dataclass(frozen=True)
class CurveFacts:
    """The loss of the attempt that was judged."""

    steps: tuple[int, ...]
    loss: tuple[float | str, ...]


@dataclass(frozen=True)
class After:
    """What was seen when training was over; not everything is asked of a model that passed."""

    steps: int
    unmoved: tuple[str, ...]
    metric: Mapping[str, float] | None = None
    loss: float | None = None
    units: tuple[Units, ...] | None = None
    spread: float | None = None
    ignored: tuple[int, ...] | None = None
    blind: float | None = None


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
        read = _read(cls, facts, "")
        if (read.used is None) == bool(read.attempts) or (read.used is not None and not 0 <= read.used < len(read.attempts)):
            raise InvalidExamination("used names no attempt", "/used")
        if len(read.curve.steps) != len(read.curve.loss):
            raise InvalidExamination("steps and losses differ in number", "/curve")
        if list(read.curve.steps) != sorted(set(read.curve.steps)) or read.batch.examples < 0:
            raise InvalidExamination("steps do not ascend", "/curve/steps")
        gradients = read.gradients
        if gradients and len({len(gradients.names), len(gradients.norms), len(gradients.sizes), len(gradients.numbers), len(gradients.dimensions)}) > 1:
            raise InvalidExamination("lists of gradients differ in length", "/gradients")
        return read

    @cached_property
    def given(self) -> Attempt | None:
        """The attempt with the learning rate that was asked for."""
        return self.attempts[0] if self.attempts else None

    @cached_property
    def best(self) -> Attempt | None:
        """The attempt to judge by."""
        return self.attempts[self.used] if self.used is not None else None

    @cached_property
    def bounded(self) -> bool:
        """Whether the loss has a floor on this batch."""
        if self.asked.loss == "nll" and not self.model.returns_loss:
            return self.output.log_probabilities
        return not (self.asked.loss == "bce_with_logits" and self.batch.outside)

    @cached_property
    def passed(self) -> bool:
        """Whether the batch was learnt."""
        best, target = self.best, self.levels.target
        if best is None or best.final is None or target is None or not self.bounded:
            return False
        return best.stopped == REACHED and best.final <= target

    @cached_property
    def enough(self) -> bool:
        """Whether there were enough steps to say that it cannot be learnt, and nothing was still falling."""
        best = self.best
        if best is None:
            return True
        return best.stopped in ("failed",) or (best.steps >= FEW_STEPS and self.settled and not best.falling)

    @cached_property
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


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: type[Section], value: object, where: str) -> Section:
    """A dataclass from a mapping: no field missing but those with defaults, none unknown, each of its type."""
    if not isinstance(value, dict):
        raise InvalidExamination("expected an object", where or "/")
    assert is_dataclass(kind)  # noqa: S101 - every section is one
    known = {field.name for field in fields(kind)}
    hints = _hints(kind)
    given = {name: _value(hints[name], inner, f"{where}/{name}") for name, inner in value.items() if name in known}
    if len(given) != len(value):
        raise InvalidExamination("unknown field", where or "/")
    try:
        return kind(**given)
    except TypeError:
        raise InvalidExamination("a field is missing", where or "/") from None


def _value(hint: Any, value: object, where: str) -> Any:  # noqa: ANN401 - whatever the hint says
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _one_of(inner, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple) or len(value) > MOST:
            raise InvalidExamination(f"expected a list of at most {MOST}", where)
        return tuple(_value(inner[0], entry, f"{where}/{i}") for i, entry in enumerate(value))
    if origin is not None:  # a mapping of numbers
        if not isinstance(value, dict) or len(value) > MOST:
            raise InvalidExamination("expected an object", where)
        return {_value(str, name, where): _value(float, number, where) for name, number in value.items() if number is not None}
    if is_dataclass(hint):
        return _read(hint, value, where)  # type: ignore[arg-type]
    return _plain(hint, value, where)


def _one_of(kinds: tuple[Any, ...], value: object, where: str) -> Any:  # noqa: ANN401
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _value(kind, value, where)
        except InvalidExamination:
            continue
    raise InvalidExamination("is of no type that is allowed here", where)


def _plain(hint: type, value: object, where: str) -> Any:  # noqa: ANN401
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e308 and math.isfinite(value):
        return float(value)
    if hint is str and isinstance(value, str) and len(value) <= LONGEST:
        return value
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62:
        return value
    raise InvalidExamination(f"expected {hint.__name__}", where)
