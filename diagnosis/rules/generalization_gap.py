"""Validation is clearly worse than training, and stays so.

What it means
    The model knows its training data better than the world, by an amount that no longer changes. Stopping earlier gains
    nothing: what helps is more data, or regularisation.

How it is detected
    Over the last `LATE` of the run, the median gap by which validation is worse than training is more than `SHARE` of
    what training learnt, and more than `SIGMAS` noise levels of the difference between the two curves. Training must
    have learnt something: more than `LEARNT` of its own noise levels, and by a metric no mere guesses. None is reported

    - if it is closing: it has narrowed to less than `NARROWED` of what it was in the first tenth of the run, by more
      than the noise, or it lost `CLOSING` of its final size over the second half;
    - if more than `FROM_START` of it was there in the first tenth of the run, has not closed for `CLOSED` of the run
      since, and training has not settled: its last quarter still brought more than `SETTLED` of what it learnt. While
      little is learnt, any difference between the splits is a large share of it;
    - if it is still widening while the run goes on, by more than `WIDENING` of what training learnt over the second
      half: it may become `overfitting`, which explains the gap where both are found.

    It begins where it last was below `HALF` of its final size. It is a warning, but only information

    - where it is at most `WARNED` of what training learnt before its first value as well, which is mostly the mean over
      its first epoch: as much as it came down in the next step is counted with it;
    - where it was always there: at least `THROUGHOUT` of it from the first value on, or from the second value on if
      training has learnt less since than the gap is wide;
    - where the gap does not widen, and so many examples leave as much to chance: validation's answers are no further
      behind training's than that; or, where guessing has a known score, the gap is below `CHANCE` standard errors;
    - for boosted trees, which learn their training data by heart while validation still gains.

    Where validation's answers are no better than guessing, how the splits are prepared is asked before anything else.
    What training learnt is counted from its first value, or from what guessing costs where the context tells. It is a
    warning, settled or not, where validation ends worse than guessing (or R² below 0) and training below `KNOWS` of it,
    and where training is poor at a rate known to be far too high: that rate is the first cause then.

When it is wrong
    The two losses are not the same thing: one includes a regularisation term, label smoothing or augmentation, or one
    is a sum and the other a mean. Or the splits differ (another time, another camera): then the gap is there from the
    first epoch.

Sources
    Google ML course, "Interpreting loss curves": splits that are not statistically equivalent, or not deduplicated.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
    A. J. Wyner et al., "Explaining the success of AdaBoost and random forests as interpolating classifiers",
    JMLR 18, 2017.
"""

from diagnosis.advice import check_fixes, datasets, models, rates, usual_rates
from diagnosis.advice.fix import Fix
from diagnosis.boosting import boosted
from diagnosis.features import Features
from diagnosis.features.gap import Gap
from diagnosis.features.lasting_gap import SHARE, SIGMAS, WARNED, LastingGap, measure_lasting_gap
from diagnosis.features.measured import Measured
from diagnosis.features.skill import SHARES, guesses
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

ALIKE = "The gap was there from the first: a mean over other batches, a penalty or other weights look like that."
POOR = "Training itself is poor: at a rate far beyond the usual one it does not settle."
FURTHER = "Makes the same data go further, most of all where validation data were recorded in other conditions."
EVALUATED = "Would be overturned if training, evaluated in evaluation mode, had the same loss as validation."
EARLY = "The gap is there from the start: the splits, or how the loss is computed, may differ."
CAUSES = (
    Cause("Too little or too uniform training data for the model's size.", "Train on half of the data: the gap grows."),
    Cause(
        "The splits are not drawn alike, or share no duplicates where training does.",
        "Train a small classifier to tell by its inputs from which split an example is: its AUC is above one half.",
    ),
    Cause(
        "The two losses are computed differently.",
        "Evaluate the training split in evaluation mode with the validation code: the gap goes.",
    ),
)
HOT = Cause(
    "The learning rate is too high for training to settle.",
    "Go on for a tenth of the epochs at the usual rate: training falls at once, and validation with it.",
)
EXAMPLES = (
    Fires("stable at 0.7 above", logged(loss=falling(), val_loss=falling(floor=0.8, seed=1))),
    Quiet("a small gap", logged(loss=falling(), val_loss=falling(floor=0.3, seed=1))),
)


@rule(
    severity=("warning", "info"),
    about="validation",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    not_of_rewards="episodes of training and of evaluation differ in more than what is learnt",
    exempt={"offset": "with num_classes, what was learnt is counted from ln C", "scale": "likewise"},
)
def check(validation: Measured, pair: Gap, features: Features, run: Run) -> Finding | None:
    """Report a gap that stays, and whether it looks like one of the splits."""
    told = measure_lasting_gap(pair, features)
    if told is None:
        return None
    training, hot = pair.training, features.answers_poorly and usual_rates.too_high(features.context)
    harmless = told.least <= WARNED or told.throughout or told.lucky or boosted(run.context)
    foreign = _foreign(told, features)
    causes = CAUSES[::-1] if foreign else CAUSES
    against = (EVALUATED, *((EARLY,) if told.early else ()), *((told.lucky,) if told.lucky else ()))
    ends = f"{share_of(told.share, 'the training progress')} {training.went('above', 'below')} {training.name}"
    stays = "the gap still widens" if pair.widening else "the gap is stable"
    return Finding(
        summary=f"Generalization gap: {validation.name} ends {ends}, and {stays}.",
        evidence=_evidence(pair, told),
        series=(validation.name, training.name),
        since=validation.position(told.begins),
        points=validation.n,
        severity="warning" if hot or told.sure_of_wrong or not harmless else "info",
        against=against,
        causes=(HOT, *causes) if hot else causes,
        fixes=(*((rates.lower(features.context, POOR),) if hot else ()), *_fixes(pair, run, foreign)),
    )


def _evidence(pair: Gap, told: LastingGap) -> tuple[Evidence, ...]:
    late = f"median gap over the last fifth of the run, {pair.late:.4g}"
    noise = "the same gap against the noise of the two curves' difference"
    grown = "by how much the gap grew over the second half of the run"
    return (
        Evidence("gap", told.share, SHARE, PROGRESS, late),
        Evidence("gap_over_noise", told.sigmas, SIGMAS, NOISE, noise),
        Evidence("widening", told.grown, None, PROGRESS, grown),
    )


def _foreign(told: LastingGap, features: Features) -> str | None:
    """Why the splits may not be prepared alike; None where nothing speaks for it."""
    if told.throughout:
        return ALIKE
    answers = features.val_metric
    if answers is None or answers.curve.metric not in SHARES or features.answers_poorly:
        return None
    return f"{answers.name} is no better than guessing." if guesses(answers, features.context) else None


def _fixes(pair: Gap, run: Run, foreign: str | None) -> tuple[Fix, ...]:
    names = pair.training.name, pair.validation.name
    return (
        *((check_fixes.compare_treatment(*names, run.context, foreign),) if foreign else ()),
        datasets.add_data("The gap shrinks with the amount of data.", run.context),
        *models.regularize(run.context, "Narrows the gap at the cost of some training loss.", drop=False),
        datasets.augment(FURTHER, run.epochs_logged),
    )
