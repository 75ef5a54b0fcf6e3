"""One recipe says everything about one run: the ordinary choices, and the fault put in."""

import hashlib
from dataclasses import dataclass, field, fields
from typing import Any

# what is said about a run, or how its log is worded, but changes nothing that was trained or measured
SAID = {"name", "fault", "story", "group", "context", "planned", "wording"}


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
    log_how: str = (
        "window"  # a point is the mean since the last one, that "step" alone, or the "running" mean of its epoch
    )
    logs: tuple[str, ...] = (
        "accuracy",
    )  # of accuracy, mae, lr, grad_norm, r2, counts, precision, recall, f1, mcc, no_val
    wording: str = ""  # whose names the logger uses; see words.py
    train_in_eval_mode: bool = False
    digits: int = 5  # significant digits that the logger keeps
    # faults
    label_noise: float = 0.0
    shuffled_labels: bool = False
    frozen: str = ""  # "all": no parameter is trained; "body": only the last layer is
    head: str = ""  # "relu" or "softmax": what wrongly stands between the last layer and the loss
    rare: float | None = None  # one class is thinned out to this share, in every part
    init: float | None = None  # weights scaled by this at the start; 0 makes them all zero
    dead: bool = False  # a large negative bias: no hidden unit ever fires
    ascend: bool = False
    log_zero: bool = False  # log(softmax(x)) without a floor
    half: bool = False  # logits pass through 16-bit floats
    nan_row: str = ""  # "train" or "val" holds one row with a NaN
    masked: bool = False  # the logger writes 0.0 where the training loss was not finite
    mask: str = (
        ""  # what it writes for any such loss: "zero", "repeat" (the last), "filter" (the mean since the last point)
    )
    skip_bad: bool = False  # no step is taken where the gradient is not finite, as with a loss scaler
    stop_on_nan: bool = False
    bad_batches: tuple[int, ...] = ()  # steps fed with a corrupt batch
    bad_scale: float = 20.0  # inputs of a corrupt batch are this many times too large
    lr_bumps: tuple[tuple[int, int, float], ...] = ()  # (first step, steps, factor)
    sorted_data: bool = False
    resample_val: bool = False
    shifted_val: float = 0.0  # noise on validation and test inputs only: other conditions
    future: int = 0  # epochs trained on in secret, to know what would have come
    context: dict[str, Any] = field(default_factory=dict)


def key(recipe: Recipe) -> str:
    """Name what was trained: the same for recipes that differ only in what is said of them, or by a new field's default."""
    changed = {f.name: getattr(recipe, f.name) for f in fields(Recipe) if f.name not in SAID}
    told = {name: value for name, value in changed.items() if value != Recipe.__dataclass_fields__[name].default}
    return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()[:16]
