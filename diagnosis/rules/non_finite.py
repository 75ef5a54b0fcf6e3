"""The numbers stopped being numbers.

What it means
    A loss or a gradient became NaN or infinite. From there on weights are usually NaN as well: nothing that follows
    can be used, and nothing else about the curve matters until this is mended.

How it is detected
    Any NaN or infinity in a loss, and in a metric or a gradient norm where its last `TRAILING` values are so; `null` is
    not counted. Also where a logger hides it: the training loss is exactly 0.0, or ends in one value repeated to its
    last digit, while the gradient norm is no number; or, with a norm that is 0, missing or not logged, it drops by
    `JUMP` of its range in one step to what it then repeats `REPEATS` times, and nothing else of the model moves.
    Whether the loss or the gradient norm grew by `GREW` of the progress just before tells an explosion from bad input; so does
    an epoch that was finite from its first to its last batch.

When it is wrong
    A metric can be undefined for a while (F1 before the first positive prediction), and one infinite gradient norm is
    how mixed-precision training finds its loss scale: single ones are therefore left alone. A loss that falls to 0.0
    by steps, or repeats because it is rounded, is no masked one. Where validation alone broke, the weights are sound.

Sources
    Google ML course, "Interpreting loss curves": NaN in inputs, division by zero, logarithm of zero.
    Google, "Deep Learning Tuning Playbook": learning rate, warm-up and clipping against instability.
    Hugging Face Transformers, `logging_nan_inf_filter` (on by default): NaN steps are left out of the logged mean.
"""

import numpy as np

from diagnosis.check_fixes import check_numbers, check_validation, doubt_sign
from diagnosis.features import Features
from diagnosis.features.broken import BEFORE, JUMP, REPEATS, TRAILING, breaks, of_validation_alone, rise  # noqa: F401 - its page tells them
from diagnosis.features.rate import jump
from diagnosis.fixes import bfloat16, clip, keep_rate, learning_rate, restore, significant, steps_per_epoch, times_usual
from diagnosis.rule import EVERYTHING, FACT, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import broken, falling, run

GREW = 0.25  # share of the run's range, within the last values before the first bad one
HIGH = 10.0  # times the usual learning rate: that is to blame, however suddenly the loss broke
UNCONFIRMED = 0.85  # the most one can be sure of a masked loss where no gradient norm confirms it

RATE = Cause("The learning rate is too high: weights overflow.", "Repeat the last 200 steps before it at a tenth of it: they pass.")  # fmt: skip
DATA = Cause(
    "NaN or infinity in the inputs or labels, or a logarithm or division of zero.",
    "Repeat those steps at a learning rate of 0: the same batch breaks again.",
)
HALF = Cause("Half precision overflows.", "Repeat those steps in float32 at the same rate: they pass.")
SPLIT = Cause(
    "Validation alone: an empty batch, a bad example, a division by zero or a logarithm of zero in what it computes.",
    "Validate one checkpoint batch by batch: the same batch is not finite each time.",
)
CAUSES = (RATE, DATA, HALF, SPLIT)
HIDDEN = "Set logging_nan_inf_filter=False (Hugging Face), or print the loss itself, at that step: it must be NaN or infinite."
LASTS = "Nothing in the curve: only a logger that writes NaN for what it did not measure would overturn it."
CAME_BACK = "The curve came back: the step may have been skipped, and the weights be sound."
EXAMPLES = (
    Fires("NaN from epoch 30", run(loss=broken(falling(), at=slice(30, None)))),
    Fires("hidden: exactly 0.0, no norm", run(loss=np.append(falling(n=30, floor=1.0), np.zeros(30)), grad_norm=broken(falling(), at=slice(30, None)))),
    Quiet("F1 undefined once", run(loss=falling(), val_f1=broken(falling(start=0.0, floor=0.9), at=slice(2, 3)))),
)  # fmt: skip


@rule(severity="error", about="values", causes=CAUSES, examples=EXAMPLES, supersedes=EVERYTHING, decides="intervene")
def check(features: Features, context: Context) -> Finding | None:
    """Look for the first value that is not finite, and at what went before."""
    hit = breaks(features.run)
    if not hit:
        return None
    worst = min(hit, key=lambda b: (not b.of_loss, b.when))
    curve, first, norms = worst.curve, worst.first, features.grad_norm
    grown = rise(curve, first)
    if norms is not None:
        grown = max(grown, rise(norms.curve, int(np.searchsorted(norms.curve.steps, curve.steps[first]))))
    grew = grown > GREW
    at, count = curve.position(first), int(worst.bad.sum())
    stays, times = worst.bad[first:].all(), times_usual(context) or 1.0
    pushed = jump(features.learning_rate, curve, first)
    told_apart = grew or times > HIGH or pushed is not None
    blame = told_apart or bool(stays and worst.all_read(steps_per_epoch(context)))
    read = "All data were read once without harm: not they, but the weights have changed."
    why = "Too high for weights to stay finite." if told_apart else read if blame else "Rules out the usual cause."
    factor = significant(min(0.01, 1.0 / times)) if times > HIGH else 0.1
    cooler = keep_rate(*pushed) if pushed else learning_rate(context, factor, why)
    calmer = clip(norms, "Keeps a single batch from throwing the weights away.")
    before = curve.position(first - 1) if first else None
    inputs = check_numbers(before, at, context, grew=bool(grew or pushed))
    fixes = [cooler, calmer, inputs] if blame else [inputs, cooler, calmer]
    fixes[:0] = doubt_sign(worst, features.train_loss, context)
    if best := features.watched.best_before(at) if features.watched and stays else None:
        fixes.append(restore(best, "Later checkpoints may hold weights that are not finite."))
    fixes.append(bfloat16())
    if alone := of_validation_alone(hit, features.run):
        best, fixes = None, [check_validation(at, context), bfloat16()]
    how = "in one step, from an ordinary value" if first else "from the very first value on"
    if first and (pushed or grew):
        grew_so = "it was growing just before, as in an explosion"
        how = f"the learning rate went up {pushed[1]:.3g} times by {pushed[2]}" if pushed else grew_so
    last = f" The last sound value is at {before}." if before else ""
    counted = f"{worst.masked or 'NaN, infinite or beyond 1e100'} among the {len(curve)} values of {curve.name}, {'to the end' if stays else 'then it came back'}"
    is_not = "hides that it is not" if worst.masked else "is not"
    what = f"it is {worst.masked}; " if worst.masked else ""
    unit, bound = "share of the run's range", GREW if grew or worst.jump is None else None
    evidence = [Evidence("non_finite_values", count, 0, "values", counted)]
    evidence.append(Evidence("rise_before", grown, bound, unit, "how far loss or gradient norm had risen just before"))
    if worst.jump is not None:
        evidence.insert(0, Evidence("jump", worst.jump, JUMP, unit, "fall in one step, down to the value that repeats"))
    return Finding(
        summary=f"{curve.name} {is_not} finite {f'since {at}' if stays else f'at {at}, and came back'}: {what}{how}.{last}",
        evidence=tuple(evidence),
        series=tuple(b.curve.name for b in hit),
        since=at,
        restore=best,
        asks=bool(stays),  # what came back has sound weights: a step was skipped
        until=None if stays else curve.position(len(curve) - 1 - int(np.argmax(worst.bad[::-1]))),
        points=FACT if worst.jump is None else count,
        ceiling=0.99 if worst.jump is None else UNCONFIRMED,
        against=((HIDDEN,) if worst.masked else ()) + (LASTS if stays else CAME_BACK,),
        causes=(SPLIT, HALF) if alone else (RATE, DATA, HALF) if blame else (DATA, RATE, HALF),
        fixes=tuple(fixes),
    )  # fmt: skip
