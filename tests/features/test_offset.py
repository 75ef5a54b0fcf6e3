"""Targets far from 0, by an R² that begins far below it."""

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.offset import FAR
from diagnosis.run import Context
from diagnosis.synthetic import run


def regression(first: float, last: float) -> dict[str, np.ndarray]:
    """An R² that goes from one value to another, and the loss that belongs to it."""
    r2 = np.interp(np.arange(30) / 29, [0.0, 0.4, 0.8, 1.0], [first, first + 0.01 * (last - first), last, last])
    return {"loss": 50.0 * (1.0 - r2), "val_loss": 50.0 * (1.0 - r2), "val_r2": r2}


@pytest.mark.parametrize(("times", "told"), [(0.98, False), (1.02, True)])
def test_first_answers_that_are_off_by_more_than_the_targets_spread_show_their_mean(times: float, *, told: bool):
    """By how many standard deviations, the R² tells."""
    offset = measure(run(Context(), **regression(-times * FAR, 0.8))).offset

    assert told == (offset is not None)
    assert offset is None or offset.deviations == pytest.approx((1.0 + times * FAR) ** 0.5)


def test_what_comes_no_nearer_blew_up_instead():
    """Targets are learnt, if slowly; an explosion is not."""
    assert measure(run(Context(), **regression(-1e6, -0.95e6))).offset is None


def test_a_start_that_is_slow_for_the_sake_of_their_mean_is_mended_by_standardising_them():
    """Before any rate or initialisation is touched."""
    finding = next(
        j.finding for j in diagnose(run(Context(), **regression(-12.0, 0.8))).findings if j.condition == "slow_start"
    )

    assert finding.fixes[0].action == "standardize_targets"
    assert "targets are far from 0" in finding.causes[0].cause


@pytest.mark.parametrize(
    ("context", "curves"),
    [
        (Context(task="classification"), regression(-12.0, 0.8)),
        (Context(), regression(-12.0, 0.8) | {"train_r2": np.linspace(0.0, 0.9, 30)}),
        (Context(), {"loss": np.linspace(2, 1, 30), "val_r2": np.append(-9.0, np.linspace(0.0, 0.5, 29))}),
    ],
    ids=["classes", "training begins within reach", "a first validation before its statistics"],
)
def test_no_other_reason_for_a_poor_first_value_is_taken_for_the_targets(
    context: Context, curves: dict[str, np.ndarray]
):
    """Nothing is to be standardised there."""
    assert measure(run(context, **curves)).offset is None
