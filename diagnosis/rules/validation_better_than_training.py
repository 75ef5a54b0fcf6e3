"""Validation is better than training, and not only because training is averaged over the epoch.

What it means
    The two numbers do not measure the same thing. Mostly that is harmless (dropout and augmentation make training
    harder), so what ails the run is said before. But a hidden gap cannot be watched, and now and then the splits are at fault.

How it is detected
    A training value is an average over an epoch in which the weights improved; validation measures the last of them.
    So training is first shifted by half an epoch. If validation is still better in more than `OFTEN` of the second half, by more than `SHARE`
    of what training learnt (or validation, where training shows nothing) and `SIGMAS` standard errors (`STEADILY` where the lead is large and
    steady), it is said. Beyond `LARGE` it is a warning once training is over, if by `context` there is no dropout.

When it is wrong
    A small validation set may be easier by chance. Heavy dropout, mixup or label smoothing make a difference that is wanted.

Sources
    Keras FAQ, "Why is my training loss much higher than my testing loss?"; keras-team/keras#472 and #605, in whose order
    the causes stand: leakage comes last, and is worth a look.
"""

import numpy as np

from diagnosis.check_fixes import eval_mode
from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.fixes import enlarge_validation
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule, share_of
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

OFTEN = 0.80  # share of the second half in which validation is better
SHARE = 0.015  # of what training learnt
SIGMAS = 4.0  # standard errors of the median difference of the second half
STEADY, CLEAR, STEADILY = 0.6, 0.04, 2.0  # of the median lead, its least; of what was learnt; standard errors then
LARGE = 0.25  # of what training learnt: a warning
LEARNT = 5.0  # noise levels of training that it must have learnt, or validation, which has it easier: else there is nothing to be better than
MOSTLY = 0.5  # of the difference that the shift takes away: averaging is the likeliest cause
TWICE = 2.0  # the validation set: an easy draw would show

ACTIVE = Cause(
    "Dropout or augmentation is active in training only.",
    "Evaluate a sample of the training split in evaluation mode: its loss comes down to validation's.",
)
AVERAGED = Cause("Training is averaged over an epoch.", "Evaluate both at one checkpoint, dropout on: no difference.")
PENALTY = Cause("The training loss includes a term that validation's does not: a penalty, label smoothing, class weights.", "Compute the bare loss of one training batch: it is below what is logged.")  # fmt: skip
EASIER = Cause(
    "The validation split is small or easier.", "Draw it anew from the same data: the difference changes, or its sign."
)
LEAK = Cause("Validation examples are among the training data.", "Leave out duplicates by hash: the difference goes.")
CAUSES = (ACTIVE, AVERAGED, PENALTY, EASIER, LEAK)
EXAMPLES = (
    Fires("a tenth below all along", logged(loss=falling(start=2.5, floor=0.5), val_loss=falling(floor=0.3, seed=1))),
    Quiet("half an epoch ahead", logged(loss=falling(tau=0.6), val_loss=falling(start=2.268, tau=0.6, seed=1))),
)


@rule(severity=("info", "warning"), about="measurement", causes=CAUSES, examples=EXAMPLES, points=8, not_of_rewards="training's episodes explore")  # fmt: skip
def check(
    pair: Gap, validation: Measured, train_metric: Measured | None, val_metric: Measured | None, run: Run
) -> Finding | None:
    """Compare validation with training half an epoch later, over the second half of the run."""
    train_loss, context, half = pair.training, run.context, validation.index_after(0.5)
    ahead = (pair.caught_up - validation.s)[half:]
    better, often = median(ahead), float(np.count_nonzero(ahead > 0)) / ahead.size
    trained = pair.learnt > LEARNT * pair.train_noise
    learnt = pair.learnt if trained else validation.progress  # which has it easier
    if better <= SHARE * learnt or learnt <= LEARNT * pair.train_noise:
        return None
    # A steep beginning bends, and is no noise.
    error = min(pair.noise, noise_level((pair.level - validation.z)[half:])) * float(np.sqrt(0.5 * np.pi / ahead.size))
    steady = float(ahead.min()) > STEADY * better > STEADY * CLEAR * learnt
    surely = STEADILY if steady and better <= SIGMAS * error else SIGMAS
    if often <= OFTEN or better <= surely * error:
        return None
    share, lag = better / learnt, max(1.0 + better / min(median(pair.difference[half:]), -better), 0.0)
    excluded = (context.dropout == 0 or context.augmentation is False) and not (context.dropout or context.augmentation)
    return Finding(
        summary=(
            f"Validation is better than training: {validation.name} is {share_of(share, 'what training learnt') if trained else f'{better:.3g}'} "
            f"{validation.went('below', 'above')} {train_loss.name} in the second half, half an epoch of averaging taken out."
        ),
        evidence=(
            Evidence("better_by", share, SHARE, PROGRESS, f"how far validation is ahead over the second half of the run, {better:.4g}, half an epoch of averaging taken out"),
            Evidence("better_over_noise", better / max(error, 1e-300), surely, ERRORS, "the same lead against its noise"),
            Evidence("better_how_often", often, OFTEN, "share of the second half", "time in which validation is ahead"),
            Evidence("half_epoch_shift", lag, None, "share of the difference", "what averaging training over each epoch explains"),
        ),
        series=(validation.name, train_loss.name),
        since=validation.position(half + int(np.argmax(ahead > 0))),
        points=validation.n,
        severity="warning" if share > LARGE and run.finished and excluded else None,
        causes=_likeliest(context, lag, also=_also(train_metric, val_metric)),
        against=("Would be overturned if training, evaluated in evaluation mode, were as good as validation.",),
        fixes=(
            eval_mode(f"Tells at once how much of {f'the {percent(share)}' if trained else 'it'} is how training is measured.", context),
            enlarge_validation(context, TWICE, "An easy draw of few examples does not stay easy."),
        ),
    )  # fmt: skip


def _also(training: Measured | None, validation: Measured | None) -> bool | None:
    """Whether validation's metric is ahead as well; None where it is not logged for both."""
    if training is None or validation is None or training.curve.metric != validation.curve.metric:
        return None
    return validation.end + validation.end_error < training.end - training.end_error


def _likeliest(context: Context, lag: float, *, also: bool | None) -> tuple[Cause, ...]:
    """The causes in the order in which this run speaks for them."""
    rank = {ACTIVE: 0.0, AVERAGED: 1.0, PENALTY: 2.0, EASIER: 3.0, LEAK: 9.0}
    if not context.augmentation and context.dropout == 0:
        rank[ACTIVE] = 3.5 if context.augmentation is False else 2.5
    rank[AVERAGED] = -1.0 if lag > MOSTLY else 4.0
    rank[PENALTY] += {None: 0.0, False: -1.5, True: 2.5}[also]
    return tuple(sorted(CAUSES, key=rank.__getitem__))
