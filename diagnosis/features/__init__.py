"""Run → Features: everything measured once, so that a rule is a comparison.

Which of several curves is *the* training loss is decided here, in one place, and said in `notes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from diagnosis.assemble import totals
from diagnosis.features.confusion import DERIVED, Confusion, measure_confusion
from diagnosis.features.forecast import Forecast, measure_forecast
from diagnosis.features.gap import Gap, measure_gap
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.features.schedule import Schedule, measure_schedule
from diagnosis.features.skill import Skill, measure_skill
from diagnosis.names import understand
from diagnosis.run import Curve, Role, Run

if TYPE_CHECKING:  # it is measured on the features of several runs
    from diagnosis.features.siblings import Siblings

EPOCH_VIEW_ENOUGH = 10  # points: below, the per-step view of the same quantity says more


@dataclass(frozen=True, eq=False)
class Features:
    """What the rules may ask for, by the names of its fields; None where it was not logged."""

    run: Run
    curves: tuple[Measured, ...]
    train_loss: Measured | None
    val_loss: Measured | None
    train_metric: Measured | None
    val_metric: Measured | None
    learning_rate: Measured | None
    grad_norm: Measured | None
    gap: Gap | None
    skill: Skill | None
    confusion: Confusion | None = None
    notes: tuple[str, ...] = ()
    siblings: Siblings | None = None  # the runs it is a repeat of, itself included

    @property
    def watched(self) -> Measured | None:
        """The loss that tells how good the model is: validation's, else training's."""
        return self.val_loss or self.train_loss

    @cached_property
    def schedule(self) -> Schedule | None:
        """What the logged learning rate did; None where it was not logged."""
        return measure_schedule(self.learning_rate)

    @cached_property
    def forecast(self) -> Forecast | None:
        """Where the watched loss would go; None where it cannot be carried on, or there is none."""
        return measure_forecast(self.watched, self.schedule) if self.watched else None


def measure(run: Run) -> Features:
    """Measure every curve, choose the ones that are judged, and set validation against training."""
    notes: list[str] = []
    confusion = measure_confusion(run)
    derived = confusion.derived if confusion else ()
    chosen = {
        role: _primary(run, role, notes) or _stand_in(run, role, derived)
        for role in ("train_loss", "val_loss", "train_metric", "val_metric", "learning_rate", "grad_norm")
    }
    measured = {
        id(c): measure_curve(c)
        for c in {id(c): c for c in (*run.curves, *derived, *(c for c in chosen.values() if c))}.values()
    }
    judged = {role: measured[id(c)] if c else None for role, c in chosen.items()}
    training, validation = judged["train_loss"], judged["val_loss"]
    stand_ins = (judged["train_metric"], judged["val_metric"])
    if training is None and validation is None and any(stand_ins):
        training, validation = stand_ins
        named = " and ".join(m.name for m in stand_ins if m)
        notes.append(f"no loss is logged: {named} is judged in its place")
    monitor = run.context.monitor
    if monitor and not any(monitor in {c.name, c.metric} for c in (*run.curves, *derived)):
        notes.append(f"context.monitor: there is no curve {monitor[:80]!r}")
    gap = None
    if (
        training
        and validation
        and training.curve.metric == validation.curve.metric
        and training.sign == validation.sign
    ):
        gap = measure_gap(training, validation, run.context)
        if gap.assumed:
            notes.append(gap.assumed)
    return Features(
        run=run,
        curves=tuple(m for m in measured.values() if m),
        train_loss=training,
        val_loss=validation,
        train_metric=judged["train_metric"],
        val_metric=judged["val_metric"],
        learning_rate=judged["learning_rate"],
        grad_norm=judged["grad_norm"],
        gap=gap,
        confusion=confusion,
        skill=measure_skill(training, stand_ins, run.context),
        notes=tuple(notes),
    )


def _stand_in(run: Run, role: Role, derived: tuple[Curve, ...]) -> Curve | None:
    """A metric from counts, where none of the role was logged: the monitored one, or the first."""
    return min((c for c in derived if c.role == role), key=lambda c: _unmonitored(c, run), default=None)


def _unmonitored(curve: Curve, run: Run) -> tuple[bool, bool]:
    monitor = run.context.monitor
    return curve.name.removeprefix(DERIVED) != monitor and curve.name != monitor, curve.metric != monitor


def _constant(curve: Curve) -> bool:
    return bool((curve.values == curve.values[0]).all())


def _primary(run: Run, role: Role, notes: list[str]) -> Curve | None:
    """The one curve of a role that is judged: the total, or the sum of its parts; the monitored metric, or the first."""
    curves = [c for c in run.having(role) if len(c.finite)]
    if len(curves) <= 1:
        return curves[0] if curves else None
    if role.endswith("_metric"):
        return min(curves, key=lambda c: (*_unmonitored(c, run), _constant(c)))
    epoch_views = [c for c in curves if understand(c.name).view != "step"]
    if epoch_views and max(map(len, epoch_views)) >= min(EPOCH_VIEW_ENOUGH, max(map(len, curves))):
        curves = epoch_views
    whole = [c for c in curves if not understand(c.name).qualifier]
    if not whole and role.endswith("_loss"):
        total = totals(curves)
        if total is not None:
            notes.append(f"no total {role} is logged: the sum of its parts is judged, as {total.name}")
            return total
    judged = (whole or curves)[0]
    notes.append(
        f"{judged.name} is judged as {role}; also logged: {', '.join(c.name for c in run.having(role) if c is not judged)[:200]}"
    )
    return judged
