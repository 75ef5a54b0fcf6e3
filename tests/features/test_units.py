"""An accuracy of 0.87 beside a validation accuracy of 84 is one of 87."""

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import Features, measure
from diagnosis.features.units import FAR
from diagnosis.run import FloatArray
from diagnosis.synthetic import falling, run

N = 40
TRAIN = 0.9 - falling(n=N, start=0.7, floor=0.0, noise=0.002)
VAL = 0.86 - falling(n=N, start=0.7, floor=0.0, noise=0.004, seed=1)


def measured(train: FloatArray, val: FloatArray, name: str = "accuracy") -> Features:
    """What is measured of a metric of both splits."""
    return measure(run(loss=falling(n=N), **{name: train, f"val_{name}": val}))


@pytest.mark.parametrize(("train", "val", "said"), [(1.0, 100.0, "accuracy"), (100.0, 1.0, "val_accuracy")])
def test_the_one_that_is_no_percent_is_taken_a_hundred_times_and_that_is_noted(train: float, val: float, said: str):
    """Whichever split it is of."""
    features, alike = measured(train * TRAIN, val * VAL), measured(100.0 * TRAIN, 100.0 * VAL)

    assert any(note.startswith(f"{said}: from 0 to 1, where ") for note in features.notes)
    assert [m.curve.values.max() for m in features.curves] == pytest.approx(
        [m.curve.values.max() for m in alike.curves]
    )


@pytest.mark.parametrize(("train", "val"), [(1.0, 100.0), (100.0, 1.0), (100.0, 100.0), (1.0, 1.0)])
def test_the_answer_is_that_of_one_unit(train: float, val: float):
    """No validation is hundreds of times better than training."""
    report = diagnose(run(accuracy=train * TRAIN, val_accuracy=val * VAL))

    assert report.status == "healthy"
    assert "validation_better_than_training" not in {judged.condition for judged in report.findings}


@pytest.mark.parametrize(("apart", "taken"), [(1.1 * FAR, False), (0.9 * FAR, True)])
def test_less_than_one_percent_beside_many_is_left_as_it_is(apart: float, *, taken: bool):
    """A validation of a thousand classes at chance has 0.1 percent."""
    features = measured(100.0 * TRAIN, TRAIN.max() / apart * np.linspace(0.9, 1.0, N))

    assert taken == any("taken 100 times" in note for note in features.notes)


def test_other_metrics_are_no_measure_of_the_unit():
    """Top-5 accuracy in percent says nothing of top-1; a reward has no unit at all."""
    beside = measure(run(loss=falling(n=N), accuracy=TRAIN, top5_accuracy=100.0 * VAL))

    assert not any("taken 100 times" in note for note in beside.notes)
    assert not any("taken 100 times" in note for note in measured(TRAIN, 100.0 * VAL, "reward").notes)
