"""Validation jumps about far more than training does.

What it means
    The best epoch, early stopping and every comparison between runs are partly a matter of luck. What validation says
    of overfitting or of a gap is worth less.

How it is detected
    The noise of validation is more than `TIMES` that of training, averaged to as many values, and more than `SHARE`
    of what was learnt (`EARLY` times that while training goes on), over the whole run and over its second half: a run
    that has calmed down is fine. Lone peaks count: in training each would be an event. With an accuracy and `val_size`,
    or steps of the accuracy that tell it, the binomial standard error tells whether the size of the set explains the jumps.

When it is wrong
    Training is an average over an epoch, validation one checkpoint: a ratio above one is normal. Where the jumps exceed
    what the size of the set explains, it is the model that jumps: the learning rate, or batch normalisation.

Sources
    Google, "Deep Learning Tuning Playbook": step-to-step variance comes from small validation sets and late learning rates.
    tensorflow/addons#2498 and MultimediaTechLab/YOLO#237: early stopping fires on a validation subset that is drawn anew.
"""

from dataclasses import replace

import numpy as np

from diagnosis.features.budget import Budget, measure_budget
from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.swings import LEVELS
from diagnosis.fixes import Fix, cosine, enlarge_validation, learning_rate, stop_early
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

TIMES = 3.0  # the noise of training
SHARE = 0.04  # of what was learnt
EARLY = 2.5  # times that share while training goes on: what there is to learn is not known yet
LEARNT = 5.0  # noise levels of training that must have been learnt: else nothing is calm
MOST = 1000.0  # times: beyond, training has no noise to speak of

SMALL = Cause(
    "The validation set is too small.",
    "Evaluate one checkpoint on each half of it: they are as far apart as two epochs.",
)
DRAWN = Cause("Validation draws other examples each time.", "Evaluate one checkpoint twice: it gives two numbers.")
JUMPS = Cause(
    "The model itself jumps: the learning rate is high late, or batch-norm statistics lag.",
    "Evaluate the average of the last five checkpoints, epoch by epoch: that is calm.",
)
CAUSES = (SMALL, DRAWN, JUMPS)
EXAMPLES = (
    Fires("ten times training's noise", logged(loss=falling(), val_loss=falling(floor=0.3, noise=0.12, seed=1))),
    Quiet("twice training's noise", logged(loss=falling(noise=0.06), val_loss=falling(floor=0.3, noise=0.12, seed=1))),
)


@rule(
    severity="warning",
    about="validation",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    not_of_rewards="a few episodes scatter, and training's mean is of many",
    lowers=("overfitting", "generalization_gap", "undertrained"),
)
def check(validation: Measured, pair: Gap, val_metric: Measured | None, run: Run) -> Finding | None:
    """Compare the noise of validation with that of training, and with what was learnt."""
    train_loss, context, half = pair.training, run.context, validation.index_after(0.5)
    unit = max(pair.learnt, validation.progress)
    bound = SHARE if run.finished else EARLY * SHARE
    jitter = noise_level(validation.z, peaks=True)
    if jitter <= bound * unit or min(pair.learnt, train_loss.progress) <= LEARNT * pair.train_noise:
        return None
    if np.unique(validation.z[half:]).size <= LEVELS:
        return None  # what was rounded away is not known
    noise = min(jitter, noise_level(validation.z[half:], peaks=True))
    times = min(noise / max(pair.train_jumps, noise / MOST, 1e-300), MOST)
    times = round(times, 9)  # rounded logs make exact multiples
    if times <= TIMES or noise <= bound * unit:
        return None
    share, budget = noise / unit, measure_budget(val_metric, context)
    own = budget is not None and budget.owns
    evidence = [
        Evidence("times_training", times, TIMES, NOISE, f"scatter of {validation.name} against that of {train_loss.name}, logged as often"),
        Evidence("noise", share, bound, PROGRESS, f"scatter of {validation.name} from one validation to the next (standard deviation)"),
        *(_told(budget) if budget else ()),
    ]  # fmt: skip
    known = replace(context, val_size=budget.examples) if budget else context
    larger = enlarge_validation(known, (share / SHARE) ** 2, "Noise shrinks with the square root of the examples.")
    waiting = stop_early(validation, f"A gain below {percent(2 * share)} of what was learnt is as likely chance.")
    late = cosine("Small late steps keep the model where it is.")
    calmer = (late, learning_rate(context, 0.3, "The model jumps with its steps."))
    fixes: tuple[Fix, ...] = (*calmer, waiting, larger) if own else (larger, waiting, late)
    return Finding(
        summary=(
            f"Noisy validation: {validation.name} jumps by ±{percent(share)} of what was learnt from one validation to the next, "
            f"{f'{times:.0f} times' if times < MOST else 'a thousand times and more'} as much as {train_loss.name}."
        ),
        evidence=tuple(evidence),
        series=tuple(dict.fromkeys((validation.name, train_loss.name, *((budget.name,) if budget else ())))),
        since=None,
        points=validation.n,
        causes=(JUMPS, SMALL, DRAWN) if own else (SMALL, DRAWN, JUMPS),
        against=("Would be overturned if one checkpoint, validated on other examples, gave nearly the same loss.",),
        fixes=fixes,
    )


def _told(budget: Budget) -> tuple[Evidence, Evidence]:
    """The noise budget: what the size of the set allows, and what was seen."""
    return (
        Evidence(
            "standard_error", budget.error, None, budget.name,
            f"what chance does to a score on {budget.counted}; a difference below {budget.believable:.2g} is not worth believing",
        ),
        Evidence("jitter", budget.jitter, None, budget.name, f"scatter from one validation to the next; {budget.says}"),
    )  # fmt: skip
