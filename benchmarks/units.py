"""The same run written in other units: what must not change a verdict, on real runs.

What contradicts an anchor is taken from both sides: `num_classes` says what a cross-entropy starts at, and a loss × 1000
is none; `baseline` is in the units of the loss and changes with it. Only accuracies can be written in percent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from diagnosis.run import Axis, Curve, Direction, FloatArray, Role, Run

LOSSES: tuple[Role, ...] = ("train_loss", "val_loss")
METRICS: tuple[Role, ...] = ("train_metric", "val_metric")
SHARES = {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}
LONG = 40  # points a loss must have to be thinned

Other = Callable[[Run], "tuple[Run, Run] | None"]


@dataclass(frozen=True)
class Change:
    """One way of writing a run: it gives the run to compare with and the changed one, or None where it has no meaning."""

    name: str
    of: Other
    exempts: str = ""  # the exemption of a rule that would excuse it
    counted: bool = True  # whether a changed verdict breaks a promise, or is only reported


def with_values(run: Run, change: Callable[[Curve], Curve]) -> Run:
    """The run with every curve changed."""
    return replace(run, curves=tuple(change(curve) for curve in run.curves))


def unanchored(run: Run) -> Run:
    """The run without what its losses would be held against."""
    return replace(run, context=replace(run.context, num_classes=None))


def affine(factor: float, constant: float, *, gradients: bool = False) -> Other:
    """Losses × factor + constant, the baseline likewise; with `gradients`, their norms × factor, as backpropagation does."""

    def changed(curve: Curve) -> Curve:
        if curve.role in LOSSES:
            return replace(curve, values=curve.values * factor + constant, steps=curve.steps.copy())
        if gradients and curve.role == "grad_norm":
            return replace(curve, values=curve.values * factor, steps=curve.steps.copy())
        return curve

    def other(run: Run) -> tuple[Run, Run]:
        plain = unanchored(run)
        baseline = plain.context.baseline
        moved = None if baseline is None else baseline * factor + constant
        return plain, replace(with_values(plain, changed), context=replace(plain.context, baseline=moved))

    return other


def percent(run: Run) -> tuple[Run, Run] | None:
    """Accuracies of 0–1 as 0–100."""
    shares = [c.finite.values for c in run.curves if c.role in METRICS and c.metric in SHARES]
    if not shares or any(values.size and values.max() > 1.0 for values in shares):
        return None  # there are none, or they are in percent already

    def changed(curve: Curve) -> Curve:
        share = curve.role in METRICS and curve.metric in SHARES
        return replace(curve, values=curve.values * 100.0, steps=curve.steps.copy()) if share else curve

    return run, with_values(run, changed)


def negated(run: Run) -> tuple[Run, Run]:
    """Every loss as its negative, to be maximised, and the baseline likewise."""
    plain = unanchored(run)
    baseline = plain.context.baseline
    context = replace(plain.context, baseline=None if baseline is None else -baseline)

    def changed(curve: Curve) -> Curve:
        return curve if curve.role not in LOSSES else replace(curve, values=-curve.values, steps=curve.steps.copy(), direction="max")  # fmt: skip

    return plain, replace(with_values(plain, changed), context=context)


def turned(run: Run) -> tuple[Run, Run] | None:
    """Every metric as its negative, to be minimised where it was maximised: `neg_val_accuracy`, scikit-learn's `neg_log_loss`."""
    if not run.having("train_metric", "val_metric"):
        return None

    def changed(curve: Curve) -> Curve:
        way: Direction = "min" if curve.direction == "max" else "max"
        return curve if curve.role not in METRICS else replace(curve, values=-curve.values, steps=curve.steps.copy(), direction=way)  # fmt: skip

    return run, with_values(run, changed)


def relabelled(run: Run) -> tuple[Run, Run] | None:
    """Epochs counted in steps, steps counted in epochs: the first value of an epoch stands at its end."""
    per_epoch = run.context.steps_per_epoch
    if not per_epoch:
        return None

    def changed(curve: Curve) -> Curve:
        after: FloatArray = (curve.steps + 1.0) * per_epoch if curve.axis == "epoch" else curve.steps / per_epoch
        axis: Axis = "step" if curve.axis == "epoch" else "epoch"
        return replace(curve, values=curve.values.copy(), steps=after, axis=axis)

    return run, with_values(run, changed)


def backwards(run: Run) -> tuple[Run, Run]:
    """The last column first: the order in which a log has them, or JSON its keys, means nothing."""
    return run, replace(run, curves=run.curves[::-1])


def thinned(run: Run) -> tuple[Run, Run] | None:
    """Every other point, where enough remain."""
    if any(len(curve) < LONG for curve in run.having(*LOSSES)):
        return None

    def changed(curve: Curve) -> Curve:
        return replace(curve, values=curve.values[::2].copy(), steps=curve.steps[::2].copy())

    return run, with_values(run, changed)


CHANGES = (
    Change("losses × 1000", affine(1000.0, 0.0), exempts="scale"),
    Change("losses ÷ 1000", affine(0.001, 0.0), exempts="scale"),
    Change("losses and gradient norms × 1000", affine(1000.0, 0.0, gradients=True), exempts="scale"),
    Change("losses + 10", affine(1.0, 10.0), exempts="offset"),
    Change("losses − 100", affine(1.0, -100.0), exempts="offset"),
    Change("accuracy in percent", percent),
    Change("losses negated, maximised", negated, exempts="scale"),
    Change("metrics negated", turned),
    Change("epochs as steps, steps as epochs", relabelled, exempts="axis"),
    Change("the last column first", backwards),
    Change("every other point", thinned, counted=False),
)
