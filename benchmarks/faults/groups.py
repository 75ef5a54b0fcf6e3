"""Folds and seeds that belong together: what is due across them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from training import Run

NO_GROUP: dict[str, Any] = {"group_kind": None, "expected_across": None, "tolerated_across": None}
UNSTABLE = "unstable_across_runs"
APART, ARGUABLY = 0.25, 0.1  # of the progress of the median fold, from best to worst
LEAST = 0.05  # of the untrained models' loss, below which nothing was learnt that folds could disagree about


def groups_of(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Sort runs by the group they were planned for."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.recipe.group:
            groups.setdefault(run.recipe.group, []).append(run)
    return groups


def judge_group(members: list[Run]) -> dict[str, Any]:
    """Say whether best validation losses lie further apart than a good part of what training brought.

    A sweep is no set of folds: its members were made to differ. Where next to nothing was learnt, it may be said.
    """
    kind = members[0].recipe.story
    best = [np.nanmin(_curve(run)) for run in members]
    untrained = np.array([run.truth["initial_loss"] for run in members])
    brought, least = float(np.median(untrained - best)), LEAST * float(np.median(np.abs(untrained)))
    apart = float(np.ptp(best)) / max(brought, least)
    due = apart > APART and brought > least
    sweep = kind == "sweep"
    return {
        "group_kind": kind,
        "expected_across": [UNSTABLE] if due and not sweep else [],
        "tolerated_across": [UNSTABLE] if apart > ARGUABLY and not due and not sweep else [],
    }


def _curve(run: Run) -> np.ndarray:
    raw = run.history["val_loss"]
    return np.array(raw["values"] if isinstance(raw, dict) else raw, dtype=float)
