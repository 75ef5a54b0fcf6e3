import math
from collections.abc import Sequence

import numpy as np
import pytest

from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import LARGEST, Context, Curve, Position, Run, number, spoken
from diagnosis.synthetic import falling, run


def curve(values: list[float], steps: list[float] | None = None, **more: str) -> Curve:
    """A training loss."""
    at = np.arange(float(len(values))) if steps is None else np.array(steps, dtype=float)
    return Curve("loss", "train_loss", "loss", np.array(values, dtype=float), at, **more)


@pytest.mark.parametrize(("value", "expected"), [(14.0, 14), (0.5, 0.5), (-3.0, -3), (1e15, 10**15)])
def test_a_whole_position_is_written_as_one(value: float, expected: float):
    """14, not 14.0."""
    assert expected == number(value)
    assert type(expected) is type(number(value))


def test_a_position_is_read_aloud():
    """As it was logged."""
    assert str(Position("epoch", 14)) == "epoch 14"
    assert str(curve([1, 2], [0.5, 1.0], axis="step").position(0)) == "step 0.5"


@pytest.mark.parametrize(
    ("position", "said"),
    [
        (14, "14"),
        (123_456_789_012, "123456789012"),
        (1 / 3, "0.333333"),
        (13 + 1 / 3, "13.3333"),
        (int(1e300), "1e300"),
    ],
)
def test_a_long_position_is_said_in_six_digits(position: float, said: str):
    """A number of three hundred digits tells nothing."""
    assert said == spoken(position)
    assert f"step {said}" == str(Position("step", position))


def test_values_and_steps_must_belong_together():
    """One value, one step, one dimension; the message says what came."""
    with pytest.raises(ValueError, match=r"loss: \(3,\) values at \(2,\) steps"):
        Curve("loss", "train_loss", "loss", np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="loss"):
        Curve("loss", "train_loss", "loss", np.ones((2, 2)), np.ones((2, 2)))


def test_arrays_are_frozen():
    """Both of them."""
    logged = curve([1, 2, 3])

    with pytest.raises(ValueError, match="read-only"):
        logged.values[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        logged.steps[0] = 9


def test_the_callers_own_arrays_stay_as_they_are():
    """Lists will do as well."""
    values, steps = np.array([3.0, 2.0]), np.array([0.0, 1.0])
    assert [3.0, 2.0] == Curve("loss", "train_loss", "loss", values, steps).values.tolist()
    assert values.flags.writeable
    assert steps.flags.writeable
    assert [3.0, 2.0] == Curve("loss", "train_loss", "loss", [3, 2], [0, 1]).values.tolist()


def test_the_length_counts_everything_that_was_logged():
    """Non-finite values included."""
    assert len(curve([1, math.nan, math.inf])) == 3


def test_sound_values_are_those_one_can_reckon_with():
    """Neither NaN nor infinite nor beyond the largest; either sign."""
    logged = curve([1, math.nan, math.inf, -math.inf, LARGEST, -LARGEST, LARGEST / 2, -1e30, 0])

    assert [True, False, False, False, False, False, True, True, True] == logged.sound.tolist()
    assert [0, 6, 7, 8] == logged.finite.steps.tolist()


def test_the_finite_part_keeps_everything_else():
    """Name, role, metric, axis and direction."""
    logged = Curve("acc", "val_metric", "accuracy", np.array([0.1, np.nan]), np.array([3.0, 4.0]), "step", "max")
    part = logged.finite

    assert ("acc", "val_metric", "accuracy", "step", "max") == (
        part.name,
        part.role,
        part.metric,
        part.axis,
        part.direction,
    )
    assert ([0.1], [3.0]) == (part.values.tolist(), part.steps.tolist())


def test_a_finite_curve_is_its_own_finite_part():
    """Nothing is copied where nothing is left out; an empty one has none."""
    logged = curve([1, 2, 3])

    assert logged is logged.finite
    assert len(curve([]).finite) == 0
    assert len(curve([math.nan]).finite) == 0


def test_curves_are_found_by_their_roles_whatever_the_order_they_were_logged_in():
    """One role or several; of one role by name."""
    logged = run(val_loss=falling(), cls_loss=falling(), box_loss=falling(), lr=falling())

    assert ["box_loss", "cls_loss", "val_loss"] == [c.name for c in logged.having("val_loss", "train_loss")]
    assert logged.having("grad_norm") == ()


@pytest.mark.parametrize(("classes", "expected"), [(None, None), (1, None), (2, math.log(2)), (10, 2.302585)])
def test_guessing_costs_ln_c(classes: int | None, expected: float | None):
    """One class is no guess."""
    assert pytest.approx(expected) == Context(num_classes=classes).guessing


def stepped(last: int, context: Context) -> Run:
    """A training loss at steps 1 to `last`."""
    return assemble(Log((Series("loss", falling(n=last), np.arange(1.0, last + 1), "step"),), "test"), context)


def test_epochs_are_counted_from_zero():
    """The longest curve tells how many the log covers."""
    assert run(loss=falling(n=30)).epochs_logged == 30
    assert run(loss=falling(n=30), val_loss=falling(n=10)).epochs_logged == 30


@pytest.mark.parametrize(
    ("train", "val", "covered"),
    [
        (range(1, 101), range(5, 101, 5), 100),
        (range(100), range(4, 100, 5), 100),
        (range(100), range(0, 100, 5), 100),
        ((), range(5, 101, 5), 100),
        ((), range(4, 100, 5), 100),
        ((), range(40, 60), 60),  # nobody knows whether the first was 0 or 1
    ],
)
def test_epochs_that_count_from_one_are_not_one_more(train: Sequence[int], val: Sequence[int], covered: int):
    """The earliest curve tells where the count begins, and whole fives do, for those that begin later."""
    curves = (curve([1.0] * len(steps), steps=steps) for steps in (train, val))

    assert Run(tuple(curves)).epochs_logged == covered


def test_steps_are_epochs_where_their_number_is_known():
    """Else nobody knows."""
    assert stepped(300, Context(steps_per_epoch=30)).epochs_logged == 10
    assert stepped(300, Context()).epochs_logged is None


@pytest.mark.parametrize(
    ("context", "finished"),
    [
        (Context(), True),
        (Context(planned_epochs=30), True),
        (Context(planned_epochs=29), True),
        (Context(planned_epochs=32), False),
        (Context(planned_epochs=100, finished=True), True),
        (Context(planned_epochs=10, finished=False), False),
        (Context(finished=False), False),
    ],
)
def test_a_run_is_over_as_said_or_unless_fewer_epochs_are_logged_than_planned(context: Context, *, finished: bool):
    """What the caller says wins."""
    assert finished == run(context, loss=falling(n=30)).finished


def test_a_run_in_steps_is_over_where_nothing_tells_otherwise():
    """A plan in epochs says nothing about steps without the length of an epoch."""
    assert stepped(300, Context(planned_epochs=100)).finished
    assert not stepped(300, Context(planned_epochs=100, steps_per_epoch=30)).finished
    assert stepped(300, Context(planned_epochs=10, steps_per_epoch=30)).finished


def test_a_run_without_a_curve_covers_nothing():
    """Nor one with an empty curve, on either axis; and it is no error."""
    for axis in ("epoch", "step"):
        assert Run((curve([], axis=axis),), Context(steps_per_epoch=10)).epochs_logged is None

    assert Run(()).epochs_logged is None
    assert Run(()).finished
