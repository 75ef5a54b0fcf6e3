import math

import numpy as np
import pytest

from diagnosis.features import Features, measure
from diagnosis.features.gap import LATE, WIDENING, Gap
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context
from diagnosis.synthetic import falling, linear, run

N = 60
LN10 = math.log(10)


def gap_of(*series: Series, context: Context | None = None) -> Gap:
    """Measure the gap of a run of these series."""
    gap = measure(assemble(Log(series, "test"), context)).gap
    assert gap is not None
    return gap


def per_epoch(train: np.ndarray, val: np.ndarray, context: Context | None = None) -> Gap:
    """Measure the gap of two curves logged once an epoch."""
    return gap_of(Series("loss", train), Series("val_loss", val), context=context)


def test_a_constant_gap_is_found_as_it_is():
    """The late gap is the distance of two parallel curves, and its trend is nothing."""
    train = falling(noise=0.0)
    gap = per_epoch(train, train + 0.5)

    assert gap.late == pytest.approx(0.5)
    assert gap.trend.change == pytest.approx(0.0, abs=1e-9)
    assert not gap.widening
    assert gap.share_of_progress == pytest.approx(0.5 / (train[0] - train[-1]), rel=0.02)


def test_validation_that_is_better_has_a_negative_gap():
    """The sign tells who is better."""
    train = falling(noise=0.0)

    assert per_epoch(train, train - 0.2).late == pytest.approx(-0.2)


def test_the_late_gap_is_that_of_the_last_fifth():
    """What was before does not count."""
    train = linear(noise=0.0)
    late = int(N * LATE)
    val = train + np.concatenate((np.zeros(N - late - 6), np.linspace(0, 1, 6), np.ones(late)))

    assert per_epoch(train, val).late == pytest.approx(1.0, abs=0.01)


def test_the_late_gap_is_a_median():
    """What happens in the last few points does not move it."""
    train = linear(n=100, noise=0.0)
    val = train + np.where(np.arange(100) < 93, 1.0, 0.0)

    assert per_epoch(train, val).late == pytest.approx(1.0, abs=0.01)


def test_a_gap_widens_by_more_than_the_named_share():
    """Just over it widens, just under it is stable."""
    train = np.linspace(1.0, 0.0, 2 * N)
    for times, widening in ((1.2, True), (0.8, False), (-1.2, False)):
        growth = np.concatenate((np.zeros(N), np.linspace(0, times * WIDENING, N)))

        assert widening == per_epoch(train, train + 0.3 + growth).widening


def test_the_noise_of_a_difference_is_that_of_both():
    """Independent noises add as squares do."""
    gap = per_epoch(falling(n=400, noise=0.03), falling(n=400, noise=0.04, seed=1))

    assert gap.noise == pytest.approx(0.05, rel=0.15)


def test_steps_meet_epochs_through_steps_per_epoch():
    """After epoch k, (k + 1) · steps_per_epoch steps were taken; training is the average of the last epoch's."""
    per = 20
    steps = np.arange(per * N, dtype=float)
    train = 3.0 - steps / steps[-1]
    val = 3.0 - ((np.arange(N) + 1) * per - 1) / steps[-1] + 0.25
    gap = gap_of(
        Series("loss", train, steps, "step"),
        Series("val_loss", val, np.arange(float(N)), "epoch"),
        context=Context(steps_per_epoch=per),
    )

    assert gap.assumed is None
    assert gap.difference[3:-3] == pytest.approx(np.full(N - 6, 0.25 - 0.5 * (per - 1) / steps[-1]), abs=1e-6)
    assert (gap.validation.s - gap.caught_up)[3:-3] == pytest.approx(np.full(N - 6, 0.25), abs=1e-3)


def test_epochs_counted_from_one_are_over_as_they_say():
    """Epoch 1 ends with the last of its steps, not an epoch later."""
    per = 20
    steps = np.arange(per * N, dtype=float)
    train = 3.0 - steps / steps[-1]
    gap = gap_of(
        Series("loss", train, steps, "step"),
        Series("val_loss", train[per - 1 :: per], np.arange(1.0, N + 1), "epoch"),
        context=Context(steps_per_epoch=per),
    )

    assert gap.until == pytest.approx(steps[per - 1 :: per])
    assert gap.late == pytest.approx(-0.5 * (per - 1) / steps[-1], abs=1e-6)


def by_steps(per: float, val: int = 30, *, every: int = 1, noise: float = 0.2) -> Gap:
    """Training every `every` steps, validation every `per` steps."""
    steps, at = np.arange(0.0, per * val, every), np.arange(per - 1, per * val, per)
    train = falling(n=steps.size, noise=noise)
    return gap_of(Series("loss", train, steps, "step"), Series("val_loss", falling(n=val), at, "step"))


def test_training_by_step_is_averaged_over_the_stretch_before_each_validation():
    """Every value once, none twice, up to and with the step of the validation."""
    gap = by_steps(20)

    assert gap.averaged is not None
    assert gap.averaged.per_validation == 20
    assert gap.averaged.values == pytest.approx(gap.training.curve.values.reshape(30, 20).mean(axis=1))
    assert gap.train_noise < 0.5 * gap.averaged.scatter
    assert gap.lag == 10


def test_a_stretch_without_training_values_takes_its_neighbours():
    """A hole in the log is no NaN."""
    train, steps = falling(n=600, noise=0.0), np.arange(600.0)
    kept = (steps < 200) | (steps >= 260)
    gap = gap_of(
        Series("loss", train[kept], steps[kept], "step"),
        Series("val_loss", falling(n=30), np.arange(19.0, 600, 20), "step"),
    )

    assert gap.averaged is not None
    assert np.isnan(gap.averaged.values).sum() == 3
    assert np.isfinite(gap.train).all()


@pytest.mark.parametrize(("every", "averaged"), [(10, True), (11, False), (20, False), (40, False)])
def test_two_values_for_each_validation_are_averaged_and_fewer_are_read_off(every: int, *, averaged: bool):
    """Where both are logged at the same moments, nothing is averaged."""
    assert averaged == (by_steps(20, every=every).averaged is not None)


def test_values_that_stand_for_an_epoch_are_not_averaged_again():
    """Whole epochs, or steps that are an epoch apart; fractions of an epoch are steps."""
    train, at = falling(n=60, noise=0.1), np.arange(4.0, 60, 5)
    val = Series("val_loss", falling(n=12), at, "epoch")

    assert gap_of(Series("loss", train, np.arange(60.0), "epoch"), val).averaged is None
    assert gap_of(Series("loss", falling(n=240, noise=0.1), np.arange(0.25, 60.1, 0.25), "epoch"), val).averaged
    by_step = (Series("loss", train, np.arange(60.0) * 50, "step"), Series("val_loss", falling(n=12), at * 50, "step"))
    assert gap_of(*by_step).averaged
    assert gap_of(*by_step, context=Context(steps_per_epoch=50)).averaged is None


def test_half_an_epoch_later_training_is_where_validation_was_taken():
    """The average over an epoch in which the loss falls lies above the loss at its end by half of the fall."""
    ends = 3.0 - np.arange(1.0, N + 1) / N
    gap = per_epoch(ends + 0.5 / N, ends)

    assert gap.lag == 0.5
    assert gap.late == pytest.approx(-0.5 / N)
    assert gap.caught_up == pytest.approx(ends, abs=1e-9)


def test_averages_of_a_million_steps_are_quick_and_right():
    """Only cumulative sums of the raw values."""
    n = 1_000_000
    steps = np.arange(float(n))
    gap = gap_of(
        Series("loss", 3.0 - steps / n, steps, "step"), Series("val_loss", falling(n=1000), steps[999::1000], "step")
    )

    assert gap.averaged is not None
    assert gap.train.size == gap.validation.x.size == 400
    assert gap.averaged.in_each in {2000, 2500, 3000}
    assert gap.averaged.per_validation in {800, 1000, 1200}


def test_epochs_meet_steps_through_steps_per_epoch():
    """The other way round: validation every few steps, training once an epoch."""
    per = 20
    at = np.arange(per - 1, per * N, per / 2)
    train = 3.0 - (np.arange(N) + 1.0) / N
    val = 3.0 - (at + 1) / (per * N) + 0.25
    gap = gap_of(
        Series("loss", train, np.arange(float(N)), "epoch"),
        Series("val_loss", val, at, "step"),
        context=Context(steps_per_epoch=per),
    )

    assert gap.assumed is None
    assert gap.difference[3:-3] == pytest.approx(np.full(at.size - 6, 0.25), abs=1e-3)


@pytest.mark.parametrize("swapped", [False, True])
def test_without_steps_per_epoch_both_are_taken_to_cover_the_same_training(*, swapped: bool):
    """The length of an epoch follows, and that it was assumed is said, by name."""
    per = 20
    steps = np.arange(per * N, dtype=float)
    fine, coarse = 3.0 - (steps + 1) / steps.size, 3.0 - (np.arange(N) + 1.0) / N
    names = ("val_loss", "loss") if swapped else ("loss", "val_loss")
    series = (Series(names[0], fine, steps, "step"), Series(names[1], coarse, np.arange(float(N)), "epoch"))
    gap = gap_of(*series)

    assert gap.assumed is not None
    assert f"about {per} steps an epoch" in gap.assumed
    assert gap.late == pytest.approx(0.0, abs=0.01)


def test_what_was_assumed_is_a_note_of_the_features():
    """Nothing is guessed in silence."""
    steps = Series("loss", falling(n=600), np.arange(600.0), "step")
    epochs = Series("val_loss", falling(), np.arange(60.0), "epoch")

    assert any("steps_per_epoch" in note for note in measure(assemble(Log((steps, epochs), "test"))).notes)


def test_sparse_validation_is_compared_at_its_own_moments():
    """Validation every fifth step meets training there, not at the same index."""
    train = np.linspace(1.0, 0.0, 300)
    at = np.arange(4.0, 300, 5)
    gap = gap_of(
        Series("loss", train, np.arange(300.0), "step"), Series("val_loss", train[at.astype(int)] + 0.1, at, "step")
    )

    assert at.size == gap.train.size
    assert gap.difference == pytest.approx(np.full(at.size, 0.1), abs=0.02)


def test_validation_beyond_training_meets_its_nearest_value():
    """Outside of what was logged the last value stands."""
    gap = per_epoch(falling(n=30, noise=0.0), falling(n=60, noise=0.0))

    assert gap.train[-1] == pytest.approx(gap.training.s[-1])


def test_what_was_learnt_is_counted_from_guessing_where_that_is_known():
    """A fine-tuned model begins far below ln C; of ten classes it has learnt all of that."""
    train = falling(start=0.4, floor=0.1, noise=0.0)
    plain, known = per_epoch(train, train + 0.1), per_epoch(train, train + 0.1, Context(num_classes=10))

    assert plain.learnt == pytest.approx(0.3, rel=0.02)
    assert known.learnt == pytest.approx(math.log(10) - 0.1, rel=0.02)
    assert plain.share_of_progress > 4 * known.share_of_progress


def test_where_nothing_was_learnt_a_gap_has_no_share():
    """A share of nothing is not infinite, it is none."""
    gap = per_epoch(np.full(N, 1.0), np.full(N, 2.0))

    assert (0.0, 0.0) == (gap.learnt, gap.share_of_progress)


def test_curves_of_different_quantities_have_no_gap():
    """A training loss and a validation accuracy cannot be subtracted."""

    def features(**series: np.ndarray) -> Features:
        return measure(run(**series))

    accuracy = 1 - falling(start=0.9)

    assert features(loss=falling()).gap is None
    assert features(loss=falling(), val_accuracy=accuracy).gap is None
    assert features(accuracy=accuracy, val_accuracy=accuracy).gap is not None
    assert features(mae=falling(), val_accuracy=accuracy).gap is None


def test_a_gap_of_metrics_is_positive_where_validation_is_worse():
    """Accuracies are turned over: one direction to think in."""
    train = 1 - falling(start=0.9, floor=0.05, noise=0.0)
    gap = measure(run(accuracy=train, val_accuracy=train - 0.1)).gap

    assert gap is not None
    assert gap.late == pytest.approx(0.1)


@pytest.mark.parametrize(("times", "noted"), [(1.0, False), (30.0, False), (2000.0, True), (1 / 2000.0, True)])
def test_a_sum_beside_a_mean_is_noted(times: float, *, noted: bool):
    """A validation summed over its examples is thousands of times a mean, from the first value to the last."""
    notes = measure(run(loss=falling(), val_loss=times * falling(seed=1))).notes

    assert noted == any("a sum and the other a mean" in note for note in notes)


def test_a_validation_that_came_to_be_far_worse_is_no_sum():
    """It began where training did."""
    train = falling(floor=1e-4, noise=0.0)

    assert measure(run(loss=train, val_loss=train + np.linspace(0.0, 1.0, N))).notes == ()


@pytest.mark.parametrize(("first", "learnt"), [(0.5, LN10 - 0.1), (LN10, LN10 - 0.1), (12.0, LN10 - 0.1)])
def test_what_was_learnt_begins_at_guessing_wherever_the_log_begins(first: float, learnt: float):
    """Below it much was known before the log, and above it nothing."""
    loss = np.linspace(first, 0.1, 40)

    assert per_epoch(loss, loss, Context(num_classes=10)).learnt == pytest.approx(learnt, rel=0.02)
