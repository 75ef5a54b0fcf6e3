"""The training loss rises and stays up.

What it means
    The optimiser makes the model worse. Rising from the first step: the sign of the loss is wrong, or the learning rate far
    too high. Rising after the model had learnt: training became unstable.

How it is detected
    Longer than any spike lasts (a tenth of the run, eight values, a fifth of a short one; or climbing fast over the last five epochs), the
    smoothed training loss stands above its best by more than `LOST` of what it had gained, or `OF_REWARD` of a reward (`MEANWHILE` while a policy is trained), and by `SIGMAS` noise
    levels of the calm before; or it ends so above its start, or after a fifth of the run there, or far above all it had gone through, or the middle of
    its last quarter does, with validation's, or while all of validation's second half is worse than its first value, or in a run of few values that is over the losses and metrics of both splits have all gone back, or both losses left their first values by far (features/decline.py). Or nothing had been gained, and it has risen significantly. What comes down again
    is a restart or bookkeeping; a logged rate that was put back up explains a loss no higher than where it began; what went from guessing to guessing has learnt nothing; where validation, or a reward, gains meanwhile and ends at its best, so do
    the weights. What validation does not notice, one calm step of less than half or one swing of many is none (features/shift.py). A loss that
    repeats a shape is held against itself cycle by cycle. Where a logged rate went up before the loss did, the schedule is the first cause.

When it is wrong
    A spike at the very end that is about to recover; without validation, a run resumed with other data or loss weights, or a curriculum.
    A range test blows up on purpose: a rate that rises by orders of magnitude to the end is told, and nothing of a training is judged.

Sources
    Google, "Deep Learning Tuning Playbook": training loss that increases is usually a bug; else learning rate, warm-up, clipping.
    Stanford CS231n notes, "Babysitting the learning process": the shape of a learning rate that is too high.
"""

from diagnosis.boosting import boosted
from diagnosis.check_fixes import flip_sign
from diagnosis.features import Features
from diagnosis.features.climb import CLIMB, climbs
from diagnosis.features.decline import FEW, measure_collapse, measure_decline, measure_departure, measure_fall_back
from diagnosis.features.measured import Measured
from diagnosis.features.rise import FAR, SIGMAS, Rise, measure_rise, only_guesses, onset, overturned
from diagnosis.features.shift import harmless, sent_back_up
from diagnosis.fixes import Fix, clip, keep_rate, lower, restore, times_usual, warm_up, warm_up_for
from diagnosis.ladder import lighter
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, linear, run, spiked, turning

LOST = 0.20  # share of the progress that is gone again: language models that run away fall back by a quarter to a half
OF_REWARD = 0.50  # likewise: policies wander by less
MEANWHILE = 0.80  # likewise, while a policy is trained: of 44 that learnt, few lost as much and came back

RATE = Cause("The learning rate is too high.", "Repeat the stretch in which it rose at a tenth: the loss stays down.")
SIGN = Cause("The sign of the loss or of the update is wrong.", "Take one step on one batch at a tiny learning rate: the loss on that batch must fall.")  # fmt: skip
SCHEDULE = Cause("The schedule puts the learning rate up too far.", "Go on from the best checkpoint at the rate it had there.")  # fmt: skip
DATA = Cause("A stretch of bad data.", "Repeat the stretch at the same rate over other batches: the loss stays down.")
CAUSES = (RATE, SIGN, DATA)
EXPLAINS = ("overfitting", "generalization_gap", "underfitting", "undertrained", "plateau", "oscillation", "slow_convergence", "not_learning",
            "loss_spike", "metric_loss_mismatch", "class_imbalance", "noisy_validation", "validation_better_than_training", "slow_start")  # fmt: skip
AGAINST = (
    "Would be overturned if half of what was lost came back within the next epochs.",
    "A change of data or of loss weights at that point shifts the level without divergence.",
)
EXAMPLES = (
    Fires("turns at epoch 20 and loses all it had", run(loss=turning(at=20, rise=0.08))),
    Fires("rises from the first epoch", run(loss=linear(start=2.3, end=9.0))),
    Quiet("only validation rises", run(loss=falling(), val_loss=turning(at=20, rise=0.05))),
    Quiet("one spike, recovered", run(loss=spiked(falling(), at=(40,), height=2.0))),
)


@rule(severity="error", about="learning", causes=CAUSES, examples=EXAMPLES, supersedes=EXPLAINS, decides="intervene")
def check(train_loss: Measured, learning_rate: Measured | None, context: Context, features: Features) -> Finding | None:
    """Compare the lowest level of the end with the best level before, and with the start."""
    rise = measure_fall_back(features.gap, learning_rate) or measure_rise(train_loss, learning_rate) or measure_decline(train_loss, features.val_loss, learning_rate) or (measure_collapse(train_loss, features.val_loss, features.metrics, learning_rate) if features.run.finished else None) or measure_departure(train_loss, features.val_loss, features.metrics, learning_rate)  # fmt: skip
    early = features.reward and not features.run.finished and train_loss.n < FEW  # episodes, and no policy yet
    if rise is None or rise.recovering or early or only_guesses(train_loss, features.guess, features.train_metric):
        return None
    gained = train_loss.start - train_loss.best
    from_start = gained <= SIGMAS * rise.before
    lasted = train_loss.best_index - train_loss.begin >= CLIMB  # else its first value may be low by chance
    bound = (OF_REWARD if features.run.finished else MEANWHILE) if features.reward else LOST
    far = features.run.finished and rise.height > FAR * max(gained, rise.before)
    rising = rise.for_good or lasted or far or train_loss.whole.rising
    risen = rising and rise.floor > train_loss.start if from_start else rise.height > bound * gained
    excused = risen and (sent_back_up(train_loss, rise, learning_rate, context) or (not rise.best and overturned(train_loss, features.period, features.elsewhere, bound)) or (not rise.best and not from_start and harmless(train_loss, rise, features.elsewhere)))  # fmt: skip
    if not risen or excused:
        return None
    left = onset(train_loss, rise)
    best = rise.best or (None if from_start else train_loss.curve.position(min(train_loss.best_checkpoint, left)))
    since = rise.best or (train_loss.position(train_loss.best_index) if from_start else train_loss.curve.position(left))
    went = f"from {train_loss.said(train_loss.start if from_start else train_loss.best)} to {train_loss.said(train_loss.end)}"
    above = Evidence("rise_over_noise", rise.height / rise.noise, SIGMAS, NOISE, f"{rise.over} {train_loss.went('above', 'below')} the best level of {train_loss.name}")  # fmt: skip
    if from_start:
        summary = f"Diverging from the start: {train_loss.name} {train_loss.went('rose', 'fell')} {went}."
        evidence = [above, Evidence("gained", max(gained, 0.0) / rise.height, None, "share of the rise", "what was learnt before it")]  # fmt: skip
    else:
        summary = f"Diverging since {since}: {train_loss.name} lost {share_of(rise.height / gained, 'what it had gained')}, and stays {train_loss.went('up', 'down')}."
        evidence = [Evidence("lost", rise.height / gained, bound, PROGRESS, f"{train_loss.name} {train_loss.went('rose', 'fell')} {went}"), above]  # fmt: skip
    if rise.rate:
        _, times, at = rise.rate
        summary = f"{summary[:-1]}, after the learning rate went up {times:.3g} times by {at}."
        evidence.append(Evidence("rate", times, None, "times the rate before", f"the learning rate by {at}"))
    # Ascent is certain of its way at any rate, and few set a large one; no library's own sign is wrong.
    ours = (times_usual(context) or 1.0) <= 1.0 and not boosted(context) and not features.reward
    first = SCHEDULE if rise.rate else SIGN if from_start and ours and climbs(train_loss, features.val_loss) else RATE
    others = (RATE, SIGN, DATA) if from_start else (RATE, DATA, SIGN)
    return Finding(
        summary=summary,
        evidence=tuple(evidence),
        series=(train_loss.name, *((learning_rate.name,) if rise.rate and learning_rate else ())),
        since=since,
        restore=best,
        points=train_loss.n,
        against=AGAINST,
        causes=(first, *(cause for cause in others if cause is not first)),
        fixes=_fixes(train_loss, features.grad_norm, context, rise, first, best, since),
    )


def _fixes(loss: Measured, norm: Measured | None, context: Context, rise: Rise, first: Cause, best: Position | None, since: Position) -> tuple[Fix, ...]:  # noqa: PLR0917 - all that was seen  # fmt: skip
    clipped, early = clip(norm, "Bounds what one batch can do.", best), "Early gradients are the largest."
    if best is None:
        warmer = warm_up(context, early)
        sign = flip_sign(loss, "A loss that only rises is what ascent looks like.")
        cooler = lower(context, "It never fell: steps far too large, if the sign is right.")
        return (sign, cooler, warmer, clipped) if first is SIGN else (cooler, sign, warmer, clipped)
    cooler = keep_rate(*rise.rate) if rise.rate else lower(context, "What held before it turned was at the edge.")
    back = restore(best, "Everything after it is worse; going on from it needs the smaller rate as well.")
    return (back, *lighter(context), cooler, clipped, *warm_up_for(since, loss, context, early))
