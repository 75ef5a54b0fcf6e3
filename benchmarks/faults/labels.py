"""From what was put in and what was measured to the label: expected, tolerated, fault."""

# long because: one function for each label

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import measured
import numpy as np
from facts import ARGUABLE, NO, YES, Facts, level, smooth
from visible import VISIBLE
from wording import COUNTS, FROM_COUNTS

if TYPE_CHECKING:
    from collections.abc import Callable

EXPLODED, VANISHED = 1e3, 1e-4  # gradient norms, as a multiple of the run's usual and its first
RECALL_LOST, LOOKS_GOOD, FAIR = 0.15, 0.8, 0.35
ANCHORS, MOVED = {"num_classes", "baseline"}, 0.01  # of the untrained model's loss
FEW, SHORT = 5, 10
PHASES, MIN_BINS = 12, 4  # parts of an epoch


def non_finite(f: Facts) -> int:
    """Any value of any curve is not a number, or the logger hid one as an exact zero.

    Where the step was skipped, as a loss scaler does, and the mean left it out, no weight and no loss was ever broken: the
    gradient norm alone shows a batch that nobody trained on, which may be said.
    """
    curves = {k: v["values"] if isinstance(v, dict) else v for k, v in f.run.history.items()}
    hidden = f.run.recipe.masked and 0.0 in f.loss
    broken = {name for name, values in curves.items() if not np.isfinite(values).all()}
    left_out = f.run.recipe.skip_bad and f.run.recipe.mask == "filter" and broken <= {"grad_norm"}
    return YES if hidden or (broken and not left_out) else ARGUABLE if broken else NO


def insufficient_data(f: Facts) -> int:
    """Fewer points than any judgement of level or trend needs."""
    return YES if len(f.loss) < FEW else ARGUABLE if len(f.loss) < SHORT else NO


def class_imbalance(f: Facts) -> int:
    """The rare class is hardly ever named although accuracy looks fine."""
    shown = {"tp", *(f"val_{name}" for name in FROM_COUNTS)} & set(f.run.history)
    source = f.run.measured if "test_tp" in f.run.measured else {f"test_{n}": f.run.history.get(n) for n in COUNTS}
    if not shown or source["test_tp"] is None:
        return NO
    tp, fp, tn, fn = (np.array(source[f"test_{name}"], dtype=float)[-3:].mean() for name in COUNTS)
    if tp + fn > FAIR * (tp + fp + tn + fn):
        return NO
    accuracy, recall = (tp + tn) / (tp + fp + tn + fn), tp / max(tp + fn, 1)
    return level(-recall, -0.4, -RECALL_LOST) if accuracy > LOOKS_GOOD else NO


def _norms(f: Facts) -> np.ndarray:
    raw = f.run.history.get("grad_norm", [])
    return np.array(raw["values"] if isinstance(raw, dict) else raw, dtype=float)


def exploding_gradients(f: Facts) -> int:
    """The gradient norm bursts, or grows by orders of magnitude."""
    norms = _norms(f)
    if not norms.any() or norms.argmax() < len(norms) / 10:  # a large first step is how training begins
        return NO
    ratio = norms[np.isfinite(norms)].max(initial=0) / max(min(np.median(norms), norms[0]), 1e-12)
    damaged = f.run.recipe.story == "recurrent" and measured.divergence(f) != NO
    grade = level(ratio, 30, 50 if damaged else EXPLODED)
    harmless = f.run.recipe.clip and f.start - f.test[-1] > 0.8 * f.drop
    return min(grade, ARGUABLE) if harmless else grade


def vanishing_gradients(f: Facts) -> int:
    """The gradient norm is next to nothing although nothing has been learnt."""
    norms = _norms(f)
    if not len(norms) or measured.not_learning(f) == NO:
        return NO
    return YES if np.median(norms) < VANISHED else ARGUABLE if np.median(norms) < 100 * VANISHED else NO


def anchored(f: Facts, said: dict[str, Any]) -> bool:
    """Whether anything in the request tells what guessing costs, or the loss never left where the untrained model stood.

    A loss that came down a little and rests, with a gradient that fades, is what convergence looks like as well.
    """
    told = ANCHORS & said.keys() or any("accuracy" in name for name in f.run.history)
    return bool(told) or f.start - f.train_end < MOVED * abs(f.start)


def periodic_pattern(f: Facts) -> int:
    """Folding the step losses by the epoch explains a good part of them: expected where the data were not shuffled."""
    if cause_of(f) is None:
        return NO
    grade = level(folded(f), 0.1, 0.2)
    return grade if f.run.recipe.sorted_data else min(grade, ARGUABLE)


def folded(f: Facts) -> float:
    """Return the share of the variance of the step losses, around their trend, that the place in the cycle explains."""
    logged = f.run.history.get("loss")
    if not isinstance(logged, dict) or len(f.loss) < 4 * FEW:
        return 0.0
    steps, cycle = np.array(logged["steps"]) - 1, _cycle(f)
    each = steps[1] - steps[0]
    rest = f.loss - smooth(f.loss, cycle / each / len(f.loss))
    bins = min(cycle // each, PHASES)
    inside = (steps >= cycle) & (steps < steps[-1] - cycle)
    if bins < MIN_BINS or inside.sum() < 2 * bins or not rest[inside].var():
        return 0.0
    phase = (steps % cycle) * bins // cycle
    parts = [rest[inside & (phase == k)] for k in range(bins)]
    profile = np.array([part.mean() if len(part) else 0.0 for part in parts])
    return float(profile[phase[inside]].var() / rest[inside].var())


def _cycle(f: Facts) -> int:
    recipe = f.run.recipe
    epochs = recipe.schedule[1] if recipe.schedule[0] == "restarts" else 1
    return int(epochs * f.run.steps_per_epoch)


def cause_of(f: Facts) -> str | None:
    """Name what would make a period, if anything would."""
    recipe = f.run.recipe
    if recipe.sorted_data:
        return "unshuffled"
    if recipe.schedule[0] == "restarts":
        return "restarts"
    if recipe.log_how == "running":
        return "running_average"
    return "staircase" if recipe.story == "staircase" else None


def incomparable_averaging(f: Facts) -> int:
    """Training logged every few steps, by many points for one of validation, which stands for the weights of one moment."""
    logged, val = f.run.history.get("loss"), f.run.history.get("val_loss")
    if not f.run.recipe.log_every or not isinstance(logged, dict) or not isinstance(val, dict) or len(f.val) < 2:
        return NO
    return level(len(f.loss) / len(f.val), 1.0, MIN_BINS)


QUESTIONS: dict[str, Callable[[Facts], int]] = {
    "non_finite": non_finite,
    "insufficient_data": insufficient_data,
    "divergence": measured.divergence,
    "not_learning": measured.not_learning,
    "slow_start": measured.slow_start,
    "loss_spike": measured.loss_spike,
    "periodic_pattern": periodic_pattern,
    "oscillation": measured.oscillation,
    "exploding_gradients": exploding_gradients,
    "vanishing_gradients": vanishing_gradients,
    "overfitting": measured.overfitting,
    "generalization_gap": measured.generalization_gap,
    "noisy_validation": measured.noisy_validation,
    "validation_better_than_training": measured.validation_better_than_training,
    "metric_loss_mismatch": measured.metric_loss_mismatch,
    "class_imbalance": class_imbalance,
    "slow_convergence": measured.slow_convergence,
    "undertrained": measured.undertrained,
    "underfitting": measured.underfitting,
    "plateau": measured.plateau,
    "incomparable_averaging": incomparable_averaging,
}
HARMLESS = {"plateau", "validation_better_than_training", "insufficient_data", "incomparable_averaging"}
ALSO = {  # both are due, where both show; of the last two pairs, only the plan tells which was put in
    "exploding_gradients": ("divergence",),
    "vanishing_gradients": ("not_learning",),
    "overfitting": ("metric_loss_mismatch",),
    "metric_loss_mismatch": ("overfitting",),
    "slow_convergence": ("undertrained",),
    "undertrained": ("slow_convergence",),
}
EARLY = {"undertrained", "slow_convergence", "underfitting", "slow_start"}  # of an unfinished run: only time tells
# what may rightly be said beside a fault, though nobody put it in
COMPANIONS = {
    "overfitting": {"generalization_gap", "metric_loss_mismatch", "noisy_validation", "plateau"},
    "generalization_gap": {"overfitting", "plateau"},
    "metric_loss_mismatch": {"overfitting", "generalization_gap", "noisy_validation", "plateau"},
    "not_learning": {"underfitting", "vanishing_gradients", "plateau", "slow_convergence"},
    "divergence": {"exploding_gradients", "loss_spike", "oscillation", "not_learning", "noisy_validation", "plateau"},
    "oscillation": {
        "loss_spike",
        "divergence",
        "not_learning",
        "noisy_validation",
        "underfitting",
        "exploding_gradients",
    },
    "slow_convergence": {"undertrained", "slow_start"},
    "undertrained": {"slow_convergence"},
    "underfitting": {"plateau", "validation_better_than_training"},
    "periodic_pattern": {"oscillation", "loss_spike", "noisy_validation", "undertrained"},
    "vanishing_gradients": {"not_learning"},
    "exploding_gradients": {"divergence", "loss_spike", "oscillation", "non_finite"},
    "slow_start": {"undertrained"},
    "loss_spike": {"exploding_gradients", "noisy_validation", "plateau"},
    "class_imbalance": {"not_learning", "underfitting", "metric_loss_mismatch", "plateau"},
}
# true also of runs that end where guessing does
MOVING = {"slow_convergence", "oscillation", "vanishing_gradients", "class_imbalance", "undertrained", "slow_start"}
# shown by a run in which nobody put it: a reason to doubt, not a fault that anyone could vouch for
UNSURE = {"noisy_validation", "oscillation", "loss_spike", "slow_start"}
MASKING = ("non_finite", "insufficient_data", "divergence", "not_learning")  # in this order, each hides the rest


def judge(f: Facts, questions: dict[str, Callable[[Facts], int]], said: dict[str, Any]) -> dict[str, Any]:
    """Label one run, of which a request says so much: its fault if that really showed, and what else may rightly be said."""
    recipe = f.run.recipe
    grades = _grades(f, questions)
    masked = next((name for name in MASKING if grades.get(name) == YES), None)
    own = grades.get(recipe.fault, NO)
    if (masked == "not_learning" and recipe.fault in MOVING and own) or (recipe.fault == "exploding_gradients" and own):
        masked = None
    shown = {name for name, grade in grades.items() if grade == YES}
    arguable = {name for name, grade in grades.items() if grade >= ARGUABLE}
    if masked not in {None, recipe.fault}:
        fault, effect = masked, "another"
    else:
        fault, effect = _fault(f, shown, arguable)
    if fault in {"not_learning", "oscillation"} and measured.blown(f):
        fault, effect = "borderline", "arguable"
        arguable |= {"not_learning", "divergence", "oscillation", "loss_spike", "exploding_gradients"}
    expected = {fault, *ALSO.get(fault, ())} & shown
    expected |= {"incomparable_averaging"} & shown if masked not in MASKING[:2] else set()
    expected -= set() if anchored(f, said) else {"vanishing_gradients"}
    tolerated = arguable | COMPANIONS.get(fault, set())
    hidden = {name for name in expected if not VISIBLE.get(name, _always)(f)}
    expected -= hidden
    if fault in hidden:
        fault, effect = "borderline", "hidden"
    tolerated |= {recipe.fault} & set(QUESTIONS)
    tolerated |= {"underfitting"} if not masked and measured.looks_poor(f) else set()
    return {
        "fault": fault,
        "effect": "shown" if fault == recipe.fault else effect,
        "hidden": sorted(hidden),
        "expected": sorted(expected),
        "tolerated": sorted(tolerated - expected),
        "grades": grades,
        "cause": cause_of(f) if grades.get("periodic_pattern") else None,
    }


def _always(_: Facts) -> bool:
    return True


def _grades(f: Facts, questions: dict[str, Callable[[Facts], int]]) -> dict[str, int]:
    """Ask every question, up to the first answer that leaves the others no ground."""
    grades: dict[str, int] = {}
    for name, question in questions.items():
        grades[name] = question(f)
        if grades[name] == YES and name in MASKING[:2]:
            break
    return grades


def _fault(f: Facts, shown: set[str], arguable: set[str]) -> tuple[str, str]:
    """Return the fault that really showed, and how it stands to the one put in."""
    recipe = f.run.recipe
    quiet = HARMLESS | (EARLY if recipe.context.get("finished") is False else set())
    alarming = [name for name in QUESTIONS if name in shown - quiet]
    if recipe.fault == "healthy":
        if set(alarming) - UNSURE:
            return next(name for name in alarming if name not in UNSURE), "unplanned"
        return ("borderline", "arguable") if arguable - quiet else ("healthy", "none")
    if recipe.fault in shown and not (recipe.fault == "generalization_gap" and "overfitting" in shown):
        return recipe.fault, "shown"
    if recipe.fault in {"generalization_gap", "metric_loss_mismatch"} and "overfitting" in shown:
        return "overfitting", "another"
    if recipe.fault in arguable or not alarming:
        return "borderline", "arguable" if recipe.fault in arguable else "none"
    return alarming[0], "another"
