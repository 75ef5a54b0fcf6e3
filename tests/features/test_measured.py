import math

import numpy as np
import pytest

from diagnosis.features import Features, measure
from diagnosis.features.measured import FEW, FIRST_OUTLIER, GRID, TAIL, TAIL_MIN, Measured, measure_curve
from diagnosis.features.primary import EPOCH_VIEW_ENOUGH
from diagnosis.features.trend import trend
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Curve, Position
from diagnosis.synthetic import falling, flat, linear, run, spiked, turning


def measured(values: np.ndarray, *, direction: str = "min", steps: np.ndarray | None = None, **more: str) -> Measured:
    """Measure one training loss."""
    steps = np.arange(float(values.size)) if steps is None else steps
    found = measure_curve(Curve("loss", "train_loss", "loss", values.astype(float), steps, direction=direction, **more))
    assert found is not None
    return found


def test_nothing_finite_is_not_measured():
    """A curve of NaN alone has no level."""
    assert measure_curve(Curve("loss", "train_loss", "loss", np.full(5, np.nan), np.arange(5.0))) is None


def test_values_that_are_not_finite_are_left_out_with_their_steps():
    """What remains keeps the positions it was logged at."""
    values = falling(n=20)
    values[[3, 7]] = np.nan, np.inf
    found = measured(values)

    assert found.n == 18
    assert np.delete(np.arange(20.0), [3, 7]).tolist() == found.x.tolist()


def test_a_metric_that_is_maximised_is_turned_over():
    """One direction to think in: an accuracy that rises makes progress as a loss that falls."""
    accuracy = 1 - falling(start=0.9, floor=0.1)
    up, down = measured(accuracy, direction="max"), measured(-accuracy)

    assert down.z.tolist() == up.z.tolist()
    assert (-1.0, 1.0) == (up.sign, down.sign)
    assert down.progress == up.progress
    assert int(accuracy.argmax()) == up.best_logged == down.best_logged
    assert up.said(up.end) == f"{float(np.median(accuracy[-up.tail_count :])):.4g}"


def test_levels_of_a_curve_without_noise_are_those_of_its_formula():
    """Start, best, end, progress and rebound, as anyone would read them off."""
    values = np.concatenate((np.linspace(2.0, 1.0, 40), np.full(20, 1.0), np.linspace(1.0, 1.5, 20), np.full(20, 1.5)))
    found = measured(values)

    assert (2.0, 1.0, 1.5) == pytest.approx((found.start, found.best, found.end))
    assert (1.0, 0.5) == pytest.approx((found.progress, found.rebound))
    assert 38 <= found.best_index <= 60
    assert found.share(0.25) == pytest.approx(0.25)


def test_a_curve_that_only_rises_made_no_progress():
    """Progress is never negative, and a share of none is infinite or nothing."""
    found = measured(np.linspace(1.0, 2.0, 30))

    assert (0.0, math.inf, 0.0) == (found.progress, found.share(1.0), found.share(0.0))
    assert found.rebound == pytest.approx(1.0, rel=0.1)


def test_one_low_point_is_not_the_level():
    """Best and end are levels, and a lucky dip is no checkpoint to go back to, though it is the best value logged."""
    values = falling(n=100, noise=0.002)
    values[50] = -5.0
    found = measured(values)

    assert found.best == pytest.approx(0.1, abs=0.02)
    assert found.end == pytest.approx(0.1, abs=0.02)
    assert found.best_value == (-5.0, Position("epoch", 50))
    assert found.best_position != Position("epoch", 50)


def test_among_values_that_swing_as_far_the_best_is_no_lone_dip():
    """However calm the rest of the run is: of early swings the noise of a calm end says nothing."""
    values = np.concatenate(([0.28, 0.16, 0.22, 0.13, 0.11, 0.14, 0.16, 0.12, 0.18], np.full(41, 0.13)))
    values[9:] += 0.0005 * np.where(np.arange(41) % 2, 1, -1)

    assert Position("epoch", 4) == measured(values).best_position


def test_a_first_value_far_off_is_not_where_the_run_began():
    """Just over the bound it is passed over, just under it is the start."""
    rest = np.concatenate((np.linspace(1.0, 0.0, 20), np.zeros(20)))
    for times, begin in ((1.1 * FIRST_OUTLIER, 1), (0.9 * FIRST_OUTLIER, 0)):
        found = measured(np.concatenate(([1.0 + times], rest)))

        assert begin == found.begin
        assert found.start == pytest.approx(1.0 if begin else 1.0 + times)


def test_a_first_value_far_below_is_where_the_loss_was_thrown_from():
    """But a 0 that was logged before anything was counted."""
    thrown = np.concatenate(([9.4], 4e4 + np.linspace(1.0, 0.0, 40)))

    assert measured(thrown).start == 9.4
    assert measured(np.concatenate(([0.0], thrown[1:]))).begin == 1


def test_of_a_handful_of_points_the_first_one_counts():
    """Too few follow to say that it is odd."""
    assert measured(np.array([100.0, 1.0, 0.9, 0.8])[: TAIL_MIN - 1]).begin == 0


@pytest.mark.parametrize(
    ("n", "expected"), [(1, 1), (FEW - 1, 1), (FEW, 3), (60, 4), (150, 10), (GRID, 20), (10**4, 20)]
)
def test_a_level_is_averaged_over_a_few_points(n: int, expected: int):
    """Enough to calm it, few enough to stay local."""
    assert expected == measured(falling(n=n)).tail_count


def test_the_error_of_the_end_is_what_repeating_the_run_shows():
    """Over many seeds the end scatters as much as its standard error says, within a fifth."""
    many = [measured(flat(n=150, noise=0.1, seed=seed)) for seed in range(300)]
    seen = float(np.std([found.end for found in many]))

    assert seen == pytest.approx(float(np.mean([found.end_error for found in many])), rel=0.2)


def test_a_long_curve_is_averaged_onto_a_grid():
    """The grid is as fine as anything needs, less noisy than the log, and covers all of it."""
    found = measured(falling(n=40 * GRID, noise=0.1))

    assert GRID == found.z.size == found.x.size == found.s.size
    assert 40 * GRID == found.n
    assert found.noise == pytest.approx(0.1, rel=0.05)
    assert found.grid_noise == pytest.approx(0.1 / math.sqrt(40), rel=0.2)


def test_a_short_curve_is_its_own_grid():
    """Noise of the grid is noise of the log."""
    found = measured(falling(n=GRID))

    assert found.noise == found.grid_noise
    assert falling(n=GRID).tolist() == found.z.tolist()


def test_a_position_is_the_one_that_was_logged():
    """An index of the grid is said in the numbers of the log, also where bins were averaged."""
    steps = 7.0 + 10 * np.arange(20.0 * GRID)
    short = measured(falling(n=20), steps=steps[:20])
    long = measured(falling(n=20 * GRID), steps=steps, axis="step")

    assert Position("epoch", 57) == short.position(5)
    assert Position("step", 7) == long.position(0)  # what holds from the beginning holds from the first value on
    for index in (17, GRID - 1):
        at = long.position(index)

        assert at.axis == "step"
        assert at.at in steps
        assert abs(at.at - long.x[index]) <= 10


def test_the_best_point_of_a_long_curve_is_looked_for_in_every_value():
    """The checkpoint one would restore is a logged one."""
    values = turning(at=3000, n=10_000, rise=1e-4)
    values[3455:3458] = 0.5

    assert Position("epoch", 3455) == measured(values).best_position


def test_spikes_of_a_long_curve_are_looked_for_in_every_value():
    """Averaging would hide them, and indices are those of the log."""
    found = measured(spiked(falling(n=8000), at=(5001,), height=2.0))

    assert [5001] == [spike.index for spike in found.spikes]


def test_spikes_of_a_metric_are_its_drops():
    """What is bad for a maximised curve is down."""
    values = 1 - spiked(falling(n=200, start=0.9, floor=0.1), at=(120,), height=0.6)

    assert [120] == [spike.index for spike in measured(values, direction="max").spikes]


def test_trends_are_those_of_the_stretch():
    """The whole, the last quarter, the last share asked for."""
    values = np.concatenate((linear(start=2, end=1, n=80, noise=0.0), linear(start=1, end=1.2, n=20, noise=0.0)))
    found = measured(values)

    assert found.whole.falling
    assert found.last(0.15).rising
    assert trend(found.x[75:], found.clean[75:]) == found.tail
    assert pytest.approx(0.25) == TAIL


@pytest.mark.parametrize(
    ("n", "share", "index"), [(100, 0.8, 80), (10, 0.8, 5), (5, 0.5, 0), (3, 0.9, 0), (400, 0.0, 0)]
)
def test_an_end_has_a_least_number_of_points(n: int, share: float, index: int):
    """The last fifth of ten points is not two of them."""
    assert index == measured(falling(n=n)).index_after(share)


def test_flat_is_asked_of_the_smoothed_grid():
    """A rest is told with its index; a fall has none."""
    assert measured(falling(tau=0.05, n=100)).flat is not None
    assert measured(linear(n=100)).flat is None


@pytest.mark.parametrize(("level", "scale"), [(0.9, 1.0), (90.0, 100.0), (1.0, 1.0)])
def test_percent_are_recognised(level: float, scale: float):
    """No accuracy is above one, so 90 is percent."""
    assert scale == measured(flat(level=level, noise=0.0), direction="max").scale


def features_of(*series: Series, context: Context | None = None) -> Features:
    """Measure a run of these series."""
    return measure(assemble(Log(series, "test"), context))


def test_the_total_is_judged_and_its_parts_are_not():
    """A qualified loss is a part; which one was chosen is said."""
    features = features_of(
        Series("train/box_loss", falling()), Series("train/loss", falling(start=5)), Series("train/cls_loss", falling())
    )

    assert features.train_loss is not None
    assert features.train_loss.name == "train/loss"
    assert any("train/box_loss" in note for note in features.notes)


def test_without_a_total_the_sum_of_the_parts_is_judged():
    """What an optimiser saw when no total is logged."""
    box, cls = falling(seed=1), falling(seed=2)
    features = features_of(Series("train/box_loss", box), Series("train/cls_loss", cls))

    assert features.train_loss is not None
    assert (box + cls).tolist() == features.train_loss.z.tolist()
    assert any("sum" in note for note in features.notes)


def test_parts_that_were_logged_at_different_steps_are_not_added():
    """The first of them is judged, and that is said."""
    features = features_of(Series("train/box_loss", falling()), Series("train/cls_loss", falling(n=30)))

    assert features.train_loss is not None
    assert features.train_loss.name == "train/box_loss"
    assert features.notes


@pytest.mark.parametrize(("epochs", "judged"), [(EPOCH_VIEW_ENOUGH, "train_loss_epoch"), (3, "train_loss_step")])
def test_the_view_per_epoch_is_judged_where_it_is_long_enough(epochs: int, judged: str):
    """Ten epochs say more than hundreds of batches; three do not, whichever comes first."""
    by_step = Series("train_loss_step", falling(n=300), np.arange(300.0))
    by_epoch = Series("train_loss_epoch", falling(n=epochs), np.arange(float(epochs)))

    for both in ((by_step, by_epoch), (by_epoch, by_step)):
        loss = features_of(*both).train_loss
        assert loss is not None
        assert judged == loss.name


def test_the_monitored_metric_is_judged():
    """Else the first one by name, whichever was logged first."""
    series = (Series("val_f1", falling()), Series("val_auc", falling()))
    first, turned = features_of(*series), features_of(*series[::-1])
    monitored = features_of(*series, context=Context(monitor="val_f1"))

    assert first.val_metric is not None
    assert turned.val_metric is not None
    assert monitored.val_metric is not None
    assert ("val_auc", "val_auc", "val_f1") == (
        first.val_metric.name,
        turned.val_metric.name,
        monitored.val_metric.name,
    )


def test_where_no_loss_is_logged_a_metric_is_judged_in_its_place():
    """Accuracies alone are a run too, and the note says what was done."""
    features = measure(run(accuracy=1 - falling(start=0.9), val_accuracy=1 - falling(start=0.9)))

    assert features.train_loss is features.train_metric
    assert features.val_loss is features.val_metric
    assert features.watched is features.val_metric
    assert any("accuracy and val_accuracy" in note for note in features.notes)


def test_validation_is_watched_where_it_was_logged():
    """It tells how good the model is; the training loss stands in for it."""
    both, alone = measure(run(loss=falling(), val_loss=falling())), measure(run(loss=falling()))

    assert both.watched is both.val_loss
    assert alone.watched is alone.train_loss


def test_a_curve_without_a_finite_value_is_as_good_as_not_logged():
    """It is not chosen, and not measured."""
    features = features_of(
        Series("loss", falling()), Series("val_loss", np.full(60, np.nan)), Series("lr", np.full(60, 0.1))
    )

    assert features.val_loss is None
    assert features.gap is None
    assert ["loss", "lr"] == [found.name for found in features.curves]


def test_a_second_value_that_is_off_everything_is_no_start() -> None:
    """Neither the first nor what follows is: a batch threw the loss for a moment."""
    values = np.concatenate(([0.72, 167.0], np.linspace(0.8, 0.6, 30)))

    assert 0.72 == measured(values).start
