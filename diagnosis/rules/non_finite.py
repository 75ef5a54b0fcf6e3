"""The numbers stopped being numbers.

What it means
    A loss or a gradient became NaN or infinite. From there on weights are usually NaN as well: nothing that follows
    can be used, and nothing else about the curve matters until this is mended.

How it is detected
    Any NaN or infinity in a loss, and in a metric or a gradient norm where its last `TRAILING` values are so. What was logged as `null` or left empty is not a number that went wrong, and is not counted.
    Whether the loss or the gradient norm grew by `GREW` of the progress just before tells an explosion from bad input.

When it is wrong
    A metric can be undefined for a while (F1 before the first positive prediction), and one infinite gradient norm is
    how mixed-precision training finds its loss scale: single ones are therefore left alone.

Sources
    Google ML course, "Interpreting loss curves": NaN in inputs, division by zero, logarithm of zero.
    Google, "Deep Learning Tuning Playbook": learning rate, warm-up and clipping against instability.
"""

import numpy as np

from diagnosis.features import Features
from diagnosis.features.noise import noise_level
from diagnosis.fixes import Fix, clip, learning_rate, restore
from diagnosis.rule import EVERYTHING, FACT, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context, Curve
from diagnosis.synthetic import broken, falling, run

TRAILING = 3  # points in a row at the end; a broken run does not come back
GREW = 0.25  # share of the run's range, within the last values before the first bad one
BEFORE = 5  # values looked at before the first bad one
EARLY = 0.1  # of the run: an explosion before that wants a larger cut of the learning rate
SIGMAS = 6.0  # noise levels; jitter alone is no growth
FEW = 2  # values needed before the first bad one to see growth

CAUSES = (
    Cause(
        "The learning rate is too high: weights overflow.",
        "Repeat the last 200 steps before it at a tenth of the learning rate.",
    ),
    Cause(
        "NaN or infinity in the inputs or labels, or a logarithm or division of zero.",
        "Check one epoch of batches and losses with isfinite(); run with anomaly detection.",
    ),
    Cause("Half precision overflows.", "Repeat the steps before it in bfloat16 or float32."),
)
LASTS = "Nothing in the curve: only a logger that writes NaN for what it did not measure would overturn it."
CAME_BACK = "The curve came back: the step may have been skipped, and the weights be sound."
EXAMPLES = (
    Fires("NaN from epoch 30", run(loss=broken(falling(), at=slice(30, None)))),
    Quiet("F1 undefined once", run(loss=falling(), val_f1=broken(falling(start=0.0, floor=0.9), at=slice(2, 3)))),
)


def _counts(curve: Curve) -> bool:
    if curve.finite is curve:
        return False
    bad = ~curve.sound
    if curve.role in {"train_loss", "val_loss"}:
        return bool(bad.any())
    if curve.role not in {"train_metric", "val_metric", "grad_norm"}:
        return False
    return bool(bad.size >= TRAILING and bad[-TRAILING:].all())


def _rise(curve: Curve, first: int) -> float:
    """How far the values just before the first bad one had come up, as a share of all that was logged till then."""
    before = curve.values[:first]
    before = before[curve.sound[:first]]
    if before.size < FEW:
        return 0.0
    before = before if curve.direction == "min" else -before
    reach, rise = float(before.max() - before.min()), float(before[-1] - before[-BEFORE:].min())
    return rise / reach if rise > SIGMAS * noise_level(before) and reach > 0.0 else 0.0


@rule(severity="error", causes=CAUSES, examples=EXAMPLES, supersedes=EVERYTHING, decides="intervene")
def check(features: Features, context: Context) -> Finding | None:
    """Look for the first value that is not finite, and at what went before."""
    hit = [c for c in features.run.curves if _counts(c)]
    if not hit:
        return None
    firsts = {c.name: int(np.argmin(c.sound)) for c in hit}
    worst = min(hit, key=lambda c: (c.role not in {"train_loss", "val_loss"}, firsts[c.name] / len(c)))
    first, count = firsts[worst.name], int((~worst.sound).sum())
    norms = features.grad_norm
    rise = _rise(worst, first)
    if norms is not None:
        rise = max(rise, _rise(norms.curve, int(np.searchsorted(norms.curve.steps, worst.steps[first]))))
    grew = rise > GREW
    at = worst.position(first)
    stays = not worst.sound[first:].any()
    why = "Too high for weights to stay finite." if grew else "Rules out the usual cause."
    cooler = learning_rate(context, 0.1 if first < EARLY * len(worst) else 0.3, why)
    calmer = clip(norms, "Keeps a single batch from throwing the weights away.")
    asked, why = "Check inputs and labels for NaN and infinity.", "The loss broke in one step, from an ordinary value."
    inputs = Fix("check_labels", asked, why)
    fixes = [cooler, calmer, inputs] if grew else [inputs, cooler, calmer]
    if best := features.watched.best_before(at) if features.watched else None:
        fixes.append(restore(best, "Later checkpoints may hold weights that are not finite."))
    fixes.append(Fix("use_bf16", "Use bfloat16 where float16 is used.", "Its range is that of float32."))
    how = "it was growing just before, as in an explosion" if grew else "in one step, from an ordinary value"
    how = how if first else "from the very first value on"
    counted = f"NaN, infinite or beyond 1e100 among {len(worst)} of {worst.name}, {'to the end' if stays else 'then it came back'}"
    return Finding(
        summary=f"{worst.name} is not finite since {at}: {how}.",
        evidence=(
            Evidence("non_finite_values", count, 0, "values", counted),
            Evidence("rise_before", rise, GREW, "share of the run's range", "rise of loss or gradient norm before it"),
        ),
        series=tuple(c.name for c in hit),
        since=at,
        restore=best,
        until=None if stays else worst.position(len(worst) - 1 - int(np.argmax(~worst.sound[::-1]))),
        points=FACT,
        against=(LASTS if stays else CAME_BACK,),
        fixes=tuple(fixes),
    )
