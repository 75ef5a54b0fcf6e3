"""Optimizers and schedules of the learning rate."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from recipe import Recipe
from sources import REPORTED
from torch import nn

MOMENTUM = 0.9
FUSED = {
    "adam",
    "adamw",
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
}  # one kernel instead of many small ones, where there is one
PATIENCE = 4  # validations without a better one, before "reduce" cuts the rate
BETTER = 0.999


def optimizer_of(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over the parameters that are not frozen."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        parameters = [nn.Parameter(torch.zeros(1))]  # everything frozen: nothing to do, as in life
    common: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    if recipe.task in REPORTED and recipe.optimizer in FUSED:
        common["fused"] = True
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, **common)
    if recipe.optimizer in ("momentum", "nesterov"):
        return torch.optim.SGD(parameters, momentum=MOMENTUM, nesterov=recipe.optimizer == "nesterov", **common)
    kinds = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop,
        "nadam": torch.optim.NAdam,
        "adagrad": torch.optim.Adagrad,
    }
    return kinds[recipe.optimizer](parameters, **common)


class Now(NamedTuple):
    """Where training stands: step of total, steps an epoch, validation losses so far."""

    step: int
    total: int
    per_epoch: int
    validated: list[float]

    @property
    def share(self) -> float:
        """How much of the run is over."""
        return self.step / self.total


def schedule(recipe: Recipe, now: Now) -> float:
    """Return the learning rate of one step."""
    kind, *options = recipe.schedule
    factor = FACTORS[kind](now, options)
    for first, count, times in recipe.lr_bumps:
        factor *= times if first <= now.step < first + count else 1.0
    return recipe.lr * factor


def _cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(share, 1)))


def _cuts(validated: list[float]) -> int:
    """How often a reduce-on-plateau scheduler would have cut the rate by now."""
    best, waited, cuts = math.inf, 0, 0
    for loss in validated:
        waited = 0 if loss < BETTER * best else waited + 1
        best = min(best, loss)
        if waited > PATIENCE:
            cuts, waited = cuts + 1, 0
    return cuts


def _warmup_cosine(now: Now, options: list[Any]) -> float:
    warm = options[0] * now.total
    return (now.step + 1) / warm if now.step < warm else _cosine((now.step - warm) / (now.total - warm))


def _restarts(now: Now, options: list[Any]) -> float:
    cycle = options[0] * now.per_epoch
    return 0.5 * (1 + math.cos(math.pi * (now.step % cycle) / cycle))


def _onecycle(now: Now, options: list[Any]) -> float:
    share = min(now.share, 1)
    if share < options[0]:
        return 1 - 0.96 * _cosine(share / options[0])
    return _cosine((share - options[0]) / (1 - options[0]))


FACTORS: dict[str, Callable[[Now, list[Any]], float]] = {
    "constant": lambda *_: 1.0,
    # (at, at, …) as shares of the run, ×0.1 each
    "steps": lambda now, options: 0.1 ** sum(now.step >= share * now.total for share in options),
    "cosine": lambda now, _: _cosine(now.share),
    "warmup_cosine": _warmup_cosine,
    "warmup": lambda now, options: min(1.0, (now.step + 1) / (options[0] * now.total)),
    "exponential": lambda now, options: options[0] ** (now.step / now.per_epoch),
    "restarts": _restarts,  # cosine cycles of options[0] epochs
    # (share, factor): a wrong schedule, up instead of down
    "jump": lambda now, options: options[1] if now.step >= options[0] * now.total else 1.0,
    "onecycle": _onecycle,  # up to the rate within options[0] of the run, then down to nothing
    "polynomial": lambda now, options: max(1 - now.share, 0.0) ** options[0],
    # warm-up, a long constant rate, and a straight decay over the last options[0]
    "stable_decay": lambda now, options: min(
        1.0, (now.step + 1) / (0.05 * now.total), max(1 - now.share, 0.0) / options[0]
    ),
    "reduce": lambda now, _: 0.3 ** _cuts(now.validated),
}
