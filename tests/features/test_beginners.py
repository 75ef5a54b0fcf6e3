"""A run that began by guessing tells among how many classes, and nothing else is taken for one."""

from typing import Any

import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Run

# 40 epochs of a digits' network under a cosine from a learning rate of 1e-4 (SGD), rounded: 2.30 → 2.27.
EPOCHS = np.arange(40.0)
FALL = np.cumsum(np.concatenate([[0.0], 0.5 * (1 + np.cos(np.pi * EPOCHS[1:] / 40))])) / 20.0


def logged(
    fall: float = 0.08,
    start: float = 2.299,
    right: tuple[float, float] = (0.094, 0.25),
    context: Context | None = None,
    **more: np.ndarray,
) -> Run:
    """A loss that comes down by so much, as a cosine lets it, beside its accuracy."""
    series = {
        "loss": start - fall * FALL,
        "val_loss": start + 0.002 - fall * FALL,
        "accuracy": right[0] + (right[1] - right[0]) * FALL,
        "val_accuracy": right[0] + 0.02 + (right[1] - right[0]) * FALL,
        **more,
    }
    return assemble(
        Log(tuple(Series(name, values, EPOCHS, "epoch") for name, values in series.items()), "json"), context
    )


def test_a_loss_at_ln_10_beside_one_right_answer_in_ten_tells_ten_classes_and_says_so() -> None:
    """2.299 and 9.4 % are no accident."""
    features = measure(logged())

    assert 10 == features.context.num_classes
    assert any("num_classes is taken to be 10" in note for note in features.notes)


@pytest.mark.parametrize(
    "changed",
    [
        {"fall": 1.2},
        {"right": (0.2, 0.4)},
        {"start": 3.2},
        {"start": 0.6931, "fall": 0.02, "right": (0.5, 0.55)},
        {"start": 10.82, "fall": 0.5, "right": (0.00002, 0.03)},
        {"accuracy": np.full(40, 0.9), "val_accuracy": np.full(40, 0.9)},
        {"right": (0.094, 0.7)},
        {"context": Context(task="regression")},
        {"context": Context(baseline=2.0)},
    ],
    ids=[
        "learns",
        "answers begin better",
        "begins above",
        "two classes",
        "a vocabulary",
        "good",
        "answers well",
        "no classes",
        "a baseline",
    ],
)
def test_no_other_run_is_told_its_classes(changed: dict[str, Any]) -> None:
    """Where the two do not agree, or the run learns, or the labels may be noise, nothing is taken for granted."""
    assert measure(logged(**changed)).context.num_classes is None


def test_what_the_caller_says_wins() -> None:
    """Whoever says 12 means it."""
    assert 12 == measure(logged(context=Context(num_classes=12))).context.num_classes


def test_what_comes_to_rest_by_itself_tells_nothing() -> None:
    """Of four letters of DNA no more can be known than that; a rate that is far too low goes on as evenly as it began."""
    rests = 1.0 - np.exp(-EPOCHS / 8.0)
    right = 0.25 + 0.15 * rests
    curves = {"loss": 1.386 - 0.14 * rests, "val_loss": 1.388 - 0.14 * rests, "accuracy": right, "val_accuracy": right}

    assert measure(logged(**curves)).context.num_classes is None
