"""The training loss rises and stays up.

What it means
    The optimiser makes the model worse. A loss that rises from the first step has the wrong sign, or a learning rate
    that is far too high. One that rises after the model had learnt has become unstable.

How it is detected
    At its end the training loss stands above its best level by `SIGMAS` noise levels of the calm before, and has lost
    more than `LOST` of what it had gained (of a reward `OF_REWARD`, and `MEANWHILE` while the policy is still trained).
    Where nothing had been gained, it must stand above its start, and also trend upwards, have left for good, have been
    best `CLIMB` values after its first, or, once the run is over, have risen by `FAR` times its gain and its noise. It
    must have stayed up for longer than any spike lasts: a tenth of the run and eight values, or a fifth of a short run.
    Other ways to see that it is up:

    - it rose over each of the last `LASTING` epochs, and one before the end had lost `FAST` of what was gained;
    - it left all that was before behind for good, by `FAR` times the range of that;
    - its last `AWAY` values end above its start by `PAST` of its gain, or it was above its start for `HIGH` of the run;
    - the middle of its last quarter is up, and so is validation's;
    - validation's second half is worse than its first value, and training has lost ground since validation was best;
    - in a run of few values that is over, both losses and the metrics of both splits have gone back; or both losses
      are, throughout the second half, far above their first two values;
    - training is below 0 throughout, and falls as far as validation rises above it, `NEAR` of it more or less, to
      `RISES` times its first value: one is minus the other.

    It is no divergence where

    - the loss is coming down again: a restart, or bookkeeping;
    - a logged learning rate was put back up to what it had been, and the loss is no higher than where it began;
    - it only went from what guessing scores to what guessing scores: nothing had been learnt;
    - it was never far from its start, ends within its noise of that, and rises no more: weights that decayed;
    - it was as far up `CAME_BACK` times before, for as long, and came back each time: it swings;
    - all of it lies within `SIGMAS` noise levels of the run as a whole, on either side, which does not rise;
    - validation or a reward gained meanwhile, and ends at its best, or hardly noticed: then the weights are well;
    - no validation tells, and the loss moved in one calm step of less than half of what was gained, as with other data,
      or has swung as far before and come back;
    - it comes down again, and validation has won back `WON_BACK` of what it lost;
    - it jumped at once, as with another task, and both losses have come down since, training by much of that jump;
    - it repeats a shape, and the mean of its last cycle lost no such share, or less than a cycle goes up and down.

    Where a logged learning rate went up before the loss did, the schedule is the first cause. What came to rest about
    where it began may have lost its weights to their decay.

When it is wrong
    A spike at the very end may recover. Without a validation loss, a run resumed with other data or loss weights looks
    the same, as does a curriculum. A rate that rises by orders of magnitude to the end is a range test.

Sources
    Google, "Deep Learning Tuning Playbook": a rising training loss is usually a bug; else rate, warm-up, clipping.
    Stanford CS231n notes, "Babysitting the learning process": the shape of a learning rate that is too high.
"""

from diagnosis.advice import check_fixes, clipping, rates, stopping, warm_ups
from diagnosis.advice.fix import Fix
from diagnosis.advice.ladder import lighter
from diagnosis.features import Features
from diagnosis.features.climb import climbs
from diagnosis.features.measured import Measured
from diagnosis.features.mirrored import RISES, mirrored  # noqa: F401 - of several, the one that the page names
from diagnosis.features.rate import in_force
from diagnosis.features.rise import SIGMAS  # noqa: F401 - of several, the one that the page names
from diagnosis.features.runaway import Runaway, measure_runaway
from diagnosis.findings.runaways import evidence_of, may_ascend, said_of, vanishing
from diagnosis.findings.turned_signs import turned_sign
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, linear, run, spiked, turning

RATE = Cause("The learning rate is too high.", "Repeat that stretch at a tenth of the rate: it does not get worse.")
SIGN = Cause(
    "The sign of the loss or of the update is wrong.",
    "Take one step on one batch at a tiny learning rate: the loss on that batch must fall.",
)
SCHEDULE = Cause(
    "The schedule puts the learning rate up too far.", "Go on from the best checkpoint at the rate it had there."
)
DATA = Cause("A stretch of bad data.", "Repeat it at the same rate over other batches: it does not get worse.")
CAUSES = (RATE, SIGN, DATA)
EXPLAINS = (
    *("overfitting", "generalization_gap", "underfitting", "undertrained", "plateau", "oscillation"),
    *("slow_convergence", "not_learning", "loss_spike", "metric_loss_mismatch", "class_imbalance"),
    *("noisy_validation", "validation_better_than_training", "slow_start", "vanishing_gradients"),
)
AGAINST = (
    "Would be overturned if half of what was lost came back before long.",
    "A change of data or of loss weights at that point shifts the level without divergence.",
)
EXAMPLES = (
    Fires("turns at epoch 20 and loses all it had", run(loss=turning(at=20, rise=0.08))),
    Fires("rises from the first epoch", run(loss=linear(start=2.3, end=9.0))),
    Quiet("only validation rises", run(loss=falling(), val_loss=turning(at=20, rise=0.05))),
    Quiet("one spike, recovered", run(loss=spiked(falling(), at=(40,), height=2.0))),
)


@rule(
    severity="error",
    about="learning",
    causes=CAUSES,
    examples=EXAMPLES,
    supersedes=EXPLAINS,
    decides="intervene",
    exempt={"offset": "that a loss is minus another is seen on either side of 0"},
)
def check(train_loss: Measured, learning_rate: Measured | None, context: Context, features: Features) -> Finding | None:
    """Report a loss that ran away, with what it lost and since when."""
    if features.gap and mirrored(features.gap):
        return turned_sign(features.gap)
    if (away := measure_runaway(train_loss, learning_rate, features)) is None:
        return None
    rate, summary, evidence = away.rise.rate, said_of(away, train_loss), evidence_of(away, train_loss)
    if rate:
        summary = f"{summary}, after the learning rate had grown {rate[1]:.3g}-fold by {rate[2]}"
        evidence.append(Evidence("rate", rate[1], None, "times the rate before", f"the learning rate by {rate[2]}"))
    first = _first_cause(away, train_loss, context, features)
    likely = (RATE, SIGN, DATA) if away.from_start else (RATE, DATA, SIGN)
    others = (cause for cause in likely if cause is not first and not (features.reward and cause is SIGN))
    return Finding(
        summary=f"{summary}.",
        evidence=tuple(evidence),
        series=(train_loss.name, *((learning_rate.name,) if rate and learning_rate else ())),
        since=away.since,
        restore=away.best,
        points=train_loss.n,
        against=AGAINST,
        causes=(first, *vanishing(away, train_loss, context), *others),
        fixes=_fixes(away, train_loss, first, context, features),
    )


def _first_cause(away: Runaway, loss: Measured, context: Context, features: Features) -> Cause:
    """Ascent is certain of its way at any rate, and few set a large one; no library's own sign is wrong."""
    if away.from_start and not features.reward and may_ascend(context) and climbs(loss, features.val_loss):
        return SIGN
    return SCHEDULE if away.rise.rate else RATE


def _fixes(away: Runaway, loss: Measured, first: Cause, context: Context, features: Features) -> tuple[Fix, ...]:
    best, rate, early = away.best, away.rise.rate, "Early gradients are the largest."
    clipped, at = clipping.clip(features.grad_norm if best else None, "Bounds what one batch can do.", best), away.since
    if best is None:
        cooler = rates.lower(context, "It never got better: steps are far too large, if the sign is right.")
        sign = check_fixes.flip_sign(loss, "What only gets worse looks like ascent.")
        ranked = (sign, cooler) if first is SIGN else (cooler,) if features.reward else (cooler, sign)
        return (*ranked, warm_ups.warm_up(context, early, loss), clipped)
    held = "What held before it turned was at the edge."
    cooler = rates.keep_rate(*rate) if rate else rates.lower(in_force(context, features.schedule, at), held)
    back = stopping.restore(best, "Everything after it is worse; going on from it needs the smaller rate as well.")
    return (back, *lighter(context), cooler, clipped, *warm_ups.warm_up_for(at, loss, context, early))
