"""Validation gets worse while training keeps improving.

What it means
    Past its best epoch the model memorises its training set: every epoch after that costs compute and makes it worse.

How it is detected
    At its end, the validation loss has given back more than `GIVEN_BACK` of its progress, and stands more than `SIGMAS`
    standard errors above its best level. Training, where it is logged, has since made more than `STILL_FALLING` of its
    own progress, by as many standard errors, and has not lost `TURNED` of that gain again, unless validation had lost
    `RUINED` times all that was learnt. A rise `PLENTY` times as large needs only some gain of training that was not
    thrown up meanwhile. Exceptions:

    - Where the validation metric has clearly got worse as well, `HALVED` of it is enough, and `AS_WELL` of training's;
      right answers by more than chance moves so many.
    - Where validation gained less than `LEAST_PROGRESS` of what training learnt, that share of it stands in for
      validation's progress.
    - Where validation made nearly all of its progress at once, right at the beginning, a smaller rise counts too: one
      that is a large part of what it gained after that, and of what training has gained since the best level, and of
      which no `RECOVERED` is gone again. If all but `NEXT_TO_NOTHING` was gained at once, and by no classifier,
      `STILL_FALLING` is of the rest too.
    - Fewer than `BENDS` values of a loss do not tell how noisy they are. There it is enough that the later half of
      those since the lowest one, at least two, all stand above it, by `STEADY` of the progress and of what training
      gained since, or that each is higher than the one before and none jumps (`CLIMBS`); and for training, that its
      values of that time are all better than before. Else it is undecided, as it is without training if none gained.
    - Where training logs a loss and validation only a metric, it must have given back `OF_METRIC`, and `ANSWERS` of all
      answers. Nothing is reported where training's own is at chance and never surely rose, or where training had jumped
      for good by then (`loss_spike`).
    - While a run goes on, the rise must have lasted for `LASTED` of it. Nothing is reported while validation is falling
      again and has recovered `RECOVERED` of the rise (nor afterwards, if it gained less than `BARELY` of what training
      learnt, and ends no worse), while both have fewer than `BENDS` values, or before `LEARNT` of a guess is learnt.

    It is an error where validation lost `SEVERE` times its progress and `SEVERE_LEARNT` of what training learnt, unless
    its metric is as good as ever, training is not logged, or the log begins in mid-run. It begins at the best
    checkpoint, at the end of a flat bottom after it, or where the loss leapt up for good by a step that stands out;
    nothing is to be stopped if it rises no more after that. The checkpoint to keep is the best of the loss; or the
    metric's, if it improved since and the loss gained under `BARELY` of what training learnt.

When it is wrong
    The validation set is small, and what it loses others may not; of a handful nothing is said. Or validation accuracy
    still rises: only the confidence in wrong answers grows. Where training is not logged, it may be divergence.

Sources
    L. Prechelt, "Early stopping, but when?", 1998: the generalisation loss.
    Google, "Deep Learning Tuning Playbook": problematic overfitting is validation error that starts to increase.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: the order of remedies.
"""

from diagnosis.advice.check_fixes import check_labels
from diagnosis.advice.datasets import add_data, augment
from diagnosis.advice.fix import Fix
from diagnosis.advice.models import regularize, smaller_model
from diagnosis.advice.rates import learning_rate
from diagnosis.advice.stopping import restore, stop_early
from diagnosis.advice.tuned import fine_tuned
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import SIGMAS, Memorising  # noqa: F401 - of several, the one that the page names
from diagnosis.features.outgrown import outgrown
from diagnosis.features.overfit import Overfit, measure_overfit
from diagnosis.findings.turned_curves import SWITCHED, evidence_of, step_of, validate_anew
from diagnosis.rule import Cause, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.synthetic import falling, turning
from diagnosis.synthetic import run as logged

UNSEEN, SMALLER = 0.7, 0.3  # highest confidence where training is not logged; times the rate of a fine-tune
LARGER = "Would be overturned by a larger validation set on which the loss does not rise."
ALONE = "Training is not logged beside it: if that rises as well, this is divergence."
TUNED = "So soon, it knew most of it before: what weights hold already, smaller steps keep for longer."
CAUSES = (
    Cause("More capacity than the data constrain.", "Train on half of the data: the turn comes earlier and steeper."),
    Cause(
        "Nothing holds the weights back.",
        "Go on from the best checkpoint with augmentation and dropout for a tenth of the run: it does not rise.",
    ),
    Cause(
        "Labels with errors are learnt by heart.",
        "Look at the 20 training examples with the highest loss at the best epoch: their labels are wrong.",
    ),
)
EXAMPLES = (
    Fires("turns at epoch 20", logged(loss=falling(), val_loss=turning(at=20))),
    Quiet("a gap, no rise", logged(loss=falling(), val_loss=falling(floor=0.5, seed=1))),
)


@rule(
    severity=("warning", "error"),
    about="validation",
    causes=CAUSES,
    examples=EXAMPLES,
    points=3,
    decides="stop",
    supersedes=("generalization_gap", "undertrained", "underfitting", "slow_convergence", "plateau"),
)
def check(
    validation: Measured, memorising: Memorising, val_metric: Measured | None, features: Features
) -> Finding | Skipped | None:
    """Compare where validation ended with where it was best, and what training did since."""
    metric = val_metric if val_metric is not validation else None
    if not isinstance(told := measure_overfit(memorising, metric, features), Overfit):
        return Skipped(told) if told else None
    training, since = memorising.beside and memorising.beside.training, told.turn.since
    meanwhile = f" while {training.name} kept {training.went('falling', 'rising')}" if training else ""
    ships = metric is not None and told.held and features.context.monitor in {metric.name, metric.curve.metric}
    asks = not (told.doubted or told.turn.leapt or ships)
    ended = f"{step_of(told)}.{' It was never better than guessing.' if told.guessed else ''}"
    held = f"{metric.name} is as good as ever: if that is what ships, choose the checkpoint by it." if metric else ""
    sooner = f"{metric.name} was better at {told.sooner}: if that is what ships, go back there." if metric else ""
    return Finding(
        summary=f"Overfitting since {since}: {validation.name} gave back {memorising.lost}{meanwhile}{ended}",
        evidence=evidence_of(memorising, told),
        series=(validation.name, *((training.name,) if training else ())),
        since=since,
        restore=told.ship,
        points=validation.n,
        ceiling=0.99 if training else UNSEEN,
        about="progress" if outgrown(told.ship, metric) != told.ship else None,  # the metric went on climbing
        asks=asks,
        severity="error" if told.severe and training and asks else None,
        against=(LARGER, *(() if training else (ALONE,)), *(held,) * told.held, *(sooner,) * bool(told.sooner)),
        causes=(SWITCHED, *CAUSES) if told.turn.leapt else CAUSES[::-1] if told.unlearnt else CAUSES,
        fixes=_fixes(memorising, told, metric, features),
    )


def _fixes(memorising: Memorising, told: Overfit, metric: Measured | None, features: Features) -> tuple[Fix, ...]:
    validation, beside, run = memorising.validation, memorising.beside, features.run
    free = f"It is free: since then {validation.name} gave back {memorising.lost}."
    if metric and told.ship != validation.best_position:
        free = f"{metric.name} is best there, and was worse where {validation.name} was best."
    first = [restore(told.ship, free)]
    if told.turn.leapt:  # it learns nothing by heart
        return (*validate_anew(told, validation), *first)
    if beside and told.unlearnt:
        never = (
            f"{validation.name} was never clearly below where {beside.training.name} began: nothing of it carries over."
        )
        first.insert(0 if told.blind else 1, check_labels(never, run.context))
    tuned = fine_tuned(features, told.ship)  # then nobody can choose how wide it is
    room = not (tuned or features.answers_poorly)
    return (
        *first,
        stop_early(validation, f"{percent(told.after)} of the run came after the best point."),
        *((learning_rate(features.context, SMALLER, TUNED),) if tuned and not features.schedule else ()),
        add_data("The most reliable remedy, where data can be had.", run.context),
        augment("The next best thing to more data.", run.epochs_logged),
        *regularize(run.context, "Makes memorising dearer than generalising."),
        *((smaller_model("Less room to memorise; try it after the others."),) if room else ()),
    )
