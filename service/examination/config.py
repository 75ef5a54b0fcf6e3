"""What is asked: the loss, how to train, for how long; and, without a batch, what to make one of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.examination.refused import Refused

LOSSES = ("cross_entropy", "nll", "bce_with_logits", "mse", "l1", "huber")
CLASSES = ("cross_entropy", "nll")  # losses over classes
REGRESSION = ("mse", "l1", "huber")
OPTIMIZERS = ("adam", "sgd")
LEARNING_RATE = 1e-3  # Adam's own default
STEPS, MOST_STEPS = 200, 100_000
DEADLINE_S = 20.0
MOST_NUMBERS = 50_000_000  # in a batch that is made


@dataclass(frozen=True)
class Config:
    """A checked config; `lr_given` tells a rate that was chosen from a default."""

    loss: str
    optimizer: str = "adam"
    lr: float = LEARNING_RATE
    lr_given: bool = False
    momentum: float = 0.0
    steps: int = STEPS
    seed: int = 0
    device: str = "auto"
    deadline_s: float = DEADLINE_S
    input_shapes: tuple[tuple[int, ...], ...] = ()
    input_dtypes: tuple[str, ...] = ()
    num_classes: int | None = None
    batch_size: int | None = None
    target_shape: tuple[int, ...] | None = None
    output: str | int | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Config:
        """Check what was said, key by key."""
        loss = said.get("loss")
        if loss not in LOSSES:
            raise Refused("invalid", f"loss is {loss!r}; expected one of {', '.join(LOSSES)}.")
        optimizer = said.get("optimizer") or "adam"
        if optimizer not in OPTIMIZERS:
            raise Refused("invalid", f"optimizer is {optimizer!r}; expected adam or sgd.")
        device = said.get("device") or "auto"
        if device not in ("auto", "cpu", "cuda"):
            raise Refused("invalid", f"device is {device!r}; expected auto, cpu or cuda.")
        shapes = tuple(_shape("input_shapes", shape) for shape in said.get("input_shapes") or ())
        size = said.get("batch_size")
        if size is not None:
            size = _whole("batch_size", size, 1, MOST_NUMBERS)
        if sum(math.prod(shape) * (size or 1) for shape in shapes) > MOST_NUMBERS:
            raise Refused("invalid", f"input_shapes ask for more than {MOST_NUMBERS} numbers.")
        classes = said.get("num_classes")
        target = said.get("target_shape")
        return cls(
            loss=loss,
            optimizer=optimizer,
            lr=_positive("lr", said["lr"]) if said.get("lr") is not None else LEARNING_RATE,
            lr_given=said.get("lr") is not None,
            momentum=_positive("momentum", said["momentum"]) if said.get("momentum") else 0.0,
            steps=_whole("steps", STEPS if said.get("steps") is None else said["steps"], 1, MOST_STEPS),
            seed=_whole("seed", said.get("seed") or 0, 0, 2**32 - 1),
            device=device,
            deadline_s=_positive("deadline_s", said.get("deadline_s") or DEADLINE_S),
            input_shapes=shapes,
            input_dtypes=tuple(str(name) for name in said.get("input_dtypes") or ()),
            num_classes=None if classes is None else _whole("num_classes", classes, 1, MOST_NUMBERS),
            batch_size=size,
            target_shape=None if target is None else _shape("target_shape", target),
            output=said.get("output"),
        )


def _positive(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value < math.inf:
        raise Refused("invalid", f"{name} is {value!r}; expected a number above 0.")
    return float(value)


def _whole(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused("invalid", f"{name} is {value!r}; expected a whole number from {least} to {most}.")
    return value


def _shape(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        raise Refused("invalid", f"{name} holds {value!r}; expected a list of sizes such as [16, 3, 32, 32].")
    return tuple(_whole(name, size, 0, MOST_NUMBERS) for size in value)
