"""What is to be looked at, and what a sound run would show there."""

from dataclasses import replace

import numpy as np
import pytest

from diagnosis.advice.check_fixes import (
    A_FEW,
    check_labels,
    check_numbers,
    check_trainable,
    flip_sign,
    highest_losses,
    look_at,
    overfit_one_batch,
)
from diagnosis.features import measure
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.run import Context, Curve, Position
from diagnosis.synthetic import falling, flat, linear, run

WHY = "It should help here."


def loss_of(values: np.ndarray) -> Measured:
    """Measure a training loss."""
    measured = measure(run(loss=values)).train_loss
    assert measured is not None
    return measured


def by_step(values: np.ndarray, apart: int) -> Measured:
    """Measure one that was logged every so many steps."""
    steps = apart * np.arange(1.0, len(values) + 1)
    measured = measure_curve(Curve("loss", "train_loss", "loss", values, steps, "step"))
    assert measured is not None
    return measured


def test_a_sign_that_is_flipped_takes_the_loss_below_its_start():
    """From where to where it rose, and what it is below when the sign is right."""
    fix = flip_sign(loss_of(linear(start=2.3, end=9.0)), WHY)

    assert "flip_loss_sign" == fix.action
    assert fix.params["below"] == pytest.approx(2.3, abs=0.2)
    assert "went from 2.3" in fix.advice


def test_weights_that_were_held_are_the_same_at_both_ends_of_the_run():
    """Two checkpoints to compare, by the positions that were logged."""
    fix = check_trainable(loss_of(flat(n=60)), WHY)

    assert ("check_trainable_parameters", {"at": [0, 59]}) == (fix.action, fix.params)
    assert "epoch 0 and at epoch 59" in fix.advice


FROM_THE_START = "It was so before anything was learnt."


def test_labels_at_random_are_right_as_often_as_there_are_classes():
    """Two in twenty, of ten classes."""
    assert "labels at random 2 would" in check_labels(WHY, Context(num_classes=10)).advice
    assert "at random" not in check_labels(WHY).advice
    assert {"examples": A_FEW} == check_labels(WHY).params
    assert {"examples": 3} == check_labels(WHY, Context(train_size=3)).params


@pytest.mark.parametrize(
    ("before", "at", "context", "params"),
    [
        (Position("step", 350), Position("step", 400), Context(batch_size=16), {"at": [350, 400], "examples": 800}),
        (Position("step", 350), Position("step", 400), Context(), {"at": [350, 400]}),
        (Position("epoch", 6), Position("epoch", 7), Context(batch_size=10, train_size=995), {"at": [6, 7], "examples": 1000}),
        (None, Position("epoch", 0), Context(batch_size=10), {"at": [0, 0]}),
    ],
)  # fmt: skip
def test_nan_is_looked_for_in_what_was_read_just_before_it(
    before: Position | None, at: Position, context: Context, params: dict[str, object]
):
    """From the last sound value on, in examples where batches are known."""
    fix = check_numbers(before, at, context, grew=False)

    assert ("check_labels", params) == (fix.action, fix.params)
    assert fix.because == ("It broke in one step, from an ordinary value." if before else FROM_THE_START)
    assert "one step" not in check_numbers(before, at, context, grew=True).because


def test_a_batch_learnt_by_heart_is_told_by_its_loss():
    """A tenth of what guessing scores, else of where the loss began; of a metric nothing is known."""
    curve = loss_of(flat(level=4.0))

    assert {"examples": A_FEW, "below": 0.23} == overfit_one_batch(WHY, curve, Context(num_classes=10)).params
    assert overfit_one_batch(WHY, curve).params["below"] == pytest.approx(0.4, abs=0.02)
    assert {"examples": A_FEW} == overfit_one_batch(WHY, loss_of(flat(level=-4.0))).params
    assert {"examples": 5} == overfit_one_batch(WHY, None, Context(train_size=5)).params
    assert {"examples": A_FEW, "below": 0.16} == overfit_one_batch(WHY, curve, None, 1.6).params


def test_no_blow_up_is_what_a_batch_learnt_by_heart_is_held_against():
    """The middle of a run that began with one; nothing at a rate so high that all of it may be one."""
    thrown = flat(level=4.0)
    thrown[:5] = (9e5, 7e4, 6e3, 500.0, 40.0)
    far = Context(optimizer="sgd", learning_rate=50.0)

    assert overfit_one_batch(WHY, loss_of(thrown)).params["below"] == pytest.approx(0.4, abs=0.02)
    assert {"examples": A_FEW} == overfit_one_batch(WHY, loss_of(flat(level=5e25)), far).params
    assert overfit_one_batch(WHY, loss_of(thrown), replace(far, num_classes=10)).params["below"] == 0.23


def test_no_more_examples_are_looked_at_than_there_are():
    """Of eight, eight."""
    assert {"examples": 8} == highest_losses(Context(train_size=8), WHY).params
    assert {"examples": A_FEW} == highest_losses(Context(), WHY).params


def test_a_value_stands_for_the_steps_since_the_one_before():
    """Logged every fifty steps, it may be any of fifty batches; logged by epoch, it tells none."""
    (fix,) = look_at(by_step(falling(), 50), [500, 900], WHY)

    assert ("skip_batches", {"at": [500, 900], "width": 50}) == (fix.action, fix.params)
    assert "the 50 steps up to each of 500, 900," in fix.advice
    assert () == look_at(loss_of(falling()), [7], WHY)
