"""What a run is, its losses, and how they are measured."""

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from recipe import Recipe
from tasks import Data, Split
from torch import Tensor, nn
from torch.nn import functional

VAL_MOST = 1000  # examples of the test part looked at each time
LOSS_SCALE = 64  # what mixed precision multiplies by before it rounds


@dataclass
class Run:
    """What was logged, and what only the experimenter knows."""

    recipe: Recipe
    kind: str
    classes: int | None
    train_size: int
    val_size: int
    steps_per_epoch: int
    history: dict[str, Any] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)
    measured: dict[str, list[float]] = field(default_factory=dict)  # all that was, whether or not it was logged


class Book:
    """Collects values by name, each with the step it was logged at."""

    def __init__(self) -> None:
        """Start empty."""
        self.values: dict[str, list[float]] = {}
        self.steps: dict[str, list[int]] = {}

    def write(self, step: int, **values: float) -> None:
        """Append one value to each named series."""
        for name, value in values.items():
            self.values.setdefault(name, []).append(float(value))
            self.steps.setdefault(name, []).append(step)


def losses(recipe: Recipe, kind: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss of a batch."""
    if recipe.half:
        outputs = (outputs * LOSS_SCALE).half().float() / LOSS_SCALE
    if kind == "regression":
        return regression_loss(recipe.loss, outputs, targets)
    if kind == "language_model":
        outputs, targets = outputs.flatten(0, 1), targets.flatten()
    if recipe.log_zero and kind == "binary":
        p = torch.sigmoid(outputs)
        return -(targets * p.log() + (1 - targets) * (1 - p).log()).mean()
    if recipe.log_zero:
        return -torch.softmax(outputs, 1).log()[torch.arange(len(targets)), targets].mean()
    if kind == "binary":
        return functional.binary_cross_entropy_with_logits(outputs, targets)
    return functional.cross_entropy(outputs, targets, label_smoothing=recipe.label_smoothing)


def regression_loss(name: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return squared error, Huber's, or the Gaussian likelihood whose values go below zero."""
    if name == "gaussian":
        mean, log_variance = outputs[:, 0], outputs[:, 1]
        return (0.5 * (log_variance + (targets - mean) ** 2 / log_variance.exp())).mean()
    return functional.huber_loss(outputs, targets) if name == "huber" else functional.mse_loss(outputs, targets)


def right(kind: str, outputs: Tensor, targets: Tensor) -> float:
    """Return the accuracy of a batch; for regression the mean absolute error."""
    if kind == "regression":
        guess = outputs[..., 0] if outputs.shape != targets.shape else outputs
        return float((guess - targets).abs().mean())
    guess = (outputs > 0).float() if kind == "binary" else outputs.argmax(-1)
    return float((guess == targets).float().mean())


@torch.no_grad()
def measure(recipe: Recipe, data: Data, model: nn.Module, part: Split) -> dict[str, float]:
    """Return loss, accuracy and, for two classes, counts on one part, in evaluation mode."""
    model.eval()
    inputs, targets = part[0][:VAL_MOST], part[1][:VAL_MOST]
    outputs = shaped(model(inputs), targets)
    model.train()
    found = {"loss": float(losses(recipe, data.kind, outputs, targets)), "right": right(data.kind, outputs, targets)}
    if data.kind == "regression" and recipe.loss != "gaussian":
        found["r2"] = 1 - float(((outputs - targets) ** 2).mean() / targets.var())
    if data.kind == "binary":
        said, true = outputs > 0, targets > 0
        found |= {"tp": float((said & true).sum()), "fp": float((said & ~true).sum())}
        found |= {"tn": float((~said & ~true).sum()), "fn": float((~said & true).sum())}
    return found


def shaped(outputs: Tensor, targets: Tensor) -> Tensor:
    """Drop the last axis of a single output, so that it meets its targets."""
    return outputs.squeeze(-1) if outputs.dim() == targets.dim() + 1 and outputs.shape[-1] == 1 else outputs


def guess_loss(recipe: Recipe, data: Data) -> float | None:
    """Return the loss of the best constant answer on the test part, where there is a simple one."""
    targets = data.test[1]
    if data.kind == "regression":
        spread = float(((targets - targets.mean(0)) ** 2).mean())
        return {"": spread, "gaussian": 0.5 * (1 + math.log(spread))}.get(recipe.loss)
    shares = torch.unique(targets, return_counts=True)[1] / targets.numel()
    return float(-(shares * shares.log()).sum())
