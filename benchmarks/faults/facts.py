"""The curves of one run as arrays, what the experimenter knows beside them, and how to measure both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sources import REPORTED

if TYPE_CHECKING:
    from training import Run

NO, ARGUABLE, YES = 0, 1, 2
# entropy of classes that are not equally frequent
GUESSES = {"breast_cancer": 0.66, "imbalanced": 0.23}


def level(value: float, arguable: float, yes: float) -> int:
    """Grade a value by two bounds."""
    return YES if value >= yes else ARGUABLE if value >= arguable else NO


def smooth(values: np.ndarray, share: float = 0.1) -> np.ndarray:
    """Running mean over a share of the curve, shortened at the ends."""
    width = max(1, round(share * len(values)))
    kernel = np.ones(width)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def noise(values: np.ndarray) -> float:
    """Spread of one point around its neighbours, robustly."""
    bends = values[1:-1] - (values[:-2] + values[2:]) / 2
    return float(1.4826 * np.median(np.abs(bends)) / np.sqrt(1.5)) if len(bends) else 0.0


@dataclass(frozen=True)
class Facts:
    """The curves of one run as arrays, with what the experimenter knows beside them."""

    run: Run
    loss: np.ndarray
    val: np.ndarray
    test: np.ndarray
    start: float
    train_end: float  # in evaluation mode
    future: np.ndarray
    reference: float  # best clean test loss of any run on this task, or of a constant answer
    sent: dict[str, Any] = field(default_factory=dict)  # what was said beside the curves

    @property
    def drop(self) -> float:
        """What training brought: from the first step's loss to the best clean test loss."""
        return max(self.start - float(np.nanmin(self.test)), 1e-9)

    @property
    def seen(self) -> float:
        """The progress that the logged training loss shows."""
        whole = smooth(self.loss, 0.03)
        return max(float(whole[0] - whole.min()), 1e-9)


def facts_of(run: Run, reference: float, sent: dict[str, Any] | None = None) -> Facts:
    """Gather the arrays that the questions below are asked of."""

    def series(name: str, source: dict) -> np.ndarray:
        raw = source.get(name, [])
        return np.array(raw["values"] if isinstance(raw, dict) else raw, dtype=float)

    facts = Facts(
        run,
        series("loss", run.history),
        series("val_loss", run.history),
        series("test_loss", run.truth),
        run.truth["initial_loss"],
        run.truth["train_loss_in_eval_mode"],
        series("future_test_loss", run.truth),
        reference,
        sent or {},
    )
    facts = replace(facts, reference=min(reference, guess_of(facts)))
    # fine-tuning starts low: what was learnt before counts as progress
    return replace(facts, start=max(facts.start, guess_of(facts))) if run.recipe.pretrain else facts


def tail(values: np.ndarray, share: float = 0.2) -> np.ndarray:
    """Return the last share of a curve, one point at least."""
    return values[-max(1, round(share * len(values))) :]


def off_line(values: np.ndarray) -> float:
    """Return the share of a curve's variance that a straight line leaves."""
    if len(values) < 3 or not np.ptp(values):
        return 0.0
    return 1.0 - float(np.corrcoef(np.arange(len(values)), values)[0, 1]) ** 2


def rebound(values: np.ndarray) -> tuple[float, float]:
    """Return how far a smoothed curve ends above its best, and that best."""
    calm = smooth(values)
    end, best = float(tail(calm, 0.1).mean()), float(calm.min())
    return end - best, best


def guess_of(f: Facts) -> float:
    """Return the loss of the best constant answer, or of the untrained model where that is not known."""
    recipe = f.run.recipe
    if "guess" in f.run.measured and recipe.task in REPORTED:
        return f.run.measured["guess"][0]
    if f.run.classes:
        return GUESSES.get(recipe.task, float(np.log(f.run.classes)))
    return 1.0 if recipe.loss == "" and recipe.scaled and recipe.task != "reconstruction" else f.start
