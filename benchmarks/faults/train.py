"""Train the whole corpus and write `runs.jsonl.gz` beside this file.

    python benchmarks/faults/train.py [--only NAME] [--limit N]

Trained runs are kept in `.cache/`, so that a second start goes on where the first one stopped
and a changed label costs nothing. Every run has fixed seeds and one thread.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faults_data
import faults_instability
import faults_learning
import faults_logging
import faults_more
import healthy
import numpy as np
from cache import trained
from facts import facts_of
from groups import NO_GROUP, groups_of, judge_group
from labels import judge
from recipe import Recipe
from training import Run

UNSAID = {"constant", "jump"}  # no schedule, and one that nobody knows to be wrong
HERE = Path(__file__).parent
TASKS = {"binary": "classification"}  # what a request calls it, where that differs


def recipes() -> Iterator[Recipe]:
    """Yield every recipe of every family."""
    for module in (faults_instability, faults_learning, faults_data, faults_logging, faults_more, healthy):
        for family in module.FAMILIES:
            yield from family()


def context(run: Run) -> dict[str, Any]:
    """Return what a careful sender would say about the run."""
    recipe = run.recipe
    known = {
        "task": TASKS.get(run.kind, run.kind),
        "num_classes": run.classes,
        "batch_size": recipe.batch,
        "optimizer": {"momentum": "sgd"}.get(recipe.optimizer, recipe.optimizer),
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


def records(runs: list[Run]) -> Iterator[dict[str, Any]]:
    """Label every run, knowing the best that was reached on its task."""
    best: dict[tuple[str, str, float], float] = {}
    for run in runs:
        tests = run.truth.get("test_loss", []) + run.truth.get("future_test_loss", [])
        best[_task(run)] = min([best.get(_task(run), np.inf), *filter(np.isfinite, tests)])
    across = {group: judge_group(members) for group, members in groups_of(runs).items()}
    for run in runs:
        recipe = run.recipe
        label = judge(facts_of(run, best[_task(run)]))
        yield {
            "name": recipe.name,
            "group": recipe.group,
            **across.get(recipe.group or "", NO_GROUP),
            "split": "tune",
            "task": recipe.task,
            "model": recipe.model,
            "planned_fault": recipe.fault,
            "story": recipe.story,
            **label,
            "history": run.history,
            "context": context(run),
            "truth": run.truth | {"reference_test_loss": best[_task(run)]},
        }


def _task(run: Run) -> tuple[str, str, float]:
    """Runs with the same task and loss can be measured against each other."""
    recipe = run.recipe
    drawn = recipe.seed if recipe.data_seed is None else recipe.data_seed
    task = f"{recipe.task}-{drawn % 5}" + (f"-{recipe.rare}" if recipe.rare else "")
    return (task, recipe.loss, recipe.label_smoothing + recipe.shifted_val)


def main() -> None:
    """Train what is missing, label everything, write the file, say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="train only the families whose fault holds this word")
    parser.add_argument("--limit", type=int, default=0, help="runs per planned fault; 0 for all")
    options = parser.parse_args()
    began, seen, runs = time.monotonic(), Counter[str](), []
    for recipe in recipes():
        seen[recipe.fault] += 1
        if options.only in recipe.fault and (not options.limit or seen[recipe.fault] <= options.limit):
            runs.append(trained(recipe))
    written = list(records(runs))
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in written)
    name = "part.jsonl.gz" if options.only or options.limit else "runs.jsonl.gz"
    (HERE / name).write_bytes(gzip.compress(text.encode(), mtime=0))
    for (fault, split), count in sorted(Counter((r["fault"], r["split"]) for r in written).items()):
        print(f"{fault:32} {split:9} {count:4}")
    print(f"{len(written)} runs in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
