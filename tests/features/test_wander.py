"""Swings of a run of few values are told by their witnesses."""

import numpy as np
import pytest

from diagnosis.diagnose import diagnose
from diagnosis.report import Judged
from diagnosis.run import Context
from diagnosis.synthetic import run

TRAIN = np.array([0.592, 0.310, 0.334, 0.467, 0.481, 0.537, 0.921, 0.359, 0.561, 0.334, 0.344, 0.444])
VALIDATED = np.array([0.427, 0.252, 0.466, 0.562, 0.978, 0.790, 0.320, 0.697, 0.515, 0.404, 0.477, 0.515])
RIGHT = np.array([0.785, 0.879, 0.902, 0.893, 0.884, 0.849, 0.667, 0.883, 0.813, 0.910, 0.897, 0.877])
CALM = np.linspace(0.6, 0.3, 12)


def found(**curves: np.ndarray) -> list[Judged]:
    """What is said of such a run."""
    said = diagnose(run(Context(), **{"loss": TRAIN, "val_loss": VALIDATED, "accuracy": RIGHT, **curves})).findings
    return [judged for judged in said if judged.condition == "oscillation"]


def test_a_run_of_twelve_epochs_that_goes_up_again_and_again_oscillates():
    """Gradients that are never reset look like that."""
    (judged,) = found()

    assert "warning" == judged.severity
    assert "validation" not in judged.finding.summary
    assert "val_loss" in judged.finding.summary
    assert "lower_learning_rate" == judged.fixes[0].action
    assert any("never reset" in cause.cause for cause in judged.causes)


@pytest.mark.parametrize(
    "calm",
    [
        {"val_loss": CALM},
        {"loss": CALM},
        {"accuracy": 0.9 - 0.01 * CALM},
        {"loss": np.where(np.arange(12) == 6, 0.9, CALM), "val_loss": np.where(np.arange(12) == 6, 0.9, CALM)},
    ],
    ids=["validation is calm", "training is calm", "answers stay", "one spike"],
)
def test_each_witness_is_needed(calm: dict[str, np.ndarray]):
    """Noise of few examples, of small batches, or one bad batch."""
    assert not found(**calm)


def test_noise_at_rest_swings_not():
    """What has been learnt before goes up and down as well, and a few examples are right by luck."""
    rng, said = np.random.default_rng(0), 0
    for _ in range(50):
        right = rng.binomial(50, 0.8, size=12) / 50
        said += len(found(loss=0.3 + 0.02 * rng.normal(size=12), val_loss=0.5 + 0.05 * rng.normal(size=12), val_accuracy=right, accuracy=np.full(12, 0.9)))  # fmt: skip

    assert said <= 1


def test_a_reward_is_not_judged():
    """It wanders by what it is."""
    reward = np.array([0.0, 3, 1, 4, 2, 5, 2, 6, 3, 5, 2, 4])
    report = diagnose(run(Context(), reward=reward, val_reward=reward, val_accuracy=np.resize([0.1, 0.4], 12)))

    assert "oscillation" not in {judged.condition for judged in report.findings}
