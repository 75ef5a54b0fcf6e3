"""One recipe says everything about one run: the ordinary choices, and the fault put in."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An ordinary training run; the fields below `faults` are what went wrong in it."""

    name: str
    fault: str
    story: str = ""
    group: str | None = None
    seed: int = 0
    # data
    task: str = "digits"
    train_size: int = 800
    val_size: int = 200
    scaled: bool = True
    data_seed: int | None = None
    # model
    model: str = "mlp"
    width: int = 64
    depth: int = 1
    activation: str = "relu"
    dropout: float = 0.0
    norm: bool = False
    # loss: "" is the task's own; "gaussian" learns a variance, its values go below zero
    loss: str = ""
    label_smoothing: float = 0.0
    # optimisation
    optimizer: str = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    batch: int = 32
    epochs: int = 40
    planned: int | None = None
    schedule: tuple[Any, ...] = ("constant",)
    clip: float | None = None
    augment: float = 0.0
    pretrain: int = 0
    # what is logged
    log_every: int = 0  # steps between logged training losses; 0 logs means per epoch
    eval_every: int = 0  # steps between validations; 0 validates once an epoch
    logs: tuple[str, ...] = ("accuracy",)  # of accuracy, mae, lr, grad_norm, counts
    train_in_eval_mode: bool = False
    digits: int = 5  # significant digits that the logger keeps
    # faults
    label_noise: float = 0.0
    shuffled_labels: bool = False
    frozen: str = ""  # "all": no parameter is trained
    init: float | None = None  # weights scaled by this at the start; 0 makes them all zero
    dead: bool = False  # a large negative bias: no hidden unit ever fires
    ascend: bool = False
    log_zero: bool = False  # log(softmax(x)) without a floor
    half: bool = False  # logits pass through 16-bit floats
    nan_row: str = ""  # "train" or "val" holds one row with a NaN
    masked: bool = False  # the logger writes 0.0 where the loss was not finite
    stop_on_nan: bool = False
    bad_batches: tuple[int, ...] = ()  # steps fed with a corrupt batch
    bad_scale: float = 20.0  # inputs of a corrupt batch are this many times too large
    lr_bumps: tuple[tuple[int, int, float], ...] = ()  # (first step, steps, factor)
    sorted_data: bool = False
    resample_val: bool = False
    shifted_val: float = 0.0  # noise on validation and test inputs only: other conditions
    future: int = 0  # epochs trained on in secret, to know what would have come
    context: dict[str, Any] = field(default_factory=dict)
