import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.gap import FINER
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context, Run
from diagnosis.synthetic import by_step, falling
from tests.rules.asking import ask, numbers

RULE = all_rules()["incomparable_averaging"]
judge, _ = ask("incomparable_averaging")
N = 30


def judged(given: Run) -> Finding | Skipped | None:
    """Ask the one rule about a run."""
    return RULE.judge(measure(given))


def found(given: Run) -> Finding:
    """Ask it, and expect that it fires."""
    finding = judged(given)
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize("every", [2, 10, 100])
def test_how_many_values_were_averaged_is_said(every: int):
    """A logging interval of fifty steps against five hundred is ten."""
    finding = found(by_step(falling(n=every * N, noise=0.1), falling(n=N)))

    assert numbers(finding)["values_per_validation"].value == every
    assert numbers(finding)["values_per_validation"].bound == FINER
    assert f"logged {every} times for each val_loss" in finding.summary


def test_the_scatter_of_one_value_and_of_the_average_are_set_side_by_side():
    """Twenty independent values are calmer by √20, in shares of what was learnt."""
    evidence = numbers(found(by_step(falling(n=100 * 60, noise=0.2), falling(n=60))))

    assert evidence["scatter_of_one"].value == pytest.approx(0.2 / 2.2, rel=0.3)
    assert evidence["scatter_averaged"].value == pytest.approx(evidence["scatter_of_one"].value / 10, rel=0.5)


def test_logged_at_the_same_moments_nothing_is_averaged():
    """Per epoch, per step, or with more validations than training values."""
    at = np.arange(N) * 500.0
    together = (Series("loss", falling(n=N), at, "step"), Series("val_loss", falling(n=N), at, "step"))

    assert judge(loss=falling(n=N), val_loss=falling(n=N)) is None
    assert judged(assemble(Log(together, "test"))) is None
    assert judged(by_step(falling(n=N), falling(n=N))) is None


def test_epochs_validated_every_few_are_not_averaged():
    """The value of an epoch is an average already."""
    val = Series("val_loss", falling(n=12), np.arange(4.0, 60, 5), "epoch")

    assert judged(assemble(Log((Series("loss", falling()), val), "test"))) is None


def test_steps_against_epochs_are_averaged_over_the_epoch():
    """With or without `steps_per_epoch`."""
    series = (Series("loss", falling(n=600), np.arange(600.0), "step"), Series("val_loss", falling(n=30)))

    for context in (Context(), Context(steps_per_epoch=20)):
        assert numbers(found(assemble(Log(series, "test"), context)))["values_per_validation"].value == 20


def test_it_is_mere_information():
    """A run whose training is logged by step is as healthy as another."""
    report = diagnose(by_step(falling(n=100 * N, noise=0.05), falling(n=N)))

    assert report.status == "healthy"
    assert [("incomparable_averaging", "info", 0.99)] == [
        (j.condition, j.severity, j.confidence) for j in report.findings if j.condition == "incomparable_averaging"
    ]
    assert [fix.action for fix in report.findings[0].fixes] == ["average_over_epoch"]


def test_without_both_losses_it_is_skipped():
    """And the reason names what is lacking."""
    assert judge(loss=falling()) == Skipped("lacks a validation loss")


@pytest.mark.parametrize("n", [500, 799, 801, 1000, 5000])
def test_two_long_logs_of_one_rhythm_are_comparable(n: int):
    """As of a thousand rounds of boosting, logged each: not even where the grid has fewer points than either."""
    assert judged(by_step(falling(n=n), falling(n=n, seed=1))) is None


def test_of_a_long_log_the_values_for_each_validation_are_counted():
    """Not those for each point of the grid, which holds several."""
    assert "logged 10 times for each val_loss" in found(by_step(falling(n=10_000), falling(n=1000, seed=1))).summary


def test_of_a_loss_that_only_rose_no_share_of_what_was_learnt_is_told():
    """There is none."""
    steps = -falling(n=600, noise=0.2)
    finding = RULE.judge(measure(by_step(steps + 5.0, -falling(n=30, seed=1) + 5.0)))

    assert isinstance(finding, Finding)
    assert ["values_per_validation"] == [evidence.name for evidence in finding.evidence]
    assert "of what was learnt" not in finding.fixes[0].because
