"""What is left of a run with few validations, and what is true of it."""

import numpy as np
import pytest

from benchmarks.few import cases, thinned, truth
from diagnosis.synthetic import falling, turning
from tests.benchmarks.records import RECORD

N = 30
CLEAN = turning(at=10, n=N, noise=0.0).tolist()
FALLING = falling(n=N).tolist()


def trained(*, clean: list[float], **history: object) -> dict[str, object]:
    """A recorded run of thirty validations, and the clean test loss at each."""
    return {**RECORD, "history": {"loss": FALLING, **history}, "truth": {"test_loss": clean, "initial_loss": 2.5}}


def test_the_last_validation_is_kept_and_the_others_lie_evenly():
    """With their own steps; training is left as it was."""
    found = thinned(trained(clean=CLEAN, val_loss=CLEAN, val_accuracy=list(range(N))), 3)

    assert found is not None
    few, clean = found
    assert few["history"]["loss"] == FALLING
    assert few["history"]["val_accuracy"]["steps"] == [9, 19, 29] == few["history"]["val_accuracy"]["values"]
    assert clean.tolist() == [CLEAN[9], CLEAN[19], CLEAN[29]]


def test_a_run_of_few_validations_is_left_out():
    """Of one that has not twice as many, nothing could be left away."""
    assert thinned(trained(clean=CLEAN[:17], val_loss=CLEAN[:17]), 9) is None


@pytest.mark.parametrize(
    ("clean", "true"),
    [([1.0, 0.5, 0.9], "turned"), ([1.0, 0.5, 0.4], "did not"), ([1.0, 0.5, 0.55], None), ([1.0, np.nan, 0.9], None)],
)
def test_the_clean_test_loss_says_whether_it_turned(clean: list[float], true: str | None):
    """Between clearly and hardly nothing is counted."""
    assert true == truth(np.array(clean), 2.0)


def test_what_is_named_stands_beside_what_is_true():
    """Of a run that turns at a third, at every number of validations."""
    found = list(cases([trained(clean=CLEAN, val_loss=CLEAN)]))

    assert {"turned"} == {true for _, true, *_ in found}
    assert all(named for kept, _, named, *_ in found if kept > 3)
