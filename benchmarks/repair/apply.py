"""What a pipeline does with `action` and `params`: change the recipe, choose a checkpoint, or carry out a check.

A check changes nothing by itself (`checks.py`); what it leads to is `diagnostic`, and counted by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.repair.checks import CHECKS
from benchmarks.repair.corpus import Recipe, Repaired, examples, of_letters
from diagnosis.run import Curve, Run

Params = Mapping[str, Any]
AUGMENT = 0.3  # standard deviations of noise on standardised inputs: the only augmentation there is here
WEIGHT_DECAY, DROPOUT = 1e-2, 0.2  # where none is given
ENLARGE = 1.3  # times the data: with less to be had, there is no more data
STAIRS = 20  # of a warm-up
BEHIND = 2  # steps by which a loss may jump later than the batch that threw it
KEPT = 1.5  # times the rate that is set: beyond, it was not kept
TEST_SHARE, TEST_MOST = 0.4, 2000  # of the examples; see benchmarks/faults/tasks.py


@dataclass(frozen=True)
class Repair:
    """A fix applied: what to train, which validation's checkpoint to ship, and how much of the run that takes."""

    recipe: Recipe | None = None  # None: nothing is trained again
    ship: int | None = None  # index of a validation; None is the last
    cost: float = 1.0  # share of the epochs that are trained
    diagnostic: bool = False
    moved: bool = False  # whether the decision threshold is moved
    tempered: bool = False  # whether the logits are scaled

    @property
    def does(self) -> bool:
        """Whether anything is different from before."""
        return self.recipe is not None or self.ship is not None or self.moved or self.tempered


def apply(action: str, params: Params, recipe: Recipe, run: Run) -> Repair:
    """Apply one fix to a recipe, as a machine would; `run` is what was logged."""
    if action in CHECKPOINTS:
        ship, cost = CHECKPOINTS[action](params, run)
        return Repair(ship=ship, cost=cost)
    if action in AFTERWARDS:
        return AFTERWARDS[action]
    diagnostic = action in CHECKS
    changes = CHECKS[action](recipe, params) if diagnostic else CHANGES[action](recipe, params, run)
    new = {name: told for name in ("class_weights", "scheme", "cut") if (told := changes.pop(name, None))}
    changed = replace(recipe, **changes, future=0)
    if new:
        changed = Repaired(**vars(changed), **new)
    same = not new and changed == replace(recipe, future=0)
    return Repair(recipe=None if same else changed, cost=changed.epochs / recipe.epochs, diagnostic=diagnostic)


def _rate(recipe: Recipe, params: Params, run: Run) -> dict[str, Any]:
    """Set the rate; where it was logged, what is set holds throughout, and a jump beyond it goes."""
    rate = params.get("learning_rate") or recipe.lr * params["factor"]
    logged = [float(c.values.max()) for c in run.curves if c.role == "learning_rate"]
    if logged and max(logged) > KEPT * max(rate, recipe.lr):
        return {"lr": min(rate, recipe.lr), "lr_bumps": ()}
    return {"lr": rate}


def _longer(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    return {"epochs": params.get("epochs") or round(recipe.epochs * params["factor"])}


def _schedule(_: Recipe, params: Params, run: Run) -> dict[str, Any]:
    if params.get("kind") != "step":
        return {"schedule": ("cosine",)}
    steps = next(c.steps for c in run.curves if c.role in {"train_loss", "val_loss"})
    return {"schedule": ("jump", params["at"] / steps[-1], params.get("factor", 0.1))}


def _warm_up(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    per_epoch = -(-recipe.train_size // recipe.batch)
    steps = min(params["steps"], recipe.epochs * per_epoch // 2)
    if recipe.schedule[0] == "cosine" or recipe.schedule[0].startswith("warmup"):
        kind = "warmup" if recipe.schedule[0] == "warmup" else "warmup_cosine"
        return {"schedule": (kind, max(steps, 1) / (recipe.epochs * per_epoch))}
    edges = np.unique(np.linspace(0, steps, STAIRS + 1).astype(int))
    ramp = tuple((int(a), int(b - a), float(b / steps)) for a, b in pairwise(edges))
    return {"lr_bumps": ramp + recipe.lr_bumps}


def _regularize(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    return {name: params[name] for name in ("weight_decay", "dropout") if name in params} or {
        "weight_decay": max(recipe.weight_decay, WEIGHT_DECAY)
    }


def _augment(recipe: Recipe, _: Params, __: Run) -> dict[str, Any]:
    return {} if of_letters(recipe.task) else {"augment": AUGMENT}


def _more_data(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    size = min(round(recipe.train_size * params["factor"]), spare(recipe) + recipe.train_size)
    return {"train_size": size} if size >= ENLARGE * recipe.train_size else {}


def spare(recipe: Recipe) -> int:
    """How many examples are neither tested, validated nor trained on."""
    count = examples(recipe.task)
    return count - min(int(TEST_SHARE * count), TEST_MOST) - recipe.val_size - recipe.train_size


def _capacity(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    if recipe.model == "linear":  # it has no width: larger is a hidden layer, smaller does not exist
        return {"model": "mlp"} if params["factor"] > 1 else {}
    width = max(1, round(recipe.width * params["factor"]))
    return {"width": width + width % 2 if recipe.model == "transformer" else width}


def _validation(recipe: Recipe, params: Params, _: Run) -> dict[str, Any]:
    """More examples to validate on, out of those in no use yet: what is trained on stays."""
    size = params.get("size") or round(params.get("share", 0.0) * (recipe.train_size + recipe.val_size))
    size = min(size, TEST_MOST if recipe.resample_val else recipe.val_size + spare(recipe))
    return {"val_size": size, "cut": recipe.val_size} if size > recipe.val_size else {}


def _skip(recipe: Recipe, params: Params, run: Run) -> dict[str, Any]:
    """Batches behind the logged values at these positions are left out; a bump of the rate is no batch, and stays."""
    per_epoch = -(-recipe.train_size // recipe.batch)
    by_step = next(c for c in run.curves if c.role == "train_loss").axis == "step"
    wide = (recipe.log_every or 1) if by_step else per_epoch
    ends = [at if by_step else (at + 1) * per_epoch for at in params.get("at", ())]  # epochs are counted from 0
    kept = [b for b in recipe.bad_batches if not any(end - wide - BEHIND <= b < end for end in ends)]
    return {"bad_batches": tuple(kept)}


def _normalized(recipe: Recipe, _: Params, __: Run) -> dict[str, Any]:
    return {"norm": True} if recipe.model in ("mlp", "cnn") else {}


def _initialised(_: Recipe, params: Params, __: Run) -> dict[str, Any]:
    """Draw the weights anew, as the scheme says; a bias of the last layer alone is no scheme for weights."""
    return {"init": None, "dead": False, "scheme": "he"} if params.get("scheme") == "he" else {}


CHANGES: dict[str, Callable[[Recipe, Params, Run], dict[str, Any]]] = {
    "train_longer": _longer,
    "lower_learning_rate": _rate,
    "raise_learning_rate": _rate,
    "schedule_learning_rate": _schedule,
    "warm_up": _warm_up,
    "shorten_warm_up": _warm_up,
    "clip_gradients": lambda _, params, __: {"clip": params.get("max_norm", 1.0)},
    "increase_batch_size": lambda recipe, params, _: {"batch": min(params.get("batch_size") or round(recipe.batch * params["factor"]), recipe.train_size)},
    "increase_regularization": _regularize,
    "decrease_regularization": _regularize,
    "augment_data": _augment,
    "add_data": _more_data,
    "increase_capacity": _capacity,
    "decrease_capacity": _capacity,
    "shuffle_data": lambda *_: {"sorted_data": False},
    "enlarge_validation_set": _validation,
    "reweight_classes": lambda _, params, __: {"class_weights": tuple(params.get("weights", ()))},
    "fix_initialization": _initialised,
    "normalize_inputs": lambda *_: {"scaled": True},
    "standardize_targets": lambda *_: {},  # all targets of the corpus are
    "flip_loss_sign": lambda *_: {"ascend": False},  # "check the sign": where it is right, it stays
    "average_over_epoch": lambda *_: {"log_every": 0, "eval_every": 0},
    "use_eval_mode": lambda *_: {"train_in_eval_mode": True},
    "skip_batches": _skip,
    "use_bf16": lambda *_: {"half": False},
    "change_optimizer": lambda recipe, params, __: {"optimizer": params.get("to", "adam"), "lr": params.get("learning_rate", recipe.lr)},
    "add_normalization_layers": _normalized,
    "remove_output_activation": lambda *_: {"head": ""},
    "smooth_labels": lambda _, params, __: {"label_smoothing": params.get("label_smoothing", 0.1)},
    "change_metric": lambda *_: {},  # another curve is looked at; the model is the same
    "log_losses": lambda *_: {},  # more is logged of the same run
    "explore_more": lambda *_: {},  # no policy is trained here
}  # fmt: skip


def _restored(params: Params, run: Run) -> tuple[int | None, float]:
    """The last validation up to the named position: that is where a checkpoint was written."""
    at, curve = params.get("epoch", params.get("step")), _watched(run)
    return (None if at is None else max(int(np.searchsorted(curve.steps, at, "right")) - 1, 0)), 1.0


def _stopped(params: Params, run: Run) -> tuple[int | None, float]:
    """Train until `patience` values bring nothing, then ship the best seen so far."""
    values, best, waited = _watched(run).values, 0, 0
    for i, value in enumerate(values[1:], 1):
        waited += 1
        if value < values[best] - params.get("min_delta", 0.0):
            best, waited = i, 0
        if waited >= params["patience"]:
            return best, (i + 1) / len(values)
    return best, 1.0


def _watched(run: Run) -> Curve:
    return next(c for role in ("val_loss", "train_loss") for c in run.curves if c.role == role)


AFTERWARDS = {"move_threshold": Repair(moved=True), "scale_temperature": Repair(tempered=True)}  # of the finished model
CHECKPOINTS: dict[str, Callable[[Params, Run], tuple[int | None, float]]] = {
    "restore_best": _restored,
    "stop_early": _stopped,
}
