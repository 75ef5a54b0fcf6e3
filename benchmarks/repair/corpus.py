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

from benchmarks.corpus import FAULTS, recorded
from benchmarks.repair import spies
from diagnosis.names import understand

CACHE = Path(__file__).parent / ".cache"
COUNTED = frozenset({"counts", "precision", "recall", "f1", "mcc"})  # logged of two classes: then recall is looked at
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
    cut: int = 0  # examples that were validated on before there were more: by that many the data are cut


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
    preparation: Any = importlib.import_module("preparation")
    spied = loop.measure, loop.losses, loop.prepare, preparation.load
    extras: dict[str, list[float]] = {}
    loop.measure = spies.watched(extras, loop.measure) if counted else loop.measure
    loop.measure = spies.tempered(extras, loop.measure) if tempered else loop.measure
    loop.losses = spies.weighted(loop.losses) if getattr(recipe, "class_weights", ()) else loop.losses
    loop.prepare = spies.initialised(loop.prepare) if getattr(recipe, "scheme", "") else loop.prepare
    cut = getattr(recipe, "cut", 0)
    preparation.load = spies.validated(preparation.load, cut, drawn=recipe.resample_val) if cut else spied[3]
    try:
        run = loop.fit(recipe)
    finally:
        loop.measure, loop.losses, loop.prepare, preparation.load = spied
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
