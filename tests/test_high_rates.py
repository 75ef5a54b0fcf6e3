"""Nobody is told to raise a learning rate that is far too high already, and no health hides it, nor one that ran out."""

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

STOPPED = {"loss": falling(n=60, tau=0.6), "val_loss": falling(n=60, tau=0.6, seed=1)}


def advised(context: Context, **curves: np.ndarray) -> set[str]:
    """Every action that is advised."""
    return {fix.action for judged in diagnose(run(context, **curves)).findings for fix in judged.fixes}


@pytest.mark.parametrize(("rate", "raised"), [(1e-3, True), (0.3, False)])
def test_a_rate_far_beyond_the_usual_is_not_raised(rate: float, *, raised: bool):
    """As the caller says, or as it was logged."""
    said = advised(Context(optimizer="adam", learning_rate=rate), **STOPPED)
    logged = advised(Context(optimizer="adam"), **STOPPED, lr=np.full(60, rate))

    assert "train_longer" in said
    assert raised == ("raise_learning_rate" in said) == ("raise_learning_rate" in logged)


def test_a_rate_whose_first_steps_threw_the_loss_is_not_raised():
    """Five times what guessing scores: they were too large already."""
    thrown = {name: np.concatenate(([11.0], curve[1:])) for name, curve in STOPPED.items()}

    assert "raise_learning_rate" in advised(Context(num_classes=10), **STOPPED)
    assert "raise_learning_rate" not in advised(Context(num_classes=10), **thrown)


def test_a_rate_known_to_be_low_threw_no_loss_and_is_raised():
    """A distillation loss begins at several times what guessing scores: at next to no rate nothing else is to be tried."""
    still = {"loss": 6.83 + 0.01 * np.sin(np.arange(30)), "accuracy": np.full(30, 0.14)}
    report = diagnose(run(Context(num_classes=8, optimizer="sgd", learning_rate=1e-4), **still))

    assert "raise_learning_rate" == report.findings[0].fixes[0].action


@pytest.mark.parametrize(
    ("optimizer", "rate", "clause"),
    [
        ("adam", 0.3, ", though the learning rate is 300 times what is usual with its optimizer;"),
        (None, 1.0, ""),  # Adadelta's own, for all we know
        ("adam", 3e-3, ""),
        ("Prodigy", 1.0, ""),
    ],
)
def test_health_at_a_rate_far_beyond_the_usual_says_so(optimizer: str | None, rate: float, clause: str):
    """A loss that came to rest at it looks like any other: no alarm, but not a word too little either."""
    curves = {"loss": falling(), "val_loss": falling(seed=1)}
    said = diagnose(run(Context(optimizer=optimizer, learning_rate=rate), **curves))
    logged = diagnose(run(Context(optimizer=optimizer), **curves, lr=np.full(60, rate)))

    for report in (said, logged):
        assert report.status == "healthy"
        assert clause in report.headline
        assert ("though" in report.headline) == bool(clause)


@pytest.mark.parametrize(("end", "clause"), [(3e-6, "below 1 % of its peak for 80 %"), (3e-5, "")])
def test_health_at_next_to_no_rate_for_most_of_the_run_says_so(end: float, clause: str):
    """Nothing tells whether it would have gone on: no alarm, but whoever reads it may know."""
    rate = np.concatenate((np.geomspace(1e-3, end, 15), np.full(45, end)))
    report = diagnose(run(loss=falling(n=60), val_loss=falling(n=60, seed=1), lr=rate))

    assert report.status == "healthy"
    assert clause in report.headline
    assert ("though" in report.headline) == bool(clause)


def test_a_rate_that_ran_out_in_the_first_epochs_is_to_be_kept_up():
    """A scheduler that is stepped once a batch: neither is the rate too high, nor does the model lack room."""
    rate = np.maximum(1e-3 * 1e-3 ** np.arange(40.0), 1e-30)
    flat = 2.18 + 0.002 * np.random.default_rng(0).standard_normal(40)
    curves = {
        "loss": flat,
        "val_loss": flat + 0.01,
        "accuracy": np.full(40, 0.25) + 0.01 * np.sin(np.arange(40)),
        "lr": rate,
    }
    said = diagnose(run(**curves)).findings[0]
    known = diagnose(run(Context(learning_rate=3e-3, num_classes=10), **curves)).findings[0]

    assert ("not_learning", "raise_learning_rate") == (said.condition, said.fixes[0].action)
    assert "once an epoch, not once a batch" in said.fixes[0].advice
    assert known.fixes[0].params == {"learning_rate": 3e-3}
    assert 1 == sum(fix.action.endswith("_learning_rate") for fix in known.fixes)
