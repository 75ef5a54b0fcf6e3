"""Nobody is told to raise a learning rate that is far too high already, and no health hides it."""

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
