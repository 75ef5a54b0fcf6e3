"""The one seam to `benchmarks/faults`: its records, its recipes, and training one of them again.

What comes out of a training is kept in `.cache/`; the key is the recipe and the code that trains it.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.corpus import FAULTS, recorded
from diagnosis.fixes import TEMPERATURES
from diagnosis.names import understand

CACHE = Path(__file__).parent / ".cache"
COUNTED = frozenset({"counts", "precision", "recall", "f1", "mcc"})  # logged of two classes: then recall is looked at
STEPS = 40  # temperatures tried
SATURATING = {"tanh", "sigmoid"}  # activations that want a variance of 1 / inputs
CODE = (
    "loop.py",
    "training.py",
    "models.py",
    "networks.py",
    "optimisation.py",
    "preparation.py",
    "tasks.py",
    "sources.py",
)
if str(FAULTS) not in sys.path:  # its modules are started as scripts, and import each other by their bare names
    sys.path.insert(0, str(FAULTS))

if TYPE_CHECKING:
    Recipe = Any
else:
    from recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Repaired(Recipe):  # type: ignore[misc] # its modules are no package
    """A recipe with what only a fix can bring in."""

    class_weights: tuple[float, ...] = ()
    scheme: str = ""  # of the initial weights


@dataclass(frozen=True)
class Trained:
    """What a training logged, and what only the experimenter sees."""

    history: Mapping[str, Any]
    truth: Mapping[str, Any]
    task: str = ""
    epochs: int = 0
    extras: Mapping[str, list[float]] = field(default_factory=dict)


def records(side: str) -> Iterator[dict[str, Any]]:
    """The recorded runs of one side: `tune`, `reported`, or `all`."""
    return recorded(side)


@cache
def recipes() -> Mapping[str, Recipe]:
    """Every recipe, by the name of its run."""
    train = importlib.import_module("train")
    return {recipe.name: recipe for side in train.SIDES for recipe in train.recipes(side)}


@cache
def examples(task: str) -> int:
    """How many examples a task has in all."""
    _, source = importlib.import_module("tasks").SOURCES[task]
    return len(source(0)[0])


def of_letters(task: str) -> bool:
    """Whether a task's inputs are letters or tokens, to which no noise can be added."""
    kind, _ = importlib.import_module("tasks").SOURCES[task]
    return bool(kind == "language_model")


def plainly(history: Mapping[str, Any]) -> dict[str, Any]:
    """The losses under the names that a training gives them here, whatever the record's logger calls them."""
    meanings = {name: understand(name) for name in history}
    losses = {
        name: "loss" if told.split in {None, "train"} else "val_loss"
        for name, told in meanings.items()
        if told.kind == "loss"
    }
    return {losses.get(name, name): values for name, values in history.items()}


def train(recipe: Recipe, *, tempered: bool = False) -> Trained:
    """Train a recipe with its fixed seeds, or fetch it from the cache; `tempered`: look at it with its logits scaled as well."""
    counted = "".join(sorted(COUNTED & set(recipe.logs)))
    looked = counted + "tempered" * tempered
    kept = CACHE / f"{hashlib.sha256((repr(recipe) + _code() + looked).encode()).hexdigest()[:20]}.json"
    if kept.exists():
        return Trained(**json.loads(kept.read_text()))
    loop: Any = importlib.import_module("loop")
    spied = loop.measure, loop.losses, loop.prepare
    extras: dict[str, list[float]] = {}
    loop.measure = _watched(extras, loop.measure) if counted else loop.measure
    loop.measure = _tempered(extras, loop.measure) if tempered else loop.measure
    loop.losses = _weighted(loop.losses) if getattr(recipe, "class_weights", ()) else loop.losses
    loop.prepare = _initialised(loop.prepare) if getattr(recipe, "scheme", "") else loop.prepare
    try:
        run = loop.fit(recipe)
    finally:
        loop.measure, loop.losses, loop.prepare = spied
    looks = slice(1, 1 + len(run.truth["test_loss"]))  # the first is before training
    done = Trained(
        run.history, run.truth, recipe.task, recipe.epochs, {name: seen[looks] for name, seen in extras.items()}
    )
    CACHE.mkdir(exist_ok=True)
    kept.write_text(json.dumps(vars(done)))
    return done


@cache
def _code() -> str:
    return "".join((FAULTS / name).read_text() for name in CODE)


def _watched(extras: dict[str, list[float]], measure: Any) -> Any:  # noqa: ANN401 - the loop's own function
    """Also keep, at each look at the clean test set, both classes' recall, at the usual threshold and at the best one."""

    def watching(recipe: Recipe, data: Any, model: Any, part: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
        found: dict[str, float] = measure(recipe, data, model, part)
        if part is data.test:
            logits = {name: _logits(model, inputs) for name, inputs in (("val", data.val[0]), ("test", part[0]))}
            usual = _balanced(logits["test"] > 0, part[1])
            cuts = logits["val"].quantile(importlib.import_module("torch").linspace(0, 1, 101))
            moved = max(cuts.tolist(), key=lambda cut: _balanced(logits["val"] > cut, data.val[1]))
            extras.setdefault("balanced", []).append(usual)
            extras.setdefault("balanced_moved", []).append(_balanced(logits["test"] > moved, part[1]))
        return found

    return watching


def _tempered(extras: dict[str, list[float]], measure: Any) -> Any:  # noqa: ANN401 - likewise
    """Also keep, at each look at the clean test set, its loss with the logits over the temperature that validation likes best."""

    def looking(recipe: Recipe, data: Any, model: Any, part: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
        found: dict[str, float] = measure(recipe, data, model, part)
        if part is data.test:
            training: Any = importlib.import_module("training")
            rows = slice(training.VAL_MOST)
            split = {"val": data.val, "test": part}
            logits = {name: _logits(model, inputs[rows]) for name, (inputs, _) in split.items()}

            def scored(name: str, temperature: float) -> float:
                return float(training.losses(recipe, data.kind, logits[name] / temperature, split[name][1][rows]))

            chosen = min(np.geomspace(*TEMPERATURES, STEPS).tolist(), key=lambda each: scored("val", each))
            extras.setdefault("tempered", []).append(scored("test", chosen))
        return found

    return looking


def _logits(model: Any, inputs: Any) -> Any:  # noqa: ANN401 - torch is not imported here
    model.eval()
    logits = model(inputs).detach().squeeze(-1)
    model.train()
    return logits


def _balanced(said: Any, true: Any) -> float:  # noqa: ANN401 - likewise
    """The mean of both classes' recall."""
    rare, usual = true > 0, true <= 0
    return float(((said & rare).sum() / rare.sum() + (~said & usual).sum() / usual.sum()) / 2)


def _weighted(losses: Any) -> Any:  # noqa: ANN401 - likewise
    """The loss with one weight a class, in training only."""

    def weighing(recipe: Recipe, kind: str, outputs: Any, targets: Any) -> Any:  # noqa: ANN401 - likewise
        weights = importlib.import_module("torch").tensor(recipe.class_weights)
        functional = importlib.import_module("torch.nn.functional")
        if kind == "binary":
            each = weights[targets.long()]
            return functional.binary_cross_entropy_with_logits(outputs, targets, weight=each)
        return (
            losses(recipe, kind, outputs, targets)
            if kind != "classification"
            else functional.cross_entropy(outputs, targets, weight=weights)
        )

    return weighing


def _initialised(prepare: Any) -> Any:  # noqa: ANN401 - likewise
    """Data and model, its weights drawn anew by He's scheme, as the advice words it."""

    def initialising(recipe: Recipe) -> Any:  # noqa: ANN401 - likewise
        data, model = prepare(recipe)
        torch = importlib.import_module("torch")
        layers = [
            layer for layer in model.modules() if isinstance(layer, (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d))
        ]
        for layer in layers:
            saturates = layer is layers[-1] or recipe.activation in SATURATING
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear" if saturates else "relu")
            if layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)
        for layer in model.modules():
            if isinstance(layer, torch.nn.RNNBase):
                for name, weights in layer.named_parameters():
                    if name.startswith("weight_hh"):
                        torch.nn.init.orthogonal_(weights)
        return data, model

    return initialising
