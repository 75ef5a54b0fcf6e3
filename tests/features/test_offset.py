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


def house_prices(gained: float) -> dict[str, np.ndarray]:
    """The squared error of prices in dollars, of which a network takes off a small share, faster and faster."""
    fall = gained * (np.arange(60) / 59) ** 2
    return {"loss": 2.88e10 * (1.0 - fall), "val_loss": 3.01e10 * (1.0 - fall)}


@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_a_squared_error_of_which_next_to_nothing_goes_shows_targets_far_off(unit: float):
    """No R² is logged; a larger step would only take longer to get there than standardised targets need to be learnt."""
    curves = {name: unit * values for name, values in house_prices(0.001).items()}
    findings = diagnose(run(Context(task="regression"), **curves)).findings
    told = [j for j in findings if j.condition in {"slow_start", "slow_convergence", "undertrained"}]

    assert {j.finding.fixes[0].action for j in told} == {"standardize_targets"}
    assert "all that was gained is 0.09 % of it" in told[0].finding.fixes[0].because


@pytest.mark.parametrize(
    ("context", "curves"),
    [
        (Context(), house_prices(0.001)),
        (Context(task="regression"), house_prices(0.05)),
        (Context(task="regression"), {"loss": 1.0 - 0.001 * (1.0 - np.exp(-np.arange(60) / 6.0))}),
        (Context(task="regression"), {"loss": 0.5 - house_prices(0.001)["loss"] / 2.88e10}),
    ],
    ids=["nobody says that it is one", "it learns", "all is learnt that can be", "a likelihood"],
)
def test_no_other_loss_that_hardly_falls_is_taken_for_that(context: Context, curves: dict[str, np.ndarray]):
    """Nothing is to be standardised there."""
    assert measure(run(context, **curves)).offset is None


def test_an_ordinary_distance_that_gets_surely_smaller_is_no_explosion():
    """In a hundred epochs a twentieth of it: so slowly a network learns a mean of twice the deviation."""
    r2 = np.linspace(-3.8, -3.6, 100)
    findings = diagnose(run(Context(task="regression"), loss=8.5e9 * (1.0 - r2), val_r2=r2)).findings

    assert "standardize_targets" in {fix.action for j in findings for fix in j.fixes}


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
