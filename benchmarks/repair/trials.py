"""One trial: a faulty run, a fix, and what came of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.corpus import to_run
from benchmarks.repair.apply import apply
from benchmarks.repair.checks import CHECKS
from benchmarks.repair.corpus import COUNTED, Recipe, Trained, plainly, recipes, train
from benchmarks.repair.measures import SKIPPED, Judged, goes_on, jitter, judge, level
from benchmarks.repair.shipped import Shipped
from diagnosis import diagnose
from diagnosis.advice.fix import Fix
from diagnosis.advice.verbs import VERBS
from diagnosis.run import Context, Run

SEEDS = (1, 2)  # added to the seed of initialisation and order; the data stay
SAMPLED = 3  # runs of a family that are trained with other seeds
LEARNABLE = 0.01  # of the loss before training: where no run of a task got further, there is no unit to count in


@dataclass(frozen=True)
class Faulty:
    """A faulty run in which one of its faults was found, with the fixes advised for it."""

    name: str
    condition: str
    recipe: Recipe
    run: Run
    before: Shipped
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class Trial:
    """A fix tried on a run."""

    run: str
    condition: str
    action: str
    params: Mapping[str, Any]
    diagnostic: bool
    does: bool
    judged: Judged


def faulty(records: Iterable[Mapping[str, Any]], only: str = "") -> Iterator[Faulty]:
    """The runs whose fault was found, each with the first finding that its label expects, or with the one asked for."""
    for record in records:
        recipe = recipes().get(record["name"])
        if not record["expected"] or recipe is None:
            continue
        run = to_run(dict(record))
        asked = ({only} if only else set(record["expected"]) - SKIPPED) & set(record["expected"])
        found = [j for j in diagnose(run).findings if j.condition in asked] if asked else []
        if found:
            truth = record["truth"]
            logged = Trained(plainly(record["history"]), truth, recipe.task, recipe.epochs)
            logged = train(recipe) if COUNTED & set(recipe.logs) else logged
            before = Shipped(logged, truth["initial_loss"], truth["reference_test_loss"])
            if before.progress > LEARNABLE * abs(before.start):
                yield Faulty(recipe.name, found[0].condition, recipe, run, before, found[0].fixes)


def attempt(case: Faulty, fix: Fix, noise: float) -> Trial:
    """Apply a fix, train, compare."""
    repair = apply(fix.action, fix.params, case.recipe, case.run)
    shipped = partial(Shipped, start=case.before.start, reference=case.before.reference)
    told = partial(Trial, case.name, case.condition, fix.action, fix.params, repair.diagnostic)
    if not repair.does:
        return told(does=False, judged=Judged("unchanged", 0.0, {}))
    again = repair.recipe or (case.recipe if repair.tempered else None)
    logged = case.before.trained if again is None else train(again, tempered=repair.tempered)
    after = shipped(logged, at=repair.ship, cost=repair.cost, moved=repair.moved, tempered=repair.tempered)
    luck = 0.0 if repair.recipe is None else jitter(after) if goes_on(case.before, after) else noise
    return told(does=True, judged=judge(case.condition, case.before, after, luck))


def first_applicable(case: Faulty) -> Fix | None:
    """The first fix that is no check and changes something here."""
    for fix in case.fixes:
        if fix.action not in CHECKS and apply(fix.action, fix.params, case.recipe, case.run).does:
            return fix
    return None


def family(case: Faulty) -> str:
    """The runs that were planned alike: the name without its number."""
    return re.sub(r"(-\d+)+$", "", case.name)


def noise_of(cases: Iterable[Faulty]) -> dict[str, float]:
    """Seed-to-seed standard deviation of the level for each family of one condition, the median over a few of its runs.

    A family of fewer is given the median of all.
    """
    families: dict[str, list[float]] = {}
    for case in cases:
        families.setdefault(family(case), [])
        if len(families[family(case)]) < SAMPLED:
            families[family(case)].append(_spread(case))
    usual = float(np.median([spread for some in families.values() for spread in some])) if families else 0.0
    return {name: float(np.median(some)) if len(some) >= SAMPLED else usual for name, some in families.items()}


def _spread(case: Faulty) -> float:
    own = case.recipe.seed if case.recipe.data_seed is None else case.recipe.data_seed
    others = [replace(case.recipe, seed=case.recipe.seed + 5 * i, data_seed=own, future=0) for i in SEEDS]
    runs = [case.before, *(replace(case.before, trained=train(recipe)) for recipe in others)]
    return float(np.std([level(case.condition)(run) for run in runs], ddof=1))


def at_random(case: Faulty) -> Fix:
    """Any verb that is not in use yet, with parameters that anyone might choose; the same one every time."""
    rng = random.Random(f"random fix for {case.name}")
    context: Context = case.run.context
    actions = sorted(action for action in GUESSES if not VERBS[action].done(context))
    action = rng.choice(actions)
    return Fix(action, "", "", GUESSES[action](case, rng))


def _best(case: Faulty, _: random.Random) -> dict[str, Any]:
    curve = next(c for role in ("val_loss", "train_loss") for c in case.run.curves if c.role == role)
    best = int(np.nanargmin(curve.values)) if np.isfinite(curve.values).any() else 0
    return {curve.axis: float(curve.steps[best])}


def _one_of(name: str, *values: float | str) -> Callable[[Faulty, random.Random], dict[str, Any]]:
    return lambda _, rng: {name: rng.choice(values)}


def _nothing(*_: object) -> dict[str, Any]:
    return {}


GUESSES: Mapping[str, Callable[[Faulty, random.Random], dict[str, Any]]] = {
    "add_data": _one_of("factor", 2),
    "add_normalization_layers": _nothing,
    "augment_data": _nothing,
    "change_optimizer": _one_of("to", "adam"),
    "check_labels": _nothing,
    "check_trainable_parameters": _nothing,
    "clip_gradients": _one_of("max_norm", 0.5, 1.0, 5.0),
    "decrease_capacity": _one_of("factor", 0.5),
    "decrease_regularization": lambda *_: {"weight_decay": 0.0, "dropout": 0.0},
    "enlarge_validation_set": _one_of("share", 0.3, 0.5),
    "flip_loss_sign": _nothing,
    "increase_batch_size": _one_of("factor", 2, 4),
    "increase_capacity": _one_of("factor", 2),
    "increase_regularization": lambda _, rng: {"weight_decay": rng.choice((1e-3, 1e-2)), "dropout": rng.choice((0.2, 0.5))},
    "lower_learning_rate": _one_of("factor", 0.1, 0.3, 0.5),
    "normalize_inputs": _nothing,
    "raise_learning_rate": _one_of("factor", 3.0, 10.0),
    "restore_best": _best,
    "schedule_learning_rate": _one_of("kind", "cosine"),
    "shuffle_data": _nothing,
    "stop_early": lambda _, rng: {"patience": rng.choice((3, 5, 10))},
    "train_longer": _one_of("factor", 1.5, 2.0, 3.0),
    "warm_up": _one_of("steps", 100, 500),
}  # fmt: skip
