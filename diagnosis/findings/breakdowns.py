"""What is said of a curve that stopped being numbers, which features/breakdown.py measured, and what is advised."""

from __future__ import annotations

import numpy as np

from diagnosis.advice.check_fixes import check_numbers, check_validation, doubt_sign
from diagnosis.advice.clipping import clip
from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.losses import guard_logarithm
from diagnosis.advice.models import bfloat16, initialize
from diagnosis.advice.rates import keep_rate
from diagnosis.advice.rates import learning_rate as slower
from diagnosis.advice.stopping import restore
from diagnosis.advice.usual_rates import times_usual
from diagnosis.features import Features
from diagnosis.features.breakdown import HIGH, Breakdown
from diagnosis.run import LARGEST, Context, Position


def said_of(found: Breakdown) -> str:
    """Which curve broke, when and how; whether steps are skipped since."""
    curve, masked, pushed = found.worst.curve, found.worst.masked, found.pushed
    how = "in one step, from an ordinary value" if found.before else "from the very first value on"
    if found.before and pushed:
        how = f"the learning rate had grown {pushed[1]:.3g}-fold by {pushed[2]}"
    elif found.before and found.grew:
        how = "it was growing just before, as in an explosion"
    last = f" The last sound value is at {found.before}." if found.before else ""
    no_number = (
        f"beyond {LARGEST:g}".replace("e+", "e") if np.isfinite(curve.values[found.worst.first]) else "not finite"
    )
    if not (found.before or found.stays):
        return f"The very first value of {curve.name} is {no_number}; it came back after that."
    when = f"since {found.at}" if found.stays else f"at {found.at}, and came back"
    broke = f"is probably not finite {when}: the log shows {masked}" if masked else f"is {no_number} {when}"
    skipped = " The loss is a number and stands still, so steps are skipped since." if found.skipping else ""
    return f"{curve.name} {broke}{'; ' if masked else ': '}{how}.{last}{skipped}"


def _last(found: Breakdown) -> float:
    """The last sound value."""
    return float(found.worst.curve.values[found.worst.first - 1])


def advised(
    found: Breakdown, best: Position | None, features: Features, context: Context, *, known: bool, blamed: bool
) -> tuple[Fix, ...]:
    """What to try, likeliest first; `known`: by what went before that the rate is to blame; `blamed`: by that, or as all data were read."""
    if found.alone:
        return check_validation(found.at, context), bfloat16()
    times = times_usual(context) or 1.0
    anew = "" if context.augmentation is False else ", or what augmentation makes of the data"
    read = f"All data were read once without harm: rather the weights are to blame{anew}."
    why = "Too high for weights to stay finite." if known else read if blamed else "Rules out the usual cause."
    factor = significant(min(0.01, 1.0 / times)) if times > HIGH else 0.1
    cooler = keep_rate(*found.pushed) if found.pushed else slower(context, factor, why)
    calmer = clip(features.grad_norm, "Keeps a single batch from throwing the weights away.", found.sound)
    grew = found.grew or found.pushed is not None
    inputs = check_numbers(found.before, found.at, context, grew=grew, stepped=found.stepped)
    first: tuple[Fix, ...] = (cooler, calmer, inputs) if blamed else (inputs, cooler, calmer)
    if found.confident:
        certain = (
            f"{found.worst.curve.name} was {significant(_last(found)):g} then: of answers that certain, others have 0."
        )
        first = (first[0], guard_logarithm(certain), *first[1:])
    if found.skipping:  # no checkpoint is spoilt by steps that were not taken
        return (first[0], bfloat16(), *first[1:]) if times > HIGH else (bfloat16(), *first)
    return (
        *doubt_sign(found.worst, features.train_loss, context),
        *first,
        *((restore(best, "Later checkpoints may hold weights that are not finite."),) if best else ()),
        *((initialize("Weights that are too large overflow within a few steps."),) if found.stepped else ()),
        bfloat16(),
    )
