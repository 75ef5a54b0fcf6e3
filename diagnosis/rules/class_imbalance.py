"""A class is ignored behind a good accuracy.

What it means
    The model answers with the common class and is right as often as that is common. The rare class, usually the one
    that matters, is hardly ever named.

How it is detected
    It is judged over the last quarter of the run, by the median there, or by that of the last three values where this
    is higher. The accuracy looks good, and one of these is low and does not rise towards its bound (by its trend over
    the second half, another run as long would not get there), or is no better than nothing:

    - Where counts (TP, FP, TN, FN) are logged: at most `IGNORED` of a class is found that makes up at most `RARE` of
      the examples and has `EXAMPLES_MIN` of them or more. An accuracy of `FINE` looks good then.
    - Otherwise recall, F1 or specificity is at most `IGNORED`, or MCC or kappa at most `NO_SKILL`. Or a balanced
      accuracy is at most `NO_SKILL` of the way from guessing to perfect, or a macro-averaged recall or F1 at most
      `HALVED` of the accuracy. An accuracy of `HIGH` looks good then. Without a recall, an F1 of `F_SCORE` will do.
    - Recall is at most `SUNK`, `LOST` of the most that was ever found and the lowest yet, and accuracy has risen since.

    Where nothing of the class is found in that quarter, it is an error. Fewer than `VALUES` values tell nothing of the
    end; `NEVER` will do, for a warning, where nothing of the class was ever found in a run that is over.

    A rare class is learnt late. A run that is not over is judged once more than `HALF` of its planned epochs are
    logged, or once its loss has come to rest and the class has been ignored for `LONG` values.

When it is wrong
    The scores may be fine and only the threshold wrong: an AUC above `RANKS` tells. For two classes the threshold is
    therefore tried first, unless a lower AUC is logged.

Sources
    Google ML course, "Interpreting loss curves": recall stuck at zero; lower the threshold, check the AUC.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: initialise the last bias to the base rate.
    G. King, L. Zeng, "Logistic regression in rare events data", 2001: weights n / (C n_c).
"""

import numpy as np

from diagnosis.advice.losses import balance
from diagnosis.features import Features
from diagnosis.features.confusion import Confusion
from diagnosis.features.ignored import EXAMPLES_MIN, RARE, Ignored, accuracy_of, measure_ignored
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import counted, falling, flat, run

VALUES = 5  # values: fewer tell nothing of the end
NEVER = 3  # values: enough where nothing of the class was ever found in a run that is over
HALF = 0.5  # share of the planned epochs: until then a run may only be slow to learn the class
LONG = 10  # values for which the class was ignored, beside a loss that rests: then it is not learnt late either

THRESHOLD = Cause(
    "Only the threshold is wrong: the scores tell the classes apart.",
    "Compute recall at a threshold of the base rate; it costs no training.",
)
DROWNED = Cause(
    "The common class drowns the rare one in the loss.",
    "Weight the classes for a tenth of the run: recall leaves zero.",
)
UNTOLD = Cause(
    "The features do not tell the rare class.",
    "Overfit one batch with both classes in equal parts: recall stays low even there.",
)
CAUSES = (THRESHOLD, DROWNED, UNTOLD)
LOWER = "Would be overturned if a lower threshold found the class: then only that is wrong."
EXAMPLES = (
    Fires("one in twenty, never found", run(None, loss=falling(), **counted(np.zeros(60), share=0.05))),
    Fires("recall at zero", run(loss=falling(), val_accuracy=flat(level=0.95, noise=0.002), val_recall=np.zeros(60))),
    Quiet("found late, but found", run(None, loss=falling(), **counted(np.linspace(0.0, 0.7, 60), share=0.05))),
    Quiet("imperfect and balanced", run(None, loss=falling(), **counted(np.full(60, 0.6), share=0.5))),
)


@rule(
    severity=("warning", "error"),
    about="validation",
    causes=CAUSES,
    examples=EXAMPLES,
    supersedes=("metric_loss_mismatch",),
    decides="intervene",
)
def check(confusion: Confusion, features: Features, context: Context) -> Finding | Skipped | None:
    """Compare how much of the rare class is found at the end with how good the accuracy looks."""
    accuracy = accuracy_of(confusion)
    if accuracy is None:
        return Skipped("lacks an accuracy, or counts (tp, fp, tn, fn)")
    ignored = measure_ignored(confusion, accuracy, context)
    if ignored is None:
        few = min(confusion.examples) if confusion.shares and min(confusion.shares) <= RARE else EXAMPLES_MIN
        return Skipped(f"too few examples of the rarer class to tell: {few:g}") if few < EXAMPLES_MIN else None
    if early := _too_early(ignored, features):
        return early
    since = ignored.late.curve.position(ignored.first)
    often = "never" if ignored.never else "ever more rarely" if ignored.sank else "hardly ever"
    behind = f"({_spoken(ignored)} {ignored.late.median:.2g}), despite an accuracy of {accuracy.median:.2g}"
    sure = ignored.never and ignored.n >= VALUES
    return Finding(
        summary=f"Class imbalance: {_which(ignored)} is {often} found since {since} {behind}.",
        evidence=_evidence(ignored),
        series=tuple(sorted(confusion.series, key=lambda name: name != ignored.late.curve.name)),
        since=since,
        points=ignored.n,
        severity="error" if sure else None,
        asks=sure,
        causes=CAUSES if ignored.movable else (DROWNED, UNTOLD, THRESHOLD),
        against=(LOWER,),
        fixes=balance(ignored.shares, features.run.context, threshold_first=ignored.movable),
    )


def _too_early(ignored: Ignored, features: Features) -> Skipped | None:
    run_, watched, n = features.run, features.watched, ignored.n
    enough = NEVER if ignored.never and run_.finished and ignored.late.ever <= 0.0 else VALUES
    if n < enough:
        return Skipped(f"too short: {n} values of {ignored.late.curve.name}, {enough} are needed")
    if run_.finished or (run_.epochs_logged or 0.0) > HALF * (run_.context.planned_epochs or np.inf):
        return None
    rests = watched is not None and watched.flat is not None
    if rests and n - ignored.first >= LONG:
        return None
    return Skipped("the run is not finished: a rare class is learnt late")


def _which(ignored: Ignored) -> str:
    if not ignored.shares:
        return "a class"
    return f"a class of {'' if ignored.counted else 'about '}{percent(min(ignored.shares))} of the examples"


def _spoken(ignored: Ignored) -> str:
    return ignored.kind.replace("_", " ")


def _evidence(ignored: Ignored) -> tuple[Evidence, ...]:
    level, accuracy = ignored.late.median, ignored.accuracy.median
    unit = "share of the class" if ignored.kind in {"recall", "specificity"} else "on its scale"
    late = f"{_spoken(ignored)} over the last quarter of the run"
    found = Evidence("found", level, ignored.bound, unit, late, exceeds=False)
    good = Evidence("accuracy", accuracy, None, "share of examples", "accuracy meanwhile, which looks good")
    if not (ignored.counted and ignored.shares):
        return found, good
    rarer = "examples that are of the rarer class"
    return found, good, Evidence("rare", min(ignored.shares), RARE, "share of examples", rarer, exceeds=False)
