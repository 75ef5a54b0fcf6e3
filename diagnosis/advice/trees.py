"""Causes and fixes in the words of boosted trees, where those were trained: they have rounds, leaves and depth, no layers and no batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from diagnosis.advice.check_fixes import check_labels
from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.models import larger_model, smaller_model
from diagnosis.advice.rates import learning_rate
from diagnosis.boosting import boosted
from diagnosis.features.guessing import one_answer
from diagnosis.rule import Cause, Finding
from diagnosis.run import Context, spoken

if TYPE_CHECKING:  # it measures what is judged before any of these words are said
    from diagnosis.features import Features

LARGEST_RATE = 1.0  # of boosting: a step goes all the way to what the new tree says
SMALLER = 0.3  # of a rate at which a loss comes and goes
WORTH = 1.2  # times the rate: a smaller raise is none

TOO_LARGE = Cause("The learning rate is too high for trees of this depth.", "Boost again at a third of it: the loss stays down.")  # fmt: skip
TOO_SMALL = Cause("The learning rate is too low.", "Boost a tenth of the rounds at ×3: it falls as far.")
FEW_ROUNDS = Cause("Too few rounds for this learning rate.", "Go on for a fifth of the rounds: it falls on.")
DEEP = Cause("The trees are deeper than the data constrain.", "Boost trees of one level less: the turn comes later and shallower.")  # fmt: skip
SHALLOW = Cause("The trees are too shallow, or the features do not tell.", "Boost trees of two levels more: the training loss gets lower.")  # fmt: skip
HELD = Cause(
    "Limits forbid the splits: min_child_weight, min_data_in_leaf, gamma, lambda.",
    "Boost ten rounds without them: the training loss gets lower.",
)
ONE_VALUE = Cause(
    "There is nothing to split by: all labels, or all values of each feature, are the same as the trainer got them.",
    "Count the distinct values of the labels and of each feature: of some there is but one.",
)
LABELS = Cause("Labels do not belong to their rows.", "Print 20 rows with their labels, as the trainer got them: some are wrong.")  # fmt: skip
SAMPLED = Cause(
    "Each tree sees another sample of rows or features.", "Boost again with all of both: the curve is calm."
)
PERIODIC = Cause("Rows or features are drawn anew every few rounds (bagging_freq).", "Set it to 1: the period is gone.")
COARSE = Cause("The learning rate is too high to settle further.", "A tenth of the rounds at a tenth of it gains at once.")  # fmt: skip
DROPPED = Cause("Trees are dropped and scaled again, as the booster DART does.", "Boost without dropping: no jump.")
OBJECTIVE = Cause("A custom objective has the wrong sign, or no bound.", "Boost once with the library's own: the loss falls.")  # fmt: skip
BASE = Cause("Boosting starts far off the base rate.", "Start at the mean of the labels (base_score, init_score): no shelf.")  # fmt: skip
DONE = Cause("The trees have found what the features tell.", "A tenth of the rounds at a tenth of the rate gains nothing.")  # fmt: skip
NOT_A_NUMBER = Cause("NaN or infinity in labels or weights, or a logarithm of zero in the objective.", "Boost ten rounds with the library's own objective: if it breaks too, it is the labels.")  # fmt: skip
REWEIGHTED = Cause("Rows of the training set have weights, those of validation none.", "Evaluate the training rows without weights: the difference goes.")  # fmt: skip
FEW_ROWS = Cause("The validation set is too small.", "Evaluate one model on each half of it: they are as far apart as two rounds.")  # fmt: skip
DUPLICATES = Cause("Validation rows are among the training rows.", "Leave out duplicates by hash: the difference goes.")
OTHER_DATA = Cause("This fold's data are different: another source, other classes, a leak or a broken file.", "Boost with its settings on another fold: that does as well as the others.")  # fmt: skip
EASIER = Cause("The validation split is easier, or small.", "Draw it anew from the same data: the difference changes.")
ALIKE = Cause("The splits are not drawn alike.", "Train a small classifier to tell by its features from which split a row is: its AUC is above one half.")  # fmt: skip
MISLABELLED = Cause("Labels with errors are learnt by heart.", "Look at the 20 training rows with the highest loss at the best round: their labels are wrong.")  # fmt: skip

CAUSES: Mapping[str, tuple[Cause, ...]] = {
    "non_finite": (NOT_A_NUMBER, TOO_LARGE),
    "divergence": (TOO_LARGE, OBJECTIVE, DROPPED),
    "not_learning": (HELD, TOO_SMALL, LABELS),
    "slow_start": (BASE, TOO_SMALL),
    "slow_convergence": (TOO_SMALL, SHALLOW),
    "undertrained": (FEW_ROUNDS, TOO_SMALL),
    "underfitting": (SHALLOW, HELD, TOO_SMALL),
    "overfitting": (DEEP, TOO_LARGE, MISLABELLED),
    "generalization_gap": (DEEP, ALIKE),
    "oscillation": (TOO_LARGE, SAMPLED),
    "periodic_pattern": (PERIODIC, DROPPED),
    "loss_spike": (DROPPED, TOO_LARGE),
    "noisy_validation": (FEW_ROWS, SAMPLED),
    "validation_better_than_training": (EASIER, REWEIGHTED, DUPLICATES),
    "plateau": (DONE, COARSE),
    "unstable_across_runs": (OTHER_DATA, FEW_ROWS, SAMPLED),
}

# Of a loss that never moves by a digit: no tree was split, and neither a rate nor a depth changes that.
UNSPLIT = ((HELD, ONE_VALUE), (Fix("decrease_regularization", "", ""), check_labels("")))


def _besides(condition: str, context: Context) -> tuple[Fix, ...]:
    """What helps trees where all that helps a network is of no use to them."""
    if condition == "not_learning":
        return larger_model(""), check_labels("")
    if condition == "generalization_gap":
        return (smaller_model(""),)
    return (learning_rate(context, SMALLER, ""),) if condition == "periodic_pattern" else ()


def _rounds(fix: Fix, _: Context) -> Fix:
    (at,) = fix.params.values()
    return replace(
        fix, advice=f"Use the trees up to round {spoken(at)} alone.", because="What later trees add can be left out."
    )


def _more(fix: Fix, _: Context) -> Fix:
    total = fix.params.get("epochs")
    asked = f"Boost {total} rounds in all." if total else f"Boost {fix.params['factor']:g} times as many rounds."
    return replace(fix, advice=asked)


def _rate(fix: Fix, context: Context) -> Fix | None:
    """Between nothing and one; a lower rate wants as many more rounds."""
    factor, rate = fix.params.get("factor"), context.learning_rate
    if factor is None:
        return None
    if rate and factor > 1.0:
        factor = min(factor, LARGEST_RATE / rate)
        if factor < WORTH:
            return None
    params = {"factor": significant(factor)}
    asked = f"Multiply the learning rate (eta) by {params['factor']:g}"
    if rate:
        params["learning_rate"] = significant(rate * factor)
        asked += f", from {rate:g} to {params['learning_rate']:g}"
    because = "A smaller step for each tree, and more rounds." if factor < 1.0 else "Fewer rounds get as far."
    return replace(fix, advice=f"{asked}.", because=because, params=params)


def _leaves(fix: Fix, _: Context) -> Fix:
    times = fix.params["factor"]
    deeper = "one less" if times < 1.0 else "two more"
    asked = f"Let trees have {times:g} times the leaves: max_depth {deeper}, or num_leaves × {times:g}."
    return replace(fix, advice=asked, because="Depth is what trees have for capacity.")


def _limits(fix: Fix, _: Context) -> Fix:
    """What of the regularisation of trees forbids splits; beside few rows, that is the least size of a leaf."""
    asked = "Loosen what forbids splits: min_data_in_leaf and min_child_weight to 1, gamma (min_split_gain) and lambda to 0."
    return replace(fix, advice=asked, because="They can keep a tree from splitting at all.", params={})


def _labels(fix: Fix, _: Context) -> Fix:
    asked = "Check labels and weights for NaN and infinity, and that each label belongs to its row."
    return replace(fix, advice=asked, because="Trees take any feature as it is; labels and weights they must trust.")


def _in_rounds(fix: Fix, features: Features) -> Fix:
    """Trainers of trees look after every round, and log one in so many: their patience counts rounds."""
    curve = features.validation or features.watched
    apart = round((curve.x[-1] - curve.x[0]) / max(curve.x.size - 1, 1)) if curve and curve.n == curve.x.size else 1
    if fix.action != "stop_early" or apart <= 1:
        return fix
    values = fix.params["patience"]
    advice = fix.advice.replace(f"after {values} values", f"after {values * apart} rounds ({values} values)", 1)
    return replace(fix, advice=advice, params={**fix.params, "patience": values * apart})


WORDS: Mapping[str, Callable[[Fix, Context], Fix | None]] = {
    "restore_best": _rounds, "train_longer": _more, "raise_learning_rate": _rate, "lower_learning_rate": _rate,
    "increase_capacity": _leaves, "decrease_capacity": _leaves, "check_labels": _labels, "decrease_regularization": _limits,
}  # fmt: skip


def in_words_of_trees(condition: str, finding: Finding, features: Features) -> Finding:
    """The finding as it is of a network; of boosted trees with their causes, and fixes that trees can do."""
    context, loss = features.run.context, features.train_loss
    if not boosted(context):
        return finding
    causes, given = CAUSES.get(condition, finding.causes), (*finding.fixes, *_besides(condition, context))
    if condition == "not_learning" and loss is not None and one_answer(loss) and loss.curve.values.any():
        causes, given = UNSPLIT
    given = tuple(_in_rounds(fix, features) for fix in given)
    fixes = (WORDS[fix.action](fix, context) if fix.action in WORDS else fix for fix in given)
    said: dict[str, Fix] = {}
    for fix in fixes:
        if fix is not None:
            said.setdefault(fix.advice, fix)
    return replace(finding, causes=causes, fixes=tuple(said.values()))
