"""What whoever carries out a check does about what it shows: where it reveals the fault that was put in, that is taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.repair.corpus import Recipe
from benchmarks.repair.one_batch import overfits_at

Params = Mapping[str, Any]
NO_RATE = 1e-7  # a learning rate below moves nothing
RATES = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "nadam": 2e-3,
    "adagrad": 0.03,
    "adam": 2e-3,
    "adamw": 2e-3,
    "rmsprop": 1e-3,
}


def _labels(*_: object) -> dict[str, Any]:
    """Looking at labels and inputs shows labels that are wrong, and values that are no numbers."""
    return {"shuffled_labels": False, "label_noise": 0.0, "nan_row": ""}


def _stuck(recipe: Recipe, *_: object) -> dict[str, Any]:
    """No parameter moves where weights are held, dead or zero, or steps are nothing."""
    zero = {"init": None} if recipe.init == 0 else {}
    rate = {"lr": RATES[recipe.optimizer]} if recipe.lr < NO_RATE else {}
    return {"frozen": "", "dead": False, **zero, **rate}


def _overfitted(recipe: Recipe, params: Params) -> dict[str, Any]:
    """Carried out: another rate may do it; where none does, the model cannot, and what holds it is looked for and found."""
    level = params.get("below")
    factor = overfits_at(recipe, params["examples"], level) if level is not None and recipe.lr > NO_RATE else None
    if factor is not None:
        return {} if factor == 1.0 else {"lr": recipe.lr * factor}
    larger = {"model": "mlp"} if recipe.model == "linear" and recipe.lr > NO_RATE else {}
    return _stuck(recipe) | larger | {"head": "", "ascend": False}


CHECKS: dict[str, Callable[[Recipe, Params], dict[str, Any]]] = {
    "check_labels": _labels,
    "check_trainable_parameters": _stuck,
    "overfit_one_batch": _overfitted,
    "inspect_run": lambda *_: {},
    "recompute_metric": lambda *_: {},
    "guard_operation": lambda *_: {"log_zero": False},
}
