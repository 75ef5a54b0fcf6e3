import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.granularity import counted_on
from diagnosis.synthetic import run

RIGHT = np.array([11, 17, 20, 22, 25, 24, 26, 23, 27, 26, 25, 28])


def told(values: np.ndarray, name: str = "val_accuracy") -> int | None:
    """On how many examples a metric was counted."""
    metric = measure(run(**{name: values})).val_metric
    assert metric is not None
    return counted_on(metric)


@pytest.mark.parametrize(
    "logged",
    [RIGHT / 30, (RIGHT / 30).astype(np.float32), np.round(RIGHT / 30, 4), np.round(RIGHT / 30, 3), np.round(100 * RIGHT / 30, 2)],
    ids=["exact", "32 bits", "4 digits", "3 digits", "percent"],
)  # fmt: skip
def test_shares_of_thirty_examples_tell_thirty(logged: np.ndarray) -> None:
    """However they were written."""
    assert 30 == told(logged.astype(float))


def test_more_examples_take_more_digits() -> None:
    """Of 10 000, every number of four digits is a share."""
    shares = np.random.default_rng(0).integers(4000, 9000, 40) / 10_000

    assert (10_000, None) == (told(shares.astype(np.float32).astype(float)), told(np.round(shares, 3)))


def test_numbers_that_were_averaged_otherwise_tell_none() -> None:
    """A mean over batches of different sizes, weighted alike, is no share of few examples."""
    assert told(np.random.default_rng(1).uniform(0.4, 0.9, 40)) is None


@pytest.mark.parametrize("values", [[0.5] * 12, [0.0] * 6 + [1.0] * 6, [0.0, 0.5] * 6], ids=["one", "ends", "half"])
def test_too_few_different_values_tell_none(values: list[float]) -> None:
    """Halves are shares of everything that is even."""
    assert told(np.array(values)) is None


def test_what_is_told_of_a_metric_holds_for_its_negative() -> None:
    """Some log the negative, to be minimised."""
    assert 30 == told(-RIGHT / 30, "neg_val_accuracy")
