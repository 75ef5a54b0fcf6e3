"""Runs written in other units, and runs while they grow."""

import numpy as np
import pytest

from benchmarks.growing import MOST, growing
from benchmarks.units import CHANGES
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, run

BY_NAME = {change.name: change for change in CHANGES}
CONTEXT = Context(num_classes=10, baseline=2.0, steps_per_epoch=50, planned_epochs=60, finished=True)
RUN = run(CONTEXT, loss=falling(), accuracy=1.0 - falling() / 3.0)


def both(name: str, given: Run) -> tuple[Run, Run]:
    """The run to compare with, and the changed one."""
    pair = BY_NAME[name].of(given)
    assert pair is not None
    return pair


def values(given: Run, role: str) -> np.ndarray:
    """The values of the curve of a role."""
    return next(curve.values for curve in given.curves if curve.role == role)


@pytest.mark.parametrize(("name", "factor", "constant"), [("losses × 1000", 1000.0, 0.0), ("losses − 100", 1.0, -100.0)])  # fmt: skip
def test_losses_and_their_baseline_change_and_nothing_else(name: str, factor: float, constant: float):
    """The anchor that no longer fits is taken from both sides."""
    plain, other = both(name, RUN)

    np.testing.assert_allclose(values(RUN, "train_loss") * factor + constant, values(other, "train_loss"))
    np.testing.assert_array_equal(values(RUN, "train_metric"), values(other, "train_metric"))
    assert (2.0 * factor + constant, None) == (other.context.baseline, other.context.num_classes)
    assert (2.0, None) == (plain.context.baseline, plain.context.num_classes)


def test_only_shares_are_written_in_percent():
    """A loss is no share; without an accuracy there is nothing to write."""
    _, other = both("accuracy in percent", RUN)

    np.testing.assert_allclose(100.0 * values(RUN, "train_metric"), values(other, "train_metric"))
    assert BY_NAME["accuracy in percent"].of(run(loss=falling())) is None


def test_epochs_become_steps_and_steps_epochs():
    """The first value of an epoch stands at its end; twice relabelled, all are one epoch later."""
    _, other = both("epochs as steps, steps as epochs", RUN)
    _, back = both("epochs as steps, steps as epochs", other)

    assert ("step", 50.0, 3000.0) == (other.curves[0].axis, other.curves[0].steps[0], other.curves[0].steps[-1])
    np.testing.assert_allclose(RUN.curves[0].steps + 1.0, back.curves[0].steps)


def test_short_runs_are_not_thinned():
    """Half of few is too few."""
    assert BY_NAME["every other point"].of(run(loss=falling(n=39))) is None
    assert 30 == len(both("every other point", RUN)[1].curves[0])


def test_a_growing_run_is_unfinished_until_its_end():
    """At most forty moments, each longer than the one before, and the last is the run as recorded."""
    shares, runs = zip(*growing(RUN), strict=True)

    assert len(shares) == MOST
    assert list(shares) == sorted(set(shares))
    assert 1.0 == shares[-1]
    assert RUN is runs[-1]
    assert not any(partial.finished for partial in runs[:-1])


def test_curves_of_different_clocks_grow_together():
    """What is logged by step is cut where the epochs are."""
    steps = np.arange(10, 510, 10, dtype=np.float64)
    series = (Series("loss", falling(n=50), steps, "step"), Series("val_loss", falling(n=10)))
    whole = assemble(Log(series, "test"), Context(steps_per_epoch=50))

    halves = [partial for at, partial in growing(whole) if at == pytest.approx(0.5, abs=0.011)]

    assert {(25, 5)} == {tuple(len(curve) for curve in partial.curves) for partial in halves}
