"""The numbers stopped being numbers.

What it means
    A loss or a gradient became NaN or infinite. From there on weights are usually NaN as well: nothing that follows
    can be used, and nothing else about the curve matters until this is mended.

How it is detected
    Any NaN or infinity in a loss, and in a metric or a gradient norm where its last `TRAILING` values are so; `null` is
    not counted. Also where a logger hides it: the training loss is exactly 0.0, or ends in one value repeated to its
    last digit, while the gradient norm is no number; or, with a norm that is 0, missing or not logged, it drops by
    `JUMP` of its range in one step to what it then repeats `REPEATS` times, and nothing else of the model moves.
    Whether the loss or the gradient norm grew by `GREW` of the progress just before tells an explosion from bad input.

When it is wrong
    A metric can be undefined for a while (F1 before the first positive prediction), and one infinite gradient norm is
    how mixed-precision training finds its loss scale: single ones are therefore left alone. A loss that falls to 0.0
    by steps, or repeats because it is rounded, is no masked one.

Sources
    Google ML course, "Interpreting loss curves": NaN in inputs, division by zero, logarithm of zero.
    Google, "Deep Learning Tuning Playbook": learning rate, warm-up and clipping against instability.
    Hugging Face Transformers, `logging_nan_inf_filter` (on by default): NaN steps are left out of the logged mean.
"""

import numpy as np

from diagnosis.features import Features
from diagnosis.features.broken import BEFORE, JUMP, REPEATS, TRAILING, breaks, rise  # noqa: F401 - its page tells them
from diagnosis.fixes import Fix, clip, learning_rate, restore, significant, times_usual
from diagnosis.rule import EVERYTHING, FACT, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import broken, falling, run

GREW = 0.25  # share of the run's range, within the last values before the first bad one
HIGH = 10.0  # times the usual learning rate: that is to blame, however suddenly the loss broke
UNCONFIRMED = 0.85  # the most one can be sure of a masked loss where no gradient norm confirms it

RATE = Cause("The learning rate is too high: weights overflow.", "Repeat the last 200 steps before it at a tenth of the learning rate.")  # fmt: skip
DATA = Cause(
    "NaN or infinity in the inputs or labels, or a logarithm or division of zero.",
    "Check one epoch of batches and losses with isfinite(); run with anomaly detection.",
)
HALF = Cause("Half precision overflows.", "Repeat the steps before it in bfloat16 or float32.")
CAUSES = (RATE, DATA, HALF)
HIDDEN = "Set logging_nan_inf_filter=False (Hugging Face), or print the loss itself, at that step: it must be NaN or infinite."
LASTS = "Nothing in the curve: only a logger that writes NaN for what it did not measure would overturn it."
CAME_BACK = "The curve came back: the step may have been skipped, and the weights be sound."
EXAMPLES = (
    Fires("NaN from epoch 30", run(loss=broken(falling(), at=slice(30, None)))),
    Fires(
        "hidden: exactly 0.0, no norm",
        run(loss=np.append(falling(n=30, floor=1.0), np.zeros(30)), grad_norm=broken(falling(), at=slice(30, None))),
    ),
    Quiet("F1 undefined once", run(loss=falling(), val_f1=broken(falling(start=0.0, floor=0.9), at=slice(2, 3)))),
)


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
    stays = worst.bad[first:].all()
    times = times_usual(context) or 1.0
    blame = grew or times > HIGH
    why = "Too high for weights to stay finite." if blame else "Rules out the usual cause."
    cooler = learning_rate(context, significant(min(0.01, 1.0 / times)) if times > HIGH else 0.1, why)
    calmer = clip(norms, "Keeps a single batch from throwing the weights away.")
    asked, why = "Check inputs and labels for NaN and infinity.", "The loss broke in one step, from an ordinary value."
    inputs = Fix("check_labels", asked, why)
    fixes = [cooler, calmer, inputs] if blame else [inputs, cooler, calmer]
    if best := features.watched.best_before(at) if features.watched else None:
        fixes.append(restore(best, "Later checkpoints may hold weights that are not finite."))
    fixes.append(Fix("use_bf16", "Use bfloat16 where float16 is used.", "Its range is that of float32."))
    how = "it was growing just before, as in an explosion" if grew else "in one step, from an ordinary value"
    how = how if first else "from the very first value on"
    last = f" The last sound value is at {curve.position(first - 1)}." if first else ""
    counted = f"{worst.masked or 'NaN, infinite or beyond 1e100'} among {len(curve)} of {curve.name}, {'to the end' if stays else 'then it came back'}"
    is_not = (
        f"{curve.name} hides that it is not finite since {at}: it is {worst.masked}; "
        if worst.masked
        else f"{curve.name} is not finite since {at}: "
    )
    evidence: tuple[Evidence, ...] = (
        Evidence("non_finite_values", count, 0, "values", counted),
        Evidence(
            "rise_before",
            grown,
            GREW if grew or worst.jump is None else None,
            "share of the run's range",
            "rise of loss or gradient norm before it",
        ),
    )
    if worst.jump is not None:
        evidence = (
            Evidence("jump", worst.jump, JUMP, "share of the run's range", "in one step, down to the repeated value"),
            *evidence,
        )
    return Finding(
        summary=f"{is_not}{how}.{last}",
        evidence=evidence,
        series=tuple(b.curve.name for b in hit),
        since=at,
        restore=best,
        until=None if stays else curve.position(len(curve) - 1 - int(np.argmax(worst.bad[::-1]))),
        points=FACT if worst.jump is None else count,
        ceiling=0.99 if worst.jump is None else UNCONFIRMED,
        against=((HIDDEN,) if worst.masked else ()) + (LASTS if stays else CAME_BACK,),
        causes=CAUSES if blame else (DATA, RATE, HALF),
        fixes=tuple(fixes),
    )  # fmt: skip
