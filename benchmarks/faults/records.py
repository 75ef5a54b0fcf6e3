"""One JSON record a run: the request, the label, and the truth behind it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import truth
from facts import facts_of
from groups import NO_GROUP, groups_of, judge_group
from labels import QUESTIONS, judge
from words import UNANCHORED, reworded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training import Run

UNSAID = {"constant", "jump"}  # no schedule, and one that nobody knows to be wrong
KINDS = {"binary": "classification"}  # what a request calls it, where that differs
SEQUENCES = {"sorting"}  # learnt as a language is, but none
NEEDED = {"finished", "planned_epochs"}  # always said of a run that goes on


def records(runs: list[Run], split: str) -> Iterator[dict[str, Any]]:
    """Label every run, knowing the best that was reached on its task."""
    best: dict[tuple[str, str, float], float] = {}
    for run in runs:
        tests = run.truth.get("test_loss", []) + run.truth.get("future_test_loss", [])
        best[_task(run)] = min([best.get(_task(run), np.inf), *filter(np.isfinite, tests)])
    across = {group: judge_group(members) for group, members in groups_of(runs).items()}
    reported = split == "reported"
    for run in runs:
        recipe = run.recipe
        sent = told(run) if reported else context(run)
        label = judge(facts_of(run, best[_task(run)], sent), truth.QUESTIONS if reported else QUESTIONS, sent)
        seen = {
            f"train_{k}": run.measured[f"clean_train_{k}"]
            for k in ("loss",)
            if reported and f"clean_train_{k}" in run.measured
        }
        yield {
            "name": recipe.name,
            "group": recipe.group,
            **across.get(recipe.group or "", NO_GROUP),
            "split": split,
            "task": recipe.task,
            "model": recipe.model,
            "planned_fault": recipe.fault,
            "story": recipe.story,
            **label,
            "history": reworded(run.history, recipe.wording),
            "context": sent,
            "truth": run.truth | seen | {"reference_test_loss": best[_task(run)]},
        }


def context(run: Run) -> dict[str, Any]:
    """Return what a careful sender would say about the run."""
    recipe = run.recipe
    known = {
        "task": "other" if recipe.task in SEQUENCES else KINDS.get(run.kind, run.kind),
        "num_classes": run.classes if recipe.wording not in UNANCHORED else None,
        "batch_size": recipe.batch,
        "optimizer": {"momentum": "sgd", "nesterov": "sgd"}.get(recipe.optimizer, recipe.optimizer),
        "learning_rate": recipe.lr,
        "weight_decay": recipe.weight_decay,
        "dropout": recipe.dropout,
        "train_size": run.train_size,
        "val_size": run.val_size,
        "steps_per_epoch": run.steps_per_epoch,
        "scheduler": recipe.schedule[0] if recipe.schedule[0] not in UNSAID else None,
        "gradient_clipping": recipe.clip,
        "planned_epochs": recipe.planned or recipe.epochs,
        "finished": True,
    }
    return {name: value for name, value in (known | recipe.context).items() if value is not None}


def told(run: Run) -> dict[str, Any]:
    """Return what one of many senders would say: all, some of it, or nothing."""
    rng = random.Random(f"told-{run.recipe.name}")
    careful, said = context(run), rng.choice((1.0, 1.0, 0.5, 0.0))
    needed = {*run.recipe.context, *(NEEDED if not careful["finished"] else ())}
    return {name: value for name, value in careful.items() if name in needed or rng.random() < said}


def _task(run: Run) -> tuple[str, str, float]:
    """Runs with the same task and loss can be measured against each other."""
    recipe = run.recipe
    drawn = recipe.seed if recipe.data_seed is None else recipe.data_seed
    task = f"{recipe.task}-{drawn % 5}" + (f"-{recipe.rare}" if recipe.rare else "")
    return (task, recipe.loss, recipe.label_smoothing + recipe.shifted_val)
