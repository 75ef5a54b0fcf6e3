"""The numbers stopped being numbers.

What it means
    A loss or a gradient became NaN or infinite. From there on the weights are usually NaN as well: nothing that
    follows can be used, and nothing else about the curve matters until this is mended.

How it is detected
    One value that is NaN, infinite or too large for any loss is enough in a loss; in a metric or a gradient norm, the
    last `TRAILING` must be so. A `null` never counts, nor an R² beside a sound reward, nor a precision, F1 or MCC where
    recall is exactly 0: that is 0/0. What loggers hide is found too:

    - the training loss is one and the same number at several steps at which the gradient norm is no number, or at
      which no norm is logged and the loss is 0.0, far from all its other values;
    - it ends in one value, repeated `TRAILING` times to its last digit, while the gradient norm is no number;
    - it ends in one value, while the gradient norm becomes exactly 0 and stays so: 0.0 that it did not come down to,
      or a value above its best, `REPEATS` times, or `TRAILING` times where the last norms before were ordinary ones,
      and then any value will do; nothing else that is measured moves, and no metric is perfect;
    - it falls by `JUMP` of its range in one step to a value that it repeats to the end, `REPEATS` times; the gradient
      norm is 0, missing or not logged, nothing else that is measured moves, and `ROUNDED` of the values before differ;
    - it is left out at exactly those steps at which the gradient norm is no number, `TRAILING` times or more.

    What went before tells the likeliest cause:

    - validation alone broke, and training went on with finite values: validation itself is to blame;
    - the loss or the gradient norm grew by `GREW` of its range over the `BEFORE` values before, the learning rate was
      raised there or is `HIGH` times the usual one, a whole epoch of training was finite before it broke for good, or
      a loss is infinite, and not NaN, from the first epoch on: the learning rate is; else the data are;
    - the gradient norm alone broke, and the loss stands still since, within `STILL` of its progress: steps are skipped,
      as by a loss scaler, so half precision is. Where the loss falls on, infinite means over an epoch do not count.

When it is wrong
    A metric can be undefined for a while, and one infinite gradient norm is how mixed precision finds its loss scale:
    neither counts by itself. A loss that falls to 0.0 by steps, or that repeats because it is rounded, hides nothing.

Sources
    Google ML course, "Interpreting loss curves": NaN in inputs, division by zero, logarithm of zero.
    Google, "Deep Learning Tuning Playbook": learning rate, warm-up and clipping against instability.
    Hugging Face Transformers, `logging_nan_inf_filter` (on by default): NaN steps are left out of the logged mean.
"""

import numpy as np

from diagnosis.advice.usual_rates import times_usual
from diagnosis.features import Features
from diagnosis.features.breakdown import GREW, HIGH, Breakdown, measure_breakdown
from diagnosis.features.masked import JUMP
from diagnosis.findings.breakdowns import advised, said_of
from diagnosis.rule import EVERYTHING, FACT, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import broken, falling, run

UNCONFIRMED = 0.85  # highest confidence in a masked loss where no gradient norm confirms it

RATE = Cause(
    "The learning rate is too high: weights overflow.",
    "Repeat the last 200 steps before it at a tenth of it: they pass.",
)
DATA = Cause(
    "NaN or infinity in the inputs or labels, or a logarithm or division of zero.",
    "Repeat those steps at a learning rate of 0: the same batch breaks again.",
)
LOGARITHM = Cause(
    "The logarithm of 0: answers have become all but certain, and the others' probability is 0 in single precision.",
    "Take the logarithm of the softmax in one step (log_softmax) from the last sound checkpoint on: those steps pass.",
)
HALF = Cause("Half precision overflows.", "Repeat those steps in float32 at the same rate: they pass.")
SPLIT = Cause(
    "Validation alone: an empty batch, a bad example, a division by zero or a logarithm of zero in what it computes.",
    "Validate one checkpoint batch by batch: the same batch is not finite each time.",
)
CAUSES = (RATE, DATA, HALF, SPLIT)
HIDDEN = "Set logging_nan_inf_filter=False (Hugging Face), or print the loss itself there: it is NaN or infinite."
LASTS = "Nothing in the curve: only a logger that writes NaN for what it did not measure would overturn it."
CAME_BACK = "The curve came back: the step may have been skipped, and the weights be sound."
NANS = broken(falling(), at=slice(30, None))
EXAMPLES = (
    Fires("NaN from epoch 30", run(loss=NANS)),
    Fires("hidden: exactly 0.0, no norm", run(loss=np.append(falling(n=30, floor=1.0), np.zeros(30)), grad_norm=NANS)),
    Quiet("F1 undefined once", run(loss=falling(), val_f1=broken(falling(start=0.0, floor=0.9), at=slice(2, 3)))),
)


@rule(severity="error", about="values", causes=CAUSES, examples=EXAMPLES, supersedes=EVERYTHING, decides="intervene")
def check(features: Features, context: Context) -> Finding | None:
    """Look for the first value that is not finite, and at what went before."""
    found = measure_breakdown(features)
    if found is None:
        return None
    worst, keeps = found.worst, found.stays and not (found.alone or found.skipping)
    best = features.watched.curve.best_before(found.at) if features.watched and keeps else None
    high = (times_usual(context) or 1.0) > HIGH
    known = found.grew or found.pushed is not None or high or (found.stays and found.overflowed)
    blamed = known or (found.stays and worst.all_read(context.steps_an_epoch))
    return Finding(
        summary=said_of(found),
        evidence=_evidence(found),
        series=tuple(b.curve.name for b in found.hit),
        since=found.at,
        restore=best,
        asks=found.stays,  # what came back has sound weights: a step was skipped
        until=found.until,
        points=FACT if worst.jump is None else int(worst.bad.sum()),
        ceiling=0.99 if worst.jump is None else UNCONFIRMED,
        against=((HIDDEN,) if worst.masked else ()) + (LASTS if found.stays else CAME_BACK,),
        causes=_causes(found, blamed=blamed),
        fixes=advised(found, best, features, context, known=known, blamed=blamed),
    )


def _causes(found: Breakdown, *, blamed: bool) -> tuple[Cause, ...]:
    if found.alone:
        return SPLIT, HALF
    first: tuple[Cause, ...] = (RATE, DATA) if blamed else (DATA, RATE)
    first = (first[0], LOGARITHM, first[1]) if found.confident else first
    return (HALF, *first) if found.skipping else (*first, HALF)


def _evidence(found: Breakdown) -> tuple[Evidence, ...]:
    worst, unit = found.worst, "share of the run's range"
    among = (
        f"{worst.masked or 'NaN, infinite or beyond 1e100'} among the {len(worst.curve)} values of {worst.curve.name}"
    )
    said = f"{among}, {'to the end' if found.stays else 'then it came back'}"
    bound = GREW if found.grew or worst.jump is None else None
    bad = Evidence("non_finite_values", int(worst.bad.sum()), 0, "values", said)
    rise = Evidence("rise_before", found.grown, bound, unit, "how far loss or gradient norm had risen just before")
    if worst.jump is None:
        return bad, rise
    return Evidence("jump", worst.jump, JUMP, unit, "fall in one step, down to the value that repeats"), bad, rise
