import numpy as np
import pytest

from diagnosis.errors import ContradictoryRoles, InvalidRun, NoCurve
from diagnosis.reading.assemble import Log, Series, assemble, totals
from diagnosis.run import Role, Run


def series(name: str, *values: float, **more: object) -> Series:
    """One series, an epoch a value."""
    return Series(name, np.array(values, dtype=float), **more)


def assembled(*given: Series, roles: dict[str, Role] | None = None) -> Run:
    """A run of these series."""
    return assemble(Log(given, "test"), roles=roles)


def test_names_become_roles_and_the_mapping_is_kept():
    """What was understood is echoed, identities included."""
    run = assembled(series("loss", 2, 1), series("val_acc", 0.1, 0.2), series("lr", 0.1, 0.1), series("odd", 1, 2))

    assert {"loss": "train_loss", "val_acc": "val_metric", "lr": "learning_rate", "odd": "other"} == run.source.mapping


def test_clocks_are_set_aside_and_listed():
    """Time is no curve."""
    run = assembled(series("loss", 2, 1), series("time", 10, 20))

    assert ("time",) == run.source.ignored


def test_a_role_that_is_said_wins_over_the_name():
    """Also over the loss that the name would have told."""
    run = assembled(series("loss", 2, 1), series("zeta", 3, 2), roles={"zeta": "train_loss"})

    assert {"loss": "other", "zeta": "train_loss"} == run.source.mapping


@pytest.mark.parametrize(
    ("roles", "error", "pointer"),
    [
        ({"a/b": "val_loss"}, InvalidRun, "/roles/a~1b"),
        ({"loss": "boss"}, InvalidRun, "/roles/loss"),
        ({"loss": "val_loss", "val_loss": "val_loss"}, ContradictoryRoles, "/roles/val_loss"),
    ],
)
def test_a_role_that_cannot_be_meant_is_refused_at_its_place(
    roles: dict[str, Role], error: type[InvalidRun], pointer: str
):
    """Unknown series, unknown role, two curves that are one."""
    with pytest.raises(error) as raised:
        assembled(series("loss", 2, 1), series("val_loss", 2, 1), roles=roles)

    assert pointer == raised.value.pointer


def test_what_was_not_logged_is_left_out_and_what_is_not_finite_stays():
    """`null` and NaN are two things."""
    missing = np.array([False, True, False, False])
    (loss,) = assembled(series("loss", 2.0, np.nan, np.nan, np.inf, missing=missing)).curves

    np.testing.assert_array_equal([2.0, np.nan, np.inf], loss.values)
    np.testing.assert_array_equal([0, 2, 3], loss.steps)


def test_steps_are_put_in_order_and_the_last_of_each_counts():
    """Both are noted."""
    run = assembled(series("loss", 3, 1, 2, 9, steps=np.array([0.0, 2.0, 1.0, 2.0])))

    assert [3, 2, 9] == run.curves[0].values.tolist()
    assert ["go back", "more than once"] == [
        said for said in ("go back", "more than once") if any(said in note for note in run.source.notes)
    ]


@pytest.mark.parametrize(("steps", "said"), [([0.0, 1.0, 1.0], "1 step is"), ([0.0, 0.0, 0.0], "2 steps are")])
def test_one_step_is_and_two_are(steps: list[float], said: str):
    """Logged more than once."""
    run = assembled(series("loss", 3, 2, 1, steps=np.array(steps)))

    assert f"loss: {said} logged more than once; the last value of each counts" in run.source.notes


def test_a_value_at_a_position_that_none_can_have_is_left_out_and_that_is_noted():
    """A clock in nanoseconds is a position; what cannot be squared is none."""
    now = 1.7e18
    run = assembled(series("loss", 4, 3, 2, 1, steps=np.array([now, now + 1e9, 1e158, np.nan])))

    assert [4, 3] == run.curves[0].values.tolist()
    assert ("loss: 2 values at positions that are not finite, or beyond 2^63, are left out",) == run.source.notes


def test_a_zero_before_the_first_step_is_no_loss():
    """Loggers print their counters once before anything is measured; what is really zero stays, and so does a list of epochs."""
    steps = np.arange(4.0)

    def read(values: list[float], at: np.ndarray | None = steps) -> list[float]:
        return list(assemble(Log((Series("loss", np.array(values), at),), "test")).curves[0].values)

    assert [3.3, 2.0, 1.0] == read([0.0, 3.3, 2.0, 1.0])
    assert [0.0, 3.3, 0.0, 1.0] == read([0.0, 3.3, 0.0, 1.0])
    assert [0.0, 3.3, 2.0, 1.0] == read([0.0, 3.3, 2.0, 1.0], None)


def test_a_run_at_no_position_is_refused_for_that():
    """It says what is wrong with it."""
    with pytest.raises(NoCurve, match=r"with values only at positions that are not finite, or beyond 2\^63"):
        assembled(series("loss", 1, steps=np.array([1e308])))


def test_positions_too_near_to_be_told_apart_are_one():
    """A slope between them would be no number."""
    run = assembled(series("loss", 4, 3, 2, steps=np.array([0.0, 1e-320, 1.0])))

    assert [3, 2] == run.curves[0].values.tolist()


def test_lists_of_unequal_length_start_together_and_that_is_noted():
    """The first value of each is epoch 0."""
    run = assembled(series("loss", 3, 2, 1), series("val_loss", 3, 2))

    assert [0, 1] == run.curves[1].steps.tolist()
    assert any("unequal length (2 to 3)" in note for note in run.source.notes)


def test_the_test_split_is_judged_where_there_is_no_validation():
    """And said to be."""
    alone = assembled(series("loss", 3, 2), series("test_loss", 3, 2))
    beside = assembled(series("loss", 3, 2), series("val_loss", 3, 2), series("test_loss", 3, 2))

    assert "val_loss" == alone.source.mapping["test_loss"]
    assert any("judged in its place" in note for note in alone.source.notes)
    assert "other" == beside.source.mapping["test_loss"]


@pytest.mark.parametrize("given", [(), (series("time", 1, 2),), (series("loss"),)], ids=["nothing", "a clock", "empty"])
def test_without_a_curve_there_is_nothing_to_judge(given: tuple[Series, ...]):
    """What came is listed, and what was expected."""
    with pytest.raises(NoCurve, match="Expected at least one series"):
        assembled(*given)


def test_parts_of_a_loss_are_summed_where_they_stand_at_the_same_steps():
    """What the optimiser saw; one part alone, or parts at different steps, have no sum."""
    box, cls = assembled(series("train/box_loss", 3, 2), series("train/cls_loss", 2, 1)).curves
    (elsewhere,) = assembled(series("train/dfl_loss", 1, 1, steps=np.array([5.0, 6.0]))).curves
    total = totals((box, cls))

    assert total is not None
    assert [5, 3] == total.values.tolist()
    assert totals((box,)) is None
    assert totals((box, elsewhere)) is None


@pytest.mark.parametrize(
    ("blank", "beside", "out"),
    [
        ("val_f1", "loss", True),
        ("val_mae", "loss", True),
        ("val_precision", "val_accuracy", True),
        ("val_mcc", "val_recall", True),
        ("val_accuracy", "val_recall", False),
        ("val_mae", "val_accuracy", False),
    ],
)
def test_a_score_that_never_was_a_number_is_left_out_beside_what_is_one(blank: str, beside: str, *, out: bool):
    """Beside a loss any; beside another score alone, one that may be 0/0."""
    run = assembled(series(blank, *[np.nan] * 5), series(beside, 0.9, 0.9, 0.8, 0.8, 0.8))

    assert out == (blank in run.source.ignored)
    assert out == (f"{blank}: never defined (NaN throughout); left out" in run.source.notes)


def test_where_no_score_is_a_number_all_are_kept():
    """Something is broken then."""
    run = assembled(series("val_precision", np.nan, np.nan), series("val_recall", np.nan, np.nan))

    assert not run.source.ignored
