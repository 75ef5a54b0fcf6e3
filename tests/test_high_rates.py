"""Nobody is told to raise a learning rate that is far too high already."""

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
