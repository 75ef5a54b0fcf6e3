import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.swings import measure_swings
from diagnosis.synthetic import falling, flat, run, turning

SPIKED = np.where(np.arange(60) % 11 == 10, 3.0, 0.0)
COURSES = {
    "falls": lambda noise, seed: falling(noise=noise, seed=seed),
    "falls for long": lambda noise, seed: falling(n=1000, noise=noise, seed=seed),
    "falls to its end": lambda noise, seed: falling(tau=2.0, noise=noise, seed=seed),
    "turns": lambda noise, seed: turning(noise=noise, seed=seed),
    "rests": lambda noise, seed: flat(noise=noise, seed=seed),
    "jumps": lambda noise, seed: falling(noise=noise, seed=seed) + SPIKED,
    "goes up and down": lambda noise, seed: falling(noise=noise, seed=seed) + noise * (-1.0) ** np.arange(60),
    "in steps": lambda noise, seed: falling(noise=noise, seed=seed).round(3),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.03, 0.3])
@pytest.mark.parametrize("course", COURSES)
def test_swings_are_measured_wherever_they_are_wider_than_asked_for(course: str, noise: float, seed: int):
    """What is settled by a cheaper question is settled as the whole measurement would."""
    features = measure(run(loss=COURSES[course](noise, seed)))
    assert features.train_loss is not None
    measured = measure_swings(features.train_loss, features)
    assert measured is not None

    assert measured == measure_swings(features.train_loss, features, 0.999 * measured.share)
    assert measure_swings(features.train_loss, features, measured.share) is None
