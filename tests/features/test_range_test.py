"""A range test is told from a training, and read."""

import numpy as np
import pytest

from diagnosis.diagnose import diagnose
from diagnosis.run import Context, Run
from diagnosis.synthetic import run

RATES = np.geomspace(1e-7, 10.0, 100)
RNG = np.random.default_rng(5)
BLOWN = 2.3 - 1.2 * np.exp(-(np.log(RATES / 0.3) ** 2) / 4) + np.where(RATES > 1.0, 3.0 * np.log(RATES), 0.0) + RNG.normal(0, 0.02, 100)  # fmt: skip


def swept(rates: np.ndarray, loss: np.ndarray = BLOWN) -> Run:
    """A loss beside the rate at which it was logged."""
    return run(Context(), loss=loss, lr=rates)


def test_what_a_range_test_does_is_no_fault_and_its_outcome_is_said() -> None:
    """It blows up because it is meant to."""
    report = diagnose(swept(RATES))

    assert not report.findings
    assert "range test" in report.outcomes.skipped["divergence"]
    assert "the loss is lowest at 0.29, and a tenth of that, 0.029" in report.headline
    assert "none" == report.decision.action


def test_a_range_test_that_finds_nothing_says_so() -> None:
    """A loss that is noise at all rates has no lowest."""
    report = diagnose(swept(RATES, 2.3 + RNG.normal(0, 0.02, 100)))

    assert "falls at none of these rates" in report.headline


def test_a_range_test_may_end_in_what_is_no_number() -> None:
    """That is how most of them end."""
    report = diagnose(swept(RATES, np.where(RATES > 5.0, np.nan, BLOWN)))

    assert not report.findings
    assert "the loss is lowest at 0.29" in report.headline


def test_what_is_validated_is_a_training() -> None:
    """However its rate rises: nobody validates a range test."""
    report = diagnose(run(Context(), loss=BLOWN, val_loss=BLOWN + 0.1, lr=RATES))

    assert "range test" not in report.headline


@pytest.mark.parametrize(
    "rates",
    [np.linspace(0.0, 0.1, 100), np.full(100, 0.1), RATES[::-1], np.minimum(RATES * 1e3, 10.0), np.geomspace(0.01, 0.3, 100),
     np.where(np.arange(100) < 95, 1e-6, 1e-3), np.concatenate((np.full(70, 1e-5), np.linspace(1e-4, 1e-2, 30)))],
    ids=["a long warm-up", "constant", "falling", "at its height half-way", "thirty times", "one step up", "unfrozen"],
)  # fmt: skip
def test_a_training_is_none(rates: np.ndarray) -> None:
    """Its loss is judged."""
    assert "range test" not in diagnose(swept(rates)).headline
    assert "range test" not in diagnose(swept(rates)).outcomes.skipped.get("divergence", "")


def test_the_rate_that_is_named_is_that_of_the_lowest_loss_in_the_log() -> None:
    """And no neighbour's, which a smoothed loss may prefer."""
    loss = 2.3 - 1.5 / (1 + np.exp(-(np.arange(100) - 60) / 4)) + np.random.default_rng(2).normal(0, 0.02, 100)
    loss[84:] += 0.1 * np.arange(16) ** 1.5
    report = diagnose(swept(RATES, loss))

    assert f"lowest at {RATES[int(loss.argmin())]:.2g}," in report.headline
