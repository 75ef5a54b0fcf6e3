"""`overfit_one_batch`, carried out: the recipe's own model, loss and optimiser on a few of its examples, as the advice says."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from typing import Any

from benchmarks.repair.corpus import Recipe

STEPS = 300  # a minute's work, and enough for any small model that can
FACTORS = (1.0, 10.0, 0.1, 100.0, 0.01)  # times the run's own rate, in the order tried: a batch tells which rate is off


def overfits_at(recipe: Recipe, examples: int, below: float) -> float | None:
    """By what factor of its own learning rate the recipe takes the loss of one batch below a level; None if by none of them."""
    tried = (f for f in FACTORS if lowest(replace(recipe, lr=recipe.lr * f), examples) < below)
    return next(tried, None)


def lowest(recipe: Recipe, examples: int) -> float:
    """The lowest loss on one batch, everything as in the recipe but its schedule and its other examples."""
    torch, training, optimisation, preparation = (
        importlib.import_module(name) for name in ("torch", "training", "optimisation", "preparation")
    )
    torch.set_num_threads(1)
    data, model = preparation.prepare(recipe)
    inputs, targets = (part[:examples] for part in data.train)
    optimizer: Any = optimisation.optimizer_of(recipe, model)
    best = math.inf
    for _ in range(STEPS):
        loss = training.losses(recipe, data.kind, training.shaped(model(inputs), targets), targets)
        value = float(loss.detach())
        if not math.isfinite(value):
            break
        best = min(best, value)
        optimizer.zero_grad()
        if loss.requires_grad:
            (-loss if recipe.ascend else loss).backward()
        optimizer.step()
    return best
