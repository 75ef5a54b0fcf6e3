import math
from itertools import permutations

import numpy as np
import pytest

from diagnosis.features.bare import ALIKE, LEAP, MOVING, TOLD, is_bare
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.run import Curve

FALLS = [1.0, 0.8, 0.65, 0.55, 0.5]


def measured(values: list[float], direction: str = "min") -> Measured:
    """Measure one validation curve."""
    steps = np.arange(float(len(values)))
    found = measure_curve(Curve("val_loss", "val_loss", "loss", np.array(values), steps, direction=direction))
    assert found is not None
    return found


def test_so_few_turns_are_rarely_chance():
    """The number in the module's docstring, counted: noise is taken for none of it in one series of 600."""
    told = sum(is_bare(np.array(order, dtype=float)) for order in permutations(range(TOLD)))

    assert 1 / 1400 < told / math.factorial(TOLD) < 1 / 600


@pytest.mark.parametrize(
    ("rises", "bare"),
    [([0.52, 0.6, 0.7, 0.8, 0.9], True), ([0.52, 0.51, 0.6, 0.7, 0.8, 0.9, 1.0], False), ([0.49, 0.48, 0.4], False)],
)
def test_one_turn_is_no_noise_and_three_are(rises: list[float], *, bare: bool):
    """And what only falls is smoothed as ever: its last values may be the schedule's."""
    assert bare == is_bare(np.array([*FALLS, *rises]))


@pytest.mark.parametrize(("times", "bare"), [(0.95, True), (1.05, False)])
def test_a_last_value_that_leaps_may_be_a_spike(times: float, *, bare: bool):
    """It has risen by more than the named multiple of the step before it."""
    assert bare == is_bare(np.array([*FALLS, 0.51, 0.53, 0.54, 0.56, 0.56 + times * LEAP * 0.02]))


@pytest.mark.parametrize(("times", "bare"), [(0.95, False), (1.05, True)])
def test_four_moves_up_must_be_alike_and_five_need_not(times: float, *, bare: bool):
    """Four in a row end one series of noise in 120."""
    rises = 0.5 + np.cumsum([times * ALIKE * 0.1, 0.08, 0.1, 0.1])

    assert bare == is_bare(np.array([*FALLS, *rises]))
    assert is_bare(np.array([*FALLS, *rises, 1.0]))


@pytest.mark.parametrize(("repeats", "bare"), [(0.95 * (1 - MOVING), True), (1.05 * (1 - MOVING), False)])
def test_a_metric_that_mostly_repeats_is_rounded(repeats: float, *, bare: bool):
    """What it does between its steps nobody knows."""
    n = 200
    moves = np.where(np.arange(n) < 80, -1.0, 1.0)
    moves[20 : 20 + round(repeats * n)] = 0.0

    assert bare == is_bare(np.cumsum(moves))


def test_a_constant_added_does_not_make_noise():
    """Where the curve rests for a while, rounding turns it at every other place."""
    values = np.array([1.8, 1.5, 1.3, 1.1, *FALLS, 0.5 + 2e-10, 0.5, 0.5 + 2e-10, 0.6, 0.7, 0.8, 0.9])

    assert is_bare(values + 1e6)
    assert not is_bare(values)


def test_a_short_rise_ends_at_its_last_value_and_begins_at_its_lowest():
    """What anyone reads off it: a median of the last three would stop at 1.6, a smoothed curve turn at 1.2."""
    found = measured([2.3, 1.8, 1.5, 1.3, 1.15, 1.2, 1.25, 1.35, 1.45, 1.5, 1.6, 1.8])

    assert (1.15, 1.8) == (found.best, found.end)
    assert found.rebound == pytest.approx(0.65)


@pytest.mark.parametrize("values", [[2.0**i for i in range(10)], list(range(20))])
def test_what_only_rises_ends_at_its_last_value(values: list[float]):
    """An exact doubling, and a straight line."""
    assert values[-1] == measured([float(value) for value in values]).end


def test_an_accuracy_is_read_off_the_same_way():
    """Turned over: from its highest value to its last."""
    found = measured([0.3, 0.5, 0.6, 0.65, 0.7, 0.69, 0.67, 0.65, 0.63, 0.6], direction="max")

    assert ("0.7", "0.6") == (found.said(found.best), found.said(found.end))


def test_a_sharp_corner_is_the_checkpoint_to_keep():
    """Both neighbours of the lowest value are well above it, as around a lucky dip: but it lies on their way down and up."""
    steps = np.arange(20)
    found = measured([float(v) for v in 0.4 + 0.03 * np.maximum(0, steps - 5) + 0.3 * 0.6**steps])

    assert 5 == found.best_position.at
