"""Trained runs, kept beside this file, so that a second start goes on where the first one stopped."""

import pickle
from dataclasses import replace
from pathlib import Path

from loop import fit
from recipe import Recipe, key
from training import Run

KEPT = Path(__file__).parent / ".cache"


def trained(recipe: Recipe) -> Run:
    """Train a recipe, or fetch it from the cache."""
    kept = KEPT / f"{key(recipe)}.pickle"
    if kept.exists():
        run: Run = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file, written below
        run.recipe = recipe  # trained under another name, it may be
        run.__dict__.setdefault("measured", {})
        return run
    run = fit(recipe)
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(pickle.dumps(run))
    return run


def again(run: Run, **changes: object) -> Run:
    """Train the same run once more, with something changed."""
    return trained(replace(run.recipe, **changes))  # type: ignore[arg-type]
