"""The sections of an examination: what was asked, and what each part of it measured. Frozen and plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REACHED = "reached"  # how an attempt ended that learnt the batch
FEW_STEPS = 30  # fewer are too few to say that a model cannot learn


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
    linear: bool = False


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
    """What was not finite first (output, loss, gradients), at which step, where; weights that came so: name, NaN, infinite."""

    what: str
    step: int
    where: str
    start: bool
    overflows: bool = False
    weights: tuple[tuple[str | int, ...], ...] = ()


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
    zero: bool = False


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
    time_first: bool = False
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
    low: float | None = None
    high: float | None = None
    at_ends: float | None = None
