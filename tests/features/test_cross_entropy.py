"""A loss below what its wrong answers cost at least is no mean cross-entropy."""

import math

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.features import measure
from diagnosis.features.cross_entropy import APART, LEAST, ROUNDED
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run

N = 40
TEN = Context(num_classes=10)
RIGHT = 1.0 - falling(n=N, start=0.9, floor=0.1, noise=0.003)
LOSS = 3.0 * (1.0 - RIGHT)  # what a well-fitted classifier has for each wrong answer


def notes(logged: Run) -> str:
    """What is noted when a run is measured."""
    return "; ".join(measure(logged).notes)


def found(logged: Run) -> dict[str, str]:
    """What was found, and how grave it is."""
    return {j.condition: j.severity for j in diagnose(logged).findings}


@pytest.mark.parametrize("times", [1.0, 1 / 64, 32.0])
def test_a_run_at_chance_is_found_however_its_loss_was_divided(times: float):
    """`running_loss / len(dataset)` is far below ln C; the accuracy says what it is worth."""
    logged = run(TEN, loss=times * flat(n=N, level=math.log(10), noise=0.004), val_loss=times * flat(n=N, level=math.log(10), noise=0.002, seed=1),
                 accuracy=flat(n=N, level=0.1, noise=0.004, seed=2), val_accuracy=flat(n=N, level=0.1, noise=0.006, seed=3))  # fmt: skip

    assert found(logged) == {"not_learning": "error"}
    assert ("wrong answer" in notes(logged)) == (times < 1)


@pytest.mark.parametrize(("each", "cannot"), [(0.97, True), (1.03, False)])
def test_the_bound_is_ln_two_for_each_wrong_answer(each: float, *, cannot: bool):
    """The right class has less than a half where another one is likelier."""
    logged = run(TEN, loss=each * LEAST * math.log(2) * (1.0 - RIGHT - ROUNDED), accuracy=RIGHT)

    assert cannot == ("is not held against what guessing scores" in notes(logged))


@pytest.mark.parametrize(("apart", "compared"), [(1.1 * APART, False), (0.9 * APART, True)])
def test_splits_whose_losses_are_in_other_units_are_not_compared(apart: float, *, compared: bool):
    """One was divided by the number of examples, the other by that of batches: the difference is no gap."""
    logged = run(loss=0.2 * LOSS, val_loss=0.2 * apart * LOSS, accuracy=RIGHT, val_accuracy=RIGHT)

    assert compared == (measure(logged).gap is not None)
    assert compared != ("and is not compared with it" in notes(logged))
    assert compared or "generalization_gap" not in found(logged)


def test_an_accuracy_of_two_digits_hides_what_is_right():
    """0.99 may be 0.995; and of one or two values none tells."""
    logged = run(TEN, loss=np.full(N, 0.0035), accuracy=np.full(N, 0.99))

    assert "wrong answer" not in notes(logged)
    assert "wrong answer" not in notes(run(TEN, loss=[0.1, 0.1], accuracy=[0.5, 0.5]))


def test_where_no_accuracy_or_a_baseline_tells_its_unit_nothing_is_said():
    """A regression's loss may be as small as it likes, and whoever gives a baseline knows the unit."""
    for context, metric in (
        (TEN, "val_f1"),
        (Context(task="regression"), "accuracy"),
        (Context(baseline=0.04), "accuracy"),
    ):
        assert "wrong answer" not in notes(run(context, loss=0.01 * LOSS, **{metric: RIGHT}))
    assert "wrong answer" not in notes(run(TEN, loss=LOSS, val_loss=LOSS, accuracy=RIGHT, val_accuracy=RIGHT))


def test_values_that_are_not_finite_do_not_count():
    """Nor does an accuracy in percent change anything."""
    broken = LOSS.copy()
    broken[7] = np.nan

    assert "wrong answer" not in notes(run(TEN, loss=broken, accuracy=100 * RIGHT))
    assert "wrong answer" in notes(run(TEN, loss=broken / 64, accuracy=100 * RIGHT))
