"""The training loss rises and stays up.

What it means
    The optimiser makes the model worse. Rising from the first step means that the sign of the loss is wrong or the
    learning rate far too high; rising after the model had learnt means that training became unstable.

How it is detected
    Throughout the last `LATE` of the run the smoothed training loss stands above its best by more than `LOST` of what
    it had gained and by `SIGMAS` noise levels; or the same for its last `AWAY` values, where it ends above its own start;
    or nothing had been gained, and it has risen significantly since the start.

When it is wrong
    A jump at the very end may be a spike that is about to recover: it must have lasted a fifth of the run. A resumed
    run with another data mix or loss weighting shifts its level without being ill; so does a curriculum.

Sources
    Google, "Deep Learning Tuning Playbook": training loss that increases is usually a bug; else learning rate, warm-up, clipping.
    Stanford CS231n notes, "Babysitting the learning process": the shape of a learning rate that is too high.
"""

import numpy as np

from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, clip, learning_rate, restore, warm_up
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context
from diagnosis.synthetic import falling, linear, run, spiked, turning

LATE = 0.20  # of the run; what recovers sooner is a spike
LOST = 0.50  # share of the progress that is gone again
AWAY = 3  # last values, most of which are high where the run ends above its own start: one may be a spike
SIGMAS = 4.0  # noise levels of one point; batch noise alone never stays that far up

CAUSES = (
    Cause(
        "The learning rate is too high.", "Restart from the best checkpoint with a third of it: the loss stays down."
    ),
    Cause(
        "The sign of the loss or of the update is wrong.",
        "Take one step on one batch at a tiny learning rate: the loss on that batch must fall.",
    ),
    Cause("A stretch of bad data.", "Compare the loss per batch of the epoch where it turned with the one before."),
)
AGAINST = (
    "Would be overturned if the loss came back below half of its rise within the next epochs.",
    "A change of data or of loss weights at that point shifts the level without divergence.",
)
EXAMPLES = (
    Fires("turns at epoch 20 and loses all it had", run(loss=turning(at=20, rise=0.08))),
    Fires("rises from the first epoch", run(loss=linear(start=2.3, end=9.0))),
    Quiet("one spike, recovered", run(loss=spiked(falling(), at=(40,), height=2.0))),
    Quiet("only validation rises", run(loss=falling(), val_loss=turning(at=20, rise=0.05))),
)


@rule(
    severity="error", causes=CAUSES, examples=EXAMPLES, decides="intervene",
    supersedes=("overfitting", "generalization_gap", "underfitting", "undertrained", "plateau", "oscillation", "slow_convergence",
                "not_learning", "loss_spike", "metric_loss_mismatch", "class_imbalance"),
)  # fmt: skip
def check(train_loss: Measured, grad_norm: Measured | None, context: Context) -> Finding | None:
    """Compare the lowest level of the last fifth with the best level before, and with the start."""
    late = train_loss.index_after(1.0 - LATE)
    floor = float(train_loss.s[late:].min())
    gained = train_loss.start - train_loss.best
    if train_loss.best_index < train_loss.z.size - AWAY and train_loss.z[-1] > train_loss.start:
        floor = max(floor, float(np.median(train_loss.z[-AWAY:])))  # past its own start, it need not last as long
        late = train_loss.z.size - AWAY
    rise = floor - train_loss.best
    noise = max(train_loss.grid_noise, 1e-300)
    from_start = gained <= SIGMAS * noise
    if rise <= SIGMAS * noise or train_loss.best_index >= late:
        return None
    real = train_loss.whole.rising and floor > train_loss.start if from_start else rise > LOST * gained
    if not real:
        return None
    since = train_loss.position(train_loss.best_index)
    went = f"from {train_loss.said(train_loss.start if from_start else train_loss.best)} to {train_loss.said(train_loss.end)}"
    above = Evidence("rise_over_noise", rise / noise, SIGMAS, NOISE, "lowest level of the last fifth above the best")
    if from_start:
        summary = f"Diverging from the start: {train_loss.name} {train_loss.went('rose', 'fell')} {went}."
        evidence = (above, Evidence("gained", max(gained, 0.0) / rise, None, "share of the rise", "gained before it"))
    else:
        summary = f"Diverging since {since}: {train_loss.name} lost {share_of(rise / gained, 'what it had gained')}, and stays {train_loss.went('up', 'down')}."
        evidence = (Evidence("lost", rise / gained, LOST, PROGRESS, went), above)
    return Finding(
        summary=summary,
        evidence=evidence,
        series=(train_loss.name,),
        since=since,
        restore=None if from_start else train_loss.best_position,
        points=train_loss.n,
        against=AGAINST,
        fixes=_fixes(train_loss, grad_norm, context, from_start=from_start),
    )


def _fixes(train_loss: Measured, grad_norm: Measured | None, context: Context, *, from_start: bool) -> tuple[Fix, ...]:
    steadier = (warm_up(context, "Early gradients are the largest."), clip(grad_norm, "Bounds what one batch can do."))
    if from_start:
        sign = Fix("flip_loss_sign", "Check the sign of the loss.", "A loss that only rises is what ascent looks like.")
        return (
            learning_rate(context, 0.1, "It never fell: steps far too large, if the sign is right."),
            sign,
            *steadier,
        )
    cooler = learning_rate(context, 0.3, "What held before the turn was close to the edge.")
    return (cooler, restore(train_loss.best_position, "Everything after it is worse."), *steadier[::-1])
