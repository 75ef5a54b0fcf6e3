"""Validation is better than training, and not only because training is averaged over the epoch.

What it means
    The two numbers do not measure the same thing. Mostly that is harmless: dropout and augmentation make training
    harder. So whatever ails the run is said first. But a gap that is hidden cannot be watched, and now and then the
    splits are at fault.

How it is detected
    A training value is an average over an epoch in which the weights improved; validation measures the weights at its
    end. So training is first moved ahead by half an epoch, or by half of whatever stretch its values stand for. Over
    the second half of the run, validation must still be better than that in more than `OFTEN` of its values. Its
    median lead must be more than `SHARE` of what training learnt, and more than `SIGMAS` standard errors. Exceptions:

    - `STEADILY` standard errors are enough for a lead of more than `CLEAR` of what was learnt that never falls below
      `STEADY` of itself.
    - Where training did not learn more than `LEARNT` of its noise levels, the lead is a share of what validation
      learnt, and that must be more than as many of these levels.
    - A lead of more than `LARGE` is a warning instead of information, if training is over and `context` says that
      there is no dropout, or no augmentation, and does not say that there is the other.

When it is wrong
    A small validation set may be easier by chance. Heavy dropout, mixup or label smoothing make a difference that is
    wanted.

Sources
    Keras FAQ, "Why is my training loss much higher than my testing loss?"; keras-team/keras#472 and #605, in whose
    order the causes stand: leakage comes last, and is worth a look.
"""

from diagnosis.advice.check_fixes import eval_mode
from diagnosis.advice.datasets import enlarge_validation
from diagnosis.advice.models import unregularized
from diagnosis.features.gap import Gap
from diagnosis.features.lead import OFTEN, SHARE, Lead, measure_lead
from diagnosis.features.measured import Measured
from diagnosis.features.shortfall import STRONG
from diagnosis.findings.leads import may_be_easy, summed
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule, share_of
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

LARGE = 0.25  # share of what training learnt: a warning
MOSTLY = 0.5  # share of the difference that averaging explains: then it is the likeliest cause
TOLD = 0.01  # likewise: less is not worth a word
TWICE = 2.0  # times the validation set: an easy draw would show
WITHOUT = "So few units left at a time hold the model back: what it could learn shows without."

ACTIVE = Cause(
    "Dropout or augmentation is active in training only.",
    "Evaluate a sample of the training split in evaluation mode: its loss comes down to validation's.",
)
AVERAGED = Cause("Training is averaged over an epoch.", "Evaluate both at one checkpoint, dropout on: no difference.")
PENALTY = Cause(
    "The training loss includes a term that validation's does not: a penalty, label smoothing, class weights.",
    "Compute the bare loss of one training batch: it is below what is logged.",
)
EASIER = Cause(
    "The validation split is small or easier.", "Draw it anew from the same data: the difference changes, or its sign."
)
LEAK = Cause("Validation examples are among the training data.", "Leave out duplicates by hash: the difference goes.")
CAUSES = (ACTIVE, AVERAGED, PENALTY, EASIER, LEAK)
EXAMPLES = (
    Fires("a tenth below all along", logged(loss=falling(start=2.5, floor=0.5), val_loss=falling(floor=0.3, seed=1))),
    Quiet("half an epoch ahead", logged(loss=falling(tau=0.6), val_loss=falling(start=2.268, tau=0.6, seed=1))),
)


@rule(
    severity=("info", "warning"),
    about="measurement",
    causes=CAUSES,
    examples=EXAMPLES,
    points=8,
    not_of_rewards="training's episodes explore",
)
def check(
    pair: Gap, validation: Measured, train_metric: Measured | None, val_metric: Measured | None, run: Run
) -> Finding | None:
    """Report a lead of validation that averaging does not explain, with its likeliest causes."""
    told, context, training = measure_lead(pair), run.context, pair.training
    if told is None:
        return None
    excluded = (context.dropout == 0 or context.augmentation is False) and not (context.dropout or context.augmentation)
    lead = share_of(told.share, "what training learnt") if told.trained else f"{told.better:.3g}"
    ahead = f"{validation.name} is {lead} {validation.went('below', 'above')} {training.name} in the second half"
    much = f"the {percent(told.share)}" if told.trained else "it"
    return Finding(
        summary=f"Validation is better than training: {ahead}{_out(told)}.",
        evidence=_evidence(told),
        series=(validation.name, training.name),
        since=validation.position(told.begins),
        points=validation.n,
        severity="warning" if told.share > LARGE and run.finished and excluded else None,
        causes=_likeliest(context, told, also=_also(train_metric, val_metric)),
        against=("Would be overturned if training, evaluated in evaluation mode, were as good as validation.",),
        fixes=(
            *(unregularized(context, WITHOUT) if (context.dropout or 0.0) >= STRONG else ()),
            eval_mode(f"Tells at once how much of {much} is how training is measured.", context),
            *(
                (enlarge_validation(context, TWICE, "An easy draw does not stay easy."),)
                if may_be_easy(context, told)
                else ()
            ),
        ),
    )


def _out(told: Lead) -> str:
    """What was taken out of the lead, where that is anything to speak of."""
    return ", half an epoch of averaging taken out" if told.averaging >= TOLD else ""


def _evidence(told: Lead) -> tuple[Evidence, ...]:
    second = f"how far validation is ahead over the second half of the run, {told.better:.4g}"
    averaging = "what averaging training over each epoch explains"
    sigmas = told.better / max(told.error, 1e-300)
    return (
        Evidence("better_by", told.share, SHARE, PROGRESS, f"{second}{_out(told)}"),
        Evidence("better_over_noise", sigmas, told.surely, ERRORS, "the same lead against its noise"),
        Evidence(
            "better_how_often", told.often, OFTEN, "share of the second half", "time in which validation is ahead"
        ),
        Evidence("half_epoch_shift", told.averaging, None, "share of the difference", averaging),
    )


def _also(training: Measured | None, validation: Measured | None) -> bool | None:
    """Whether validation's metric is ahead as well; None where it is not logged for both."""
    if training is None or validation is None or training.curve.metric != validation.curve.metric:
        return None
    return validation.end + validation.end_error < training.end - training.end_error


def _likeliest(context: Context, told: Lead, *, also: bool | None) -> tuple[Cause, ...]:
    """The causes in the order in which this run speaks for them."""
    rank = {ACTIVE: 0.0, AVERAGED: 1.0, PENALTY: 2.0, EASIER: 3.0, LEAK: 9.0}
    if not context.augmentation and context.dropout == 0:
        rank[ACTIVE] = 3.5 if context.augmentation is False else 2.5
    rank[AVERAGED] = -1.0 if told.averaging > MOSTLY else 4.0
    rank[PENALTY] += {None: 0.0, False: -1.5, True: 2.5}[also]
    said = context.augmentation or context.dropout  # of which some makes a difference at once
    if told.at_once and not said:
        rank[ACTIVE], rank[EASIER] = rank[EASIER], -0.5
    return *summed(told.times), *sorted(CAUSES, key=rank.__getitem__)
