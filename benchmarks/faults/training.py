"""Train one recipe: an ordinary loop, with the recipe's fault in it."""

import math
from dataclasses import dataclass, field
from typing import Any

import models
import torch
from recipe import Recipe
from tasks import Data, Split, load
from torch import Tensor, nn
from torch.nn import functional

MOMENTUM = 0.9
VAL_MOST = 1000  # examples of the test part looked at each time
DEAD_BIAS = -50.0
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


def schedule(recipe: Recipe, step: int, total: int, per_epoch: int) -> float:
    """Return the learning rate of one step."""
    kind, *options = recipe.schedule
    factor = 1.0
    if kind == "steps":  # (at, at, …) as shares of the run, ×0.1 each
        factor = 0.1 ** sum(step >= share * total for share in options)
    elif kind == "cosine":
        factor = 0.5 * (1 + math.cos(math.pi * min(step / total, 1)))
    elif kind == "warmup_cosine":
        warm = options[0] * total
        rest = (step - warm) / (total - warm)
        factor = (step + 1) / warm if step < warm else 0.5 * (1 + math.cos(math.pi * min(rest, 1)))
    elif kind == "warmup":
        factor = min(1.0, (step + 1) / (options[0] * total))
    elif kind == "exponential":
        factor = options[0] ** (step / per_epoch)
    elif kind == "restarts":  # cosine cycles of options[0] epochs
        cycle = options[0] * per_epoch
        factor = 0.5 * (1 + math.cos(math.pi * (step % cycle) / cycle))
    elif kind == "jump":  # (share, factor): a wrong schedule, up instead of down
        factor = options[1] if step >= options[0] * total else 1.0
    for first, count, times in recipe.lr_bumps:
        factor *= times if first <= step < first + count else 1.0
    return recipe.lr * factor


def optimizer_of(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over the parameters that are not frozen."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        parameters = [nn.Parameter(torch.zeros(1))]  # everything frozen: nothing to do, as in life
    common = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, **common)
    if recipe.optimizer == "momentum":
        return torch.optim.SGD(parameters, momentum=MOMENTUM, **common)
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, **common)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimizer](parameters, **common)


def spoil_data(recipe: Recipe, data: Data) -> None:
    """Put the faults of data in, in place."""
    inputs, targets = data.train
    if recipe.label_noise:  # wrong in validation too: whoever labels badly labels all of it so
        for part in (data.train[1], data.val[1]):
            wrong = torch.rand(len(part)) < recipe.label_noise
            part[wrong] = part[torch.randperm(len(part))][wrong]
    if recipe.shuffled_labels:
        targets[:] = targets[torch.randperm(len(targets))]
    if recipe.sorted_data:
        order = targets.argsort()
        inputs[:], targets[:] = inputs[order], targets[order]
    if recipe.nan_row == "train":
        inputs[len(inputs) // 3, 0] = torch.nan
    if recipe.nan_row == "val":
        data.val[0][1, 0] = torch.nan
    for part in (data.val, data.test):
        if recipe.shifted_val:
            part[0].add_(recipe.shifted_val * torch.randn_like(part[0]))


def spoil_weights(recipe: Recipe, model: nn.Module) -> None:
    """Put the faults of initialisation in, in place."""
    parameters = list(model.named_parameters())
    for name, parameter in parameters:
        if recipe.init is not None:
            parameter.data *= recipe.init
        if recipe.dead and name.endswith("bias") and parameter is not parameters[-1][1]:
            parameter.data[:] = DEAD_BIAS
        parameter.requires_grad = recipe.frozen != "all"


@torch.no_grad()
def measure(recipe: Recipe, data: Data, model: nn.Module, part: Split) -> dict[str, float]:
    """Return loss, accuracy and, for two classes, counts on one part, in evaluation mode."""
    model.eval()
    inputs, targets = part[0][:VAL_MOST], part[1][:VAL_MOST]
    outputs = shaped(model(inputs), targets)
    model.train()
    found = {"loss": float(losses(recipe, data.kind, outputs, targets)), "right": right(data.kind, outputs, targets)}
    if data.kind == "binary":
        said, true = outputs > 0, targets > 0
        found |= {"tp": float((said & true).sum()), "fp": float((said & ~true).sum())}
        found |= {"tn": float((~said & ~true).sum()), "fn": float((~said & true).sum())}
    return found


def shaped(outputs: Tensor, targets: Tensor) -> Tensor:
    """Drop the last axis of a single output, so that it meets its targets."""
    return outputs.squeeze(-1) if outputs.dim() == targets.dim() + 1 and outputs.shape[-1] == 1 else outputs


def prepare(recipe: Recipe) -> tuple[Data, nn.Module]:
    """Load the data and build the model, faults included."""
    torch.manual_seed(recipe.seed)
    seed = recipe.seed if recipe.data_seed is None else recipe.data_seed
    data = load(recipe.task, seed, recipe.train_size, recipe.val_size, scaled=recipe.scaled)
    if data.kind == "regression":
        outputs = 2 if recipe.loss == "gaussian" else data.train[1][0].numel()
    else:
        outputs = 1 if data.kind == "binary" else data.classes or 1
    model = models.build(
        recipe.model,
        data,
        width=recipe.width,
        depth=recipe.depth,
        activation=recipe.activation,
        dropout=recipe.dropout,
        norm=recipe.norm,
        outputs=outputs,
    )
    if recipe.pretrain:  # on other examples of the same kind: the part no curve shows
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(recipe.pretrain):
            for rows in torch.randperm(len(data.test[0])).split(64):
                loss = losses(
                    recipe, data.kind, shaped(model(data.test[0][rows]), data.test[1][rows]), data.test[1][rows]
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    spoil_data(recipe, data)
    spoil_weights(recipe, model)
    return data, model
