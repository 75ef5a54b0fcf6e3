"""A class is ignored behind a good accuracy.

What it means
    The model answers with the common class and is right as often as that is common. The rare class, usually the one
    that matters, is hardly ever named.

How it is detected
    From counts: over the last quarter of the run less than `IGNORED` of a class that makes up at most `RARE` of the
    examples is found, with an accuracy of at least `FINE`. From given metrics: recall, specificity or F1 below `IGNORED`,
    MCC or kappa below `NO_SKILL`, a balanced accuracy within as much of guessing, or a macro average below `HALVED` of
    the accuracy, with an accuracy of at least `HIGH`. It must not rise any more. Where not one is found, it is an error.

When it is wrong
    The scores may be fine and only the threshold wrong: a good AUC tells. A rare class is learnt late, so a run that is
    not over is judged after half of its planned epochs, or once its loss has long been flat.

Sources
    Google ML course, "Interpreting loss curves": recall stuck at zero; lower the threshold, check the AUC.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: initialise the last bias to the base rate.
    G. King, L. Zeng, "Logistic regression in rare events data", 2001: weights n / (C n_c).
"""

import numpy as np

from diagnosis.features import Features
from diagnosis.features.confusion import Confusion, Late
from diagnosis.fixes import balance
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import counted, falling, flat, run

IGNORED = 0.15  # share of a class that is found; an expert calls less ignored
NO_SKILL = 0.10  # of the way from guessing to perfect
HALVED = 0.60  # of the accuracy; one class of two ignored leaves about half
RARE = 1 / 3  # of the examples, at most
EXAMPLES_MIN = 5  # of the rare class, to tell ignored from unlucky
FINE, HIGH = 0.60, 0.80  # accuracy that looks good: with the class's share known, and without
RANKS = 0.70  # AUC: the scores tell the classes apart, so only the threshold is wrong
TWO = 2  # classes have one threshold between them, and a macro F1 of nearly a half where one is never found
HARDLY = 0.4  # a macro F1 below is of more classes
VALUES, NEVER = 5, 3  # fewer tell nothing of the end; but where not one example was ever found in a run that is over
HALF, LONG = 0.5, 10  # of the planned epochs, and values of a flat loss: until then a run may only be slow to learn it

THRESHOLD = Cause("Only the threshold is wrong: the scores tell the classes apart.", "Compute recall at a threshold of the base rate; it costs no training.")  # fmt: skip
DROWNED = Cause("The common class drowns the rare one in the loss.", "Weight the classes for a tenth of the run: recall leaves zero.")  # fmt: skip
CAUSES = (THRESHOLD, DROWNED, Cause("The features do not tell the rare class.", "Overfit one batch with both classes in equal parts: recall stays low even there."))  # fmt: skip
EXAMPLES = (
    Fires("one in twenty, never found", run(None, loss=falling(), **counted(np.zeros(60), share=0.05))),
    Fires("recall at zero", run(loss=falling(), val_accuracy=flat(level=0.95, noise=0.002), val_recall=np.zeros(60))),
    Quiet("found late, but found", run(None, loss=falling(), **counted(np.linspace(0.0, 0.7, 60), share=0.05))),
    Quiet("imperfect and balanced", run(None, loss=falling(), **counted(np.full(60, 0.6), share=0.5))),
)


@rule(severity=("warning", "error"), about="validation", causes=CAUSES, examples=EXAMPLES, supersedes=("metric_loss_mismatch",), decides="intervene")  # fmt: skip
def check(confusion: Confusion, features: Features, context: Context) -> Finding | Skipped | None:
    """Compare how much of the rare class is found at the end with how good the accuracy looks."""
    accuracy, shares = confusion.late("accuracy") or confusion.late("micro"), confusion.shares
    if accuracy is None or accuracy.median < (FINE if shares else HIGH):
        return None if accuracy else Skipped("lacks an accuracy, or counts (tp, fp, tn, fn)")
    if shares and (min(shares) > RARE or min(confusion.examples) < EXAMPLES_MIN):
        return None
    rare = ("recall" if shares[1] < shares[0] else "specificity", IGNORED, 0.0) if shares else None
    guess = 1.0 / (context.num_classes or 2)
    skill = ("balanced_accuracy", guess + NO_SKILL * (1.0 - guess), guess)
    easy = HALVED * accuracy.median
    asked = [rare] if rare else [("recall", IGNORED, 0.0), ("f1", IGNORED, 0.0), ("specificity", IGNORED, 0.0),
                                 ("mcc", NO_SKILL, 0.0), ("kappa", NO_SKILL, 0.0), skill, ("macro_recall", easy, guess), ("macro_f1", easy, 0.0)]  # fmt: skip
    for kind, bound, floor in asked:
        late = confusion.late(kind)
        if late and late.median <= bound and (late.median <= floor or not late.rising):
            return _found(kind, late, bound, accuracy, features, confusion, never=late.most <= floor)
    return None


def _found(kind: str, late: Late, bound: float, accuracy: Late, features: Features, confusion: Confusion, *, never: bool) -> Finding | Skipped:  # noqa: PLR0917 - all that was compared  # fmt: skip
    first, n, run_ = min(late.below(bound), len(late.curve) - 1), len(late.curve), features.run
    flat = features.watched.flat if features.watched else None
    half = (run_.epochs_logged or 0.0) > HALF * (run_.context.planned_epochs or np.inf)
    enough = NEVER if never and run_.finished and late.ever <= 0.0 else VALUES
    if n < enough:
        return Skipped(f"too short: {n} values of {late.curve.name}, {enough} are needed")
    if not run_.finished and not half and (flat is None or n - first < LONG):
        return Skipped("the run is not finished: a rare class is learnt late")
    auc, classes = confusion.late("auc"), run_.context.num_classes or TWO
    f1, since, shares = confusion.late("f1"), late.curve.position(first), confusion.shares
    more = never and f1 is not None and 0.0 < f1.median < HARDLY
    movable = classes == TWO and not more and (auc is None or auc.median > RANKS)
    spoken, often = kind.replace("_", " "), "never" if never else "hardly ever"
    unit = "share of the class" if kind in {"recall", "specificity"} else "on its scale"
    evidence = [Evidence("found", late.median, bound, unit, f"{spoken} over the last quarter of the run", exceeds=False),
                Evidence("accuracy", accuracy.median, None, "share of examples", "accuracy meanwhile, which looks good")]  # fmt: skip
    if shares:
        evidence.append(Evidence("rare", min(shares), RARE, "share of examples", "examples that are of the rarer class", exceeds=False))  # fmt: skip
    elif kind in {"recall", "f1"}:  # the mistakes are the positives that were not found, give or take a few
        positive = min((1.0 - accuracy.median) / (1.0 - late.median), 1.0 - accuracy.median + IGNORED)
        shares = 1.0 - positive, positive
    which = (
        f"a class of {'' if confusion.shares else 'about '}{percent(min(shares))} of the examples"
        if shares
        else "a class"
    )
    return Finding(
        summary=f"Class imbalance: {which} is {often} found since {since} ({spoken} {late.median:.2g}), behind an accuracy of {accuracy.median:.2g}.",
        evidence=tuple(evidence),
        series=confusion.series,
        since=since,
        points=n,
        severity="error" if never and n >= VALUES else None,
        asks=never and n >= VALUES,
        causes=CAUSES if movable else (DROWNED, *CAUSES[2:], THRESHOLD),
        against=("Would be overturned if a lower threshold found the class: then only that is wrong.",),
        fixes=balance(shares, run_.context, threshold_first=movable),
    )
